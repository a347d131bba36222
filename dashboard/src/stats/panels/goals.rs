//! What the visits of a range reached: declared goals and funnels.
//!
//! Decided days, open and closed, answer from what stands on their rows. A closed day that
//! was closed before a goal was declared answers with what such a day still tells: how often
//! the rule was met, and visitors by the flag of the page or the event.

use std::collections::BTreeMap;

use clickhouse::Row;
use serde::Deserialize;
use store::{
    Store, StoreError,
    goal::{ANY_GOAL, Declared, Rule},
    relation::{Relation, day_is_one_of},
};

use super::Measures;
use crate::stats::{filter::Filters, flag::Scope, statement::Condition};

/// All that was reached in a range, by the numbers of goals and funnels.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reached {
    pub goals: BTreeMap<u64, GoalSums>,
    /// By how many steps of the funnel were gone through, the last included.
    pub funnels: BTreeMap<u64, BTreeMap<u8, Came>>,
    /// Days of the range that know nothing of a goal or funnel.
    pub undecided_days: BTreeMap<u64, u64>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GoalSums {
    pub visitors: u64,
    pub visits: u64,
    pub events: u64,
    /// In ten-thousandths, by currency.
    pub revenue_e4: BTreeMap<String, i64>,
}

/// Who came to a step of a funnel.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Came {
    pub visits: u64,
    /// The least people these visits can be of: those that were their visitor's first of the day.
    pub people_min: u64,
}

/// Of one goal, and of its events in one currency.
#[derive(Default, Row, Deserialize)]
pub struct Counted {
    pub number: u64,
    pub visitors: u64,
    pub visits: u64,
    pub events: u64,
    pub currency: String,
    pub revenue_e4: i64,
}

/// Visits that went through so many steps of a funnel.
#[derive(Row, Deserialize)]
pub struct Stepped {
    pub number: u64,
    pub steps: u8,
    pub visits: u64,
    pub people_min: u64,
}

impl Reached {
    pub async fn load(
        store: &Store,
        relation: &Relation,
        declared: &Declared,
        filters: &Filters,
    ) -> Result<Reached, StoreError> {
        let Some(measures) = super::measures(Scope::of(filters), crate::stats::dimension::Dimension::Goal)
        else {
            return Ok(Reached::default());
        };
        let goals = async {
            if declared.goals.is_empty() {
                return Ok(Vec::new());
            }
            let condition = Condition::of(filters);
            let sql = goals_sql(relation, declared, &measures, &condition);
            condition.fetch::<Counted>(store, "count goals", &sql).await
        };
        let funnels = async {
            if declared.funnels.is_empty() {
                return Ok(Vec::new());
            }
            let condition = Condition::of(filters).and(Some("is_visit = 1"));
            let sql = funnels_sql(relation.sql(), &condition);
            condition.fetch::<Stepped>(store, "count funnels", &sql).await
        };
        let (counted, stepped) = tokio::try_join!(goals, funnels)?;
        Ok(Reached::of(relation, declared, counted, stepped))
    }

    /// What days that know nothing of a goal tell of it.
    pub async fn of_undecided_days(
        store: &Store,
        relation: &Relation,
        declared: &Declared,
        filters: &Filters,
    ) -> Result<Vec<Counted>, StoreError> {
        let measures = super::measures(Scope::of(filters), crate::stats::dimension::Dimension::Goal);
        let condition = Condition::of(filters);
        let parts = match measures {
            Some(measures) if measures.events.is_some() => undecided_parts(relation, declared, &condition),
            Some(_) | None => return Ok(Vec::new()),
        };
        if parts.is_empty() {
            return Ok(Vec::new());
        }
        condition.fetch(store, "count goals of earlier days", &parts.join(" UNION ALL ")).await
    }

    /// Every declared goal and funnel, with what was counted of it.
    pub fn of(
        relation: &Relation,
        declared: &Declared,
        counted: Vec<Counted>,
        stepped: Vec<Stepped>,
    ) -> Reached {
        let mut reached = Reached::default();
        for (numbers, of) in [(declared.goal_numbers(), 0), (declared.funnel_numbers(), 1)] {
            for number in numbers {
                let days = relation.undecided(number).len() as u64;
                reached.undecided_days.insert(number, days);
                if of == 0 {
                    reached.goals.entry(number).or_default();
                } else {
                    reached.funnels.entry(number).or_default();
                }
            }
        }
        reached.undecided_days.insert(ANY_GOAL, relation.undecided(ANY_GOAL).len() as u64);
        for row in counted {
            // A goal that has been removed since stands on closed rows and in no report; that any
            // was reached is told by `conversion`.
            let Some(sums) = reached.goals.get_mut(&row.number) else { continue };
            sums.add(&GoalSums {
                visitors: row.visitors,
                visits: row.visits,
                events: row.events,
                revenue_e4: (row.revenue_e4 != 0)
                    .then_some((row.currency, row.revenue_e4))
                    .into_iter()
                    .collect(),
            });
        }
        for row in stepped {
            let Some(steps) = reached.funnels.get_mut(&row.number) else { continue };
            let came = Came { visits: row.visits, people_min: row.people_min };
            steps.entry(row.steps).or_default().add(came);
        }
        reached
    }

    /// Adds what was reached in another range.
    pub fn add(&mut self, other: &Reached) {
        for (number, sums) in &other.goals {
            self.goals.entry(*number).or_default().add(sums);
        }
        for (number, steps) in &other.funnels {
            let into = self.funnels.entry(*number).or_default();
            for (step, came) in steps {
                into.entry(*step).or_default().add(*came);
            }
        }
        for (number, days) in &other.undecided_days {
            *self.undecided_days.entry(*number).or_default() += days;
        }
    }
}

impl Came {
    pub fn add(&mut self, other: Came) {
        self.visits += other.visits;
        self.people_min += other.people_min;
    }
}

impl GoalSums {
    fn add(&mut self, other: &GoalSums) {
        self.visitors += other.visitors;
        self.visits += other.visits;
        self.events += other.events;
        for (currency, revenue) in &other.revenue_e4 {
            *self.revenue_e4.entry(currency.clone()).or_default() += revenue;
        }
    }
}

fn goals_sql(relation: &Relation, declared: &Declared, measures: &Measures, condition: &Condition) -> String {
    let from = relation.sql();
    let on_entry = condition.clone().and(Some("is_visit = 1"));
    let mut parts = vec![format!(
        "SELECT number, countIf(has(visitor_goals, number)) AS visitors, count() AS visits, toUInt64(0) AS events, \
         '' AS currency, toInt64(0) AS revenue_e4 FROM {from} ARRAY JOIN visit_goals AS number {} GROUP BY number",
        on_entry.where_clause()
    )];
    if measures.events.is_some() {
        parts.push(format!(
            "SELECT number, toUInt64(0), toUInt64(0), count(), toString(currency) AS currency, {REVENUE} \
             FROM {from} ARRAY JOIN goals AS number {} GROUP BY number, currency",
            condition.where_clause()
        ));
        parts.extend(undecided_parts(relation, declared, condition));
    }
    parts.join(" UNION ALL ")
}

fn undecided_parts(relation: &Relation, declared: &Declared, condition: &Condition) -> Vec<String> {
    let late = declared.goals.iter().filter(|rule| !relation.undecided(rule.number()).is_empty());
    late.map(|rule| undecided_sql(relation, rule, condition)).collect()
}

const REVENUE: &str = "toInt64(sum(revenue) * 10000)";

/// What days that know nothing of the rule tell of it.
fn undecided_sql(relation: &Relation, rule: &Rule, condition: &Condition) -> String {
    let days = day_is_one_of(relation.undecided(rule.number()));
    let rows = condition.clone().and(Some(&days)).and(Some(&rule.sql()));
    format!(
        "SELECT toUInt64({}) AS number, sum({}) AS visitors, toUInt64(0) AS visits, count() AS events, \
         toString(currency) AS currency, {REVENUE} AS revenue_e4 FROM {} {} GROUP BY currency",
        rule.number(),
        rule.flag().0,
        relation.sql(),
        rows.where_clause()
    )
}

fn funnels_sql(from: &str, condition: &Condition) -> String {
    format!(
        "SELECT number, steps, count() AS visits, sum(is_visitor) AS people_min FROM {from} \
         ARRAY JOIN mapKeys(funnels) AS number, mapValues(funnels) AS steps {} GROUP BY number, steps",
        condition.where_clause()
    )
}
