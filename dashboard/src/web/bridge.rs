//! `/internal/bridge`: collectors tell how forwarding goes.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, header},
};

use super::{body::LongJsonBody, error::ApiError};
use crate::{app::Dashboard, metrika::Report};

pub(super) async fn take(
    State(dashboard): State<Dashboard>,
    headers: HeaderMap,
    LongJsonBody(mut report): LongJsonBody<Report>,
) -> Result<StatusCode, ApiError> {
    let presented = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let presented = presented.and_then(|value| value.strip_prefix("Bearer "));
    if !presented.is_some_and(|secret| dashboard.secret.is(secret)) {
        return Err(ApiError::SignedOut);
    }
    let (forwards, counts) = (std::mem::take(&mut report.forwards), std::mem::take(&mut report.counts));
    if !forwards.is_empty() || !counts.is_empty() {
        dashboard.control.take_forwards(report.node, forwards, counts).await?;
    }
    dashboard.reports_of_collectors.keep(report);
    Ok(StatusCode::NO_CONTENT)
}
