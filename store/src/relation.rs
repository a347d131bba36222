//! One relation over open and closed days.
//!
//! [`open_day_rows`] turns the events of open days into rows of the table
//! `events`. The closing job inserts that very SELECT; the dashboard reads it
//! beside the closed rows. So a day gives the same numbers before and after it is
//! closed, and a query builder knows one shape.

mod decide;

use std::collections::BTreeMap;

use clickhouse::Row;
use serde::Deserialize;

use crate::{client::Store, error::StoreError, goal::Declared};
use decide::Decisions;
pub(crate) use decide::goal_mask;

/// Columns of `events` but `gen`, in the order of both halves of the relation.
pub const COLUMNS: &str = "site_id, day, hour, kind, name, host, path, source, channel, referrer, \
    utm_source, utm_medium, utm_campaign, utm_content, utm_term, country, browser, os, device, props, \
    revenue, currency, goals, engaged_ms, scroll, vitals, is_visitor, is_visit, is_source_visitor, is_page_visitor, \
    is_page_visit, is_goal_visitor, is_exit, is_bounce, visit_seconds, visit_views, visit_engaged_ms, \
    visit_goals, visitor_goals, funnels";

const OPEN: &str = include_str!("../sql/open_day_rows.sql");

/// The SELECT that makes rows of `events` (columns as [`COLUMNS`]) out of the
/// hot rows that match `condition`, for one site whose zone is `time_zone` and whose
/// owner has `declared` goals and funnels.
///
/// `condition` must keep whole days of one site: the flags are decided per day.
pub fn open_day_rows(database: &str, time_zone: &str, condition: &str, declared: &Declared) -> String {
    let Decisions { goal_mask, step_mask, goals, visit_goals, visitor_goals, funnels } =
        Decisions::of(declared);
    OPEN.replace("{db}", database)
        .replace("{tz}", &quoted(time_zone))
        .replace("{condition}", condition)
        .replace("{step_rows_max}", &decide::STEP_ROWS_MAX.to_string())
        .replace("{goal_mask}", &goal_mask)
        .replace("{step_mask}", &step_mask)
        .replace("{goals}", &goals)
        .replace("{visit_goals}", &visit_goals)
        .replace("{visitor_goals}", &visitor_goals)
        .replace("{funnels}", &funnels)
}

/// A condition that keeps one of `slices` parts of a day's hot rows, the `nth` from 0, with all
/// that is decided together in the same: a visitor's rows; where there is no visitor a visit's,
/// where there is no visit a page view's. So flags may be decided part by part.
pub fn slice(nth: u64, slices: u64) -> String {
    format!("multiIf(visitor != 0, visitor, visit != 0, visit, page_view) % {slices} = {nth}")
}

/// A site's rows over a range of days, as a subquery in parentheses.
#[derive(Debug)]
pub struct Relation {
    sql: String,
    undecided: BTreeMap<u64, Vec<u16>>,
}

/// The site a relation is of.
#[derive(Debug, Clone, Copy)]
pub struct Of<'a> {
    pub site_id: u32,
    pub time_zone: &'a str,
    pub declared: &'a Declared,
}

#[derive(Row, Deserialize)]
struct ClosedDay {
    day: u16,
    generation: u16,
    goals: Vec<u64>,
    funnels: Vec<u64>,
}

impl Relation {
    /// Reads which days of the range are closed and builds the subquery.
    /// `from` and `to` are site-local days since 1970-01-01, both inclusive.
    pub async fn load(store: &Store, of: Of<'_>, from: u16, to: u16) -> Result<Relation, StoreError> {
        let db = store.database();
        let closed: Vec<ClosedDay> = store
            .reader()
            .query(&format!(
                "SELECT day, max(gen) AS generation, argMax(goals, gen) AS goals, argMax(funnels, gen) AS funnels \
                 FROM {db}.closed_days \
                 WHERE site_id = ? AND day BETWEEN toDate(?) AND toDate(?) GROUP BY day ORDER BY day"
            ))
            .bind(of.site_id)
            .bind(from)
            .bind(to)
            .fetch_all()
            .await
            .map_err(StoreError::at("read which days are closed"))?;
        let mut undecided: BTreeMap<u64, Vec<u16>> = BTreeMap::new();
        let (goals, funnels) = (of.declared.decided_numbers(), of.declared.funnel_numbers());
        for day in &closed {
            let missing = |wanted: &[u64], decided: &[u64]| -> Vec<u64> {
                wanted.iter().copied().filter(|number| !decided.contains(number)).collect()
            };
            for number in [missing(&goals, &day.goals), missing(&funnels, &day.funnels)].concat() {
                undecided.entry(number).or_default().push(day.day);
            }
        }
        let closed: Vec<(u16, u16)> = closed.iter().map(|row| (row.day, row.generation)).collect();
        Ok(Relation { sql: union(db, of, from, to, &closed), undecided })
    }

    /// The closed days of the range that know nothing of a goal or funnel, in order: it was
    /// declared, or changed, after their closing. A number that is not declared has none.
    pub fn undecided(&self, number: u64) -> &[u16] {
        self.undecided.get(&number).map_or(&[], Vec::as_slice)
    }

    /// The subquery, in parentheses; its columns are [`COLUMNS`].
    pub fn sql(&self) -> &str {
        &self.sql
    }
}

/// `closed` holds (day, generation) in order of days.
fn union(db: &str, of: Of<'_>, from: u16, to: u16, closed: &[(u16, u16)]) -> String {
    let site_id = of.site_id;
    let open: Vec<u16> =
        (from..=to).filter(|day| closed.binary_search_by_key(day, |&(day, _)| day).is_err()).collect();
    let range = format!("site_id = {site_id} AND day BETWEEN toDate({from}) AND toDate({to})");
    let closed_half = format!("SELECT {COLUMNS} FROM {db}.events WHERE {range} AND {}", generations(closed));
    let open_half =
        open_day_rows(db, of.time_zone, &format!("{range} AND {}", day_is_one_of(&open)), of.declared);
    match (closed.is_empty(), open.is_empty()) {
        (true, _) => format!("({open_half})"),
        (false, true) => format!("({closed_half})"),
        (false, false) => format!("({closed_half} UNION ALL {open_half})"),
    }
}

/// Keeps the rows of the closing that counts: nearly every day bears the same generation as
/// its neighbours. A closing that was cut short leaves rows of a generation nobody committed: on a
/// day that is still open, or below the one that was committed in the end.
fn generations(closed: &[(u16, u16)]) -> String {
    let mut days: BTreeMap<u16, Vec<u16>> = BTreeMap::new();
    for &(day, generation) in closed {
        days.entry(generation).or_default().push(day);
    }
    let each: Vec<String> = days
        .iter()
        .map(|(generation, days)| format!("gen = {generation} AND {}", day_is_one_of(days)))
        .collect();
    format!("({})", each.join(" OR "))
}

/// A condition on the day, as ranges rather than one by one: a year of days, in order, is
/// then a line, not a page.
pub fn day_is_one_of(days: &[u16]) -> String {
    let mut ranges: Vec<(u16, u16)> = Vec::new();
    for &day in days {
        match ranges.last_mut() {
            Some((_, end)) if *end + 1 == day => *end = day,
            _ => ranges.push((day, day)),
        }
    }
    if ranges.is_empty() {
        return "0".to_owned();
    }
    let ranges: Vec<String> =
        ranges.iter().map(|(start, end)| format!("day BETWEEN toDate({start}) AND toDate({end})")).collect();
    format!("({})", ranges.join(" OR "))
}

/// A SQL string literal.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(declared: &Declared) -> Of<'_> {
        Of { site_id: 1, time_zone: "Europe/Moscow", declared }
    }

    #[test]
    fn an_open_range_reads_no_closed_rows() {
        let sql = union("m", of(&Declared::default()), 10, 12, &[]);
        assert!(!sql.contains("m.events "), "{sql}");
    }

    #[test]
    fn a_closed_range_reads_no_hot_rows() {
        let sql = union("m", of(&Declared::default()), 10, 11, &[(10, 1), (11, 1)]);
        assert!(!sql.contains("events_hot"), "{sql}");
    }

    #[test]
    fn a_day_closed_again_is_read_by_its_last_generation_only() {
        assert_eq!(
            generations(&[(10, 1), (11, 3), (12, 1)]),
            "(gen = 1 AND (day BETWEEN toDate(10) AND toDate(10) OR day BETWEEN toDate(12) AND toDate(12)) \
             OR gen = 3 AND (day BETWEEN toDate(11) AND toDate(11)))"
        );
    }

    #[test]
    fn days_are_named_as_ranges() {
        assert_eq!(
            day_is_one_of(&[1, 2, 3, 7]),
            "(day BETWEEN toDate(1) AND toDate(3) OR day BETWEEN toDate(7) AND toDate(7))"
        );
        assert_eq!(day_is_one_of(&[]), "0");
    }

    #[test]
    fn a_quote_in_a_zone_name_cannot_leave_its_literal() {
        assert_eq!(quoted("a'b\\"), "'a\\'b\\\\'");
    }
}
