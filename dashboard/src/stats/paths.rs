//! Which pages led to a goal, as a report shows them.
//!
//! Paths are kept beside nothing but a day and a goal, so they can be told of all visitors only:
//! under a filter they are unavailable. A goal and a path are two questions, and few people stay
//! hidden (`threshold`): their paths are counted together, without a page.

use schemars::JsonSchema;
use serde::Serialize;
use store::{
    Store, StoreError,
    paths::{self, Path, Paths},
    relation::Of,
};

use super::{
    filter::Filters,
    panels,
    period::Range,
    table::{Cell, Table},
    threshold::Few,
};
use crate::control::{goals::Goal, sites::Site};

/// Paths of one answer, at most; the rest are counted together.
const ROWS_MAX: usize = 1_000;

#[derive(Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct GoalPaths {
    /// Visitors who reached the goal, each once a day, in days that know their paths.
    pub visitors: u64,
    /// The most gone first.
    pub paths: Vec<PathRow>,
    /// Visitors whose paths are of too few, or are not among these.
    pub other: u64,
    /// Closed days of the period that know no paths to the goal; they are not in it.
    #[serde(skip_serializing_if = "panels::is_zero")]
    pub undecided_days: u64,
    /// Under filters nothing true can be told: closed paths know no source, place or browser.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unavailable: bool,
}

#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub struct PathRow {
    /// The last pages before the goal, at most five, the latest last; none where the goal came first.
    /// What came before them is not told, or did not happen.
    pub pages: Vec<String>,
    pub visitors: u64,
}

impl GoalPaths {
    /// The paths for a file, a page to a column, the last before the goal first.
    pub fn table(&self) -> Table<'_> {
        let pages = (1..=paths::PAGES_MAX).map(|before| Cell::text(format!("page_{before}_before")));
        let head = pages.chain([Cell::text("visitors")]).collect();
        let rows = self.paths.iter().map(|path| {
            let pages = path.pages.iter().rev().map(|page| Cell::text(page.as_str()));
            let pages = pages.chain(std::iter::repeat(Cell::Empty)).take(paths::PAGES_MAX);
            pages.chain([Cell::Count(path.visitors)]).collect()
        });
        std::iter::once(head).chain(rows).collect()
    }

    pub async fn load(
        store: &Store,
        site: &Site,
        range: Range,
        filters: &Filters,
        goal: &Goal,
    ) -> Result<GoalPaths, StoreError> {
        if filters.iter().next().is_some() {
            return Ok(GoalPaths { unavailable: true, ..GoalPaths::default() });
        }
        let declared = site.declared();
        let of = Of { site_id: site.id, time_zone: &site.time_zone, declared: &declared };
        let (from, to) = range.day_numbers();
        let found = paths::load(store, of, goal.rule.number(), from, to).await?;
        Ok(GoalPaths::of(found, filters.few()))
    }

    fn of(found: Paths, few: Few) -> GoalPaths {
        let Paths { paths, undecided_days } = found;
        let visitors = paths.iter().map(|path| path.visitors).sum();
        // The closing writes no page for those that were too few of a day.
        let named = paths.into_iter().filter(|path| !path.pages.is_empty());
        let shown: Vec<PathRow> = named
            .filter(|path| few.may_show(path.visitors, None))
            .take(ROWS_MAX)
            .map(|Path { pages, visitors }| PathRow {
                pages: pages.into_iter().filter(|page| !page.is_empty()).collect(),
                visitors,
            })
            .collect();
        let told: u64 = shown.iter().map(|row| row.visitors).sum();
        GoalPaths { visitors, paths: shown, other: visitors - told, undecided_days, unavailable: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_go_together_without_a_page_and_nobody_is_lost() {
        let path = |pages: &[&str], visitors| Path {
            pages: pages.iter().map(|&page| page.to_owned()).collect(),
            visitors,
        };
        let found = Paths {
            paths: vec![path(&["/", "/cart"], 12), path(&[""], 9), path(&["/cart"], 7), path(&[], 3)],
            undecided_days: 2,
        };
        let told = GoalPaths::of(found, Few::default().for_the_public());
        assert_eq!(told.paths, [PathRow { pages: vec!["/".to_owned(), "/cart".to_owned()], visitors: 12 }]);
        assert_eq!((told.visitors, told.other, told.undecided_days), (31, 19, 2));
        let csv = crate::stats::table::csv(&told.table());
        let lines: Vec<&str> = csv.lines().collect();
        let head = "page_1_before,page_2_before,page_3_before,page_4_before,page_5_before,visitors";
        assert_eq!(lines, [head, "/cart,/,,,,12"]);
    }
}
