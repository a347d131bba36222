//! `/api/v1/stats/…`: the part of Plausible's Stats API (v1) that our figures can answer.
//! The numbers come from the same reports as the page's, hidden by the same rule.

use axum::{
    Json,
    extract::{RawQuery, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use jiff::{Zoned, tz::TimeZone};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{access::Who, error::ApiError, statistics};
use crate::{
    app::Dashboard,
    control::sites::Site,
    stats::{
        breakdown, live,
        overview::{self, Figures},
        plausible::{self, Metric, Query, Refused},
        sheet::Extent,
        threshold::Few,
    },
};

/// As Plausible's clients expect them: one sentence.
pub(super) struct Refusal(StatusCode, String, Option<u64>);

#[derive(Serialize, JsonSchema)]
pub(super) struct Results<T> {
    results: T,
}

/// A metric's value; null is what cannot be told or may not be shown.
#[derive(Serialize, JsonSchema)]
pub(super) struct Total {
    value: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    change: Option<f64>,
}

/// A row: its name and a number for each metric asked for.
pub(super) type Row = Map<String, Value>;

pub(super) async fn aggregate(
    State(dashboard): State<Dashboard>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Json<Results<std::collections::BTreeMap<&'static str, Total>>>, Refusal> {
    let Asked { site, few, query, zone, now } = ask(&dashboard, &headers, query).await?;
    let (report, metrics) = query.aggregate(now.date(), &site.goals.goals)?;
    let compares = report.compare != crate::stats::period::Compare::None;
    let figures = figures(&dashboard, &site, &zone, &report.shown_to(few)).await?;
    let totals = figures.series.totals(None);
    let earlier = figures.compared.as_ref().map(|compared| compared.totals(None));
    let results = metrics.into_iter().map(|metric| {
        let value = metric.of(&totals).filter(|_| !figures.few);
        let before = earlier.as_ref().and_then(|earlier| metric.of(earlier));
        let change = value.zip(before).filter(|_| compares).and_then(|(value, before)| change(value, before));
        (metric.name(), Total { value, change })
    });
    Ok(Json(Results { results: results.collect() }))
}

pub(super) async fn timeseries(
    State(dashboard): State<Dashboard>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Json<Results<Vec<Row>>>, Refusal> {
    let Asked { site, few, query, zone, now } = ask(&dashboard, &headers, query).await?;
    let (report, metrics) = query.timeseries(now.date(), &site.goals.goals)?;
    let figures = figures(&dashboard, &site, &zone, &report.shown_to(few)).await?;
    let results = figures.series.each().map(|(at, point)| {
        let mut row = Row::new();
        row.insert("date".to_owned(), json!(dated(at)));
        for metric in &metrics {
            row.insert(metric.name().to_owned(), json!(metric.of(&point).filter(|_| !figures.few)));
        }
        row
    });
    Ok(Json(Results { results: results.collect() }))
}

pub(super) async fn breakdown(
    State(dashboard): State<Dashboard>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Json<Results<Vec<Row>>>, Refusal> {
    let Asked { site, few, query, now, .. } = ask(&dashboard, &headers, query).await?;
    let (report, slice, metrics) = query.breakdown(now.date(), &site.goals.goals)?;
    let report = report.shown_to(few);
    let (_, period) = statistics::period(&dashboard, &site, &report)?;
    let _turn = statistics::turn(&dashboard).await?;
    let rows = breakdown::load(&dashboard.store, &site, period.range, &report.filters, &slice);
    let panel = statistics::within(statistics::REPORT_TIMEOUT, rows).await?;
    let results = panel.rows.into_iter().map(|found| {
        let mut row = Row::new();
        for metric in &metrics {
            let count = match metric {
                Metric::Visitors => found.visitors,
                Metric::Visits => found.visits,
                Metric::Pageviews => found.views,
                Metric::Events => found.events,
                Metric::ViewsPerVisit | Metric::BounceRate | Metric::VisitDuration => None,
            };
            row.insert(metric.name().to_owned(), json!(count));
        }
        row.insert(query.key().to_owned(), json!(plausible::shown(&slice, found.value)));
        row
    });
    Ok(Json(Results { results: results.collect() }))
}

/// Who is there now: a bare number.
pub(super) async fn realtime(
    State(dashboard): State<Dashboard>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Json<u64>, Refusal> {
    let Asked { site, .. } = ask(&dashboard, &headers, query).await?;
    let visitors = live::visitors(&dashboard.store, site.id, dashboard.clock.now());
    Ok(Json(statistics::within(statistics::REPORT_TIMEOUT, visitors).await?))
}

struct Asked {
    site: Site,
    few: Few,
    query: Query,
    zone: TimeZone,
    /// In the site's zone.
    now: Zoned,
}

/// First who asks, then what: a stranger learns nothing of which sites there are.
async fn ask(dashboard: &Dashboard, headers: &HeaderMap, query: Option<String>) -> Result<Asked, Refusal> {
    let who = Who::of(dashboard, headers).await?;
    let sites = who.sites(dashboard).await?;
    let query = Query::read(query.as_deref().unwrap_or_default())?;
    let site = sites.into_iter().map(|(site, _)| site).find(|site| site.domain == query.site);
    let site = site.ok_or(ApiError::NotFound)?;
    let zone = statistics::zone(&site)?;
    let now = dashboard.clock.now().to_zoned(zone.clone());
    Ok(Asked { site, few: who.few(dashboard), query, zone, now })
}

async fn figures(
    dashboard: &Dashboard,
    site: &Site,
    zone: &TimeZone,
    report: &crate::stats::query::Report,
) -> Result<Figures, Refusal> {
    let (_, period) = statistics::period(dashboard, site, report)?;
    let _turn = statistics::turn(dashboard).await?;
    let asked = overview::Asked { site, zone, report, period: &period };
    let load = Figures::load(&dashboard.store, &dashboard.sealed, &asked, Extent::PointsOnly);
    Ok(statistics::within(statistics::REPORT_TIMEOUT, load).await?)
}

/// In whole per cents; nothing to compare with is no change.
fn change(value: f64, before: f64) -> Option<f64> {
    (before != 0.0).then(|| ((value - before) / before * 100.0).round())
}

/// An hour and a month as Plausible writes them.
fn dated(at: &str) -> String {
    match at.split_once('T') {
        Some((day, hour)) => format!("{day} {hour}:00:00"),
        None if at.len() == "2026-11".len() => format!("{at}-01"),
        None => at.to_owned(),
    }
}

impl From<ApiError> for Refusal {
    fn from(error: ApiError) -> Refusal {
        let wait = match error {
            ApiError::TooManyRequests { retry_after_seconds } => Some(retry_after_seconds),
            _ => None,
        };
        Refusal(error.status(), error.message().to_owned(), wait)
    }
}

impl From<Refused> for Refusal {
    fn from(refused: Refused) -> Refusal {
        Refusal(StatusCode::BAD_REQUEST, refused.to_string(), None)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let Refusal(status, message, wait) = self;
        let mut response = (status, Json(json!({"error": message}))).into_response();
        if let Some(seconds) = wait {
            response.headers_mut().insert(axum::http::header::RETRY_AFTER, seconds.into());
        }
        response
    }
}
