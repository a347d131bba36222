//! `/api/v1/sites/{id}/check`: what would keep a site's events from coming.

use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{access::MayEdit, body::JsonBody, error::ApiError};
use crate::{app::Dashboard, finding::Finding, site_check};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "SiteCheckAsked")]
pub(super) struct Asked {
    /// A page of the site; absent: its front page.
    page: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SiteChecked")]
pub(super) struct Checked {
    findings: Vec<Finding>,
}

pub(super) async fn check(
    MayEdit(site, ..): MayEdit,
    State(dashboard): State<Dashboard>,
    JsonBody(asked): JsonBody<Asked>,
) -> Result<Json<Checked>, ApiError> {
    let named = asked.page.as_deref().map(str::trim).filter(|page| !page.is_empty());
    let page = site_check::page_of(&site, named).map_err(|_| ApiError::PageInvalid)?;
    let _place = dashboard.site_checks.try_acquire().map_err(|_| ApiError::Busy)?;
    Ok(Json(Checked { findings: site_check::look(&dashboard.clients.fetcher, &site, page).await }))
}
