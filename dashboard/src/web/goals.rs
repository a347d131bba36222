//! `/api/v1/sites/{id}/goals` and `/funnels`: what an owner declares, and what a goal would
//! have counted had it been declared already.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use jiff::ToSpan;
use serde::Deserialize;
use serde_json::{Value, json};
use store::goal::{Declared, Rule};

use super::{
    body::JsonBody,
    error::ApiError,
    session::SignedIn,
    sites::site_in,
    statistics::{REPORT_TIMEOUT, turn, within, zone_of},
};
use crate::{
    app::Dashboard,
    control::goals::{
        Funnel, Goal, Kept, Money,
        draft::{self, FunnelDraft, GoalDraft},
    },
    stats::{goals, period::Range},
};

/// Days a preview looks back, today among them.
const PREVIEW_DAYS: i64 = 30;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewGoal {
    title: String,
    rule: Rule,
    value: Option<Money>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewFunnel {
    title: String,
    steps: Vec<Rule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Previewed {
    rule: Rule,
}

pub(super) async fn list(
    _: SignedIn,
    State(dashboard): State<Dashboard>,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let site = site_in(&dashboard, &id).await?;
    Ok(Json(json!({"goals": site.goals.goals, "funnels": site.goals.funnels})))
}

pub(super) async fn add(
    SignedIn(user): SignedIn,
    State(dashboard): State<Dashboard>,
    Path(id): Path<String>,
    JsonBody(new): JsonBody<NewGoal>,
) -> Result<(StatusCode, Json<Goal>), ApiError> {
    let site = site_in(&dashboard, &id).await?;
    let draft = GoalDraft::new(&new.title, new.rule, new.value).map_err(ApiError::GoalInvalid)?;
    kept(dashboard.control.set_goal(site.id, None, draft, user).await?)
        .map(|goal| (StatusCode::CREATED, Json(goal)))
}

pub(super) async fn change(
    SignedIn(user): SignedIn,
    State(dashboard): State<Dashboard>,
    Path((id, goal)): Path<(String, String)>,
    JsonBody(new): JsonBody<NewGoal>,
) -> Result<Json<Goal>, ApiError> {
    let site = site_in(&dashboard, &id).await?;
    let draft = GoalDraft::new(&new.title, new.rule, new.value).map_err(ApiError::GoalInvalid)?;
    kept(dashboard.control.set_goal(site.id, Some(number_in(&goal)?), draft, user).await?).map(Json)
}

pub(super) async fn remove(
    SignedIn(user): SignedIn,
    State(dashboard): State<Dashboard>,
    Path((id, goal)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    let site = site_in(&dashboard, &id).await?;
    removed(dashboard.control.remove_goal(site.id, number_in(&goal)?, user).await?)
}

pub(super) async fn add_funnel(
    SignedIn(user): SignedIn,
    State(dashboard): State<Dashboard>,
    Path(id): Path<String>,
    JsonBody(new): JsonBody<NewFunnel>,
) -> Result<(StatusCode, Json<Funnel>), ApiError> {
    let site = site_in(&dashboard, &id).await?;
    let draft = FunnelDraft::new(&new.title, new.steps).map_err(ApiError::GoalInvalid)?;
    kept(dashboard.control.set_funnel(site.id, None, draft, user).await?)
        .map(|funnel| (StatusCode::CREATED, Json(funnel)))
}

pub(super) async fn change_funnel(
    SignedIn(user): SignedIn,
    State(dashboard): State<Dashboard>,
    Path((id, funnel)): Path<(String, String)>,
    JsonBody(new): JsonBody<NewFunnel>,
) -> Result<Json<Funnel>, ApiError> {
    let site = site_in(&dashboard, &id).await?;
    let draft = FunnelDraft::new(&new.title, new.steps).map_err(ApiError::GoalInvalid)?;
    kept(dashboard.control.set_funnel(site.id, Some(number_in(&funnel)?), draft, user).await?).map(Json)
}

pub(super) async fn remove_funnel(
    SignedIn(user): SignedIn,
    State(dashboard): State<Dashboard>,
    Path((id, funnel)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    let site = site_in(&dashboard, &id).await?;
    removed(dashboard.control.remove_funnel(site.id, number_in(&funnel)?, user).await?)
}

/// What a rule matches in the last 30 days, whether or not it is declared.
pub(super) async fn preview(
    _: SignedIn,
    State(dashboard): State<Dashboard>,
    Path(id): Path<String>,
    JsonBody(Previewed { rule }): JsonBody<Previewed>,
) -> Result<Json<Value>, ApiError> {
    let site = site_in(&dashboard, &id).await?;
    let rule = draft::rule(rule).map_err(ApiError::GoalInvalid)?;
    let today = dashboard.clock.now().to_zoned(zone_of(&site)?).date();
    let range = Range { from: today.saturating_sub((PREVIEW_DAYS - 1).days()), to: today };
    let declared = Declared { goals: vec![rule], funnels: Vec::new() };
    let _turn = turn(&dashboard).await?;
    let found = within(REPORT_TIMEOUT, goals::preview(&dashboard.store, &site, &declared, range)).await?;
    Ok(Json(json!({
        "days": PREVIEW_DAYS,
        "events": found.events,
        "visitors": found.visitors,
        "counting": found.counting,
    })))
}

fn kept<T>(outcome: Kept<T>) -> Result<T, ApiError> {
    match outcome {
        Kept::Kept(thing) => Ok(thing),
        Kept::TitleTaken => Err(ApiError::TitleTaken),
        Kept::TooMany => Err(ApiError::TooManyGoals),
        Kept::NotThere => Err(ApiError::NotFound),
    }
}

fn removed(was_there: bool) -> Result<StatusCode, ApiError> {
    if was_there { Ok(StatusCode::NO_CONTENT) } else { Err(ApiError::NotFound) }
}

fn number_in(path: &str) -> Result<i64, ApiError> {
    path.parse().map_err(|_| ApiError::NotFound)
}
