//! `/api/v1/tokens`: an account's tokens for programs. Asked with a session only: a token
//! cannot make another.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{body::JsonBody, error::ApiError, named, session::SignedIn};
use crate::{
    app::Dashboard,
    control::api_tokens::{ApiToken, Draft, Scope},
};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewToken {
    /// What it is for, 1 to 80 characters.
    name: String,
    scope: Scope,
    /// Absent: every site of the account.
    site_id: Option<u32>,
    /// Absent: until it is ended.
    life_days: Option<u32>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Tokens {
    tokens: Vec<ApiToken>,
}

/// The only answer that holds the token itself. No `Debug`.
#[derive(Serialize, JsonSchema)]
pub(super) struct Made {
    #[serde(flatten)]
    about: ApiToken,
    /// Shown this once.
    token: String,
}

pub(super) async fn list(
    SignedIn(user): SignedIn,
    State(dashboard): State<Dashboard>,
) -> Result<Json<Tokens>, ApiError> {
    Ok(Json(Tokens { tokens: dashboard.control.api_tokens(&user).await? }))
}

pub(super) async fn make(
    SignedIn(user): SignedIn,
    State(dashboard): State<Dashboard>,
    JsonBody(new): JsonBody<NewToken>,
) -> Result<(StatusCode, Json<Made>), ApiError> {
    let draft =
        Draft::new(&new.name, new.scope, new.site_id, new.life_days).map_err(ApiError::ApiTokenInvalid)?;
    let (about, token) =
        dashboard.control.make_api_token(draft, user).await?.map_err(ApiError::ApiTokenInvalid)?;
    Ok((StatusCode::CREATED, Json(Made { about, token: token.as_str().to_owned() })))
}

pub(super) async fn end(
    SignedIn(user): SignedIn,
    State(dashboard): State<Dashboard>,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    named::done(dashboard.control.end_api_token(named::number(&id)?, user).await?)
}
