//! `/api/v1/sites/{id}/metrika`: the owner's side of forwarding.

use axum::{
    Json,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
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
        forwards::{Balance, EXPORT_ROWS_MAX, Line},
        oauth_place,
    },
    metrika::{Standing, reconcile::Judged},
};

/// Lines of the log on the page.
const LINES_SHOWN: u32 = 50;

/// Weeks of the balance on the page, the running one among them.
const WEEKS_SHOWN: i64 = 5;

const WEEK_SECONDS: i64 = 7 * 24 * 3600;

/// 1970-01-05, a Monday.
const FIRST_MONDAY: i64 = 4 * 24 * 3600;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "MetrikaSettings")]
pub(super) struct Settings {
    counter: u64,
    rules: Rules,
    /// The measurement token. Of it and the others: absent, it stays; empty, it is forgotten.
    token: Option<String>,
    /// An OAuth token that reads settings and reports.
    oauth: Option<String>,
    /// An OAuth token that uploads late goals.
    upload: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "MetrikaSwitch")]
pub(super) struct Switch {
    mode: Mode,
}

/// Everything about forwarding of a site.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "MetrikaPage")]
pub(super) struct Page {
    /// The server's time, in seconds since 1970-01-01.
    now: i64,
    /// Null: not set up.
    settings: Option<Shown>,
    collectors: Vec<Standing>,
    /// The running week first.
    weeks: Vec<Week>,
    /// The newest first.
    forwards: Vec<Line>,
    /// What the nights have found, the newest day first.
    compared: Vec<Judged>,
}

/// A week's goals: how many, by goal, state and reason.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "MetrikaWeek")]
struct Week {
    /// Its Monday, in seconds since 1970-01-01.
    from: i64,
    goals: Balance,
}

/// The settings without their secrets.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "MetrikaShown")]
pub(super) struct Shown {
    counter: u32,
    has_token: bool,
    has_oauth: bool,
    has_upload: bool,
    mode: Mode,
    /// Grows with each test that is ordered; 0: none was.
    tested: u64,
    rules: Rules,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "MetrikaStopped")]
pub(super) struct Stopped {
    /// Sites that were not off.
    stopped: usize,
}

pub(super) async fn show(
    MayEdit(site, ..): MayEdit,
    State(dashboard): State<Dashboard>,
) -> Result<Json<Page>, ApiError> {
    let stored = dashboard.control.metrika(site.id).await?;
    let now = dashboard.control.now();
    let monday = now - (now - FIRST_MONDAY).rem_euclid(WEEK_SECONDS);
    let mut weeks = Vec::new();
    for week in 0..WEEKS_SHOWN {
        let from = monday - week * WEEK_SECONDS;
        let goals = dashboard.control.balance(site.id, from, from + WEEK_SECONDS).await?;
        weeks.push(Week { from, goals });
    }
    Ok(Json(Page {
        now,
        settings: stored.map(Shown::of),
        collectors: dashboard.reports_of_collectors.of_site(site.id, now),
        weeks,
        forwards: dashboard.control.forwards(site.id, LINES_SHOWN).await?,
        compared: dashboard.control.compared(site.id).await?,
    }))
}

pub(super) async fn change(
    MayEdit(site, _, user): MayEdit,
    State(dashboard): State<Dashboard>,
    JsonBody(settings): JsonBody<Settings>,
) -> Result<Json<Shown>, ApiError> {
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
    stored.map(|stored| Json(Shown::of(stored))).map_err(ApiError::MetrikaUnready)
}

pub(super) async fn switch(
    MayEdit(site, _, user): MayEdit,
    State(dashboard): State<Dashboard>,
    JsonBody(switch): JsonBody<Switch>,
) -> Result<Json<Shown>, ApiError> {
    let switched = dashboard.control.switch_metrika(site.id, switch.mode, user).await?;
    switched.map(|stored| Json(Shown::of(stored))).map_err(ApiError::MetrikaUnready)
}

pub(super) async fn test(
    MayEdit(site, _, user): MayEdit,
    State(dashboard): State<Dashboard>,
) -> Result<Json<Shown>, ApiError> {
    let ordered = dashboard.control.test_metrika(site.id, user).await?;
    ordered.map(|stored| Json(Shown::of(stored))).map_err(ApiError::MetrikaUnready)
}

/// Every site, at once.
pub(super) async fn stop(
    Admin(user): Admin,
    State(dashboard): State<Dashboard>,
) -> Result<Json<Stopped>, ApiError> {
    Ok(Json(Stopped { stopped: dashboard.control.stop_metrika(user).await? }))
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

impl Shown {
    fn of(stored: Stored) -> Shown {
        Shown {
            counter: stored.counter,
            has_token: stored.token.is_some(),
            has_oauth: stored.oauth.is_some(),
            has_upload: stored.upload.is_some(),
            mode: stored.mode,
            tested: stored.test,
            rules: stored.rules,
        }
    }
}
