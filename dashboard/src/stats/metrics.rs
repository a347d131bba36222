//! The metrics: one expression and one written definition for each. docs/api.md
//! repeats the definitions word for word; a test keeps it so.

use schemars::JsonSchema;
use serde::Serialize;

use super::flag::Scope;

/// One thing for each metric, in the order of docs/api.md.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct Metrics<T> {
    pub visitors: T,
    pub visits: T,
    pub views: T,
    pub views_per_visit: T,
    pub bounce_ratio: T,
    pub duration_seconds: T,
    pub engaged_seconds: T,
    pub conversion_ratio: T,
}

/// What each number means, for people.
pub const DEFINITIONS: Metrics<&str> = Metrics {
    visitors: "Visitors: each counts once a day. With a source filter, once a day for each source; with a page \
        filter, once a day for each page seen; with an event filter, once a day for each event's name; with a goal \
        filter, once a day.",
    visits: "Visits: a visit ends after 30 minutes without an event, or at the site's midnight. With a page filter, \
        the visits that saw the page; with an entry or exit filter, those that began or ended on it; with a goal \
        filter, those that reached it. With an event filter they cannot be counted.",
    views: "Page views. With a page filter, the views of that page; with an entry filter, all views of the visits \
        that began on it; with a goal filter, of those that reached it. With an exit or event filter they cannot be \
        counted.",
    views_per_visit: "Page views divided by visits.",
    bounce_ratio: "The share of visits with one page view and no interactive event. With a page filter, among the \
        visits that began on the page; with an exit filter, among those that ended on it.",
    duration_seconds: "From the first to the last event of a visit, mean over all visits, those of one event \
        included. With a page filter, over the visits that began on the page.",
    engaged_seconds: "How long the page was in front of the visitor, mean over visits. With a page filter, the time \
        on that page alone, mean over the visits that saw it.",
    conversion_ratio: "The share of visitors who reached a goal, any of those declared: today's on open days, and on a \
        closed day those of its closing. Days closed before there was a goal are left out of both numbers. With a source \
        filter, those whose first goal of the day was reached in a visit from there; with filters on pages, ends, events and goals it cannot be told.",
};

/// Sums over rows: all that metrics are made of. They add up over days, points and
/// values, because ids never cross days.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sums {
    pub visitors: u64,
    pub visits: u64,
    pub views: u64,
    /// Visits that `bounces` and `seconds` are known of.
    pub ends: u64,
    pub bounces: u64,
    pub seconds: u64,
    pub engaged_ms: u64,
    /// Bounces as Metrika counts them, below 15 seconds, and as GA4 does, below 10 in front.
    pub short_bounces: u64,
    pub idle_bounces: u64,
    /// Visitors of days that know who reached a goal, and those who did (`conversion`).
    pub asked: u64,
    pub converted: u64,
}

/// A count, or a mean of counts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Number {
    Count(u64),
    Mean(f64),
}

impl Number {
    /// A mean counts nothing.
    pub fn count(self) -> u64 {
        match self {
            Number::Count(count) => count,
            Number::Mean(_) => 0,
        }
    }
}

/// What one row adds to [`Sums`], by the names of its fields.
pub fn of_row(scope: Scope) -> [(&'static str, &'static str); 9] {
    const NONE: &str = "toUInt64(0)";
    let views = match scope {
        Scope::Visitor | Scope::Source | Scope::Goal | Scope::NotGoal | Scope::Entry => "visit_views",
        Scope::Page => "kind = 'pageview'",
        Scope::Exit | Scope::Event => NONE,
    };
    [
        ("visitors", scope.visitor_flag()),
        ("visits", scope.visit_flag().unwrap_or(NONE)),
        ("views", views),
        ("ends", if scope == Scope::Exit { "is_exit" } else { "is_visit" }),
        ("bounces", "is_bounce"),
        ("seconds", "visit_seconds"),
        ("engaged_ms", if scope == Scope::Page { "engaged_ms" } else { "visit_engaged_ms" }),
        // A day's entry row without a visit is no bounce, and has neither time.
        ("short_bounces", "is_bounce = 1 AND visit_seconds < 15"),
        ("idle_bounces", "is_bounce = 1 AND visit_engaged_ms < 10000"),
    ]
}

/// The SELECT list that makes [`Sums`].
pub fn columns(scope: Scope) -> String {
    of_row(scope).map(|(name, row)| format!("sum({row}) AS {name}")).join(", ")
}

impl Sums {
    pub fn add(&mut self, other: &Sums) {
        self.visitors += other.visitors;
        self.visits += other.visits;
        self.views += other.views;
        self.ends += other.ends;
        self.bounces += other.bounces;
        self.seconds += other.seconds;
        self.engaged_ms += other.engaged_ms;
        self.short_bounces += other.short_bounces;
        self.idle_bounces += other.idle_bounces;
        self.asked += other.asked;
        self.converted += other.converted;
    }

    /// The metrics; `None` is what cannot be computed, never 0.
    pub fn metrics(&self, scope: Scope) -> Metrics<Option<Number>> {
        let sees_visits = scope != Scope::Event;
        let sees_views = !matches!(scope, Scope::Exit | Scope::Event);
        let mean = |sum: u64, count: u64| (count > 0).then(|| Number::Mean(sum as f64 / count as f64));
        let seconds =
            |ms: u64, count: u64| (count > 0).then(|| Number::Mean(ms as f64 / 1000.0 / count as f64));
        Metrics {
            visitors: Some(Number::Count(self.visitors)),
            visits: sees_visits.then_some(Number::Count(self.visits)),
            views: sees_views.then_some(Number::Count(self.views)),
            views_per_visit: mean(self.views, self.visits).filter(|_| sees_views),
            bounce_ratio: mean(self.bounces, self.ends).filter(|_| sees_visits),
            duration_seconds: mean(self.seconds, self.ends).filter(|_| sees_views),
            engaged_seconds: seconds(self.engaged_ms, self.visits).filter(|_| sees_views),
            // A host chooses visits by their first event, and a visitor's later visit may begin
            // on another: about, but never more than all.
            conversion_ratio: mean(self.converted.min(self.asked), self.asked),
        }
    }
}

impl<T> Metrics<T> {
    pub fn map<U>(self, mut change: impl FnMut(T) -> U) -> Metrics<U> {
        Metrics {
            visitors: change(self.visitors),
            visits: change(self.visits),
            views: change(self.views),
            views_per_visit: change(self.views_per_visit),
            bounce_ratio: change(self.bounce_ratio),
            duration_seconds: change(self.duration_seconds),
            engaged_seconds: change(self.engaged_seconds),
            conversion_ratio: change(self.conversion_ratio),
        }
    }

    pub fn zip<U>(self, other: Metrics<U>) -> Metrics<(T, U)> {
        Metrics {
            visitors: (self.visitors, other.visitors),
            visits: (self.visits, other.visits),
            views: (self.views, other.views),
            views_per_visit: (self.views_per_visit, other.views_per_visit),
            bounce_ratio: (self.bounce_ratio, other.bounce_ratio),
            duration_seconds: (self.duration_seconds, other.duration_seconds),
            engaged_seconds: (self.engaged_seconds, other.engaged_seconds),
            conversion_ratio: (self.conversion_ratio, other.conversion_ratio),
        }
    }
}

impl<T> Metrics<Vec<T>> {
    /// Appends one point to each metric's list.
    pub fn push(&mut self, point: Metrics<T>) {
        self.visitors.push(point.visitors);
        self.visits.push(point.visits);
        self.views.push(point.views);
        self.views_per_visit.push(point.views_per_visit);
        self.bounce_ratio.push(point.bounce_ratio);
        self.duration_seconds.push(point.duration_seconds);
        self.engaged_seconds.push(point.engaged_seconds);
        self.conversion_ratio.push(point.conversion_ratio);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUMS: Sums = Sums {
        visitors: 2,
        visits: 4,
        views: 10,
        ends: 4,
        bounces: 1,
        seconds: 200,
        engaged_ms: 6_000,
        short_bounces: 1,
        idle_bounces: 0,
        asked: 2,
        converted: 1,
    };

    #[test]
    fn means_are_sums_divided_by_visits() {
        let metrics = SUMS.metrics(Scope::Visitor);
        assert_eq!(metrics.views_per_visit, Some(Number::Mean(2.5)));
        assert_eq!(metrics.bounce_ratio, Some(Number::Mean(0.25)));
        assert_eq!(metrics.duration_seconds, Some(Number::Mean(50.0)));
        assert_eq!(metrics.engaged_seconds, Some(Number::Mean(1.5)));
        assert_eq!(metrics.conversion_ratio, Some(Number::Mean(0.5)));
    }

    #[test]
    fn without_visits_there_is_no_ratio() {
        let metrics = Sums::default().metrics(Scope::Visitor);
        assert_eq!(metrics.visits, Some(Number::Count(0)));
        assert_eq!(metrics.bounce_ratio, None);
        assert_eq!(metrics.views_per_visit, None);
        assert_eq!(metrics.conversion_ratio, None);
    }

    #[test]
    fn an_event_cannot_tell_visits_and_an_exit_cannot_tell_durations() {
        let event = SUMS.metrics(Scope::Event);
        assert_eq!((event.visits, event.views, event.bounce_ratio), (None, None, None));
        let exit = SUMS.metrics(Scope::Exit);
        assert_eq!((exit.views, exit.duration_seconds, exit.engaged_seconds), (None, None, None));
        assert_eq!(exit.bounce_ratio, Some(Number::Mean(0.25)));
    }

    #[test]
    fn a_count_is_written_without_a_point() {
        assert_eq!(serde_json::to_string(&Number::Count(12)).unwrap(), "12");
    }

    #[test]
    fn the_written_definitions_are_those_of_the_contract() {
        let contract = include_str!("../../../docs/api.md").split_whitespace().collect::<Vec<_>>().join(" ");
        DEFINITIONS
            .map(|definition| assert!(contract.contains(definition), "not in docs/api.md: {definition}"));
    }
}
