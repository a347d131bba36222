//! `/api/v1/sites/{id}/…`: reports.

use axum::{
    Json,
    extract::{Path, State},
};
use serde_json::{Value, json};

use super::{error::ApiError, session::SignedIn, sites::site_in};
use crate::app::Dashboard;

pub(super) async fn status(
    _: SignedIn,
    State(dashboard): State<Dashboard>,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let site = site_in(&dashboard, &id).await?;
    Ok(Json(
        json!({"first_event": false, "script": format!("<script defer src=\"{}/i.js\" data-domain=\"{}\"></script>", dashboard.collector_url, site.domain)}),
    ))
}
pub(super) async fn overview(
    _: SignedIn,
    State(_dashboard): State<Dashboard>,
    Path(_id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    Err(ApiError::StoreUnavailable)
}
pub(super) async fn breakdown(
    _: SignedIn,
    State(_dashboard): State<Dashboard>,
    Path(_id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    Err(ApiError::StoreUnavailable)
}
pub(super) async fn live(
    _: SignedIn,
    State(_dashboard): State<Dashboard>,
    Path(_id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    Err(ApiError::StoreUnavailable)
}
