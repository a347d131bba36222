//! What the fake has received and recorded, by its own clock.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    fs::File,
};

use serde::Serialize;

use crate::{
    api::{Grant, Quota, Upload, logs::LogRequest},
    clock::Clock,
    counter::{Counter, Goal},
    fault::{Fault, Script},
    form::Form,
    hit::{self, Kind, Note, Reason, Rules, Value},
    offline::Offline,
    profile::Profile,
    session::{Lost, Sessions},
};

/// How long a recorded goal stays unseen, in seconds: "within 20 minutes" (documented).
pub const INGEST_SECONDS: i64 = 20 * 60;

/// Requests kept, at most; a test sends a few thousand.
pub const REQUESTS_MAX: usize = 100_000;

/// A request as it came, and what became of it.
#[derive(Debug, Clone, Serialize)]
pub struct Received {
    /// When, by the fake's clock.
    pub at: i64,
    pub method: String,
    pub path: String,
    pub query: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
    pub verdict: Verdict,
    /// Why a hit in it was not recorded.
    pub reason: Option<Reason>,
    /// What was odd about the hits in it that were.
    pub notes: Vec<Note>,
    /// What was to be answered; a fault may have kept it from the sender.
    pub status: u16,
    /// What the script did to it.
    pub fault: Option<Fault>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Every hit in it counts.
    Recorded,
    /// A hit in it does not count, whatever was answered.
    Dropped,
    /// Never looked at as a hit: its path, method or size is wrong.
    Refused,
    /// A fault struck before anything was recorded.
    Struck,
}

/// A goal that was recorded; times in seconds since 1970-01-01.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reach {
    pub counter: u64,
    pub goal: u64,
    pub cid: u64,
    /// The start of its visit.
    pub visit: i64,
    pub et: i64,
    pub arrived: i64,
    /// `None`: in a currency that does not exist.
    pub value: Option<f64>,
}

/// Everything the fake knows.
pub struct Ledger {
    pub counters: BTreeMap<u64, Counter>,
    pub profile: Profile,
    pub clock: Clock,
    /// Take `text/plain` bodies of one hit per line. Not documented, so off by default.
    pub is_batch_taken: bool,
    /// Drop page views without `dr` and `dt`, as the documentation alone would.
    pub is_strict_docs: bool,
    /// By counter and ClientID.
    sessions: HashMap<(u64, u64), Sessions>,
    pub reaches: Vec<Reach>,
    pub offline: Offline,
    pub received: Vec<Received>,
    pub script: Script,
    /// By OAuth token.
    pub grants: HashMap<String, Grant>,
    pub quotas: HashMap<String, Quota>,
    /// Exceeded quotas are answered with 420 rather than 429: the documentation says both.
    pub is_quota_420: bool,
    /// Measurement tokens generated so far.
    pub tokens_made: u64,
    /// Where every request received is written as well, raw, for whoever searches it.
    pub log: Option<File>,
    /// Every request that wanted an OAuth token: method, path and query.
    pub api_calls: Vec<String>,
    /// How long each of them is worked on, in milliseconds.
    pub api_delay_ms: u64,
    pub log_requests: Vec<LogRequest>,
    /// Every file of late goals that was received whole.
    pub uploads: Vec<Upload>,
    /// Statuses with which the next of them fail, whatever they ask.
    pub api_failures: VecDeque<u16>,
    /// What the reports say of themselves.
    pub is_sampled: bool,
    pub data_lag_seconds: u64,
}

impl Ledger {
    pub fn new(counters: impl IntoIterator<Item = Counter>, profile: Profile, clock: Clock) -> Ledger {
        Ledger {
            counters: counters.into_iter().map(|counter| (counter.id, counter)).collect(),
            profile,
            clock,
            is_batch_taken: false,
            is_strict_docs: false,
            sessions: HashMap::new(),
            reaches: Vec::new(),
            offline: Offline::default(),
            received: Vec::new(),
            log: None,
            api_calls: Vec::new(),
            api_delay_ms: 0,
            log_requests: Vec::new(),
            uploads: Vec::new(),
            api_failures: VecDeque::new(),
            script: Script::default(),
            grants: HashMap::new(),
            quotas: HashMap::new(),
            is_quota_420: false,
            tokens_made: 0,
            is_sampled: false,
            data_lag_seconds: 0,
        }
    }

    /// Takes the parameters of a hit; `Err` says why it was not recorded.
    pub fn take(&mut self, form: &Form) -> Result<Vec<Note>, Reason> {
        let now = self.clock.now();
        let rules = Rules { counters: &self.counters, now, is_strict_docs: self.is_strict_docs };
        let hit = hit::check(form, rules)?;
        let counter = &self.counters[&hit.counter];
        let sessions = self.sessions.entry((counter.id, hit.cid)).or_default();
        match hit.kind {
            Kind::Pageview => sessions.pageview(hit.et, counter.visit_threshold),
            Kind::Event => {
                let goals: Vec<_> = hit.ea.iter().flat_map(|ea| counter.reached_by(ea)).collect();
                let visit =
                    sessions.event(hit.et, counter.visit_threshold, now, goals.len()).map_err(|lost| {
                        match lost {
                            Lost::NoSession => Reason::NoSession,
                            Lost::SessionFull => Reason::SessionFull,
                            Lost::GoalsFull => Reason::GoalsFull,
                        }
                    })?;
                let reach = |goal: &Goal| Reach {
                    counter: counter.id,
                    goal: goal.id,
                    cid: hit.cid,
                    visit,
                    et: hit.et,
                    arrived: now,
                    value: match hit.value {
                        Value::Unsaid => Some(goal.default_price),
                        Value::Lost => None,
                        Value::Said(value) => Some(value),
                    },
                };
                self.reaches.extend(goals.into_iter().map(reach));
            }
        }
        Ok(hit.notes)
    }

    /// Completions of a goal, seen in the reports or not.
    pub fn reaches_of(&self, counter: u64, goal: u64) -> impl Iterator<Item = &Reach> {
        self.reaches.iter().filter(move |reach| reach.counter == counter && reach.goal == goal)
    }

    /// Whether the reports show it by now.
    pub fn is_visible(&self, reach: &Reach) -> bool {
        reach.arrived + INGEST_SECONDS <= self.clock.now()
    }

    /// Completions of a goal as the reports would show them now.
    pub fn visible(&self, counter: u64, goal: u64) -> impl Iterator<Item = &Reach> {
        self.reaches_of(counter, goal).filter(|reach| self.is_visible(reach))
    }

    /// Moves every visit back in time: as if it had come so many seconds earlier. For tests of
    /// real senders, which go by this machine's clock.
    pub fn age_visits(&mut self, seconds: i64) {
        for session in self.sessions.values_mut().flat_map(|sessions| &mut sessions.0) {
            session.start -= seconds;
            session.last -= seconds;
        }
    }

    /// Visits by counter and ClientID.
    pub fn sessions(&self) -> impl Iterator<Item = ((u64, u64), &Sessions)> {
        self.sessions.iter().map(|(&key, sessions)| (key, sessions))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn hit(kind: &'static str, ea: &'static str, ev: &'static str, cu: &'static str) -> Form {
        let page = ("dl", "https://example.ru/");
        let cid = ("cid", "1768350268232845118");
        Form::from([
            ("tid", "7"),
            ("ms", "secret"),
            cid,
            page,
            ("t", kind),
            ("ea", ea),
            ("ev", ev),
            ("cu", cu),
        ])
    }

    #[test]
    fn a_goal_is_worth_what_its_hit_says_or_else_its_default_price() {
        let mut counter = Counter::new(7, "secret");
        counter.goals = vec![Goal { default_price: 100.0, ..Goal::exact(1, "paid") }];
        let mut ledger = Ledger::new([counter], Profile::Silent, Clock::Still(NOW));
        ledger.take(&hit("pageview", "", "", "")).unwrap();
        for (ev, cu) in [("", ""), ("9.90", "RUB"), ("9.90", "RUR")] {
            ledger.take(&hit("event", "paid", ev, cu)).unwrap();
        }
        let values: Vec<_> = ledger.reaches.iter().map(|reach| reach.value).collect();
        assert_eq!(values, [Some(100.0), Some(9.9), None]);
    }

    #[test]
    fn a_goal_is_seen_after_the_ingest_delay_and_not_a_second_before() {
        let mut counter = Counter::new(7, "secret");
        counter.goals = vec![Goal::exact(1, "paid")];
        let mut ledger = Ledger::new([counter], Profile::Silent, Clock::Still(NOW));
        ledger.take(&hit("pageview", "", "", "")).unwrap();
        ledger.take(&hit("event", "paid", "", "")).unwrap();
        ledger.clock.advance(INGEST_SECONDS - 1);
        assert_eq!(ledger.visible(7, 1).count(), 0);
        ledger.clock.advance(1);
        assert_eq!(ledger.visible(7, 1).count(), 1);
    }
}
