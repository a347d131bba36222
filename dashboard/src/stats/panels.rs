//! The rows of one dimension: what each value counted, and in which order.
//!
//! The filters' scope decides what a row can tell. Where nothing true can be told, as
//! the exit pages of visits that reached a goal, the panel says so.

use clickhouse::Row as ClickHouseRow;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    dimension::{Dimension, Reach},
    flag::Scope,
    statement::Condition,
};

pub mod goals;
pub mod grouped;

/// How a number of a row is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// The sum of a column.
    Sum(&'static str),
    /// The number of rows.
    Count,
}

/// What a panel's rows count; `None` cannot be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measures {
    pub visitors: Option<Measure>,
    /// Whether `visitors` is their number. If not, it is the least they can be, and only decides
    /// whether a row may be shown.
    pub tells_visitors: bool,
    pub visits: Option<Measure>,
    pub views: Option<Measure>,
    pub events: Option<Measure>,
    /// Which rows of `events` are counted, beside the filters.
    pub rows: Option<&'static str>,
    /// The measure that orders the rows.
    pub by: By,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    Visitors,
    Visits,
}

/// One row as ClickHouse answers; a measure that cannot be told is 0 here.
#[derive(Debug, ClickHouseRow, Deserialize)]
pub struct Answer {
    /// Which of the statement's dimensions.
    pub nth: u8,
    pub value: String,
    pub visitors: u64,
    pub visits: u64,
    pub views: u64,
    pub events: u64,
    /// Values of the dimension in all.
    pub total: u64,
}

/// One row as the API answers.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct Row {
    pub value: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visitors: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visits: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub views: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub events: Option<u64>,
    /// Of a goal: what its events brought, by currency.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub revenue: Vec<Revenue>,
    /// Of a goal: days of the range that were closed before it was declared. Visits of these
    /// days are not known, and its visitors are counted by what is.
    #[serde(skip_serializing_if = "is_zero")]
    pub undecided_days: u64,
}

/// A sum of money.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Revenue {
    pub currency: String,
    pub amount: f64,
}

/// A dimension's greatest rows.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct Panel {
    pub rows: Vec<Row>,
    /// Values in all.
    pub total: u64,
    /// Values that are not shown because of how few people they are (`threshold`).
    #[serde(skip_serializing_if = "is_zero")]
    pub hidden: u64,
    /// Nothing true can be told of this dimension under these filters.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unavailable: bool,
}

pub(super) fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// What rows of `dimension` count under filters of `scope`; `None` when nothing can
/// be told.
pub fn measures(scope: Scope, dimension: Dimension) -> Option<Measures> {
    use Measure::{Count, Sum};
    let event = Measures {
        visitors: Some(Sum("is_goal_visitor")),
        tells_visitors: true,
        visits: None,
        views: None,
        events: Some(Count),
        rows: Some("kind = 'custom'"),
        by: By::Visitors,
    };
    let page = Measures {
        visitors: Some(Sum("is_page_visitor")),
        tells_visitors: true,
        visits: Some(Sum("is_page_visit")),
        views: Some(Count),
        events: None,
        rows: Some("kind = 'pageview'"),
        by: By::Visitors,
    };
    let whole_visits = |visitors| Measures {
        visitors: Some(Sum(visitors)),
        tells_visitors: true,
        visits: Some(Sum("is_visit")),
        views: Some(Sum("visit_views")),
        events: None,
        rows: Some("is_visit = 1"),
        by: By::Visitors,
    };
    // A visit may end on a page that its visitor had seen before: those are missing.
    let exits = Measures {
        visitors: Some(Sum("is_page_visitor")),
        tells_visitors: false,
        visits: Some(Sum("is_exit")),
        views: None,
        events: None,
        rows: Some("is_exit = 1"),
        by: By::Visits,
    };
    let entries = Measures { by: By::Visits, ..whole_visits("is_page_visitor") };
    let reached = |events| Measures {
        visitors: Some(Sum("has(visitor_goals, number)")),
        tells_visitors: true,
        visits: Some(Count),
        views: None,
        events,
        rows: Some("is_visit = 1"),
        by: By::Visitors,
    };
    match (scope, dimension.reach()) {
        (Scope::Visitor | Scope::Source, Reach::Goal) => Some(reached(Some(Count))),
        // What else the chosen visits reached; the row that reached it does not know its visit.
        (Scope::Goal | Scope::NotGoal | Scope::Entry, Reach::Goal) => Some(reached(None)),
        (Scope::Visitor | Scope::Source | Scope::Goal | Scope::NotGoal | Scope::Entry, Reach::Entry) => {
            Some(entries)
        }
        (Scope::Visitor | Scope::Source | Scope::Exit, Reach::Exit) => Some(exits),
        (Scope::Visitor | Scope::Source | Scope::Page, Reach::Page) => Some(page),
        (Scope::Visitor | Scope::Source | Scope::Page | Scope::Event, Reach::Event) => Some(event),
        (Scope::Visitor, Reach::Visitor | Reach::Host) => Some(whole_visits("is_visitor")),
        (Scope::Visitor, Reach::Source) => Some(whole_visits("is_source_visitor")),
        (Scope::Source, Reach::Visitor | Reach::Host | Reach::Source) => {
            Some(whole_visits("is_source_visitor"))
        }
        (Scope::Goal | Scope::NotGoal, Reach::Visitor | Reach::Host | Reach::Source) => {
            Some(whole_visits(scope.visitor_flag()))
        }
        (Scope::Page, Reach::Visitor | Reach::Source | Reach::Host) => Some(page),
        (Scope::Entry, Reach::Visitor | Reach::Source | Reach::Host) => Some(whole_visits("is_page_visitor")),
        (Scope::Exit, Reach::Visitor | Reach::Source | Reach::Host) => {
            Some(Measures { tells_visitors: true, ..exits })
        }
        // Where events happened and by whom.
        (Scope::Event, Reach::Page | Reach::Visitor | Reach::Source | Reach::Host) => Some(event),
        // A page's row is not the row its visit ended on; an end's row is not the
        // other end, nor a page between, nor an event. What a visit reached stands on its
        // entry row.
        (Scope::Page, Reach::Entry | Reach::Exit | Reach::Goal)
        | (Scope::Entry | Scope::Goal | Scope::NotGoal, Reach::Exit | Reach::Page | Reach::Event)
        | (Scope::Exit, Reach::Entry | Reach::Page | Reach::Event | Reach::Goal)
        | (Scope::Event, Reach::Entry | Reach::Exit | Reach::Goal) => None,
    }
}

impl Measure {
    fn sql(self) -> String {
        match self {
            Measure::Sum(column) => format!("sum({column})"),
            Measure::Count => "count()".to_owned(),
        }
    }

    /// The same over those rows only that meet a condition.
    fn among(self, rows: &str) -> String {
        match self {
            Measure::Sum(column) => format!("sumIf({column}, {rows})"),
            Measure::Count => format!("countIf({rows})"),
        }
    }

    /// What one row adds to it.
    pub fn of_row(self, rows: &str) -> String {
        match self {
            Measure::Sum(column) => format!("toUInt64(if({rows}, {column}, 0))"),
            Measure::Count => format!("toUInt64({rows})"),
        }
    }
}

/// Stands for a measure that cannot be told.
pub(super) fn zero() -> String {
    "toUInt64(0)".to_owned()
}

impl Measures {
    /// The SELECT list of [`Answer`] between `value` and `total`.
    pub fn columns(&self) -> String {
        let or_zero = |measure: Option<Measure>| measure.map_or_else(zero, Measure::sql);
        format!(
            "{} AS visitors, {} AS visits, {} AS views, {} AS events",
            or_zero(self.visitors),
            or_zero(self.visits),
            or_zero(self.views),
            or_zero(self.events)
        )
    }

    /// Keeps what can be told.
    pub fn row(&self, answer: Answer) -> Row {
        Row {
            value: answer.value,
            visitors: self.visitors.filter(|_| self.tells_visitors).map(|_| answer.visitors),
            visits: self.visits.map(|_| answer.visits),
            views: self.views.map(|_| answer.views),
            events: self.events.map(|_| answer.events),
            ..Row::default()
        }
    }
}

impl By {
    /// The order, complete, so that pages of a long list neither overlap nor leave gaps.
    pub fn order(self) -> &'static str {
        match self {
            By::Visitors => "visitors DESC, visits DESC, events DESC, value",
            By::Visits => "visits DESC, views DESC, value",
        }
    }
}

/// One dimension's rows as one statement. `having` may narrow the values further.
pub fn sql(
    relation: &str,
    dimension: Dimension,
    measures: &Measures,
    condition: &Condition,
    having: &str,
    limit: &str,
) -> String {
    let named = if dimension.keeps_empty() { "" } else { "AND value != ''" };
    format!(
        "SELECT toUInt8(0) AS nth, toString({}) AS value, {}, count() OVER () AS total FROM {relation} {} \
         GROUP BY value HAVING visitors + visits + views + events > 0 {named} {having} ORDER BY {} {limit}",
        dimension.column(),
        measures.columns(),
        condition.where_clause(),
        measures.by.order(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::filter::{Filter, Filters};

    #[test]
    fn a_dimension_can_always_be_asked_about_under_its_own_filter() {
        for dimension in Dimension::ALL {
            let mut filter = Filter::parse(&format!("{}:is:x", dimension.name())).unwrap();
            filter.goals.extend((dimension == Dimension::Goal).then_some(1));
            let scope = Scope::of(&Filters::new(vec![filter]).unwrap());
            assert!(measures(scope, dimension).is_some(), "{dimension:?}");
        }
    }

    #[test]
    fn what_closed_rows_cannot_tell_is_not_told() {
        for (scope, dimension) in [
            (Scope::Page, Dimension::Exit),
            (Scope::Entry, Dimension::Page),
            (Scope::Event, Dimension::Entry),
            (Scope::Exit, Dimension::Event),
            (Scope::Page, Dimension::Goal),
        ] {
            assert_eq!(measures(scope, dimension), None, "{scope:?} {dimension:?}");
        }
    }

    fn check(filters: &[&str], dimension: Dimension) -> String {
        let filters =
            Filters::new(filters.iter().map(|text| Filter::parse(text).unwrap()).collect()).unwrap();
        let measures = measures(Scope::of(&filters), dimension).unwrap();
        let condition = Condition::of(&filters).and(measures.rows);
        sql("(events)", dimension, &measures, &condition, "", "LIMIT 9")
    }

    #[test]
    fn statements_of_single_dimensions() {
        insta::assert_snapshot!(check(&[], Dimension::Page), @"SELECT toUInt8(0) AS nth, toString(path) AS value, sum(is_page_visitor) AS visitors, sum(is_page_visit) AS visits, count() AS views, toUInt64(0) AS events, count() OVER () AS total FROM (events) WHERE kind = 'pageview' GROUP BY value HAVING visitors + visits + views + events > 0   ORDER BY visitors DESC, visits DESC, events DESC, value LIMIT 9");
        insta::assert_snapshot!(check(&["page:is:/"], Dimension::UtmSource), @"SELECT toUInt8(0) AS nth, toString(utm_source) AS value, sum(is_page_visitor) AS visitors, sum(is_page_visit) AS visits, count() AS views, toUInt64(0) AS events, count() OVER () AS total FROM (events) WHERE path IN {f0:Array(String)} AND kind = 'pageview' GROUP BY value HAVING visitors + visits + views + events > 0 AND value != ''  ORDER BY visitors DESC, visits DESC, events DESC, value LIMIT 9");
        insta::assert_snapshot!(check(&["event:is:buy", "country:is:RU"], Dimension::Source), @"SELECT toUInt8(0) AS nth, toString(source) AS value, sum(is_goal_visitor) AS visitors, toUInt64(0) AS visits, toUInt64(0) AS views, count() AS events, count() OVER () AS total FROM (events) WHERE kind = 'custom' AND name IN {f0:Array(String)} AND toString(country) IN {f1:Array(String)} AND kind = 'custom' GROUP BY value HAVING visitors + visits + views + events > 0   ORDER BY visitors DESC, visits DESC, events DESC, value LIMIT 9");
        insta::assert_snapshot!(check(&["entry:is:/"], Dimension::Device), @"SELECT toUInt8(0) AS nth, toString(device) AS value, sum(is_page_visitor) AS visitors, sum(is_visit) AS visits, sum(visit_views) AS views, toUInt64(0) AS events, count() OVER () AS total FROM (events) WHERE is_visit = 1 AND path IN {f0:Array(String)} AND is_visit = 1 GROUP BY value HAVING visitors + visits + views + events > 0   ORDER BY visitors DESC, visits DESC, events DESC, value LIMIT 9");
    }
}
