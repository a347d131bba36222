//! Which flag answers which question.
//!
//! A closed row carries no visitor; what had to be distinct was decided when the day
//! was closed. The filters of a report decide which of those decisions count.

use super::{
    dimension::{Dimension, Reach},
    filter::{Filter, Filters},
};

/// What the rows that match the filters stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Whole visitors: no filter, or only what is the same on all of a visitor's rows.
    Visitor,
    /// Whole visits, chosen by where they came from.
    Source,
    /// Views of certain pages.
    Page,
    /// Entry rows: whole visits, chosen by their first page.
    Entry,
    /// Exit rows.
    Exit,
    /// Whole visits, chosen by a goal they reached.
    Goal,
    /// Whole visits, chosen by a goal they did not reach: only their entry rows know.
    NotGoal,
    /// Custom events of certain names.
    Event,
}

/// On an entry row: the visit is the first of its visitor's day to reach one of the goals
/// that are asked about. `Condition` gives them.
const IS_GOAL_VISITOR: &str = "hasAny(visitor_goals, {goals:Array(UInt64)})";

/// Whether a number is the very count it is named after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Counting {
    Exact,
    /// A visitor who matches more than one value may count more than once, one who
    /// matches only later in the day may be missed.
    About,
}

impl Scope {
    /// The finest of what the filters ask for.
    pub fn of(filters: &Filters) -> Scope {
        let has = |reach| filters.iter().any(|filter: &Filter| filter.dimension.reach() == reach);
        if has(Reach::Event) {
            Scope::Event
        } else if has(Reach::Entry) {
            Scope::Entry
        } else if has(Reach::Exit) {
            Scope::Exit
        } else if has(Reach::Page) {
            Scope::Page
        } else if !filters.goals_reached().is_empty() {
            Scope::Goal
        } else if has(Reach::Goal) {
            Scope::NotGoal
        } else if has(Reach::Source) {
            Scope::Source
        } else {
            Scope::Visitor
        }
    }

    /// The flag whose sum is the number of visitors.
    pub fn visitor_flag(self) -> &'static str {
        match self {
            Scope::Visitor => "is_visitor",
            Scope::Source | Scope::NotGoal => "is_source_visitor",
            Scope::Page | Scope::Entry | Scope::Exit => "is_page_visitor",
            Scope::Goal => IS_GOAL_VISITOR,
            Scope::Event => "is_goal_visitor",
        }
    }

    /// The flag whose sum is the number of visits; an event's row does not say whether
    /// it is the first of its visit.
    pub fn visit_flag(self) -> Option<&'static str> {
        match self {
            Scope::Visitor | Scope::Source | Scope::Goal | Scope::NotGoal | Scope::Entry => Some("is_visit"),
            Scope::Page => Some("is_page_visit"),
            Scope::Exit => Some("is_exit"),
            Scope::Event => None,
        }
    }

    /// The rows that can answer at all; `None` is every row. Entry rows carry their
    /// whole visit, so reading them alone is enough.
    pub fn rows(self) -> Option<&'static str> {
        match self {
            Scope::Visitor | Scope::Source | Scope::Goal | Scope::NotGoal => Some("is_visit = 1"),
            Scope::Page | Scope::Entry | Scope::Exit | Scope::Event => None,
        }
    }
}

/// How exactly visitors can be counted under these filters.
pub fn visitors(filters: &Filters) -> Counting {
    let about = |filter: &Filter| match filter.dimension.reach() {
        Reach::Visitor => false,
        // The flag was decided at the first event of a name, whatever its properties.
        Reach::Event if filter.dimension == Dimension::Property => true,
        // The flag was decided for one source, for one page, for one event or goal.
        Reach::Source => !(filter.dimension.name() == "source" && filter.is_one_value()),
        Reach::Page | Reach::Event | Reach::Goal => !filter.is_one_value(),
        Reach::Host | Reach::Entry | Reach::Exit => true,
    };
    let crossing = filters
        .iter()
        .filter(|filter| filter.dimension.reach() != Reach::Visitor)
        .map(|filter| filter.dimension.reach())
        .collect::<Vec<_>>();
    let crossed = crossing.len() > 1;
    if crossed || filters.iter().any(about) { Counting::About } else { Counting::Exact }
}

/// How exactly visits can be counted under these filters.
pub fn visits(filters: &Filters) -> Counting {
    let pages: Vec<&Filter> =
        filters.iter().filter(|filter| filter.dimension.reach() == Reach::Page).collect();
    let crossed = filters.iter().any(|filter| filter.dimension.reach() == Reach::Host);
    match pages.as_slice() {
        [] => Counting::Exact,
        [one] if one.is_one_value() && !crossed => Counting::Exact,
        _ => Counting::About,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filters(texts: &[&str]) -> Filters {
        Filters::new(texts.iter().map(|text| Filter::parse(text).unwrap()).collect()).unwrap()
    }

    fn check(texts: &[&str], scope: Scope, flag: &str, counting: Counting) {
        let filters = filters(texts);
        assert_eq!(Scope::of(&filters), scope, "{texts:?}");
        assert_eq!(scope.visitor_flag(), flag, "{texts:?}");
        assert_eq!(visitors(&filters), counting, "{texts:?}");
    }

    #[test]
    fn what_is_constant_for_a_visitor_is_counted_exactly() {
        check(&[], Scope::Visitor, "is_visitor", Counting::Exact);
        let all = ["country:is:RU", "browser:is_not:Chrome", "os:contains:win", "device:is:mobile|tablet"];
        check(&all, Scope::Visitor, "is_visitor", Counting::Exact);
    }

    #[test]
    fn one_source_is_counted_exactly_and_a_channel_is_not() {
        check(&["source:is:Google"], Scope::Source, "is_source_visitor", Counting::Exact);
        check(&["source:is:Google", "country:is:RU"], Scope::Source, "is_source_visitor", Counting::Exact);
        for about in
            ["channel:is:search", "source:is:a|b", "source:is_not:a", "utm_campaign:is:x", "referrer:is:a"]
        {
            check(&[about], Scope::Source, "is_source_visitor", Counting::About);
        }
    }

    #[test]
    fn one_page_is_counted_exactly_and_several_are_not() {
        check(&["page:is:/a"], Scope::Page, "is_page_visitor", Counting::Exact);
        check(&["page:is:/a", "os:is:Linux"], Scope::Page, "is_page_visitor", Counting::Exact);
        check(&["page:contains:/blog"], Scope::Page, "is_page_visitor", Counting::About);
        assert_eq!(visits(&filters(&["page:is:/a", "source:is:Google"])), Counting::Exact);
        assert_eq!(visits(&filters(&["page:is_not:/a"])), Counting::About);
    }

    #[test]
    fn crossed_kinds_use_the_finest_flag_and_say_so() {
        check(&["source:is:Google", "page:is:/a"], Scope::Page, "is_page_visitor", Counting::About);
        check(&["page:is:/a", "event:is:buy"], Scope::Event, "is_goal_visitor", Counting::About);
        check(&["property:is:plan=pro"], Scope::Event, "is_goal_visitor", Counting::About);
        check(&["event:is:buy"], Scope::Event, "is_goal_visitor", Counting::Exact);
        check(&["entry:is:/a"], Scope::Entry, "is_page_visitor", Counting::About);
        check(&["exit:is:/a"], Scope::Exit, "is_page_visitor", Counting::About);
    }
}
