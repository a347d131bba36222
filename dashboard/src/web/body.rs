//! A request's JSON body, bounded in size and time. The content type is required:
//! a page of another origin cannot send it without the browser asking us first.

use std::time::Duration;

use axum::{
    body::Bytes,
    extract::{DefaultBodyLimit, FromRequest, Request},
    http::{StatusCode, header},
};
use serde::de::DeserializeOwned;

use super::error::ApiError;

/// Largest body read, in bytes. The largest honest one is a site with 50 host names
/// of 253 bytes and 30 properties; it stays below 16 KiB.
pub(super) const BODY_BYTES_MAX: usize = 64 * 1024;

/// How long a body may take to arrive, whole.
const BODY_READ_TIMEOUT: Duration = Duration::from_secs(10);

/// Largest report of a collector, in bytes: 1,000 rows, 1,000 counts and 50 previews for
/// each of many sites.
const REPORT_BYTES_MAX: usize = 4 * 1024 * 1024;

/// A body that was JSON of the expected shape.
pub(super) struct JsonBody<T>(pub(super) T);

/// The same, of a collector.
pub(super) struct LongJsonBody<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for JsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<JsonBody<T>, ApiError> {
        read(request, state, BODY_BYTES_MAX).await.map(JsonBody)
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for LongJsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<LongJsonBody<T>, ApiError> {
        read(request, state, REPORT_BYTES_MAX).await.map(LongJsonBody)
    }
}

async fn read<S: Send + Sync, T: DeserializeOwned>(
    mut request: Request,
    state: &S,
    bytes_max: usize,
) -> Result<T, ApiError> {
    if !is_json(&request) {
        return Err(ApiError::NotJson);
    }
    DefaultBodyLimit::apply(DefaultBodyLimit::max(bytes_max), &mut request);
    let read = Bytes::from_request(request, state);
    let bytes = match tokio::time::timeout(BODY_READ_TIMEOUT, read).await {
        Err(_) => return Err(ApiError::BodyTooSlow),
        Ok(Err(rejection)) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            return Err(ApiError::BodyTooLarge);
        }
        Ok(Err(_)) => return Err(ApiError::BadJson),
        Ok(Ok(bytes)) => bytes,
    };
    serde_json::from_slice(&bytes).map_err(|_| ApiError::BadJson)
}

fn is_json(request: &Request) -> bool {
    let value = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = value.and_then(|value| value.split(';').next()).map(str::trim);
    essence.is_some_and(|essence| essence.eq_ignore_ascii_case("application/json"))
}
