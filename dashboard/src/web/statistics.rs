//! `/api/v1/sites/{id}/…`: the reports.

use std::time::Duration;

use axum::{
    Json,
    extract::{RawQuery, State},
    response::{IntoResponse, Response},
};
use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::Serialize;
use store::StoreError;
use tokio::sync::SemaphorePermit;

use super::{access::MayView, error::ApiError, file::file};
use crate::{
    app::Dashboard,
    control::sites::Site,
    stats::{
        breakdown, live,
        overview::{self, Overview},
        period::{Period, PeriodError},
        query::{self, QueryError, Report},
    },
};

/// How long a report may take, whole: a little longer than ClickHouse lets one
/// statement run, for an engine that hangs instead of answering.
pub(super) const REPORT_TIMEOUT: Duration = Duration::from_secs(22);

/// How long the page with the script tag waits for ClickHouse: it is of use without.
const STATUS_TIMEOUT: Duration = Duration::from_secs(2);

/// How long a report waits for its turn before the owner is told to come back.
const TURN_TIMEOUT: Duration = Duration::from_secs(10);

/// Whether anything has come, and what makes it come.
#[derive(Serialize, JsonSchema)]
pub(super) struct Status {
    first_event: bool,
    /// available, or unavailable: ClickHouse does not answer.
    store: &'static str,
    script: String,
}

/// Distinct visitors of the last five minutes.
#[derive(Serialize, JsonSchema)]
pub(super) struct Live {
    visitors: u64,
}

pub(super) async fn status(
    MayView(site, ..): MayView,
    State(dashboard): State<Dashboard>,
) -> Result<Json<Status>, ApiError> {
    // The address was checked when the settings were read, the domain when it was
    // added: neither can leave its attribute.
    let script = format!(
        "<script defer src=\"{}/i.js\" data-domain=\"{}\"></script>",
        dashboard.collector_url, site.domain
    );
    // The tag is needed most before the first event, perhaps before ClickHouse runs.
    let first_event = within(STATUS_TIMEOUT, live::has_events(&dashboard.store, site.id)).await;
    Ok(Json(match first_event {
        Ok(first_event) => Status { first_event, store: "available", script },
        Err(_) => Status { first_event: false, store: "unavailable", script },
    }))
}

pub(super) async fn overview(
    MayView(site, few): MayView,
    State(dashboard): State<Dashboard>,
    RawQuery(query): RawQuery,
) -> Result<Json<Overview>, ApiError> {
    let report = query::report(query.as_deref().unwrap_or_default(), &site.goals.goals)?.shown_to(few);
    let (zone, period) = period(&dashboard, &site, &report)?;
    let _turn = turn(&dashboard).await?;
    let asked = overview::Asked { site: &site, zone: &zone, report: &report, period: &period };
    within(REPORT_TIMEOUT, Overview::load(&dashboard.store, &dashboard.sealed, &asked)).await.map(Json)
}

pub(super) async fn breakdown(
    MayView(site, few): MayView,
    State(dashboard): State<Dashboard>,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let (report, slice) = query::breakdown(query.as_deref().unwrap_or_default(), &site.goals.goals)?;
    let report = report.shown_to(few);
    let (_, period) = period(&dashboard, &site, &report)?;
    let _turn = turn(&dashboard).await?;
    let rows = breakdown::load(&dashboard.store, &site, period.range, &report.filters, &slice);
    let panel = within(REPORT_TIMEOUT, rows).await?;
    Ok(match slice.file {
        None => Json(panel).into_response(),
        Some(shape) => {
            let table = breakdown::table(slice.dimension, &panel);
            file(shape, &site, slice.dimension.name(), period.range, &table)
        }
    })
}

pub(super) async fn live(
    MayView(site, ..): MayView,
    State(dashboard): State<Dashboard>,
) -> Result<Json<Live>, ApiError> {
    let visitors =
        within(REPORT_TIMEOUT, live::visitors(&dashboard.store, site.id, dashboard.clock.now())).await?;
    Ok(Json(Live { visitors }))
}

/// The site's zone.
pub(super) fn zone(site: &Site) -> Result<TimeZone, ApiError> {
    // Checked when the site was added; the zone's data is part of this program.
    TimeZone::get(&site.time_zone).map_err(|error| {
        tracing::error!(%error, site = site.id, "a site's time zone is not known to this program");
        ApiError::Internal
    })
}

pub(super) fn period(
    dashboard: &Dashboard,
    site: &Site,
    report: &Report,
) -> Result<(TimeZone, Period), ApiError> {
    let zone = zone(site)?;
    let period = Period::new(report.period, report.compare, report.grain, dashboard.clock.now(), &zone)?;
    Ok((zone, period))
}

pub(super) async fn within<T>(
    limit: Duration,
    report: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, ApiError> {
    match tokio::time::timeout(limit, report).await {
        Ok(answer) => Ok(answer?),
        Err(_) => {
            tracing::warn!(seconds = limit.as_secs(), "ClickHouse did not answer a report in time");
            Err(ApiError::StoreUnavailable)
        }
    }
}

pub(super) async fn turn(dashboard: &Dashboard) -> Result<SemaphorePermit<'_>, ApiError> {
    match tokio::time::timeout(TURN_TIMEOUT, dashboard.reports.acquire()).await {
        Ok(turn) => Ok(turn.expect("the semaphore is never closed")),
        Err(_) => Err(ApiError::Busy),
    }
}

impl From<QueryError> for ApiError {
    fn from(error: QueryError) -> ApiError {
        let message = error.to_string();
        match error {
            QueryError::Filter(crate::stats::filter::FilterError::Conflict(..)) => {
                ApiError::FiltersConflict(message)
            }
            QueryError::Filter(_)
            | QueryError::Unknown(_)
            | QueryError::Value { .. }
            | QueryError::Missing(_) => ApiError::QueryInvalid(message),
        }
    }
}

impl From<PeriodError> for ApiError {
    fn from(error: PeriodError) -> ApiError {
        ApiError::QueryInvalid(error.to_string())
    }
}
