//! `/api/v1/sites/{id}/realtime`: the last half hour.

use axum::{Json, extract::State};

use super::{
    access::MayView,
    error::ApiError,
    statistics::{REPORT_TIMEOUT, turn, within, zone},
};
use crate::{app::Dashboard, stats::realtime::Realtime};

pub(super) async fn realtime(
    MayView(site, few): MayView,
    State(dashboard): State<Dashboard>,
) -> Result<Json<Realtime>, ApiError> {
    let zone = zone(&site)?;
    let _turn = turn(&dashboard).await?;
    let now = dashboard.clock.now();
    within(REPORT_TIMEOUT, Realtime::load(&dashboard.store, &site, &zone, now, few)).await.map(Json)
}
