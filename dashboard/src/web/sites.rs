//! `/api/v1/sites`: the owner's list of sites.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{body::JsonBody, error::ApiError, session::SignedIn};
use crate::{
    app::Dashboard,
    control::sites::{
        Added, RemovedSite, Site,
        draft::{Change, Draft, Mistake},
    },
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewSite {
    domain: String,
    time_zone: String,
    #[serde(default)]
    hosts: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SiteChange {
    time_zone: Option<String>,
    hosts: Option<Vec<String>>,
    props: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RemovalOf {
    domain: String,
}

pub(super) async fn list(_: SignedIn, State(dashboard): State<Dashboard>) -> Result<Json<Value>, ApiError> {
    Ok(Json(json!({"sites": dashboard.control.sites().await?})))
}

pub(super) async fn add(
    SignedIn(user): SignedIn,
    State(dashboard): State<Dashboard>,
    JsonBody(new): JsonBody<NewSite>,
) -> Result<(StatusCode, Json<Site>), ApiError> {
    let draft = Draft::new(&new.domain, &new.time_zone, &new.hosts).map_err(ApiError::SiteInvalid)?;
    match dashboard.control.add_site(draft, user).await? {
        Added::Site(site) => Ok((StatusCode::CREATED, Json(site))),
        Added::DomainTaken => Err(ApiError::DomainTaken),
        Added::TooMany => Err(ApiError::TooManySites),
    }
}

pub(super) async fn change(
    SignedIn(user): SignedIn,
    State(dashboard): State<Dashboard>,
    Path(id): Path<String>,
    JsonBody(change): JsonBody<SiteChange>,
) -> Result<Json<Site>, ApiError> {
    let change = Change::new(change.time_zone.as_deref(), change.hosts.as_deref(), change.props.as_deref())
        .map_err(ApiError::SiteInvalid)?;
    let changed = dashboard.control.change_site(id_in(&id)?, change, user).await?;
    changed.map(Json).ok_or(ApiError::NotFound)
}

/// The site's rows are erased everywhere; the domain stands in the body so that no slip of a
/// finger does that.
pub(super) async fn remove(
    SignedIn(user): SignedIn,
    State(dashboard): State<Dashboard>,
    Path(id): Path<String>,
    JsonBody(named): JsonBody<RemovalOf>,
) -> Result<StatusCode, ApiError> {
    match dashboard.control.remove_site(id_in(&id)?, named.domain, user).await? {
        RemovedSite::Removed => Ok(StatusCode::NO_CONTENT),
        RemovedSite::NotThisDomain => Err(ApiError::SiteInvalid(Mistake::Domain)),
        RemovedSite::NoSuchSite => Err(ApiError::NotFound),
    }
}

/// The site a path names; what is no id names nothing.
pub(super) async fn site_in(dashboard: &Dashboard, id: &str) -> Result<Site, ApiError> {
    dashboard.control.site(id_in(id)?).await?.ok_or(ApiError::NotFound)
}

fn id_in(path: &str) -> Result<u32, ApiError> {
    path.parse().map_err(|_| ApiError::NotFound)
}
