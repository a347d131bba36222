//! The totals that reports show: completions of goals by day, after the ingest delay.

use std::collections::HashSet;

use jiff::{ToSpan, civil::Date};
use serde_json::{Value, json};

use super::{Answer, Call, Kind, Refusal, Scope, refused};
use crate::{
    counter::Counter,
    ledger::{INGEST_SECONDS, Ledger},
};

/// Metrics of one request, at most (documented).
pub const METRICS_MAX: usize = 20;

/// Days of one request, at most. Ours, so that no test asks for centuries.
const DAYS_MAX: usize = 366;

/// A metric of a goal; others than these the fake does not know.
enum Metric {
    Reaches(u64),
    Visits(u64),
    /// Of the whole counter.
    AllUsers,
    AllVisits,
    AllPageviews,
}

/// What a report is about.
struct Report<'a> {
    counter: &'a Counter,
    metrics: Vec<Metric>,
    days: Vec<Date>,
}

/// `/stat/v1/data`: one number per metric.
pub fn data(ledger: &Ledger, call: &Call<'_>) -> Answer {
    let report = report(ledger, call)?;
    let totals: Vec<usize> =
        report.metrics.iter().map(|metric| count(ledger, &report, metric, &report.days)).collect();
    Ok(framed(ledger, call, json!(totals), None))
}

/// `/stat/v1/data/bytime`: one number per metric and day.
pub fn by_time(ledger: &Ledger, call: &Call<'_>) -> Answer {
    let report = report(ledger, call)?;
    let intervals: Vec<&[Date]> = match call.query.get("group").map(String::as_str) {
        Some("day") => report.days.chunks(1).collect(),
        Some("all") => vec![&report.days],
        _ => return Err(refused(Kind::InvalidParameter, "the fake groups by day and all only")),
    };
    let of = |metric| intervals.iter().map(|days| count(ledger, &report, metric, days)).collect();
    let totals: Vec<Vec<usize>> = report.metrics.iter().map(of).collect();
    let intervals = intervals.iter().map(|days| json!([days.first(), days.last()])).collect();
    Ok(framed(ledger, call, json!(totals), Some(intervals)))
}

fn report<'a>(ledger: &'a Ledger, call: &Call<'_>) -> Result<Report<'a>, Refusal> {
    let id = call.counter(ledger, call.parameter("ids")?, Scope::Read)?;
    let counter = &ledger.counters[&id];
    let names: Vec<&str> = call.parameter("metrics")?.split(',').collect();
    if names.len() > METRICS_MAX {
        let message = format!(
            "Exceeded number of metrics in request, value: {}, limit: {METRICS_MAX}, error code: 4015",
            names.len()
        );
        return Err(refused(Kind::InvalidParameter, message));
    }
    let metrics = names.into_iter().map(|name| metric(name, counter)).collect::<Result<_, _>>()?;
    let today = counter.day(ledger.clock.now());
    let date = |name: &str, usual: &str| {
        day(call.query.get(name).map_or(usual, String::as_str), today)
            .ok_or_else(|| refused(Kind::InvalidParameter, format!("no date: {name}")))
    };
    let (first, last) = (date("date1", "6daysAgo")?, date("date2", "today")?);
    let days: Vec<Date> = first.series(1.day()).take_while(|day| *day <= last).take(DAYS_MAX + 1).collect();
    if days.is_empty() || days.len() > DAYS_MAX {
        return Err(refused(Kind::InvalidParameter, "date1 and date2"));
    }
    Ok(Report { counter, metrics, days })
}

fn metric(name: &str, counter: &Counter) -> Result<Metric, Refusal> {
    let unknown = || refused(Kind::InvalidParameter, format!("unknown metric: {name}"));
    match name {
        "ym:s:users" => return Ok(Metric::AllUsers),
        "ym:s:visits" => return Ok(Metric::AllVisits),
        "ym:s:pageviews" => return Ok(Metric::AllPageviews),
        _ => {}
    }
    let rest = name.strip_prefix("ym:s:goal").ok_or_else(unknown)?;
    let digits = rest.find(|letter: char| !letter.is_ascii_digit()).ok_or_else(unknown)?;
    let (id, what) = rest.split_at(digits);
    let id = id.parse().map_err(|_| unknown())?;
    if !counter.goals.iter().any(|goal| goal.id == id) {
        return Err(unknown());
    }
    match what {
        "reaches" => Ok(Metric::Reaches(id)),
        "visits" => Ok(Metric::Visits(id)),
        _ => Err(unknown()),
    }
}

/// `YYYY-MM-DD`, `today`, `yesterday` or `NdaysAgo`.
fn day(text: &str, today: Date) -> Option<Date> {
    let ago = match text {
        "today" => 0,
        "yesterday" => 1,
        _ => match text.strip_suffix("daysAgo") {
            Some(days) => days.parse::<u16>().ok()?,
            None => return text.parse().ok(),
        },
    };
    today.checked_sub(i64::from(ago).days()).ok()
}

fn count(ledger: &Ledger, report: &Report<'_>, metric: &Metric, days: &[Date]) -> usize {
    let goal = match *metric {
        Metric::Reaches(goal) | Metric::Visits(goal) => goal,
        Metric::AllUsers | Metric::AllVisits | Metric::AllPageviews => {
            return of_all(ledger, report, metric, days);
        }
    };
    let seen = ledger.visible(report.counter.id, goal);
    let seen = seen.filter(|reach| days.contains(&report.counter.day(reach.et)));
    match metric {
        Metric::Reaches(_) => seen.count(),
        _ => seen.map(|reach| (reach.cid, reach.visit)).collect::<HashSet<_>>().len(),
    }
}

/// Of the whole counter, by the days visits began.
fn of_all(ledger: &Ledger, report: &Report<'_>, metric: &Metric, days: &[Date]) -> usize {
    let now = ledger.clock.now();
    let own = ledger.sessions().filter(|((counter, _), _)| *counter == report.counter.id);
    let of_days = own.map(|(_, sessions)| {
        let visits = sessions.0.iter().filter(|visit| {
            visit.last + INGEST_SECONDS <= now && days.contains(&report.counter.day(visit.start))
        });
        visits.fold((0, 0), |(visits, pages), visit| (visits + 1, pages + visit.pages))
    });
    of_days
        .map(|(visits, pages)| match metric {
            Metric::AllUsers => usize::from(visits > 0),
            Metric::AllPageviews => pages,
            _ => visits,
        })
        .sum()
}

/// The frame around the numbers; `/bytime` adds its intervals.
fn framed(ledger: &Ledger, call: &Call<'_>, totals: Value, intervals: Option<Value>) -> Value {
    let mut answer = json!({
        "query": call.query,
        "data": [{ "dimensions": [], "metrics": totals }],
        "totals": totals,
        "total_rows": 1,
        "total_rows_rounded": false,
        "sampled": ledger.is_sampled,
        "sample_share": if ledger.is_sampled { 0.1 } else { 1.0 },
        "contains_sensitive_data": false,
        "data_lag": ledger.data_lag_seconds,
    });
    if let Some(intervals) = intervals {
        answer["time_intervals"] = intervals;
    }
    answer
}
