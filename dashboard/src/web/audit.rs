//! `/api/v1/audit`: the log of every change, a page at a time or whole, and the check of its
//! chain. The export holds every row's seal, so that anybody can follow the chain elsewhere
//! (docs/api.md says how).

use axum::{
    Json,
    extract::{Query, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{access::Admin, error::ApiError};
use crate::{
    app::Dashboard,
    control::audit::{Line, Verdict},
    token,
};

/// Lines of one page.
const PAGE_LINES: u32 = 100;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Before {
    /// Only lines older than that one.
    before: Option<i64>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Page {
    /// Newest first, at most 100.
    lines: Vec<Line>,
}

/// What a check of the whole chain found.
#[derive(Serialize, JsonSchema)]
pub(super) struct Check {
    is_whole: bool,
    /// Rows whose seals fit; absent when one does not.
    rows: Option<u64>,
    /// The newest row's seal: noted elsewhere, it also shows that nothing was cut off.
    head: Option<String>,
    /// The first row whose seal does not fit.
    broken_at: Option<i64>,
}

pub(super) async fn list(
    _: Admin,
    State(dashboard): State<Dashboard>,
    query: Result<Query<Before>, axum::extract::rejection::QueryRejection>,
) -> Result<Json<Page>, ApiError> {
    let Query(Before { before }) =
        query.map_err(|_| ApiError::QueryInvalid("`before` is a line's number.".to_owned()))?;
    Ok(Json(Page { lines: dashboard.control.audit_lines(before, PAGE_LINES).await? }))
}

pub(super) async fn check(_: Admin, State(dashboard): State<Dashboard>) -> Result<Json<Check>, ApiError> {
    let (verdict, head) = dashboard.control.check_audit().await?;
    Ok(Json(match verdict {
        Verdict::Whole { rows } => {
            Check { is_whole: true, rows: Some(rows), head: Some(token::hex(&head)), broken_at: None }
        }
        Verdict::Broken { id } => Check { is_whole: false, rows: None, head: None, broken_at: Some(id) },
    }))
}

/// Every line, oldest first, one JSON object in a line.
pub(super) async fn export(_: Admin, State(dashboard): State<Dashboard>) -> Result<Response, ApiError> {
    let text = dashboard.control.audit_export().await?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson")),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::from_static("attachment; filename=\"mostik-audit.jsonl\""),
        ),
    ];
    Ok((headers, text).into_response())
}
