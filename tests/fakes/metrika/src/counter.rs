//! A counter ("tag") and its goals, as their owner set them up.

use anyhow::Context;
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use regex::Regex;
use serde::{Deserialize, Serialize};

/// Tokens of a counter, at most (documented).
pub const TOKENS_MAX: usize = 5;

/// Silence that ends a visit unless the owner says otherwise, in seconds (documented).
pub const VISIT_THRESHOLD_SECONDS: i64 = 1_800;

/// The settings of one counter that hits and reports depend on.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counter {
    pub id: u64,
    /// The tokens `ms` may carry, at most [`TOKENS_MAX`].
    pub tokens: Vec<String>,
    #[serde(default = "yes")]
    pub measurement_enabled: bool,
    /// Hosts hits may name; empty: any ("only specified addresses" is off).
    #[serde(default)]
    pub only_mirrors: Vec<String>,
    #[serde(default)]
    pub goals: Vec<Goal>,
    /// Silence that ends a visit, in seconds.
    #[serde(default = "threshold")]
    pub visit_threshold: i64,
    /// The zone of its days, a name of the IANA list.
    #[serde(default = "moscow")]
    pub time_zone_name: String,
}

/// A goal of type "JavaScript event" (`action`).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Goal {
    pub id: u64,
    #[serde(default)]
    pub name: String,
    pub condition: Condition,
    #[serde(default)]
    pub default_price: f64,
    #[serde(default = "yes")]
    pub is_active: bool,
}

/// What the event's identifier (`ea`) must be like.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Condition {
    #[serde(rename = "type")]
    pub kind: ConditionKind,
    pub url: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ConditionKind {
    Exact,
    Contain,
    Start,
    Regexp,
}

impl Counter {
    /// A counter with one token and nothing else set.
    pub fn new(id: u64, token: &str) -> Counter {
        Counter {
            id,
            tokens: vec![token.to_owned()],
            measurement_enabled: true,
            only_mirrors: Vec::new(),
            goals: Vec::new(),
            visit_threshold: VISIT_THRESHOLD_SECONDS,
            time_zone_name: moscow(),
        }
    }

    /// The day of its zone that a second since 1970-01-01 belongs to.
    pub fn day(&self, second: i64) -> Date {
        let at = Timestamp::from_second(second).expect("hits of other centuries are refused");
        at.to_zoned(self.zone()).date()
    }

    pub fn zone(&self) -> TimeZone {
        TimeZone::get(&self.time_zone_name).expect("zones are checked where counters come in")
    }

    pub fn check_time_zone(&self) -> anyhow::Result<()> {
        TimeZone::get(&self.time_zone_name)
            .with_context(|| format!("counter {}: no such zone: {}", self.id, self.time_zone_name))?;
        Ok(())
    }

    /// The goals that an event of this identifier reaches, one reach each.
    pub fn reached_by(&self, ea: &str) -> impl Iterator<Item = &Goal> {
        self.goals.iter().filter(move |goal| goal.is_active && goal.condition.holds(ea))
    }
}

impl Goal {
    /// An active goal for events of exactly this identifier.
    pub fn exact(id: u64, ea: &str) -> Goal {
        Goal {
            id,
            name: ea.to_owned(),
            condition: Condition { kind: ConditionKind::Exact, url: ea.to_owned() },
            default_price: 0.0,
            is_active: true,
        }
    }
}

impl Condition {
    fn holds(&self, ea: &str) -> bool {
        match self.kind {
            ConditionKind::Exact => ea == self.url,
            ConditionKind::Contain => ea.contains(&self.url),
            ConditionKind::Start => ea.starts_with(&self.url),
            // What Metrika does with a broken expression is unknown; here it matches nothing.
            ConditionKind::Regexp => Regex::new(&self.url).is_ok_and(|regex| regex.is_match(ea)),
        }
    }
}

fn yes() -> bool {
    true
}

fn threshold() -> i64 {
    VISIT_THRESHOLD_SECONDS
}

fn moscow() -> String {
    "Europe/Moscow".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(kind: ConditionKind, url: &str, ea: &str) -> bool {
        Condition { kind, url: url.to_owned() }.holds(ea)
    }

    #[test]
    fn every_kind_of_condition_matches_in_its_own_way() {
        for (kind, url) in [
            (ConditionKind::Exact, "srv_order"),
            (ConditionKind::Contain, "ord"),
            (ConditionKind::Start, "srv_"),
            (ConditionKind::Regexp, "^srv_.*r$"),
        ] {
            assert!(holds(kind, url, "srv_order"), "{kind:?}");
            assert!(!holds(kind, url, "paid"), "{kind:?}");
        }
    }

    #[test]
    fn an_event_reaches_every_active_goal_it_matches_once() {
        let mut counter = Counter::new(7, "secret");
        counter.goals = vec![Goal::exact(1, "paid"), Goal::exact(2, "paid"), Goal::exact(3, "paid")];
        counter.goals[1].is_active = false;
        let ids: Vec<u64> = counter.reached_by("paid").map(|goal| goal.id).collect();
        assert_eq!(ids, [1, 3]);
    }
}
