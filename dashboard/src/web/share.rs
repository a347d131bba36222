//! Links to a site's figures: made and ended by its owners, opened by anybody who has one.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    access::MayOwn,
    body::JsonBody,
    error::ApiError,
    named,
    shared_view::{self, LIFE_SECONDS},
    sites::SiteAnswer,
};
use crate::{
    app::Dashboard,
    control::{
        password::{PASSWORD_BYTES_MAX, Passwords},
        roles::Role,
        share_links::{Draft, Mistake, ShareLink},
    },
};

/// No `Debug`: it holds a password.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewLink {
    /// Who it is for, 1 to 80 characters.
    name: String,
    /// Open to everybody who knows the address; without a secret or a password.
    #[serde(default)]
    is_public: bool,
    /// Asked of whoever opens it, 10 characters or more.
    password: Option<String>,
    /// Absent: until it is ended.
    life_days: Option<u32>,
    /// Sites that may show it in a frame, such as https://example.ru.
    #[serde(default)]
    frames: Vec<String>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Links {
    links: Vec<ShareLink>,
}

/// The only answer that holds the secret. No `Debug`.
#[derive(Serialize, JsonSchema)]
pub(super) struct MadeLink {
    #[serde(flatten)]
    about: ShareLink,
    /// What stands behind the address's `#`; shown this once, absent where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

/// No `Debug`: it holds a secret and a password.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Key {
    /// What stands behind the address's `#`.
    secret: Option<String>,
    password: Option<String>,
}

/// Leave to read one site's reports, for twelve hours.
#[derive(Serialize, JsonSchema)]
pub(super) struct View {
    /// Sent with each request as `Authorization: Bearer …`.
    token: String,
    site: SiteAnswer,
    version: &'static str,
}

pub(super) async fn list(
    MayOwn(site, _): MayOwn,
    State(dashboard): State<Dashboard>,
) -> Result<Json<Links>, ApiError> {
    Ok(Json(Links { links: dashboard.control.share_links(site.id).await? }))
}

pub(super) async fn make(
    MayOwn(site, user): MayOwn,
    State(dashboard): State<Dashboard>,
    JsonBody(new): JsonBody<NewLink>,
) -> Result<(StatusCode, Json<MadeLink>), ApiError> {
    let draft =
        Draft::new(&new.name, new.is_public, &new.frames, new.life_days).map_err(ApiError::LinkInvalid)?;
    let password = match new.password {
        None => None,
        Some(_) if new.is_public => return Err(ApiError::LinkInvalid(Mistake::Password)),
        Some(password) if !Passwords::is_acceptable(&password) => return Err(ApiError::PasswordUnfit),
        Some(password) => Some(dashboard.passwords.hash(password).await?),
    };
    let made = dashboard.control.make_share_link(site, draft, password, user).await?;
    let (about, secret) = made.map_err(ApiError::LinkInvalid)?;
    let secret = secret.map(|secret| secret.as_str().to_owned());
    Ok((StatusCode::CREATED, Json(MadeLink { about, secret })))
}

pub(super) async fn end(
    MayOwn(site, user): MayOwn,
    State(dashboard): State<Dashboard>,
    Path((_, link)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    named::done(dashboard.control.end_share_link(site, link, user).await?)
}

/// Opens a link. A wrong secret and a link that is not there are answered alike.
pub(super) async fn open(
    State(dashboard): State<Dashboard>,
    Path(id): Path<String>,
    JsonBody(key): JsonBody<Key>,
) -> Result<Json<View>, ApiError> {
    let link = dashboard.control.share_link(id).await?.ok_or(ApiError::NotFound)?;
    if !link.is_opened_by(key.secret.as_deref()) {
        return Err(ApiError::NotFound);
    }
    if let Some(kept) = &link.password {
        let password = key.password.ok_or(ApiError::PasswordNeeded)?;
        if password.len() > PASSWORD_BYTES_MAX {
            return Err(ApiError::WrongCredentials);
        }
        let place = format!("link {}", link.link.id);
        dashboard.throttle.attempt(&place).map_err(ApiError::attempts)?;
        if !dashboard.passwords.verify(password, Some(kept.clone())).await? {
            return Err(ApiError::WrongCredentials);
        }
        dashboard.throttle.forgive(&place);
    }
    let token = shared_view::grant(&dashboard, &link, dashboard.control.now() + LIFE_SECONDS);
    let site = SiteAnswer { site: link.site, role: Role::Viewer };
    Ok(Json(View { token, site, version: env!("CARGO_PKG_VERSION") }))
}
