//! Setting a forgotten password by a link that was made on the server.

use axum::{Json, extract::State, http::StatusCode};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{body::JsonBody, error::ApiError, people::Presented};
use crate::{app::Dashboard, control::password::Passwords, token};

/// Whose password it is.
#[derive(Serialize, JsonSchema)]
pub(super) struct Opened {
    email: String,
}

/// No `Debug`: it holds a token and a password.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Redemption {
    token: String,
    password: String,
}

pub(super) async fn open(
    State(dashboard): State<Dashboard>,
    JsonBody(presented): JsonBody<Presented>,
) -> Result<Json<Opened>, ApiError> {
    let email = dashboard.control.password_link(token::hash(&presented.token)).await?;
    Ok(Json(Opened { email: email.ok_or(ApiError::NotFound)? }))
}

pub(super) async fn redeem(
    State(dashboard): State<Dashboard>,
    JsonBody(asked): JsonBody<Redemption>,
) -> Result<StatusCode, ApiError> {
    let presented = token::hash(&asked.token);
    // Asked before a password is hashed: a stranger without a link cannot make us work.
    dashboard.control.password_link(presented).await?.ok_or(ApiError::NotFound)?;
    if !Passwords::is_acceptable(&asked.password) {
        return Err(ApiError::PasswordUnfit);
    }
    let hash = dashboard.passwords.hash(asked.password).await?;
    let done = dashboard.control.redeem_password_link(presented, hash).await?;
    if done { Ok(StatusCode::NO_CONTENT) } else { Err(ApiError::NotFound) }
}
