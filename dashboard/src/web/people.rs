//! Who works on a site: roles, and invitations to one. No mail is sent: the inviting owner
//! hands the link over, and it is shown this once.

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{access::MayOwn, body::JsonBody, error::ApiError, named, session};
use crate::{
    app::Dashboard,
    control::{
        email::Email,
        password::Passwords,
        people::{Accepting, Invitation, Inviting, Member},
        roles::Role,
    },
    token,
};

#[derive(Serialize, JsonSchema)]
pub(super) struct People {
    members: Vec<Member>,
    invitations: Vec<Invitation>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewInvitation {
    email: String,
    role: Role,
}

/// The only answer that holds the invitation's token. No `Debug`.
#[derive(Serialize, JsonSchema)]
pub(super) struct MadeInvitation {
    #[serde(flatten)]
    about: Invitation,
    /// Behind the `#` of `/invitation#…`; shown this once.
    token: String,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewRole {
    role: Role,
}

/// No `Debug`: it holds a token.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Presented {
    pub(super) token: String,
}

/// No `Debug`: it holds a token and a password.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Acceptance {
    token: String,
    /// Of the new account; absent when one is signed in.
    password: Option<String>,
}

/// What an invitation is to.
#[derive(Serialize, JsonSchema)]
pub(super) struct Opened {
    email: String,
    domain: String,
    role: Role,
    /// The address has an account: sign in with it, then accept.
    has_account: bool,
}

pub(super) async fn list(
    MayOwn(site, _): MayOwn,
    State(dashboard): State<Dashboard>,
) -> Result<Json<People>, ApiError> {
    let (members, invitations) = dashboard.control.people(site.id).await?;
    Ok(Json(People { members, invitations }))
}

pub(super) async fn invite(
    MayOwn(site, user): MayOwn,
    State(dashboard): State<Dashboard>,
    JsonBody(new): JsonBody<NewInvitation>,
) -> Result<(StatusCode, Json<MadeInvitation>), ApiError> {
    let email = Email::parse(&new.email).ok_or(ApiError::EmailInvalid)?;
    match dashboard.control.invite(site, email, new.role, user).await? {
        Inviting::Made(about, token) => {
            Ok((StatusCode::CREATED, Json(MadeInvitation { about, token: token.as_str().to_owned() })))
        }
        Inviting::IsMember => Err(ApiError::IsMember),
        Inviting::TooMany => Err(ApiError::TooManyPeople),
    }
}

pub(super) async fn end_invitation(
    MayOwn(site, user): MayOwn,
    State(dashboard): State<Dashboard>,
    Path((_, id)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    let id = named::number(&id)?;
    named::done(dashboard.control.end_invitation(site, id, user).await?)
}

pub(super) async fn set_role(
    MayOwn(site, user): MayOwn,
    State(dashboard): State<Dashboard>,
    Path((_, id)): Path<(String, String)>,
    JsonBody(new): JsonBody<NewRole>,
) -> Result<StatusCode, ApiError> {
    let id = named::number(&id)?;
    named::done(dashboard.control.set_role(site, id, Some(new.role), user).await?)
}

pub(super) async fn remove(
    MayOwn(site, user): MayOwn,
    State(dashboard): State<Dashboard>,
    Path((_, id)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    let id = named::number(&id)?;
    named::done(dashboard.control.set_role(site, id, None, user).await?)
}

pub(super) async fn open(
    State(dashboard): State<Dashboard>,
    JsonBody(presented): JsonBody<Presented>,
) -> Result<Json<Opened>, ApiError> {
    let invited = dashboard.control.invitation(token::hash(&presented.token)).await?;
    let invited = invited.ok_or(ApiError::NotFound)?;
    Ok(Json(Opened {
        email: invited.email.as_str().to_owned(),
        domain: invited.domain,
        role: invited.role,
        has_account: invited.has_account,
    }))
}

pub(super) async fn accept(
    State(dashboard): State<Dashboard>,
    headers: HeaderMap,
    JsonBody(acceptance): JsonBody<Acceptance>,
) -> Result<Response, ApiError> {
    let presented = token::hash(&acceptance.token);
    // Asked before a password is hashed: a stranger without a link cannot make us work.
    let invited = dashboard.control.invitation(presented).await?.ok_or(ApiError::NotFound)?;
    let user = session::user(&dashboard, &headers).await?;
    let hash = match acceptance.password {
        Some(_) if invited.has_account => return Err(ApiError::SignedOut),
        Some(password) if !Passwords::is_acceptable(&password) => return Err(ApiError::PasswordUnfit),
        Some(password) => Some(dashboard.passwords.hash(password).await?),
        None => None,
    };
    match dashboard.control.accept(presented, user, hash).await? {
        Accepting::Gone => Err(ApiError::NotFound),
        Accepting::SignInFirst => Err(ApiError::SignedOut),
        Accepting::Done(None) => Ok(StatusCode::NO_CONTENT.into_response()),
        Accepting::Done(Some(token)) => {
            let cookie = [(header::SET_COOKIE, session::given(&dashboard, &token))];
            Ok((StatusCode::NO_CONTENT, cookie).into_response())
        }
    }
}
