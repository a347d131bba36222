//! A range of few rows in one statement: chart, conversion, panels, goals and funnels.
//!
//! What costs there is not the rows but understanding a statement: the SELECT that makes rows out
//! of open days' events takes ClickHouse some twenty milliseconds before it reads anything. So it
//! is said once, and each of its rows is unfolded into all that it counts for, by kind and value.

use std::{collections::BTreeMap, str::FromStr};

use store::{Store, StoreError, goal::ANY_GOAL, relation::day_is_one_of};

use super::{
    conversion,
    dimension::Dimension,
    flag::Scope,
    metrics::{self, Sums},
    panels::{
        self, Answer, Measure,
        goals::{Counted, Reached, Stepped},
        grouped, zero,
    },
    series::Points,
    sheet::{Asked, Column, Extent, Sheet},
    statement::Condition,
};

/// Rows of a range that are unfolded, at most: twenty times as many are grouped.
pub const ROWS_MAX: u64 = 50_000;

/// Values of one kind, at most.
const VALUES_MAX: u32 = 20_000;

/// Stands between the parts of a value that has two.
const BETWEEN: char = ' ';

/// What a row is unfolded into; the place in the list is its number in the statement.
enum Part {
    Panel(Dimension),
    /// Visitors, visits, views and ends of a point of the chart.
    Chart,
    /// Its bounces, seconds and engaged time.
    ChartEnds,
    /// Its bounces by others' definitions.
    ChartBounces,
    /// Its visitors who were asked, and who reached a goal.
    Converted,
    /// Visitors and visits of a goal.
    Goal,
    /// Its times and, as the same 64 bits, its revenue in ten-thousandths.
    GoalTimes,
    /// Visits and least people by a funnel's steps.
    Funnel,
}

pub async fn load(store: &Store, asked: &Asked<'_>) -> Result<Sheet, StoreError> {
    let scope = Scope::of(asked.filters);
    let condition = Condition::of(asked.filters);
    let parts = parts(asked, scope);
    let sql = sql(asked, scope, &parts, &condition);
    let answers = async { condition.fetch::<Answer>(store, "fill a report", &sql).await };
    let undecided = async {
        match asked.extent {
            Extent::PointsOnly => Ok(Vec::new()),
            Extent::Values(_) => {
                Reached::of_undecided_days(store, asked.relation, asked.declared, asked.filters).await
            }
        }
    };
    let (answers, undecided) = tokio::try_join!(answers, undecided)?;
    Ok(sheet(asked, scope, &parts, answers, undecided))
}

fn parts(asked: &Asked<'_>, scope: Scope) -> Vec<Part> {
    let mut parts = vec![Part::Chart, Part::ChartEnds, Part::ChartBounces];
    if conversion::is_told(asked.declared, scope) {
        parts.push(Part::Converted);
    }
    if asked.extent == Extent::PointsOnly {
        return parts;
    }
    let told = Dimension::ALL.into_iter().filter(|&dimension| panels::measures(scope, dimension).is_some());
    parts.extend(told.filter(|dimension| dimension.is_column()).map(Part::Panel));
    if let Some(measures) = panels::measures(scope, Dimension::Goal) {
        if !asked.declared.goals.is_empty() {
            parts.push(Part::Goal);
            parts.extend(measures.events.map(|_| Part::GoalTimes));
        }
        if !asked.declared.funnels.is_empty() {
            parts.push(Part::Funnel);
        }
    }
    parts
}

fn sql(asked: &Asked<'_>, scope: Scope, parts: &[Part], condition: &Condition) -> String {
    let (mut single, mut lists) = (Vec::new(), Vec::new());
    for (nth, part) in parts.iter().enumerate() {
        let tuple = |value: &str, counts: [String; 4]| {
            format!(
                "(toUInt8({nth}), {value}, {})",
                counts.map(|count| format!("toUInt64({count})")).join(", ")
            )
        };
        let [visitors, visits, views, ends, bounces, seconds, engaged_ms, short, idle] =
            metrics::of_row(scope).map(|(_, row)| match scope.rows() {
                Some(rows) => format!("if({rows}, {row}, 0)"),
                None => row.to_owned(),
            });
        let key = format!("toString({})", asked.grain.key());
        let nothing = || "0".to_owned();
        match part {
            Part::Chart => single.push(tuple(&key, [visitors, visits, views, ends])),
            Part::ChartEnds => single.push(tuple(&key, [bounces, seconds, engaged_ms, nothing()])),
            Part::ChartBounces => single.push(tuple(&key, [short, idle, nothing(), nothing()])),
            Part::Converted => {
                let known = format!("NOT {}", day_is_one_of(asked.relation.undecided(ANY_GOAL)));
                let reached = format!("has(visitor_goals, {ANY_GOAL})");
                let among = |row: String| format!("if(is_visit = 1 AND {known}, {row}, 0)");
                single.push(tuple(&key, [among(visitors), among(reached), nothing(), nothing()]));
            }
            Part::Panel(dimension) => {
                let measures = panels::measures(scope, *dimension).expect("`parts` takes what can be told");
                let rows = measures.rows.expect("each dimension names its rows");
                let of_row =
                    |measure: Option<Measure>| measure.map_or_else(zero, |measure| measure.of_row(rows));
                let counts =
                    [measures.visitors, measures.visits, measures.views, measures.events].map(of_row);
                single.push(tuple(&format!("toString({})", dimension.column()), counts));
            }
            Part::Goal => {
                let counts = ["has(visitor_goals, number)".to_owned(), "1".to_owned(), nothing(), nothing()];
                let one = tuple("toString(number)", counts);
                lists.push(format!("arrayMap(number -> {one}, if(is_visit = 1, visit_goals, []))"));
            }
            Part::GoalTimes => {
                let value = format!("concat(toString(number), '{BETWEEN}', currency)");
                let revenue = "toInt64(revenue * 10000)".to_owned();
                let one = tuple(&value, ["1".to_owned(), revenue, nothing(), nothing()]);
                lists.push(format!("arrayMap(number -> {one}, goals)"));
            }
            Part::Funnel => {
                let value = format!("concat(toString(number), '{BETWEEN}', toString(steps))");
                let one = tuple(&value, ["is_visitor".to_owned(), "1".to_owned(), nothing(), nothing()]);
                let (numbers, steps) = ("mapKeys(funnels)", "mapValues(funnels)");
                lists.push(format!(
                    "if(is_visit = 1, arrayMap((number, steps) -> {one}, {numbers}, {steps}), [])"
                ));
            }
        }
    }
    lists.insert(0, format!("[{}]", single.join(", ")));
    let unfolded =
        if lists.len() == 1 { lists.remove(0) } else { format!("arrayConcat({})", lists.join(", ")) };
    let named = grouped::named(panels_of(parts));
    // Not the sum: revenue may be below zero.
    format!(
        "SELECT one.1 AS nth, one.2 AS value, sum(one.3) AS visitors, sum(one.4) AS visits, sum(one.5) AS views, \
         sum(one.6) AS events, count() OVER (PARTITION BY nth) AS total FROM {} ARRAY JOIN {unfolded} AS one {} \
         GROUP BY nth, value HAVING (visitors > 0 OR visits > 0 OR views > 0 OR events > 0) {named} \
         ORDER BY nth, visitors DESC, visits DESC, value LIMIT {VALUES_MAX} BY nth",
        asked.relation.sql(),
        condition.where_clause(),
    )
}

fn sheet(
    asked: &Asked<'_>,
    scope: Scope,
    parts: &[Part],
    answers: Vec<Answer>,
    mut counted: Vec<Counted>,
) -> Sheet {
    let mut points = Points::new();
    let mut columns: BTreeMap<Dimension, Column> =
        panels_of(parts).map(|(_, dimension)| (dimension, Column::default())).collect();
    let mut stepped = Vec::new();
    for answer in answers {
        let Answer { nth, value, visitors, visits, views, events, total } = answer;
        let Some(part) = parts.get(usize::from(nth)) else { continue };
        let mut point = |sums: Sums| points.entry(number(&value)).or_default().add(&sums);
        match part {
            Part::Panel(dimension) => {
                columns.entry(*dimension).or_default().take(value, [visitors, visits, views, events], total);
            }
            Part::Chart => point(Sums { visitors, visits, views, ends: events, ..Sums::default() }),
            Part::ChartEnds => {
                point(Sums { bounces: visitors, seconds: visits, engaged_ms: views, ..Sums::default() });
            }
            Part::ChartBounces => {
                point(Sums { short_bounces: visitors, idle_bounces: visits, ..Sums::default() });
            }
            Part::Converted => point(Sums { asked: visitors, converted: visits, ..Sums::default() }),
            Part::Goal => {
                counted.push(Counted { number: number(&value), visitors, visits, ..Counted::default() });
            }
            Part::GoalTimes => {
                let (goal, currency) = parted(&value);
                counted.push(Counted {
                    number: number(goal),
                    events: visitors,
                    currency: currency.to_owned(),
                    revenue_e4: visits.cast_signed(),
                    ..Counted::default()
                });
            }
            Part::Funnel => {
                let (funnel, steps) = parted(&value);
                let (funnel, steps) = (number(funnel), number(steps));
                stepped.push(Stepped { number: funnel, steps, visits, people_min: visitors });
            }
        }
    }
    let is_told = asked.extent != Extent::PointsOnly && panels::measures(scope, Dimension::Goal).is_some();
    let reached = if is_told {
        Reached::of(asked.relation, asked.declared, counted, stepped)
    } else {
        Reached::default()
    };
    Sheet::of(points, columns, reached)
}

/// The panels, by their numbers in the statement.
fn panels_of(parts: &[Part]) -> impl Iterator<Item = (usize, Dimension)> {
    parts.iter().enumerate().filter_map(|(nth, part)| match part {
        Part::Panel(dimension) => Some((nth, *dimension)),
        _ => None,
    })
}

/// A number that the statement has written.
fn number<N: FromStr>(text: &str) -> N {
    text.parse().ok().expect("ClickHouse writes a number as it was asked to")
}

fn parted(value: &str) -> (&str, &str) {
    value.split_once(BETWEEN).expect("the statement has put the two together")
}
