//! `/api/v1/session` and `/api/v1/setup`: who is signed in, and how.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{body::JsonBody, error::ApiError, session};
use crate::{
    app::Dashboard,
    control::{
        email::Email,
        password::{PASSWORD_BYTES_MAX, Passwords},
        setup::{Setup, Standing},
        two_step::Taken,
        users::User,
    },
    token::{self, Token},
};

/// No `Debug`: it holds a password.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Credentials {
    email: String,
    password: String,
    /// Of the second step, or a recovery code; asked for with `code_needed`.
    code: Option<String>,
}

/// No `Debug`: it holds a password and a token.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FirstOwner {
    token: String,
    email: String,
    password: String,
}

/// Who is signed in.
#[derive(Serialize, JsonSchema)]
pub(super) struct Session {
    /// setup, signed_out or signed_in.
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    /// Owns every site, and the server.
    is_admin: bool,
    version: &'static str,
}

impl Session {
    fn of(state: &'static str, user: Option<&User>) -> Session {
        Session {
            state,
            email: user.map(|user| user.email.clone()),
            is_admin: user.is_some_and(|user| user.is_admin),
            version: env!("CARGO_PKG_VERSION"),
        }
    }
}

pub(super) async fn show(
    State(dashboard): State<Dashboard>,
    headers: HeaderMap,
) -> Result<Json<Session>, ApiError> {
    Ok(Json(match session::user(&dashboard, &headers).await? {
        Some(user) => Session::of("signed_in", Some(&user)),
        None if dashboard.control.has_owner().await? => Session::of("signed_out", None),
        None => Session::of("setup", None),
    }))
}

pub(super) async fn set_up(
    State(dashboard): State<Dashboard>,
    JsonBody(owner): JsonBody<FirstOwner>,
) -> Result<Response, ApiError> {
    let token = token::hash(&owner.token);
    match dashboard.control.setup_standing(token).await? {
        Standing::Open => {}
        Standing::OwnerExists => return Err(ApiError::SetupDone),
        Standing::WrongToken => return Err(ApiError::TokenWrong),
    }
    let email = Email::parse(&owner.email).ok_or(ApiError::EmailInvalid)?;
    if !Passwords::is_acceptable(&owner.password) {
        return Err(ApiError::PasswordUnfit);
    }
    let hash = dashboard.passwords.hash(owner.password).await?;
    match dashboard.control.set_up(token, email, hash).await? {
        Setup::Done { user, session } => Ok(signed_in(&dashboard, &user, &session)),
        Setup::OwnerExists => Err(ApiError::SetupDone),
        Setup::WrongToken => Err(ApiError::TokenWrong),
    }
}

pub(super) async fn sign_in(
    State(dashboard): State<Dashboard>,
    headers: HeaderMap,
    JsonBody(credentials): JsonBody<Credentials>,
) -> Result<Response, ApiError> {
    // What cannot be an account is told so by its form alone, which reveals nothing.
    let email = Email::parse(&credentials.email).ok_or(ApiError::WrongCredentials)?;
    if credentials.password.len() > PASSWORD_BYTES_MAX {
        return Err(ApiError::WrongCredentials);
    }
    dashboard.throttle.attempt(email.as_str()).map_err(ApiError::attempts)?;
    let account = dashboard.control.account(email.clone()).await?;
    let kept = account.as_ref().map(|account| account.password_hash.clone());
    let right = dashboard.passwords.verify(credentials.password, kept).await?;
    let Some(account) = account.filter(|_| right) else { return Err(ApiError::WrongCredentials) };
    // Only now: who does not know the password learns nothing of the second step.
    let code = credentials.code.as_deref();
    if code.is_some() {
        dashboard.throttle.attempt_code(email.as_str()).map_err(ApiError::attempts)?;
    }
    match dashboard.control.take_code(&account.user, code.unwrap_or_default(), &dashboard.secret).await? {
        Taken::NotAsked | Taken::ByClock | Taken::ByRecovery => {}
        Taken::Wrong if code.is_none() => return Err(ApiError::CodeNeeded),
        Taken::Wrong => return Err(ApiError::CodeWrong),
    }
    dashboard.throttle.forgive(email.as_str());
    dashboard.throttle.forgive_code(email.as_str());
    // A browser that signs in again does not leave its former session behind.
    if let Some(former) = session::presented(&dashboard, &headers) {
        dashboard.control.end_session(former).await?;
    }
    let token = dashboard.control.begin_session(account.user.clone()).await?;
    Ok(signed_in(&dashboard, &account.user, &token))
}

pub(super) async fn sign_out(
    State(dashboard): State<Dashboard>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    if let Some(token) = session::presented(&dashboard, &headers) {
        dashboard.control.end_session(token).await?;
    }
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, session::taken(&dashboard))]).into_response())
}

fn signed_in(dashboard: &Dashboard, user: &User, token: &Token) -> Response {
    let body = Json(Session::of("signed_in", Some(user)));
    (StatusCode::CREATED, [(header::SET_COOKIE, session::given(dashboard, token))], body).into_response()
}
