//! The bridge's own memory of live visits: the random cid under which a visit's goals go,
//! and what its visitor has said. In memory only; after a restart a visit goes on under a
//! new cid, and rows of the old one can still be purged by the visit's number.

use std::collections::{HashMap, HashSet, VecDeque};

use jiff::Timestamp;

use super::{cid, outbox::AGE_SECONDS_MAX};
use crate::{
    parse::Consent,
    visit::{IDLE_SECONDS_MAX, VisitorKey},
};

/// Visits remembered at most: about 20 MiB. Above it the oldest gets a new cid when it is
/// seen again, which splits a visit at Metrika and loses no goal.
pub const LANES_MAX: usize = 1 << 18;

/// How long a withdrawn cid is remembered, in seconds: until every segment that was open
/// at the time has been sealed and read, many times over.
const WITHDRAWN_SECONDS: i64 = 600;

/// One visit.
pub struct Lane {
    pub cid: u64,
    pub has_always_consented: bool,
    pub goals: u32,
    is_withdrawn: bool,
    last_seen: i64,
}

pub struct Lanes {
    /// When this memory began. A visit that is older has said things we do not know.
    began: i64,
    by_visit: HashMap<u64, Lane>,
    /// Visits in the order they began or were last moved back; the map decides.
    order: VecDeque<(i64, u64)>,
    /// A visitor's visits of which goals may be waiting, so that a withdrawal reaches those
    /// of earlier visits too.
    with_goals: HashMap<VisitorKey, Vec<u64>>,
    with_goals_order: VecDeque<(i64, VisitorKey)>,
    withdrawn: HashSet<u64>,
    withdrawn_order: VecDeque<(i64, u64)>,
}

impl Lanes {
    pub fn new(began: Timestamp) -> Lanes {
        Lanes {
            began: began.as_second(),
            by_visit: HashMap::new(),
            order: VecDeque::new(),
            with_goals: HashMap::new(),
            with_goals_order: VecDeque::new(),
            withdrawn: HashSet::new(),
            withdrawn_order: VecDeque::new(),
        }
    }

    /// The visit's lane, made when it is new, after an event with this consent.
    pub fn seen(&mut self, visit: u64, consent: Consent, now: Timestamp) -> &mut Lane {
        let now_seconds = now.as_second();
        if !self.by_visit.contains_key(&visit) {
            self.evict(now_seconds);
            self.order.push_back((now_seconds, visit));
        }
        let is_new = now_seconds - self.began > i64::from(IDLE_SECONDS_MAX);
        let lane = self.by_visit.entry(visit).or_insert_with(|| Lane {
            cid: cid::draw(now),
            has_always_consented: is_new,
            goals: 0,
            is_withdrawn: false,
            last_seen: now_seconds,
        });
        lane.last_seen = lane.last_seen.max(now_seconds);
        match consent {
            Consent::Given => lane.is_withdrawn = false,
            Consent::Withdrawn | Consent::Unknown => lane.has_always_consented = false,
        }
        lane
    }

    /// A goal of the visit is on its way.
    pub fn has_goal(&mut self, visitor: VisitorKey, visit: u64, now: Timestamp) {
        let now = now.as_second();
        while let Some(&(at, oldest)) = self.with_goals_order.front()
            && (now - at > AGE_SECONDS_MAX || self.with_goals.len() >= LANES_MAX)
        {
            self.with_goals_order.pop_front();
            self.with_goals.remove(&oldest);
        }
        let visits = self.with_goals.entry(visitor).or_default();
        if !visits.contains(&visit) {
            visits.push(visit);
            self.with_goals_order.push_back((now, visitor));
        }
    }

    /// Marks what was noted of the visitor as withdrawn; whoever consents again later does so
    /// under a new cid. Returns the visits to purge, none when that had been said already.
    pub fn withdraw(&mut self, visitor: VisitorKey, visit: u64, now: Timestamp) -> Vec<u64> {
        let lane = self.seen(visit, Consent::Withdrawn, now);
        if lane.is_withdrawn {
            return Vec::new();
        }
        lane.is_withdrawn = true;
        let withdrawn = std::mem::replace(&mut lane.cid, cid::draw(now));
        lane.goals = 0;
        let now = now.as_second();
        self.withdrawn.insert(withdrawn);
        self.withdrawn_order.push_back((now, withdrawn));
        while let Some(&(at, oldest)) = self.withdrawn_order.front()
            && now - at > WITHDRAWN_SECONDS
        {
            self.withdrawn_order.pop_front();
            self.withdrawn.remove(&oldest);
        }
        let mut visits = self.with_goals.remove(&visitor).unwrap_or_default();
        if !visits.contains(&visit) {
            visits.push(visit);
        }
        visits
    }

    /// Visits of the visitor that had goals, for the last time.
    pub fn forget(&mut self, visitor: VisitorKey) -> Vec<u64> {
        self.with_goals.remove(&visitor).unwrap_or_default()
    }

    pub fn is_withdrawn(&self, cid: u64) -> bool {
        self.withdrawn.contains(&cid)
    }

    /// Drops visits that have ended, and the oldest while there are too many.
    fn evict(&mut self, now: i64) {
        while let Some(&(queued, visit)) = self.order.front() {
            let is_full = self.by_visit.len() >= LANES_MAX;
            if !is_full && now - queued <= i64::from(IDLE_SECONDS_MAX) {
                return;
            }
            self.order.pop_front();
            match self.by_visit.get(&visit).map(|lane| lane.last_seen) {
                Some(seen) if seen > queued && !is_full => self.order.push_back((seen, visit)),
                Some(_) => {
                    self.by_visit.remove(&visit);
                }
                None => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VISITOR: VisitorKey = VisitorKey { site_id: 1, day: 1, visitor: 7 };

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_768_435_200 + second).unwrap()
    }

    #[test]
    fn a_visit_keeps_its_cid_and_two_visits_have_two() {
        let mut lanes = Lanes::new(at(-7_200));
        let first = lanes.seen(1, Consent::Given, at(0)).cid;
        assert_eq!(lanes.seen(1, Consent::Given, at(60)).cid, first);
        assert_ne!(lanes.seen(2, Consent::Given, at(60)).cid, first);
    }

    #[test]
    fn who_withdraws_and_consents_again_has_a_new_cid() {
        let mut lanes = Lanes::new(at(-7_200));
        let first = lanes.seen(1, Consent::Given, at(0)).cid;
        assert_eq!(lanes.withdraw(VISITOR, 1, at(1)), [1]);
        assert!(lanes.withdraw(VISITOR, 1, at(2)).is_empty(), "once is enough");
        assert!(lanes.is_withdrawn(first));
        let second = lanes.seen(1, Consent::Given, at(3)).cid;
        assert!(second != first && !lanes.is_withdrawn(second));
        assert_eq!(lanes.withdraw(VISITOR, 1, at(4)), [1], "it can be taken back again");
    }

    #[test]
    fn a_withdrawal_reaches_earlier_visits_of_the_same_visitor_only() {
        let mut lanes = Lanes::new(at(-7_200));
        lanes.has_goal(VISITOR, 1, at(0));
        lanes.has_goal(VISITOR, 2, at(7_200));
        lanes.has_goal(VisitorKey { visitor: 8, ..VISITOR }, 3, at(7_200));
        assert_eq!(lanes.withdraw(VISITOR, 4, at(10_000)), [1, 2, 4]);
    }

    #[test]
    fn an_event_without_consent_is_remembered_for_the_visit() {
        let mut lanes = Lanes::new(at(-7_200));
        assert!(lanes.seen(1, Consent::Given, at(0)).has_always_consented);
        lanes.seen(1, Consent::Unknown, at(1));
        assert!(!lanes.seen(1, Consent::Given, at(2)).has_always_consented);
    }

    #[test]
    fn a_visit_that_may_be_older_than_our_memory_has_not_always_consented() {
        let mut lanes = Lanes::new(at(0));
        assert!(!lanes.seen(1, Consent::Given, at(1_800)).has_always_consented);
        assert!(lanes.seen(2, Consent::Given, at(1_801)).has_always_consented);
    }

    #[test]
    fn no_more_visits_than_the_limit_are_held() {
        let mut lanes = Lanes::new(at(-7_200));
        for visit in 0..(LANES_MAX as u64 + 1_000) {
            lanes.seen(visit, Consent::Given, at(0));
        }
        assert_eq!(lanes.by_visit.len(), LANES_MAX);
        lanes.seen(u64::MAX, Consent::Given, at(i64::from(IDLE_SECONDS_MAX) + 1));
        assert_eq!(lanes.by_visit.len(), 1, "ended visits leave the memory");
    }
}
