//! What a counter's own tag saw beside what we saw, per day and goal: for a site that keeps
//! Yandex's tag and mirrors its goals here (sdk-js, `ym.js`). The numbers differ, and most of
//! why is known; of some of it the ledger even knows how much.
//!
//! Our numbers are all that was counted, forwarded or not.

use std::collections::BTreeMap;

use jiff::{ToSpan, tz::TimeZone};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use store::{StoreError, snapshot::sealed::Opened};

use super::{api::Trouble, reconcile};
use crate::{
    app::Dashboard,
    control::sites::Site,
    stats::{
        balance::Balance,
        breakdown,
        dimension::Dimension,
        filter::Filters,
        metrics::Number,
        overview::{self, Figures},
        period::{Compare, Grain, Named, Period, Range},
        query::{Report, Slice},
        sheet::Extent,
    },
};

/// Whole days compared, ending yesterday.
pub const DAYS: i32 = 7;

/// Goals compared, at most: each is a metric, and twenty fit in one request.
pub const GOALS_MAX: usize = 50;

/// Metrics of one request, at most (metrika.md section 4.1).
const METRICS_MAX: usize = 20;

/// Events of ours looked through for a day's goals, at most.
const EVENTS_MAX: u32 = 1_000;

/// A week, day by day.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "MetrikaTag")]
pub struct Tag {
    /// The newest first.
    pub days: Vec<Day>,
    /// Of the site, by whose days ours are counted.
    pub site_zone: String,
    /// Of the counter, by whose days Metrika's are.
    pub counter_zone: Option<String>,
    /// Goals of the counter beyond the limit, which are not compared.
    pub left_out: usize,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "MetrikaTagDay")]
pub struct Day {
    pub day: String,
    pub ours: Seen,
    /// Null: the report is sampled, rounded or late.
    pub theirs: Option<Seen>,
    /// Events that came and were not counted, by reason: what the tag may have counted.
    pub refused: BTreeMap<String, u64>,
    pub goals: Vec<GoalSeen>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "MetrikaTagSeen")]
pub struct Seen {
    pub visitors: u64,
    pub visits: u64,
    pub views: u64,
}

/// A goal of the counter, and our event of the same name.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "MetrikaTagGoal")]
pub struct GoalSeen {
    pub goal: String,
    pub ours: u64,
    pub theirs: Option<u64>,
}

/// Whose fault it is.
#[derive(Debug)]
pub enum TagError {
    Api(Trouble),
    Store(StoreError),
    /// No calendar has these days.
    Days,
}

/// Compares the last whole days.
pub async fn compare(
    dashboard: &Dashboard,
    site: &Site,
    zone: &TimeZone,
    oauth: &Opened,
    counter: &Value,
) -> Result<Tag, TagError> {
    let now = dashboard.clock.now();
    let today = now.to_zoned(zone.clone()).date();
    let ago = |days: i32| today.checked_sub(days.days()).map_err(|_| TagError::Days);
    let range = Range { from: ago(DAYS)?, to: ago(1)? };
    let (goals, left_out) = goals(counter);
    let theirs = theirs(dashboard, counter, oauth, range, &goals).await.map_err(TagError::Api)?;
    let ours = ours(dashboard, site, zone, range).await?;
    let mut days = Vec::new();
    for (at, seen) in ours.into_iter().enumerate() {
        let day = range.from.checked_add((at as i64).days()).map_err(|_| TagError::Days)?;
        let one = Range { from: day, to: day };
        let balance = Balance::load(&dashboard.store, site.id, one, zone).await.map_err(TagError::Store)?;
        let events = events(dashboard, site, one).await.map_err(TagError::Store)?;
        let of = |metric: usize| theirs.as_ref().map(|columns| columns[metric][at]);
        let seen_there = |visitors| Some(Seen { visitors, visits: of(1)?, views: of(2)? });
        days.push(Day {
            day: day.to_string(),
            ours: seen,
            theirs: of(0).and_then(seen_there),
            refused: balance.refused.into_iter().map(|one| (one.reason, one.n)).collect(),
            goals: goals
                .iter()
                .enumerate()
                .map(|(nth, (_, goal))| GoalSeen {
                    goal: goal.clone(),
                    ours: events.get(goal).copied().unwrap_or(0),
                    theirs: of(SITE_METRICS.len() + nth),
                })
                .collect(),
        });
    }
    days.reverse();
    Ok(Tag {
        days,
        site_zone: site.time_zone.clone(),
        counter_zone: counter["time_zone_name"].as_str().map(str::to_owned),
        left_out,
    })
}

/// Metrics of the whole site, in the order of [`Seen`].
const SITE_METRICS: [&str; 3] = ["ym:s:users", "ym:s:visits", "ym:s:pageviews"];

/// Numbers and identifiers of the counter's goals that `reachGoal` reaches.
fn goals(counter: &Value) -> (Vec<(u64, String)>, usize) {
    let all = counter["goals"].as_array().into_iter().flatten();
    let mut goals: Vec<(u64, String)> = all
        .filter(|goal| goal["type"] == "action" && goal["status"] != "Deleted")
        .filter(|goal| goal["conditions"][0]["type"] == "exact")
        .filter_map(|goal| Some((goal["id"].as_u64()?, goal["conditions"][0]["url"].as_str()?.to_owned())))
        .collect();
    let left_out = goals.len().saturating_sub(GOALS_MAX);
    goals.truncate(GOALS_MAX);
    (goals, left_out)
}

/// By metric and day; `None` where the reports themselves say that they are not exact.
async fn theirs(
    dashboard: &Dashboard,
    counter: &Value,
    oauth: &Opened,
    range: Range,
    goals: &[(u64, String)],
) -> Result<Option<Vec<Vec<u64>>>, Trouble> {
    let id = counter["id"].as_u64().ok_or(Trouble::Unreadable)?;
    let site = SITE_METRICS.map(str::to_owned).into_iter();
    let metrics: Vec<String> =
        site.chain(goals.iter().map(|(id, _)| format!("ym:s:goal{id}reaches"))).collect();
    let mut columns = Vec::new();
    for some in metrics.chunks(METRICS_MAX) {
        let path = format!(
            "stat/v1/data/bytime?ids={id}&metrics={}&date1={}&date2={}&group=day&accuracy=full",
            some.join(","),
            range.from,
            range.to
        );
        let report = dashboard.clients.metrika_api.get(oauth, &path).await?;
        if !reconcile::is_exact(&report) {
            return Ok(None);
        }
        for place in 0..some.len() {
            columns.push(column(&report, place).ok_or(Trouble::Unreadable)?);
        }
    }
    Ok(Some(columns))
}

/// One metric's days.
fn column(report: &Value, place: usize) -> Option<Vec<u64>> {
    let days = report["totals"][place].as_array().filter(|days| days.len() == DAYS as usize)?;
    days.iter().map(|n| n.as_f64().filter(|n| *n >= 0.0).map(|n| n.round() as u64)).collect()
}

/// Our days, oldest first.
async fn ours(
    dashboard: &Dashboard,
    site: &Site,
    zone: &TimeZone,
    range: Range,
) -> Result<Vec<Seen>, TagError> {
    let named = Named::Custom { from: range.from, to: range.to };
    let report = Report {
        period: named,
        compare: Compare::None,
        grain: Some(Grain::Day),
        filters: Filters::default(),
    };
    let now = dashboard.clock.now();
    let period = Period::new(named, Compare::None, report.grain, now, zone).map_err(|_| TagError::Days)?;
    let asked = overview::Asked { site, zone, report: &report, period: &period };
    let figures = Figures::load(&dashboard.store, &dashboard.sealed, &asked, Extent::PointsOnly)
        .await
        .map_err(TagError::Store)?;
    let count = |number: Option<Number>| number.map_or(0, Number::count);
    Ok(figures
        .series
        .each()
        .map(|(_, metrics)| Seen {
            visitors: count(metrics.visitors),
            visits: count(metrics.visits),
            views: count(metrics.views),
        })
        .collect())
}

/// How often each event of ours happened.
async fn events(
    dashboard: &Dashboard,
    site: &Site,
    range: Range,
) -> Result<BTreeMap<String, u64>, StoreError> {
    let slice = Slice::of(Dimension::Event, EVENTS_MAX);
    let panel = breakdown::load(&dashboard.store, site, range, &Filters::default(), &slice).await?;
    Ok(panel.rows.into_iter().map(|row| (row.value, row.events.unwrap_or(0))).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_goals_that_a_call_of_the_tag_reaches_are_compared() {
        let goal = |id: u64, kind: &str, condition: &str| json!({"id": id, "type": kind, "status": "Active", "conditions": [{"type": condition, "url": "order"}]});
        let counter = json!({"goals": [goal(1, "action", "exact"), goal(2, "url", "exact"), goal(3, "action", "contain")]});
        assert_eq!(goals(&counter), (vec![(1, "order".to_owned())], 0));
        let many: Vec<Value> = (0..GOALS_MAX as u64 + 2).map(|id| goal(id, "action", "exact")).collect();
        let (some, left_out) = goals(&json!({ "goals": many }));
        assert_eq!((some.len(), left_out), (GOALS_MAX, 2));
    }

    #[test]
    fn a_report_of_other_days_is_not_read() {
        let report = json!({"totals": [[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0], [1.0]]});
        assert_eq!(column(&report, 0), Some((1..=7).collect()));
        assert_eq!(column(&report, 1), None);
    }
}
