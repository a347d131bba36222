//! What the end of a path names: its number, and whether there was such a thing.

use axum::http::StatusCode;

use super::error::ApiError;

/// What is no number names nothing.
pub(super) fn number(path: &str) -> Result<i64, ApiError> {
    path.parse().map_err(|_| ApiError::NotFound)
}

/// The answer to ending or changing what was named.
pub(super) fn done(was_there: bool) -> Result<StatusCode, ApiError> {
    if was_there { Ok(StatusCode::NO_CONTENT) } else { Err(ApiError::NotFound) }
}
