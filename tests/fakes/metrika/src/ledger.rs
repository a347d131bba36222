//! What the fake has received and recorded, by its own clock.

use std::collections::HashMap;

use serde::Serialize;

use crate::{
    hit::{self, Counter, Kind, Reason},
    session::{Lost, Sessions},
};

/// How long a recorded goal stays unseen, in seconds: "within 20 minutes" (documented).
pub const INGEST_SECONDS: i64 = 20 * 60;

/// Requests kept, at most; a test sends a few thousand.
pub const REQUESTS_MAX: usize = 100_000;

/// What the fake answers to hits it does not record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// 200 to everything.
    Silent,
    /// 400 to a malformed hit, 403 to a wrong token.
    Strict,
    /// 400 only where an identifier is missing or cannot be one, 403 to a wrong token.
    Mixed,
}

impl Profile {
    pub const ALL: [Profile; 3] = [Profile::Silent, Profile::Strict, Profile::Mixed];

    /// The status for a hit dropped for `reason`.
    pub fn status(self, reason: Reason) -> u16 {
        match (self, reason) {
            (Profile::Silent, _)
            | (_, Reason::NoSession | Reason::SessionFull | Reason::GoalsFull)
            | (
                Profile::Mixed,
                Reason::UnknownCounter
                | Reason::MissingDl
                | Reason::ForeignHost
                | Reason::MissingEa
                | Reason::BadEt
                | Reason::TooOld,
            ) => 200,
            (Profile::Strict | Profile::Mixed, Reason::MpDisabled | Reason::BadToken) => 403,
            (Profile::Strict | Profile::Mixed, Reason::NoTid | Reason::BadCid | Reason::BadType)
            | (
                Profile::Strict,
                Reason::UnknownCounter
                | Reason::MissingDl
                | Reason::ForeignHost
                | Reason::MissingEa
                | Reason::BadEt
                | Reason::TooOld,
            ) => 400,
        }
    }
}

/// A request as it came, and what became of it.
#[derive(Debug, Clone, Serialize)]
pub struct Received {
    pub method: String,
    pub path: String,
    pub query: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
    /// `None`: recorded.
    pub reason: Option<Reason>,
    pub status: u16,
}

/// A goal that was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Reached {
    goal: String,
    arrived: i64,
}

/// Everything the fake knows of one counter.
pub struct Ledger {
    pub counter: Counter,
    pub profile: Profile,
    /// Virtual seconds since 1970-01-01.
    pub now: i64,
    sessions: HashMap<u64, Sessions>,
    reached: Vec<Reached>,
    pub received: Vec<Received>,
}

impl Ledger {
    pub fn new(counter: Counter, profile: Profile, now: i64) -> Ledger {
        let (sessions, reached, received) = (HashMap::new(), Vec::new(), Vec::new());
        Ledger { counter, profile, now, sessions, reached, received }
    }

    /// Takes the parameters of a hit; `Err` says why it was not recorded.
    pub fn take(&mut self, pairs: &[(String, String)]) -> Result<(), Reason> {
        let hit = hit::check(pairs, &self.counter, self.now)?;
        let sessions = self.sessions.entry(hit.cid).or_default();
        let threshold = self.counter.visit_threshold;
        match hit.kind {
            Kind::Pageview => sessions.pageview(hit.et, threshold),
            Kind::Event => {
                let goal = hit.goal.filter(|goal| self.counter.goals.contains(goal));
                sessions.event(hit.et, threshold, self.now, goal.is_some()).map_err(|lost| match lost {
                    Lost::NoSession => Reason::NoSession,
                    Lost::SessionFull => Reason::SessionFull,
                    Lost::GoalsFull => Reason::GoalsFull,
                })?;
                self.reached.extend(goal.map(|goal| Reached { goal, arrived: self.now }));
            }
        }
        Ok(())
    }

    /// Completions of `goal` as the reports would show them now.
    pub fn reaches(&self, goal: &str) -> usize {
        let seen = |reached: &&Reached| reached.goal == goal && reached.arrived + INGEST_SECONDS <= self.now;
        self.reached.iter().filter(seen).count()
    }

    /// Visits of all ClientIDs.
    pub fn visits(&self) -> usize {
        self.sessions.values().map(|sessions| sessions.0.len()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_without_a_visit_is_answered_with_200_in_every_profile() {
        for profile in Profile::ALL {
            assert_eq!(profile.status(Reason::NoSession), 200, "{profile:?}");
        }
    }

    #[test]
    fn a_wrong_token_is_told_except_by_the_silent_profile() {
        let statuses = Profile::ALL.map(|profile| profile.status(Reason::BadToken));
        assert_eq!(statuses, [200, 403, 403]);
    }

    #[test]
    fn a_malformed_hit_is_told_as_its_profile_says() {
        assert_eq!(Profile::ALL.map(|profile| profile.status(Reason::BadCid)), [200, 400, 400]);
        assert_eq!(Profile::ALL.map(|profile| profile.status(Reason::MissingDl)), [200, 400, 200]);
    }
}
