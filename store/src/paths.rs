//! Which pages led to a goal, of open days and of closed ones.
//!
//! A path is the last pages of a visit before it reached a goal, counted by visitors: each
//! counts once a day for each goal, with their first visit that reached it. What a path could
//! tell of a person is bounded before it is written:
//!
//! - it stands beside a site, a day, a goal and a number of visitors, and nothing else;
//! - a path of fewer than [`PEOPLE_MIN`] visitors of the day loses its earliest page and is
//!   counted with the others that end alike, page by page; what is left of too few has no page.
//!
//! So every row that names a page is of enough visitors, open and closed alike, and rows that
//! were shortened do not say which were.

use clickhouse::Row;
use serde::Deserialize;

use crate::{
    client::Store,
    error::StoreError,
    goal::Declared,
    relation::{Of, day_is_one_of, goal_mask},
};

/// Pages before the goal, at most.
pub const PAGES_MAX: usize = 5;

/// Fewest visitors of one day behind a path that names a page: the dashboard's own default.
pub const PEOPLE_MIN: u64 = 5;

/// Rows of a visit that are looked at, at most, as for funnels.
const ROWS_MAX: u32 = 1_000;

/// Stands among what a closing decided where it wrote paths, too.
pub const PATHS_DECIDED: u64 = u64::from_le_bytes(*b"paths v1");

/// Columns of `goal_paths` but `gen`, in the order of [`open_day_paths`].
pub const COLUMNS: &str = "site_id, day, goal, path, visitors";

const OPEN: &str = include_str!("../sql/open_day_paths.sql");

/// The SELECT that makes rows of `goal_paths` out of the hot rows that match `condition`, whole
/// days of one site; `None` where no goal is declared.
pub fn open_day_paths(database: &str, condition: &str, declared: &Declared) -> Option<String> {
    if declared.goals.is_empty() {
        return None;
    }
    let goals: Vec<String> = declared
        .goal_numbers()
        .iter()
        .enumerate()
        .map(|(nth, number)| format!("(toUInt64({number}), toUInt64({}))", 1_u64 << nth))
        .collect();
    let sql = OPEN
        .replace("{db}", database)
        .replace("{condition}", condition)
        .replace("{pages_max}", &PAGES_MAX.to_string())
        .replace("{rows_max}", &ROWS_MAX.to_string())
        .replace("{goals}", &goals.join(", "))
        .replace("{goal_mask}", &goal_mask(declared));
    // The longest first, so that what one step leaves over is there for the next. A subquery for
    // each step would cost ClickHouse five times as long to understand.
    let lengths: Vec<String> = (1..=PAGES_MAX).rev().map(|pages| pages.to_string()).collect();
    Some(format!(
        "SELECT site_id, day, goal, one.1 AS path, one.2 AS visitors FROM (SELECT site_id, day, goal, \
         arrayFold((kept, pages) -> arrayReduce('sumMap', [arrayMap((path, people) -> \
         if(people < {PEOPLE_MIN} AND length(path) = pages, arrayPopFront(path), path), kept.1, kept.2)], [kept.2]), \
         [{}], (groupArray(path), groupArray(people))) AS kept \
         FROM ({sql}) GROUP BY site_id, day, goal) ARRAY JOIN arrayZip(kept.1, kept.2) AS one",
        lengths.join(", ")
    ))
}

/// A path and who went it, over a range of days.
#[derive(Debug, Clone, PartialEq, Eq, Row, Deserialize)]
pub struct Path {
    pub pages: Vec<String>,
    pub visitors: u64,
}

/// The paths to one goal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    /// The most gone first; what has no page stands among them.
    pub paths: Vec<Path>,
    /// Closed days of the range that know no paths to it.
    pub undecided_days: u64,
}

#[derive(Row, Deserialize)]
struct ClosedDay {
    day: u16,
    generation: u16,
    goals: Vec<u64>,
}

/// Reads the paths to the goal `number`, which must be declared, over the days from `from` to
/// `to`, both inclusive.
pub async fn load(store: &Store, of: Of<'_>, number: u64, from: u16, to: u16) -> Result<Paths, StoreError> {
    let db = store.database();
    let range = format!("site_id = {} AND day BETWEEN toDate({from}) AND toDate({to})", of.site_id);
    let closed: Vec<ClosedDay> = store
        .reader()
        .query_raw(&format!(
            "SELECT day, max(gen) AS generation, argMax(goals, gen) AS goals FROM {db}.closed_days \
             WHERE {range} GROUP BY day ORDER BY day"
        ))
        .fetch_all()
        .await
        .map_err(StoreError::at("read which days are closed"))?;
    let knows = |day: &&ClosedDay| day.goals.contains(&number) && day.goals.contains(&PATHS_DECIDED);
    let decided: Vec<String> = closed
        .iter()
        .filter(knows)
        .map(|day| format!("(toDate({}), toUInt16({}))", day.day, day.generation))
        .collect();
    let open: Vec<u16> = (from..=to).filter(|day| !closed.iter().any(|closed| closed.day == *day)).collect();
    let mut halves = Vec::new();
    if !decided.is_empty() {
        halves.push(format!(
            "SELECT {COLUMNS} FROM {db}.goal_paths WHERE {range} AND goal = {number} AND (day, gen) IN ({})",
            decided.join(", ")
        ));
    }
    let open_days = format!("{range} AND {}", day_is_one_of(&open));
    halves.extend(open_day_paths(db, &open_days, of.declared).filter(|_| !open.is_empty()));
    let undecided_days = closed.iter().filter(|day| !knows(day)).count() as u64;
    if halves.is_empty() {
        return Ok(Paths { paths: Vec::new(), undecided_days });
    }
    let sql = format!(
        "SELECT path AS pages, sum(visitors) AS visitors FROM ({}) WHERE goal = {number} GROUP BY pages \
         ORDER BY visitors DESC, pages",
        halves.join(" UNION ALL ")
    );
    let paths = store
        .reader()
        .query_raw(&sql)
        .fetch_all()
        .await
        .map_err(StoreError::at("read the paths to a goal"))?;
    Ok(Paths { paths, undecided_days })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::goal::{Rule, What};

    #[test]
    fn without_a_goal_there_is_nothing_to_ask() {
        assert_eq!(open_day_paths("m", "1", &Declared::default()), None);
    }

    #[test]
    fn a_path_is_shortened_from_the_longest_to_the_last_page() {
        let goals = vec![Rule { what: What::Page("/thanks".to_owned()), props: Vec::new() }];
        let sql = open_day_paths("m", "1", &Declared { goals, funnels: Vec::new() }).unwrap();
        assert!(sql.contains("[5, 4, 3, 2, 1]"), "what one step leaves over is there for the next: {sql}");
        assert!(!sql.contains('{'), "{sql}");
    }
}
