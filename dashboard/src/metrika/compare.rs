//! Fetches a counter and its reports, and sets them beside what was forwarded. Used by the
//! owner's button and by the night.

use jiff::{ToSpan, civil::Date, tz::TimeZone};
use serde_json::Value;
use store::snapshot::sealed::Opened;

use super::{
    api::Trouble,
    reconcile::{self, Judged},
};
use crate::{
    app::Dashboard,
    control::{
        ControlError,
        metrika::{Stored, oauth_place},
    },
};

/// Metrics in one request, at most (metrika.md section 4.1).
const METRICS_MAX: usize = 20;

/// Metrika's fault or ours.
#[derive(Debug)]
pub enum CompareError {
    Api(Trouble),
    Control(ControlError),
}

/// The OAuth token that is kept, if one is and it can be opened.
pub fn kept_token(dashboard: &Dashboard, stored: &Stored) -> Option<Opened> {
    let place = oauth_place(stored.site_id, stored.counter);
    stored.oauth.as_deref().and_then(|sealed| dashboard.secret.open(&place, sealed).ok())
}

/// The counter as Metrika's API describes it.
pub async fn counter(dashboard: &Dashboard, number: u32, oauth: &Opened) -> Result<Value, Trouble> {
    let path = format!(
        "management/v1/counter/{number}?field=goals,mirrors,filters,counter_flags,measurement_tokens"
    );
    let answer = dashboard.clients.metrika_api.get(oauth, &path).await?;
    answer.get("counter").cloned().ok_or(Trouble::Unreadable)
}

/// Every goal of the rules that the counter has, on each of the days so many ago in the
/// counter's zone.
pub async fn days(
    dashboard: &Dashboard,
    stored: &Stored,
    oauth: &Opened,
    counter: &Value,
    ago: &[i32],
) -> Result<Vec<Judged>, CompareError> {
    let zone = counter["time_zone_name"].as_str().and_then(|name| TimeZone::get(name).ok());
    let zone = zone.ok_or(CompareError::Api(Trouble::Unreadable))?;
    let today = dashboard.clock.now().to_zoned(zone.clone()).date();
    let goals = known_goals(counter, stored);
    let mut judged = Vec::new();
    for &ago in ago {
        let unreadable = |_| CompareError::Api(Trouble::Unreadable);
        let day = today.checked_sub(ago.days()).map_err(unreadable)?;
        let next = day.checked_add(1.day()).map_err(unreadable)?;
        let midnight = |date: Date| date.to_zoned(zone.clone()).map(|at| at.timestamp().as_second());
        let hours = [midnight(day).map_err(unreadable)?, midnight(next).map_err(unreadable)?];
        for some in goals.chunks(METRICS_MAX) {
            let metrics: Vec<String> = some.iter().map(|(id, _)| format!("ym:s:goal{id}reaches")).collect();
            let path = format!(
                "stat/v1/data?ids={}&metrics={}&date1={day}&date2={day}&accuracy=full",
                stored.counter,
                metrics.join(",")
            );
            let report = dashboard.clients.metrika_api.get(oauth, &path).await.map_err(CompareError::Api)?;
            for (place, (_, goal)) in some.iter().enumerate() {
                let here = dashboard.control.ends(stored.site_id, goal.clone(), hours).await;
                let here = here.map_err(CompareError::Control)?;
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
    Ok(judged)
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
