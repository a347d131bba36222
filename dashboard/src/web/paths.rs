//! `/api/v1/sites/{id}/paths`: which pages led to a goal.

use axum::{
    Json,
    extract::{RawQuery, State},
    response::{IntoResponse, Response},
};

use super::{
    access::MayView,
    error::ApiError,
    file::file,
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
) -> Result<Response, ApiError> {
    let ([title, format], rest) = query::own(query.as_deref().unwrap_or_default(), ["goal", "format"]);
    let shape = query::format(format)?;
    let title = title.ok_or(QueryError::Missing("goal"))?;
    let report = query::report(&rest, &site.goals.goals)?.shown_to(few);
    let goal = site.goals.goals.iter().find(|goal| goal.title == title);
    let goal = goal.ok_or(QueryError::Value { key: "goal", value: title })?;
    let (_, period) = period(&dashboard, &site, &report)?;
    let _turn = turn(&dashboard).await?;
    let load = GoalPaths::load(&dashboard.store, &site, period.range, &report.filters, goal);
    let paths = within(REPORT_TIMEOUT, load).await?;
    Ok(match shape {
        None => Json(paths).into_response(),
        Some(shape) => file(shape, &site, "paths", period.range, &paths.table()),
    })
}
