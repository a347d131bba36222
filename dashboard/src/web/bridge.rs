//! `/internal/bridge`: collectors tell how forwarding goes.

use axum::{extract::State, http::StatusCode};

use super::{access::Collector, body::LongJsonBody, error::ApiError};
use crate::{app::Dashboard, metrika::Report};

pub(super) async fn take(
    _: Collector,
    State(dashboard): State<Dashboard>,
    LongJsonBody(mut report): LongJsonBody<Report>,
) -> Result<StatusCode, ApiError> {
    let (forwards, counts) = (std::mem::take(&mut report.forwards), std::mem::take(&mut report.counts));
    if !forwards.is_empty() || !counts.is_empty() {
        dashboard.control.take_forwards(report.node, forwards, counts).await?;
    }
    dashboard.reports_of_collectors.keep(report);
    Ok(StatusCode::NO_CONTENT)
}
