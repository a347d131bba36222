//! `/api/v1/sites/{id}/goals` and `/funnels`: what an owner declares, and what a goal would
//! have counted had it been declared already.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use jiff::ToSpan;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use store::goal::{Declared, Rule};

use super::{
    access::{MayEdit, MayView},
    body::JsonBody,
    error::ApiError,
    named,
    statistics::{REPORT_TIMEOUT, turn, within, zone},
};
use crate::{
    app::Dashboard,
    control::goals::{
        Funnel, Goal, Money, NotKept,
        draft::{self, FunnelDraft, GoalDraft},
    },
    stats::{goals, period::Range},
};

/// Days a preview looks back, today among them.
const PREVIEW_DAYS: i64 = 30;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewGoal {
    title: String,
    #[schemars(with = "Value")]
    rule: Rule,
    #[schemars(with = "Option<Value>")]
    value: Option<Money>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewFunnel {
    title: String,
    #[schemars(with = "Vec<Value>")]
    steps: Vec<Rule>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Previewed {
    #[schemars(with = "Value")]
    rule: Rule,
}

pub(super) async fn list(MayView(site, ..): MayView) -> Result<Json<Value>, ApiError> {
    Ok(Json(json!({"goals": site.goals.goals, "funnels": site.goals.funnels})))
}

pub(super) async fn add(
    MayEdit(site, _, user): MayEdit,
    State(dashboard): State<Dashboard>,
    JsonBody(new): JsonBody<NewGoal>,
) -> Result<(StatusCode, Json<Goal>), ApiError> {
    let draft = GoalDraft::new(&new.title, new.rule, new.value).map_err(ApiError::GoalInvalid)?;
    kept(dashboard.control.set_goal(site.id, None, draft, user).await?)
        .map(|goal| (StatusCode::CREATED, Json(goal)))
}

pub(super) async fn change(
    MayEdit(site, _, user): MayEdit,
    State(dashboard): State<Dashboard>,
    Path((_, goal)): Path<(String, String)>,
    JsonBody(new): JsonBody<NewGoal>,
) -> Result<Json<Goal>, ApiError> {
    let draft = GoalDraft::new(&new.title, new.rule, new.value).map_err(ApiError::GoalInvalid)?;
    kept(dashboard.control.set_goal(site.id, Some(named::number(&goal)?), draft, user).await?).map(Json)
}

pub(super) async fn remove(
    MayEdit(site, _, user): MayEdit,
    State(dashboard): State<Dashboard>,
    Path((_, goal)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    named::done(dashboard.control.remove_goal(site.id, named::number(&goal)?, user).await?)
}

pub(super) async fn add_funnel(
    MayEdit(site, _, user): MayEdit,
    State(dashboard): State<Dashboard>,
    JsonBody(new): JsonBody<NewFunnel>,
) -> Result<(StatusCode, Json<Funnel>), ApiError> {
    let draft = FunnelDraft::new(&new.title, new.steps).map_err(ApiError::GoalInvalid)?;
    kept(dashboard.control.set_funnel(site.id, None, draft, user).await?)
        .map(|funnel| (StatusCode::CREATED, Json(funnel)))
}

pub(super) async fn change_funnel(
    MayEdit(site, _, user): MayEdit,
    State(dashboard): State<Dashboard>,
    Path((_, funnel)): Path<(String, String)>,
    JsonBody(new): JsonBody<NewFunnel>,
) -> Result<Json<Funnel>, ApiError> {
    let draft = FunnelDraft::new(&new.title, new.steps).map_err(ApiError::GoalInvalid)?;
    kept(dashboard.control.set_funnel(site.id, Some(named::number(&funnel)?), draft, user).await?).map(Json)
}

pub(super) async fn remove_funnel(
    MayEdit(site, _, user): MayEdit,
    State(dashboard): State<Dashboard>,
    Path((_, funnel)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    named::done(dashboard.control.remove_funnel(site.id, named::number(&funnel)?, user).await?)
}

/// What a rule matches in the last 30 days, whether or not it is declared.
pub(super) async fn preview(
    MayEdit(site, ..): MayEdit,
    State(dashboard): State<Dashboard>,
    JsonBody(Previewed { rule }): JsonBody<Previewed>,
) -> Result<Json<Value>, ApiError> {
    let rule = draft::rule(rule).map_err(ApiError::GoalInvalid)?;
    let today = dashboard.clock.now().to_zoned(zone(&site)?).date();
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

fn kept<T>(outcome: Result<T, NotKept>) -> Result<T, ApiError> {
    outcome.map_err(|reason| match reason {
        NotKept::TitleTaken => ApiError::TitleTaken,
        NotKept::TooMany => ApiError::TooManyGoals,
        NotKept::NotThere => ApiError::NotFound,
    })
}
