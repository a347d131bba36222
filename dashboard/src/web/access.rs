//! Who asks, and what they may do. A handler says in its signature what it needs, so that
//! none can forget to ask: [`MayView`], [`MayEdit`], [`MayOwn`] of the site in the path,
//! [`Admin`] of the server, [`Collector`] for what collectors tell and ask,
//! [`SignedIn`](super::session::SignedIn) for one's own account.
//!
//! A request that carries a token is judged by the token alone; its cookie is not looked at.
//! Who has no role on a site is told that there is no such site.

use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::{HeaderMap, header, request::Parts},
};

use super::{error::ApiError, session, shared_view};
use crate::{
    app::Dashboard,
    control::{api_tokens::Bearer, roles::Role, share_links::Kept, sites::Site, users::User},
    stats::threshold::Few,
    token::{self, API_PREFIX},
};

/// Who asks.
pub(super) enum Who {
    Nobody,
    /// With a session.
    Person(User),
    Program(Bearer),
    /// Looks through a link.
    Reader(Box<Kept>),
}

/// The figures of the path's site may be seen, of groups that are not too small.
pub(super) struct MayView(pub(super) Site, pub(super) Few);

/// What is counted there may be changed, in the name of the account.
pub(super) struct MayEdit(pub(super) Site, pub(super) Role, pub(super) User);

/// The site may be shared, exported and removed.
pub(super) struct MayOwn(pub(super) Site, pub(super) User);

/// One of the collectors, which share a secret with us.
pub(super) struct Collector;

/// The server may be changed: sites added, everything stopped, the log read.
pub(super) struct Admin(pub(super) User);

impl Who {
    pub(super) async fn of(dashboard: &Dashboard, headers: &HeaderMap) -> Result<Who, ApiError> {
        if headers.contains_key(header::AUTHORIZATION) {
            let presented = bearer(headers).ok_or(ApiError::SignedOut)?;
            if presented.starts_with(shared_view::PREFIX) {
                let link = shared_view::opened(dashboard, presented).await?.ok_or(ApiError::SignedOut)?;
                dashboard.rates.reader(link.number()).map_err(ApiError::requests)?;
                return Ok(Who::Reader(Box::new(link)));
            }
            if !presented.starts_with(API_PREFIX) {
                return Err(ApiError::SignedOut);
            }
            let bearer =
                dashboard.control.bearer(token::hash(presented)).await?.ok_or(ApiError::SignedOut)?;
            dashboard.rates.program(bearer.token_id).map_err(ApiError::requests)?;
            return Ok(Who::Program(bearer));
        }
        Ok(session::user(dashboard, headers).await?.map_or(Who::Nobody, Who::Person))
    }

    /// The site, if they may do so much with it.
    async fn site(
        &self,
        dashboard: &Dashboard,
        id: Option<u32>,
        needed: Role,
    ) -> Result<(Site, Role), ApiError> {
        let (user, limit) = match self {
            Who::Nobody => return Err(ApiError::SignedOut),
            Who::Person(user) => (user, Role::Owner),
            Who::Program(bearer) => (&bearer.user, bearer.scope.limit()),
            Who::Reader(link) if id != Some(link.site.id) => return Err(ApiError::NotFound),
            Who::Reader(_) if needed > Role::Viewer => return Err(ApiError::Forbidden),
            Who::Reader(link) => return Ok((link.site.clone(), Role::Viewer)),
        };
        let id = id.filter(|id| self.reaches(*id)).ok_or(ApiError::NotFound)?;
        let (site, role) = dashboard.control.site_for(user, id).await?.ok_or(ApiError::NotFound)?;
        if role.min(limit) < needed {
            return Err(ApiError::Forbidden);
        }
        Ok((site, role.min(limit)))
    }

    /// How few people they may be told of.
    pub(super) fn few(&self, dashboard: &Dashboard) -> Few {
        match self {
            Who::Reader(link) if link.link.is_public => dashboard.few.for_the_public(),
            Who::Nobody | Who::Person(_) | Who::Program(_) | Who::Reader(_) => dashboard.few,
        }
    }

    /// In whose name something is changed.
    fn user(self) -> Result<User, ApiError> {
        match self {
            Who::Nobody => Err(ApiError::SignedOut),
            Who::Person(user) => Ok(user),
            Who::Program(bearer) => Ok(bearer.user),
            Who::Reader(_) => Err(ApiError::Forbidden),
        }
    }

    /// Whether a token's site is that one.
    fn reaches(&self, id: u32) -> bool {
        match self {
            Who::Program(bearer) => bearer.site_id.is_none_or(|only| only == id),
            Who::Nobody | Who::Person(_) | Who::Reader(_) => true,
        }
    }

    /// Every site whose figures they may see, with what else they may do.
    pub(super) async fn sites(&self, dashboard: &Dashboard) -> Result<Vec<(Site, Role)>, ApiError> {
        let (user, limit) = match self {
            Who::Nobody => return Err(ApiError::SignedOut),
            Who::Person(user) => (user, Role::Owner),
            Who::Program(bearer) => (&bearer.user, bearer.scope.limit()),
            Who::Reader(link) => return Ok(vec![(link.site.clone(), Role::Viewer)]),
        };
        let sites = dashboard.control.sites_for(user).await?;
        let reached = sites.into_iter().filter(|(site, _)| self.reaches(site.id));
        Ok(reached.map(|(site, role)| (site, role.min(limit))).collect())
    }
}

/// What a request presents in place of a session.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}

/// What the path names, as a number; what is no number names nothing.
async fn site_id(parts: &mut Parts, dashboard: &Dashboard) -> Option<u32> {
    let params = RawPathParams::from_request_parts(parts, dashboard).await.ok()?;
    params.iter().find(|(name, _)| *name == "id").and_then(|(_, id)| id.parse().ok())
}

async fn site(parts: &mut Parts, dashboard: &Dashboard, needed: Role) -> Result<(Who, Site, Role), ApiError> {
    let id = site_id(parts, dashboard).await;
    let who = Who::of(dashboard, &parts.headers).await?;
    let (site, role) = who.site(dashboard, id, needed).await?;
    Ok((who, site, role))
}

impl FromRequestParts<Dashboard> for MayView {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, dashboard: &Dashboard) -> Result<MayView, ApiError> {
        let (who, site, _) = site(parts, dashboard, Role::Viewer).await?;
        Ok(MayView(site, who.few(dashboard)))
    }
}

impl FromRequestParts<Dashboard> for MayEdit {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, dashboard: &Dashboard) -> Result<MayEdit, ApiError> {
        let (who, site, role) = site(parts, dashboard, Role::Editor).await?;
        Ok(MayEdit(site, role, who.user()?))
    }
}

impl FromRequestParts<Dashboard> for MayOwn {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, dashboard: &Dashboard) -> Result<MayOwn, ApiError> {
        let (who, site, _) = site(parts, dashboard, Role::Owner).await?;
        Ok(MayOwn(site, who.user()?))
    }
}

impl FromRequestParts<Dashboard> for Admin {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, dashboard: &Dashboard) -> Result<Admin, ApiError> {
        let user = match Who::of(dashboard, &parts.headers).await? {
            Who::Nobody => return Err(ApiError::SignedOut),
            Who::Person(user) => user,
            Who::Program(bearer) if bearer.scope.limit() == Role::Owner && bearer.site_id.is_none() => {
                bearer.user
            }
            Who::Program(_) | Who::Reader(_) => return Err(ApiError::Forbidden),
        };
        if user.is_admin { Ok(Admin(user)) } else { Err(ApiError::Forbidden) }
    }
}

impl FromRequestParts<Dashboard> for Collector {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, dashboard: &Dashboard) -> Result<Collector, ApiError> {
        if bearer(&parts.headers).is_some_and(|secret| dashboard.secret.is(secret)) {
            Ok(Collector)
        } else {
            Err(ApiError::SignedOut)
        }
    }
}

impl FromRequestParts<Dashboard> for Who {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, dashboard: &Dashboard) -> Result<Who, ApiError> {
        Who::of(dashboard, &parts.headers).await
    }
}
