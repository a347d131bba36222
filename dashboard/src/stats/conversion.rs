//! Which of the visitors reached a goal, any of those declared.
//!
//! Entry rows know (`store::goal::ANY_GOAL`): the first visit of a visitor's day that reached one
//! is marked, open and closed. Days closed before there was a goal know nothing and are left out
//! of both numbers, so that a goal that is declared today does not make yesterday look poor.

use clickhouse::Row;
use serde::Deserialize;
use store::{
    Store, StoreError,
    goal::{ANY_GOAL, Declared},
    relation::{Relation, day_is_one_of},
};

use super::{
    filter::Filters, flag::Scope, period::Grain, series::Points, sheet::Sheet, statement::Condition,
};

/// One point of the chart.
#[derive(Row, Deserialize)]
pub struct Converted {
    key: u32,
    asked: u64,
    converted: u64,
}

/// Whether entry rows can tell. Others are counted by rows that do not know their visit, or by a
/// goal themselves.
pub fn is_told(declared: &Declared, scope: Scope) -> bool {
    !declared.goals.is_empty() && matches!(scope, Scope::Visitor | Scope::Source)
}

/// Reads the points; none where nothing is declared or nothing can be told.
pub async fn load(
    store: &Store,
    relation: &Relation,
    declared: &Declared,
    filters: &Filters,
    grain: Grain,
) -> Result<Vec<Converted>, StoreError> {
    let scope = Scope::of(filters);
    if !is_told(declared, scope) {
        return Ok(Vec::new());
    }
    let known = format!("NOT {}", day_is_one_of(relation.undecided(ANY_GOAL)));
    let condition = Condition::of(filters).and(scope.rows()).and(Some(&known));
    let sql = format!(
        "SELECT {} AS key, sum({}) AS asked, countIf(has(visitor_goals, {ANY_GOAL})) AS converted FROM {} {} GROUP BY key",
        grain.key(),
        scope.visitor_flag(),
        relation.sql(),
        condition.where_clause(),
    );
    condition.fetch(store, "count who reached a goal", &sql).await
}

/// Adds them to the chart's.
pub fn add(points: &mut Points, found: &[Converted]) {
    for point in found {
        let sums = points.entry(point.key).or_default();
        sums.asked += point.asked;
        sums.converted += point.converted;
    }
}

/// Under a filter, who reached a goal is a second question: few who did, or did not, are not
/// told of.
pub fn hide_few(points: &mut Points, filters: &Filters) {
    let (asked, converted) = points
        .values()
        .fold((0, 0), |(asked, converted), sums| (asked + sums.asked, converted + sums.converted));
    if filters.iter().next().is_none() || filters.few().may_show(converted, Some(asked)) {
        return;
    }
    for sums in points.values_mut() {
        (sums.asked, sums.converted) = (0, 0);
    }
}

impl Sheet {
    /// Days of the range that do not know who reached a goal.
    pub fn conversion_undecided_days(&self) -> u64 {
        self.reached.undecided_days.get(&ANY_GOAL).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::{filter::Filter, metrics::Sums};

    fn points(asked: u64, converted: u64) -> Points {
        let half = |n: u64| [n / 2, n - n / 2];
        let sums = |(asked, converted)| Sums { asked, converted, ..Sums::default() };
        (0..).zip(half(asked).into_iter().zip(half(converted)).map(sums)).collect()
    }

    #[test]
    fn few_who_reached_a_goal_or_did_not_are_hidden_under_a_filter_only() {
        let filtered = Filters::new(vec![Filter::parse("country:is:RU").unwrap()]).unwrap();
        for (asked, converted, shown) in [(40, 12, true), (40, 0, true), (40, 3, false), (40, 38, false)] {
            let told = |filters: &Filters| {
                let mut points = points(asked, converted);
                hide_few(&mut points, filters);
                points.values().map(|sums| sums.asked).sum::<u64>() == asked
            };
            assert_eq!((told(&filtered), told(&Filters::default())), (shown, true), "{converted} of {asked}");
        }
    }
}
