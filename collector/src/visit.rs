//! Visits: which events belong together. Held in memory only, by the day's visitor
//! number; a visit's own number is random and never derived.
//!
//! A visit ends after 30 minutes without an event. One that is alive at the site's
//! midnight keeps yesterday's day and numbers until it ends, at the latest when the
//! carry does; so one visit stays one visit and ids never cross days.

pub mod restore;

use std::{
    collections::{HashMap, HashSet, VecDeque},
    hash::{BuildHasher, RandomState},
    sync::{Arc, Mutex, MutexGuard},
};

use store::event::{DayNumber, VisitAttributes};

/// Silence that ends a visit, in seconds. The field's usual value.
pub const IDLE_SECONDS_MAX: u32 = 30 * 60;

/// Live visits held at most, over all sites: about 200 MiB. Above it the oldest end
/// early, which splits a visit and loses no event.
pub const LIVE_VISITS_MAX: usize = 1 << 20;

/// Attributes of ended visits that a shard may hold beyond those of two for each live one.
const KNOWN_SPARE: usize = 1024;

/// Locks, so that requests on all cores rarely meet.
const SHARDS: usize = 64;

/// A site's visitor on one of its days.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct VisitorKey {
    pub site_id: u32,
    pub day: DayNumber,
    pub visitor: u64,
}

/// The visit an event belongs to.
#[derive(Clone)]
pub struct Visit {
    pub number: u64,
    pub attributes: Arc<VisitAttributes>,
}

struct Live {
    visit: Visit,
    last_seen: u32,
}

#[derive(Default)]
struct Shard {
    live: HashMap<VisitorKey, Live>,
    /// Attributes of live visits, each once: a million visits come by a few hundred ways.
    known: HashSet<Arc<VisitAttributes>>,
    /// Visits in the order they were last seen, with entries that may be out of
    /// date: the entry in `live` decides. Keeps eviction cheap.
    order: VecDeque<(u32, VisitorKey)>,
}

/// All live visits.
pub struct Visits {
    shards: Vec<Mutex<Shard>>,
    hasher: RandomState,
    per_shard_max: usize,
}

impl Visits {
    pub fn new(live_max: usize) -> Visits {
        Visits {
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            hasher: RandomState::new(),
            per_shard_max: live_max.div_ceil(SHARDS),
        }
    }

    /// The live visit of `key`, seen again at `now`.
    pub fn touch(&self, key: VisitorKey, now: u32) -> Option<Visit> {
        let mut shard = self.shard(key);
        let live = shard.live.get_mut(&key)?;
        if now.saturating_sub(live.last_seen) > IDLE_SECONDS_MAX {
            return None;
        }
        live.last_seen = live.last_seen.max(now);
        Some(live.visit.clone())
    }

    /// The live visit of `key`, or a new one with `attributes` and `number`.
    pub fn touch_or_begin(
        &self,
        key: VisitorKey,
        now: u32,
        number: impl FnOnce() -> u64,
        attributes: impl FnOnce() -> VisitAttributes,
    ) -> Visit {
        if let Some(visit) = self.touch(key, now) {
            return visit;
        }
        let attributes = attributes();
        let mut shard = self.shard(key);
        // Two first events of one visitor may meet here; the second joins the first.
        if let Some(live) = shard.live.get_mut(&key)
            && now.saturating_sub(live.last_seen) <= IDLE_SECONDS_MAX
        {
            live.last_seen = live.last_seen.max(now);
            return live.visit.clone();
        }
        let visit = Visit { number: number(), attributes: shard.shared(attributes.into()) };
        shard.live.insert(key, Live { visit: visit.clone(), last_seen: now });
        shard.order.push_back((now, key));
        shard.evict(now, self.per_shard_max);
        visit
    }

    /// Ends the visit of `key`, if it is live; its number, for what hangs on it.
    pub fn end(&self, key: VisitorKey) -> Option<u64> {
        self.shard(key).live.remove(&key).map(|live| live.visit.number)
    }

    /// Puts a visit in that was live before a restart, unless a later one is known.
    fn restore(&self, key: VisitorKey, visit: Visit, seen: u32) {
        let mut shard = self.shard(key);
        if shard.live.get(&key).is_some_and(|live| live.last_seen > seen) {
            return;
        }
        let visit = Visit { attributes: shard.shared(visit.attributes), ..visit };
        shard.live.insert(key, Live { visit, last_seen: seen });
        shard.order.push_back((seen, key));
        shard.evict(seen, self.per_shard_max);
    }

    /// Ends all visits of `site_id` on days before `day`: their carry is over.
    pub fn end_before(&self, site_id: u32, day: DayNumber) {
        for shard in &self.shards {
            lock(shard).live.retain(|key, _| key.site_id != site_id || key.day >= day);
        }
    }

    /// How many visits are held, for the metric.
    pub fn live(&self) -> usize {
        self.shards.iter().map(|shard| lock(shard).live.len()).sum()
    }

    fn shard(&self, key: VisitorKey) -> MutexGuard<'_, Shard> {
        lock(&self.shards[self.hasher.hash_one(key) as usize % SHARDS])
    }
}

impl Shard {
    /// The same attributes, as another visit has them already, if one does.
    fn shared(&mut self, attributes: Arc<VisitAttributes>) -> Arc<VisitAttributes> {
        if let Some(known) = self.known.get(&attributes) {
            return known.clone();
        }
        // Of visits that have ended; looked for seldom, since each look is at all of them.
        if self.known.len() > 2 * self.live.len() + KNOWN_SPARE {
            self.known.retain(|known| Arc::strong_count(known) > 1);
        }
        self.known.insert(attributes.clone());
        attributes
    }

    /// Drops what has ended, and the oldest while there are more than `max`.
    fn evict(&mut self, now: u32, max: usize) {
        while let Some(&(queued, key)) = self.order.front() {
            let full = self.live.len() > max;
            if !full && now.saturating_sub(queued) <= IDLE_SECONDS_MAX {
                return;
            }
            self.order.pop_front();
            match self.live.get(&key).map(|live| live.last_seen) {
                // Seen since it was queued: back into the line, at its newer time.
                Some(seen) if seen > queued && !(full && self.order.is_empty()) => {
                    self.order.push_back((seen, key));
                }
                Some(_) => {
                    self.live.remove(&key);
                }
                None => {}
            }
        }
    }
}

fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard.lock().expect("nothing panics while a shard is held")
}

#[cfg(test)]
mod tests {
    use store::event::DeviceClass;

    use super::*;

    fn attributes() -> VisitAttributes {
        VisitAttributes {
            source: "Yandex".into(),
            channel: "search".into(),
            referrer: String::new(),
            utm_source: String::new(),
            utm_medium: String::new(),
            utm_campaign: String::new(),
            utm_content: String::new(),
            utm_term: String::new(),
            country: *b"RU",
            browser: "Chrome".into(),
            os: "Windows".into(),
            device: DeviceClass::Desktop,
        }
    }

    fn key(visitor: u64) -> VisitorKey {
        VisitorKey { site_id: 1, day: 1, visitor }
    }

    #[test]
    fn events_within_half_an_hour_are_one_visit() {
        let visits = Visits::new(1000);
        assert_eq!(visits.touch_or_begin(key(7), 0, || 1, attributes).number, 1);
        assert_eq!(visits.touch_or_begin(key(7), 1800, || 2, attributes).number, 1);
        assert_eq!(visits.touch_or_begin(key(7), 3600, || 3, attributes).number, 1);
        assert_eq!(visits.touch_or_begin(key(7), 5401, || 4, attributes).number, 4);
    }

    #[test]
    fn an_ended_visit_is_not_touched() {
        let visits = Visits::new(1000);
        visits.touch_or_begin(key(7), 0, || 1, attributes);
        assert!(visits.touch(key(7), 1801).is_none());
        assert!(visits.touch(key(8), 0).is_none());
    }

    #[test]
    fn a_clock_that_jumps_back_does_not_shorten_a_visit() {
        let visits = Visits::new(1000);
        visits.touch_or_begin(key(7), 5000, || 1, attributes);
        assert_eq!(visits.touch_or_begin(key(7), 4000, || 2, attributes).number, 1);
        assert_eq!(visits.touch_or_begin(key(7), 6700, || 3, attributes).number, 1);
    }

    #[test]
    fn more_visits_than_the_limit_are_never_held() {
        let visits = Visits::new(SHARDS * 4);
        for visitor in 1..10_000 {
            visits.touch_or_begin(key(visitor), visitor as u32 / 100, || visitor, attributes);
            // Seen again, so that stale queue entries are met too.
            visits.touch(key(visitor / 2 + 1), visitor as u32 / 100);
        }
        assert!(visits.live() <= SHARDS * 4, "{}", visits.live());
    }

    #[test]
    fn ended_visits_leave_the_memory() {
        let visits = Visits::new(1_000_000);
        for visitor in 1..20_000_u32 {
            visits.touch_or_begin(key(visitor.into()), visitor, || visitor.into(), attributes);
        }
        assert!(visits.live() < 4 * IDLE_SECONDS_MAX as usize, "{}", visits.live());
    }

    #[test]
    fn the_end_of_a_carry_ends_yesterdays_visits_of_that_site() {
        let visits = Visits::new(1000);
        visits.touch_or_begin(key(7), 0, || 1, attributes);
        visits.touch_or_begin(VisitorKey { site_id: 2, ..key(7) }, 0, || 2, attributes);
        visits.end_before(1, 2);
        assert_eq!(visits.live(), 1);
    }

    #[test]
    fn visits_that_came_the_same_way_share_what_is_known_of_it_and_ended_ones_leave_nothing() {
        let visits = Visits::new(1_000_000);
        let from = |site: u32| move || VisitAttributes { referrer: format!("{site}.test"), ..attributes() };
        let begin =
            |n: u32, site| visits.touch_or_begin(key(n.into()), n, || n.into(), from(site)).attributes;
        let held = || visits.shards.iter().map(|shard| lock(shard).known.len()).sum::<usize>();
        for n in 1..10_000 {
            begin(n, n % 3);
        }
        assert!(held() <= 3 * SHARDS, "{}", held());
        // Everybody from elsewhere, a visit a second: all but the last half hour has ended.
        for n in 10_000..300_000 {
            begin(n, n);
        }
        assert!(held() < SHARDS * (KNOWN_SPARE + 100) + 3 * IDLE_SECONDS_MAX as usize, "{}", held());
    }
}
