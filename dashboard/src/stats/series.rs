//! The chart's points, with every gap filled, and the totals, which are their sum.

use std::collections::BTreeMap;

use clickhouse::Row;
use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{Store, StoreError, relation::Relation};

use super::{
    filter::Filters,
    flag::Scope,
    metrics::{self, Metrics, Number, Sums},
    period::{Grain, Range},
    statement::Condition,
};

/// The sums of each point of a range, in order, none missing.
#[derive(Debug, Clone)]
pub struct Series {
    /// Key, name, sums.
    points: Vec<(u32, String, Sums)>,
    scope: Scope,
}

/// A metric's value at each point.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Lines {
    pub at: Vec<String>,
    #[serde(flatten)]
    pub values: Metrics<Vec<Option<Number>>>,
}

/// One point as ClickHouse answers.
#[derive(Row, Deserialize)]
struct Point {
    key: u32,
    visitors: u64,
    visits: u64,
    views: u64,
    ends: u64,
    bounces: u64,
    seconds: u64,
    engaged_ms: u64,
    short_bounces: u64,
    idle_bounces: u64,
}

/// The sums by [`Grain::key`], as far as there are any.
pub type Points = BTreeMap<u32, Sums>;

/// Reads the points of a relation.
pub async fn points(
    store: &Store,
    relation: &Relation,
    filters: &Filters,
    grain: Grain,
) -> Result<Points, StoreError> {
    let scope = Scope::of(filters);
    let condition = Condition::of(filters).and(scope.rows());
    let sql = sql(relation.sql(), grain, scope, &condition);
    let found: Vec<Point> = condition.fetch(store, "draw the chart", &sql).await?;
    Ok(found.into_iter().map(|point| (point.key, point.sums())).collect())
}

impl Series {
    pub fn new(found: &Points, range: Range, grain: Grain, zone: &TimeZone, scope: Scope) -> Series {
        let mut points: Vec<(u32, String, Sums)> =
            grain.points(range, zone).into_iter().map(|(key, at)| (key, at, Sums::default())).collect();
        for (&key, sums) in found {
            // An hour the clocks skipped can hold an event when the site's zone was
            // changed later; it is added to the next hour rather than lost.
            let nth = points.partition_point(|&(point, ..)| point < key).min(points.len().saturating_sub(1));
            if let Some((.., point)) = points.get_mut(nth) {
                point.add(sums);
            }
        }
        Series { points, scope }
    }

    /// The whole range in one, or the part of it up to and including the point `until`.
    pub fn totals(&self, until: Option<u32>) -> Metrics<Option<Number>> {
        self.sums(until).metrics(self.scope)
    }

    /// The sums that [`Series::totals`] is made of.
    pub fn sums(&self, until: Option<u32>) -> Sums {
        let mut total = Sums::default();
        for (_, _, sums) in self.points.iter().filter(|(key, ..)| until.is_none_or(|until| *key <= until)) {
            total.add(sums);
        }
        total
    }

    /// Every point's name and metrics, in order.
    pub fn each(&self) -> impl Iterator<Item = (&str, Metrics<Option<Number>>)> {
        self.points.iter().map(|(_, at, sums)| (at.as_str(), sums.metrics(self.scope)))
    }

    /// The lines of the chart. A point after `until` has not come yet: null, not 0.
    pub fn lines(&self, until: Option<&str>) -> Lines {
        let mut lines = Lines::default();
        let mut come = true;
        for (_, at, sums) in &self.points {
            lines.at.push(at.clone());
            lines.values.push(if come { sums.metrics(self.scope) } else { Metrics::default() });
            come &= until.is_none_or(|until| at != until);
        }
        lines
    }

    /// The lines, cut or padded with null to lie under `length` points.
    pub fn lines_under(&self, length: usize) -> Metrics<Vec<Option<Number>>> {
        self.lines(None).values.map(|mut line| {
            line.resize(length, None);
            line
        })
    }
}

impl Point {
    fn sums(&self) -> Sums {
        Sums {
            visitors: self.visitors,
            visits: self.visits,
            views: self.views,
            ends: self.ends,
            bounces: self.bounces,
            seconds: self.seconds,
            engaged_ms: self.engaged_ms,
            short_bounces: self.short_bounces,
            idle_bounces: self.idle_bounces,
            ..Sums::default()
        }
    }
}

fn sql(relation: &str, grain: Grain, scope: Scope, condition: &Condition) -> String {
    format!(
        "SELECT {} AS key, {} FROM {relation} {} GROUP BY key",
        grain.key(),
        metrics::columns(scope),
        condition.where_clause(),
    )
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::stats::filter::Filter;

    fn check(filters: &[&str], grain: Grain) -> String {
        let filters =
            Filters::new(filters.iter().map(|text| Filter::parse(text).unwrap()).collect()).unwrap();
        let scope = Scope::of(&filters);
        sql("(events)", grain, scope, &Condition::of(&filters).and(scope.rows()))
    }

    #[test]
    fn each_scope_sums_its_own_flags() {
        insta::assert_snapshot!(check(&[], Grain::Day), @"SELECT toUInt32(toUInt16(day)) AS key, sum(is_visitor) AS visitors, sum(is_visit) AS visits, sum(visit_views) AS views, sum(is_visit) AS ends, sum(is_bounce) AS bounces, sum(visit_seconds) AS seconds, sum(visit_engaged_ms) AS engaged_ms, sum(is_bounce = 1 AND visit_seconds < 15) AS short_bounces, sum(is_bounce = 1 AND visit_engaged_ms < 10000) AS idle_bounces FROM (events) WHERE is_visit = 1 GROUP BY key");
        insta::assert_snapshot!(check(&["source:is:Google"], Grain::Month), @"SELECT toUInt32(toYYYYMM(day)) AS key, sum(is_source_visitor) AS visitors, sum(is_visit) AS visits, sum(visit_views) AS views, sum(is_visit) AS ends, sum(is_bounce) AS bounces, sum(visit_seconds) AS seconds, sum(visit_engaged_ms) AS engaged_ms, sum(is_bounce = 1 AND visit_seconds < 15) AS short_bounces, sum(is_bounce = 1 AND visit_engaged_ms < 10000) AS idle_bounces FROM (events) WHERE source IN {f0:Array(String)} AND is_visit = 1 GROUP BY key");
        insta::assert_snapshot!(check(&["page:is:/"], Grain::Hour), @"SELECT toUInt32(hour) AS key, sum(is_page_visitor) AS visitors, sum(is_page_visit) AS visits, sum(kind = 'pageview') AS views, sum(is_visit) AS ends, sum(is_bounce) AS bounces, sum(visit_seconds) AS seconds, sum(engaged_ms) AS engaged_ms, sum(is_bounce = 1 AND visit_seconds < 15) AS short_bounces, sum(is_bounce = 1 AND visit_engaged_ms < 10000) AS idle_bounces FROM (events) WHERE path IN {f0:Array(String)} GROUP BY key");
        insta::assert_snapshot!(check(&["entry:is:/"], Grain::Day), @"SELECT toUInt32(toUInt16(day)) AS key, sum(is_page_visitor) AS visitors, sum(is_visit) AS visits, sum(visit_views) AS views, sum(is_visit) AS ends, sum(is_bounce) AS bounces, sum(visit_seconds) AS seconds, sum(visit_engaged_ms) AS engaged_ms, sum(is_bounce = 1 AND visit_seconds < 15) AS short_bounces, sum(is_bounce = 1 AND visit_engaged_ms < 10000) AS idle_bounces FROM (events) WHERE is_visit = 1 AND path IN {f0:Array(String)} GROUP BY key");
        insta::assert_snapshot!(check(&["exit:is:/"], Grain::Day), @"SELECT toUInt32(toUInt16(day)) AS key, sum(is_page_visitor) AS visitors, sum(is_exit) AS visits, sum(toUInt64(0)) AS views, sum(is_exit) AS ends, sum(is_bounce) AS bounces, sum(visit_seconds) AS seconds, sum(visit_engaged_ms) AS engaged_ms, sum(is_bounce = 1 AND visit_seconds < 15) AS short_bounces, sum(is_bounce = 1 AND visit_engaged_ms < 10000) AS idle_bounces FROM (events) WHERE is_exit = 1 AND path IN {f0:Array(String)} GROUP BY key");
        insta::assert_snapshot!(check(&["event:is:buy"], Grain::Day), @"SELECT toUInt32(toUInt16(day)) AS key, sum(is_goal_visitor) AS visitors, sum(toUInt64(0)) AS visits, sum(toUInt64(0)) AS views, sum(is_visit) AS ends, sum(is_bounce) AS bounces, sum(visit_seconds) AS seconds, sum(visit_engaged_ms) AS engaged_ms, sum(is_bounce = 1 AND visit_seconds < 15) AS short_bounces, sum(is_bounce = 1 AND visit_engaged_ms < 10000) AS idle_bounces FROM (events) WHERE kind = 'custom' AND name IN {f0:Array(String)} GROUP BY key");
    }

    #[test]
    fn points_that_have_not_come_are_null_and_totals_can_stop_early() {
        let range = Range { from: date(2026, 11, 23), to: date(2026, 11, 23) };
        let points = Grain::Hour.points(range, &TimeZone::UTC);
        let one = Sums { visitors: 1, ..Sums::default() };
        let points = points.into_iter().map(|(key, at)| (key, at, one)).collect();
        let series = Series { points, scope: Scope::Visitor };
        let lines = series.lines(Some("2026-11-23T14"));
        assert_eq!(lines.values.visitors[14], Some(Number::Count(1)));
        assert_eq!(lines.values.visitors[15], None);
        assert_eq!(series.totals(None).visitors, Some(Number::Count(24)));
        assert_eq!(series.totals(Some(14)).visitors, Some(Number::Count(15)));
        assert_eq!(series.lines_under(30).visitors.len(), 30);
    }
}
