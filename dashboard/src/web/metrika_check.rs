//! The check of a counter's set-up, the making of missing goals, and the comparison with the
//! reports. Each asks Metrika's API once, when the owner presses a button.

use axum::{Json, extract::State};
use jiff::{ToSpan, tz::TimeZone};
use serde::Deserialize;
use serde_json::{Value, json};
use store::snapshot::{metrika::Destination, sealed::Opened};

use super::{access::MayEdit, body::JsonBody, error::ApiError};
use crate::{
    app::Dashboard,
    control::{
        metrika::{Stored, Unready, draft, oauth_place},
        sites::Site,
    },
    metrika::{
        api::Trouble,
        doctor::{self, Ours},
        reconcile::{self, Judged},
    },
};

/// Days compared: 99 % of visits are closed three days after they began.
const DAYS: [i32; 3] = [1, 2, 3];

/// A token that comes with the request is used once and kept nowhere.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    oauth: Option<String>,
}

pub(super) async fn check(
    MayEdit(site, ..): MayEdit,
    State(dashboard): State<Dashboard>,
    JsonBody(asked): JsonBody<Asked>,
) -> Result<Json<Value>, ApiError> {
    let Subject { site, stored, oauth: _, counter } = subject(&dashboard, site, asked).await?;
    let place = Destination::place(stored.site_id, stored.counter);
    let measuring = stored.token.as_deref().and_then(|sealed| dashboard.secret.open(&place, sealed).ok());
    let ours = Ours {
        domain: &site.domain,
        hosts: &site.hosts,
        token: measuring.as_ref().map(Opened::expose),
        rules: &stored.rules,
    };
    Ok(Json(json!({
        "findings": doctor::look(&counter, &ours),
        "proposals": doctor::proposals(&counter),
        "time_zone": counter["time_zone_name"],
    })))
}

/// Makes the goals that the rules name and the counter lacks. Needs the right to write.
pub(super) async fn create_goals(
    MayEdit(site, ..): MayEdit,
    State(dashboard): State<Dashboard>,
    JsonBody(asked): JsonBody<Asked>,
) -> Result<Json<Value>, ApiError> {
    let Subject { site: _, stored, oauth, counter } = subject(&dashboard, site, asked).await?;
    let missing = doctor::missing_goals(&counter, &stored.rules);
    for goal in &missing {
        let body = json!({"goal": {
            "name": format!("{goal} (mostik)"), "type": "action", "conditions": [{"type": "exact", "url": goal}],
        }});
        let path = format!("management/v1/counter/{}/goals", stored.counter);
        dashboard.metrika_api.post(&oauth, &path, &body).await.map_err(ApiError::MetrikaApi)?;
    }
    Ok(Json(json!({"created": missing})))
}

pub(super) async fn reconcile(
    MayEdit(site, ..): MayEdit,
    State(dashboard): State<Dashboard>,
    JsonBody(asked): JsonBody<Asked>,
) -> Result<Json<Value>, ApiError> {
    let Subject { site: _, stored, oauth, counter } = subject(&dashboard, site, asked).await?;
    let unreadable = || ApiError::MetrikaApi(Trouble::Unreadable);
    let zone = counter["time_zone_name"].as_str().and_then(|name| TimeZone::get(name).ok());
    let zone = zone.ok_or_else(unreadable)?;
    let today = dashboard.clock.now().to_zoned(zone.clone()).date();
    let goals = known_goals(&counter, &stored);
    let mut judged = Vec::new();
    for ago in DAYS {
        let day = today.checked_sub(ago.days()).map_err(|_| unreadable())?;
        // At most 20 metrics in one request.
        for some in goals.chunks(20) {
            let metrics: Vec<String> = some.iter().map(|(id, _)| format!("ym:s:goal{id}reaches")).collect();
            let path = format!(
                "stat/v1/data?ids={}&metrics={}&date1={day}&date2={day}&accuracy=full",
                stored.counter,
                metrics.join(",")
            );
            let report = dashboard.metrika_api.get(&oauth, &path).await.map_err(ApiError::MetrikaApi)?;
            let midnight =
                |date: jiff::civil::Date| date.to_zoned(zone.clone()).map(|at| at.timestamp().as_second());
            let next = day.checked_add(1.day()).map_err(|_| unreadable())?;
            let hours = [midnight(day).map_err(|_| unreadable())?, midnight(next).map_err(|_| unreadable())?];
            for (place, (_, goal)) in some.iter().enumerate() {
                let here = dashboard.control.ends(stored.site_id, goal.clone(), hours).await?;
                let recorded = reconcile::recorded(&report, place);
                judged.push(Judged {
                    goal: goal.clone(),
                    day: day.to_string(),
                    here,
                    recorded,
                    verdict: reconcile::judge(here, recorded),
                });
            }
        }
    }
    Ok(Json(json!({"days": judged})))
}

/// Our goals that the counter has, with their numbers there.
fn known_goals(counter: &Value, stored: &Stored) -> Vec<(u64, String)> {
    let goals = counter["goals"].as_array().into_iter().flatten();
    goals
        .filter_map(|goal| {
            let identifier = goal["conditions"][0]["url"].as_str()?;
            let is_ours = stored.rules.goals.iter().any(|rule| rule.goal == identifier);
            Some((goal["id"].as_u64()?, identifier.to_owned())).filter(|_| is_ours)
        })
        .collect()
}

/// What each of these works on.
struct Subject {
    site: Site,
    stored: Stored,
    oauth: Opened,
    /// As Metrika's API describes it.
    counter: Value,
}

async fn subject(dashboard: &Dashboard, site: Site, asked: Asked) -> Result<Subject, ApiError> {
    let stored = dashboard.control.metrika(site.id).await?;
    let stored = stored.ok_or(ApiError::MetrikaUnready(Unready::NoSettings))?;
    let oauth = token(dashboard, &stored, asked)?;
    let counter = counter(dashboard, &stored, &oauth).await?;
    Ok(Subject { site, stored, oauth, counter })
}

/// The token of the request, or the one that is kept.
fn token(dashboard: &Dashboard, stored: &Stored, asked: Asked) -> Result<Opened, ApiError> {
    if let Some(given) =
        draft::token(asked.oauth.as_deref().unwrap_or_default()).map_err(ApiError::MetrikaInvalid)?
    {
        return Ok(Opened::new(given.to_owned()));
    }
    let place = oauth_place(stored.site_id, stored.counter);
    let kept = stored.oauth.as_deref().and_then(|sealed| dashboard.secret.open(&place, sealed).ok());
    kept.ok_or(ApiError::MetrikaApi(Trouble::NoToken))
}

async fn counter(dashboard: &Dashboard, stored: &Stored, oauth: &Opened) -> Result<Value, ApiError> {
    let path = format!(
        "management/v1/counter/{}?field=goals,mirrors,filters,counter_flags,measurement_tokens",
        stored.counter
    );
    let answer = dashboard.metrika_api.get(oauth, &path).await.map_err(ApiError::MetrikaApi)?;
    answer.get("counter").cloned().ok_or(ApiError::MetrikaApi(Trouble::Unreadable))
}
