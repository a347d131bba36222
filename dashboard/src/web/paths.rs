//! `/api/v1/sites/{id}/paths`: which pages led to a goal.

use axum::{
    Json,
    extract::{RawQuery, State},
};
use url::form_urlencoded;

use super::{
    access::MayView,
    error::ApiError,
    statistics::{REPORT_TIMEOUT, period, turn, within},
};
use crate::{
    app::Dashboard,
    stats::{
        paths::GoalPaths,
        query::{self, QueryError},
    },
};

pub(super) async fn paths(
    MayView(site, few): MayView,
    State(dashboard): State<Dashboard>,
    RawQuery(query): RawQuery,
) -> Result<Json<GoalPaths>, ApiError> {
    let (title, rest) = read(query.as_deref().unwrap_or_default())?;
    let report = query::report(&rest, &site.goals.goals)?.shown_to(few);
    let goal = site.goals.goals.iter().find(|goal| goal.title == title);
    let goal = goal.ok_or(QueryError::Value { key: "goal", value: title })?;
    let (_, period) = period(&dashboard, &site, &report)?;
    let _turn = turn(&dashboard).await?;
    let load = GoalPaths::load(&dashboard.store, &site, period.range, &report.filters, goal);
    within(REPORT_TIMEOUT, load).await.map(Json)
}

/// The goal's title, and the rest as it was.
fn read(query: &str) -> Result<(String, String), QueryError> {
    let mut title = None;
    let mut rest = form_urlencoded::Serializer::new(String::new());
    for (key, value) in form_urlencoded::parse(query.as_bytes()) {
        if key == "goal" {
            title = Some(value.into_owned());
        } else {
            rest.append_pair(&key, &value);
        }
    }
    Ok((title.ok_or(QueryError::Missing("goal"))?, rest.finish()))
}
