//! `/api/v1/sites`: the owner's list of sites.

use axum::{Json, extract::State, http::StatusCode};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    access::{Admin, MayEdit, MayOwn, Who},
    body::JsonBody,
    error::ApiError,
};
use crate::{
    app::Dashboard,
    control::{
        roles::Role,
        sites::{
            Added, RemovedSite, Site,
            draft::{Change, Draft, Mistake},
        },
    },
};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewSite {
    domain: String,
    time_zone: String,
    #[serde(default)]
    hosts: Vec<String>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SiteChange {
    time_zone: Option<String>,
    hosts: Option<Vec<String>>,
    props: Option<Vec<String>>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RemovalOf {
    domain: String,
}

/// A site, and what whoever asks may do with it.
#[derive(Serialize, JsonSchema)]
pub(super) struct SiteAnswer {
    #[serde(flatten)]
    pub(super) site: Site,
    pub(super) role: Role,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Sites {
    sites: Vec<SiteAnswer>,
}

pub(super) async fn list(who: Who, State(dashboard): State<Dashboard>) -> Result<Json<Sites>, ApiError> {
    let sites = who.sites(&dashboard).await?;
    Ok(Json(Sites { sites: sites.into_iter().map(|(site, role)| SiteAnswer { site, role }).collect() }))
}

pub(super) async fn add(
    Admin(user): Admin,
    State(dashboard): State<Dashboard>,
    JsonBody(new): JsonBody<NewSite>,
) -> Result<(StatusCode, Json<SiteAnswer>), ApiError> {
    let draft = Draft::new(&new.domain, &new.time_zone, &new.hosts).map_err(ApiError::SiteInvalid)?;
    match dashboard.control.add_site(draft, user).await? {
        Added::Site(site) => Ok((StatusCode::CREATED, Json(SiteAnswer { site, role: Role::Owner }))),
        Added::DomainTaken => Err(ApiError::DomainTaken),
        Added::TooMany => Err(ApiError::TooManySites),
    }
}

pub(super) async fn change(
    MayEdit(site, role, user): MayEdit,
    State(dashboard): State<Dashboard>,
    JsonBody(change): JsonBody<SiteChange>,
) -> Result<Json<SiteAnswer>, ApiError> {
    let change = Change::new(change.time_zone.as_deref(), change.hosts.as_deref(), change.props.as_deref())
        .map_err(ApiError::SiteInvalid)?;
    let changed = dashboard.control.change_site(site.id, change, user).await?;
    changed.map(|site| Json(SiteAnswer { site, role })).ok_or(ApiError::NotFound)
}

/// The site's rows are erased everywhere; the domain stands in the body so that no slip of a
/// finger does that.
pub(super) async fn remove(
    MayOwn(site, user): MayOwn,
    State(dashboard): State<Dashboard>,
    JsonBody(named): JsonBody<RemovalOf>,
) -> Result<StatusCode, ApiError> {
    match dashboard.control.remove_site(site.id, named.domain, user).await? {
        RemovedSite::Removed => Ok(StatusCode::NO_CONTENT),
        RemovedSite::NotThisDomain => Err(ApiError::SiteInvalid(Mistake::Domain)),
        RemovedSite::NoSuchSite => Err(ApiError::NotFound),
    }
}
