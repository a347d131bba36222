//! `/api/v1/sites/{id}/metrika`: the owner's side of forwarding.

use axum::{
    Json,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::{Value, json};
use store::snapshot::metrika::{Destination, Mode};

use super::{
    access::{Admin, MayEdit},
    body::JsonBody,
    error::ApiError,
};
use crate::{
    app::Dashboard,
    control::metrika::{
        Change, Rules, Stored, draft,
        forwards::{EXPORT_ROWS_MAX, Line},
        oauth_place,
    },
};

/// Lines of the log on the page.
const LINES_SHOWN: u32 = 50;

/// Weeks of the balance on the page, the running one among them.
const WEEKS_SHOWN: i64 = 5;

const WEEK_SECONDS: i64 = 7 * 24 * 3600;

/// 1970-01-05, a Monday.
const FIRST_MONDAY: i64 = 4 * 24 * 3600;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settings {
    counter: u64,
    rules: Rules,
    /// Absent: stays. Empty: is forgotten.
    token: Option<String>,
    oauth: Option<String>,
    upload: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Switch {
    mode: Mode,
}

pub(super) async fn show(
    MayEdit(site, ..): MayEdit,
    State(dashboard): State<Dashboard>,
) -> Result<Json<Value>, ApiError> {
    let stored = dashboard.control.metrika(site.id).await?;
    let now = dashboard.control.now();
    let monday = now - (now - FIRST_MONDAY).rem_euclid(WEEK_SECONDS);
    let mut weeks = Vec::new();
    for week in 0..WEEKS_SHOWN {
        let from = monday - week * WEEK_SECONDS;
        let goals = dashboard.control.balance(site.id, from, from + WEEK_SECONDS).await?;
        weeks.push(json!({"from": from, "goals": goals}));
    }
    Ok(Json(json!({
        "now": now,
        "settings": stored.as_ref().map(shown),
        "collectors": dashboard.reports_of_collectors.of_site(site.id, now),
        "weeks": weeks,
        "forwards": dashboard.control.forwards(site.id, LINES_SHOWN).await?,
        "compared": dashboard.control.compared(site.id).await?,
    })))
}

pub(super) async fn change(
    MayEdit(site, _, user): MayEdit,
    State(dashboard): State<Dashboard>,
    JsonBody(settings): JsonBody<Settings>,
) -> Result<Json<Value>, ApiError> {
    let counter = draft::counter(settings.counter).map_err(ApiError::MetrikaInvalid)?;
    settings.rules.check().map_err(ApiError::MetrikaInvalid)?;
    let sealed = |text: Option<String>, place: String| -> Result<Option<Option<String>>, ApiError> {
        let Some(text) = text else { return Ok(None) };
        let token = draft::token(&text).map_err(ApiError::MetrikaInvalid)?;
        Ok(Some(token.map(|token| dashboard.secret.seal(&place, token))))
    };
    let change = Change {
        counter,
        rules: settings.rules,
        token: sealed(settings.token, Destination::place(site.id, counter))?,
        oauth: sealed(settings.oauth, oauth_place(site.id, counter))?,
        upload: sealed(settings.upload, Destination::late_place(site.id, counter))?,
    };
    let stored = dashboard.control.set_metrika(site.id, change, user).await?;
    stored.map(|stored| Json(shown(&stored))).map_err(ApiError::MetrikaUnready)
}

pub(super) async fn switch(
    MayEdit(site, _, user): MayEdit,
    State(dashboard): State<Dashboard>,
    JsonBody(switch): JsonBody<Switch>,
) -> Result<Json<Value>, ApiError> {
    let switched = dashboard.control.switch_metrika(site.id, switch.mode, user).await?;
    switched.map(|stored| Json(shown(&stored))).map_err(ApiError::MetrikaUnready)
}

pub(super) async fn test(
    MayEdit(site, _, user): MayEdit,
    State(dashboard): State<Dashboard>,
) -> Result<Json<Value>, ApiError> {
    let ordered = dashboard.control.test_metrika(site.id, user).await?;
    ordered.map(|stored| Json(shown(&stored))).map_err(ApiError::MetrikaUnready)
}

/// Every site, at once.
pub(super) async fn stop(
    Admin(user): Admin,
    State(dashboard): State<Dashboard>,
) -> Result<Json<Value>, ApiError> {
    Ok(Json(json!({"stopped": dashboard.control.stop_metrika(user).await?})))
}

/// The log of what left, as CSV.
pub(super) async fn export(
    MayEdit(site, ..): MayEdit,
    State(dashboard): State<Dashboard>,
) -> Result<Response, ApiError> {
    let mut csv = String::from("hour,goal,state,reason,payload_blake3,seal\n");
    for Line { goal, hour, state, reason, payload, seal } in
        dashboard.control.forwards(site.id, EXPORT_ROWS_MAX).await?
    {
        let hour = jiff::Timestamp::from_second(hour).map(|hour| hour.to_string()).unwrap_or_default();
        // Identifiers, words of ours and digits: nothing that a spreadsheet would run.
        csv.push_str(&format!("{hour},{goal},{state},{reason},{payload},{seal}\n"));
    }
    let disposition = format!("attachment; filename=\"metrika-{}.csv\"", site.domain);
    Ok((
        [(header::CONTENT_TYPE, "text/csv; charset=utf-8"), (header::CONTENT_DISPOSITION, &disposition)],
        csv,
    )
        .into_response())
}

/// The settings without their secrets.
fn shown(stored: &Stored) -> Value {
    json!({
        "counter": stored.counter,
        "has_token": stored.token.is_some(),
        "has_oauth": stored.oauth.is_some(),
        "has_upload": stored.upload.is_some(),
        "mode": stored.mode,
        "tested": stored.test,
        "rules": stored.rules,
    })
}
