//! `/internal/interruptions`: a collector tells when it did not run.

use axum::{extract::State, http::StatusCode};
use store::interruption::{Interruptions, TOLD_MAX};

use super::{access::Collector, body::JsonBody, error::ApiError};
use crate::app::Dashboard;

pub(super) async fn take(
    _: Collector,
    State(dashboard): State<Dashboard>,
    JsonBody(mut told): JsonBody<Interruptions>,
) -> Result<StatusCode, ApiError> {
    told.interruptions.truncate(TOLD_MAX);
    dashboard.control.take_interruptions(told).await?;
    Ok(StatusCode::NO_CONTENT)
}
