//! Declared goals and funnels as a report shows them: named, with every one that was
//! declared, reached or not.

use schemars::JsonSchema;
use serde::Serialize;
use store::{
    Store, StoreError,
    goal::{Declared, Rule},
};

use super::{
    dimension::Dimension,
    filter::Filters,
    flag::Counting,
    overview,
    panels::{
        self, Measures, Panel, Revenue, Row,
        goals::{Came, GoalSums, Reached},
    },
    period::Range,
    sheet::Sheet,
    threshold,
};
use crate::control::{goals::Goal, sites::Site};

/// A funnel and how far visits went through it.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub struct FunnelAnswer {
    pub id: i64,
    pub title: String,
    pub steps: Vec<Step>,
    /// Closed days of the period that know nothing of it; their visits are not in it.
    #[serde(skip_serializing_if = "panels::is_zero")]
    pub undecided_days: u64,
}

#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub struct Step {
    #[schemars(with = "serde_json::Value")]
    pub rule: Rule,
    /// Visits that came so far; `None` where so few differ that they are not shown.
    pub visits: Option<u64>,
}

/// All goals, the most reached first.
pub fn panel(reached: &Reached, goals: &[Goal], filters: &Filters, measures: &Measures) -> Panel {
    let none = GoalSums::default();
    let mut counted: Vec<(&Goal, &GoalSums)> =
        goals.iter().map(|goal| (goal, reached.goals.get(&goal.rule.number()).unwrap_or(&none))).collect();
    counted.sort_by(|(goal, sums), (other_goal, other)| {
        (other.visitors, other.events)
            .cmp(&(sums.visitors, sums.events))
            .then(goal.title.cmp(&other_goal.title))
    });
    let mut hidden = 0;
    if let Some(few) = threshold::of(filters, Some(Dimension::Goal)) {
        // A goal nobody reached is hidden with the rest, or its absence would tell.
        hidden = few.take_hidden(&mut counted, 0, |(_, sums)| sums.visitors);
    }
    let total = counted.len() as u64;
    let rows = counted.into_iter().map(|(goal, sums)| row(goal, sums, reached, measures)).collect();
    Panel { rows, total, hidden, unavailable: false }
}

fn row(goal: &Goal, sums: &GoalSums, reached: &Reached, measures: &Measures) -> Row {
    let undecided_days = reached.undecided_days.get(&goal.rule.number()).copied().unwrap_or_default();
    let has_events = measures.events.is_some();
    let revenue = match &goal.value {
        _ if !has_events => Vec::new(),
        Some(value) if sums.events > 0 => vec![Revenue {
            currency: value.currency.clone(),
            amount: value.amount_e4 as f64 / 10_000.0 * sums.events as f64,
        }],
        Some(_) => Vec::new(),
        None => sums
            .revenue_e4
            .iter()
            .map(|(currency, sum)| Revenue { currency: currency.clone(), amount: *sum as f64 / 10_000.0 })
            .collect(),
    };
    Row {
        value: goal.title.clone(),
        visitors: Some(sums.visitors),
        visits: (undecided_days == 0).then_some(sums.visits),
        events: has_events.then_some(sums.events),
        revenue,
        undecided_days,
        ..Row::default()
    }
}

/// What a rule would have counted.
#[derive(Debug)]
pub struct Preview {
    pub events: u64,
    pub visitors: u64,
    pub counting: Counting,
}

/// Looks for the one goal that is declared, over days that do not know it.
pub async fn preview(
    store: &Store,
    site: &Site,
    declared: &Declared,
    range: Range,
) -> Result<Preview, StoreError> {
    let relation = overview::relation(store, site, declared, range).await?;
    let reached = Reached::load(store, &relation, declared, &Filters::default()).await?;
    let sums = reached.goals.values().next().cloned().unwrap_or_default();
    let days: u64 =
        declared.goal_numbers().iter().filter_map(|number| reached.undecided_days.get(number)).sum();
    let is_exact = days == 0 || declared.goals.iter().all(|rule| rule.flag().1);
    let counting = if is_exact { Counting::Exact } else { Counting::About };
    Ok(Preview { events: sums.events, visitors: sums.visitors, counting })
}

/// All funnels, in the order of their titles.
pub fn funnels(sheet: &Sheet, site: &Site, filters: &Filters) -> Vec<FunnelAnswer> {
    // A funnel's steps are questions of their own: with any filter there are two.
    let few = filters.iter().next().map(|_| filters.few());
    let reached = &sheet.reached;
    let mut answers = Vec::new();
    for funnel in &site.goals.funnels {
        let number = funnel.steps.number();
        // Under filters that stand on other rows than a visit's first, nothing is known.
        let Some(by_steps) = reached.funnels.get(&number) else { continue };
        let came = |step: usize| {
            let mut sum = Came::default();
            let further = by_steps.iter().filter(|(steps, _)| usize::from(**steps) > step);
            further.for_each(|(_, came)| sum.add(*came));
            sum
        };
        let mut before = None;
        let steps = (0..).zip(&funnel.steps.0).map(|(step, rule)| {
            let Came { visits, people_min } = came(step);
            let is_known = visits == 0 || people_min > 0;
            let shown = few.is_none_or(|few| is_known && few.may_show(people_min, before));
            before = Some(people_min);
            Step { rule: rule.clone(), visits: shown.then_some(visits) }
        });
        answers.push(FunnelAnswer {
            id: funnel.id,
            title: funnel.title.clone(),
            steps: steps.collect(),
            undecided_days: reached.undecided_days.get(&number).copied().unwrap_or_default(),
        });
    }
    answers
}

impl Sheet {
    /// Days that know nothing of a goal among the filters.
    pub fn undecided_days(&self, filters: &Filters) -> u64 {
        let days = |number: &u64| self.reached.undecided_days.get(number).copied().unwrap_or_default();
        filters.iter().flat_map(|filter| &filter.goals).map(days).max().unwrap_or_default()
    }
}
