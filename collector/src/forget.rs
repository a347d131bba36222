//! Ends what must not outlive its day: the keys and the visits of days whose carry
//! is over. Depends on the clock alone: a key dies on time even when ClickHouse has
//! never answered. Must never wait for anything else.

use std::{sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use store::event::DayNumber;
use tokio::sync::watch;

use crate::{
    clock::Clock, enrich::guard::Guard, objection::Objections, privacy::KeyRing, site::Sites, visit::Visits,
};

/// How often the clock is looked at; a key outlives its carry by no more than this.
const LOOK_EVERY: Duration = Duration::from_secs(20);

pub struct Forgetter {
    pub sites: Arc<ArcSwap<Sites>>,
    pub keys: Arc<KeyRing>,
    pub visits: Arc<Visits>,
    pub objections: Arc<Objections>,
    pub guard: Arc<Guard>,
    pub clock: Clock,
}

impl Forgetter {
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            self.forget();
            tokio::select! {
                () = tokio::time::sleep(LOOK_EVERY) => {}
                _ = stop.changed() => {}
            }
        }
    }

    /// Destroys what is over by now.
    pub fn forget(&self) {
        let now = self.clock.now();
        let sites = self.sites.load();
        for &(site_id, uuid) in sites.removed() {
            self.keys.destroy_before(uuid, DayNumber::MAX);
            self.visits.end_before(site_id, DayNumber::MAX);
            self.objections.end_before(site_id, DayNumber::MAX);
            self.guard.end_before(site_id, DayNumber::MAX);
        }
        // Before the owner's settings have been read nobody is known to be gone.
        if sites.version > 0 {
            self.keys.destroy_others(&sites.iter().map(|site| site.uuid).collect());
        }
        for site in sites.iter() {
            let day = site.day_of(now);
            let first_alive = day.carried.unwrap_or(day.today);
            self.keys.destroy_before(site.uuid, first_alive);
            self.visits.end_before(site.id, first_alive);
            self.objections.end_before(site.id, first_alive);
            self.guard.end_before(site.id, first_alive);
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};
    use store::snapshot::{self, Snapshot};

    use super::*;
    use crate::privacy::{ClientIp, KeyName, identity::Message, sender::reduced_for_test};

    /// Hours a day has at most (the night the clocks go back), and its carry.
    const KEY_LIFE_MAX: SignedDuration = SignedDuration::from_mins(25 * 60 + 30);

    fn forgetter(zone: &str) -> Forgetter {
        let site = snapshot::Site {
            id: 1,
            uuid: "11".repeat(16),
            domain: "example.test".into(),
            hosts: vec![],
            time_zone: zone.into(),
            props: vec![],
            declared: Default::default(),
        };
        let sites = Sites::read(&Snapshot { version: 1, sites: vec![site], ..Snapshot::empty() }).unwrap();
        Forgetter {
            sites: Arc::new(ArcSwap::from_pointee(sites)),
            keys: Arc::default(),
            visits: Arc::new(Visits::new(1000)),
            objections: Arc::default(),
            guard: Arc::default(),
            clock: Clock::system(),
        }
    }

    fn somebody() -> Message {
        reduced_for_test(ClientIp::new("203.0.113.7".parse().unwrap())).message
    }

    fn use_todays_key(forgetter: &Forgetter, now: Timestamp) -> Option<KeyName> {
        let sites = forgetter.sites.load();
        let site = sites.by_domain("example.test").unwrap();
        let name = KeyName { site_uuid: site.uuid, day: site.day_of(now).today };
        let end = || site.end_of(name.day);
        assert!(end() > now.as_second(), "the launcher would wipe it too early");
        forgetter.keys.visitor(name, &somebody(), end).ok().map(|_| name)
    }

    /// Ten minutes a step over 2028, a leap year: Lord Howe moves its clocks by half an
    /// hour, Berlin by one, Kolkata not at all.
    #[test]
    fn over_a_year_with_changing_clocks_no_key_outlives_its_day_and_carry() {
        const STEP: SignedDuration = SignedDuration::from_mins(10);
        for zone in ["Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe"] {
            let forgetter = forgetter(zone);
            let mut now: Timestamp = "2028-01-01T00:00:00Z".parse().unwrap();
            let end: Timestamp = "2029-01-02T00:00:00Z".parse().unwrap();
            let mut born: Vec<(KeyName, Timestamp)> = Vec::new();
            while now < end {
                forgetter.clock.set(now);
                forgetter.forget();
                if let Some(name) = use_todays_key(&forgetter, now)
                    && !born.iter().any(|&(known, _)| known == name)
                {
                    born.push((name, now));
                }
                born.retain(|&(name, _)| forgetter.keys.living_visitor(name, &somebody()).is_some());
                for &(name, at) in &born {
                    let age = now.duration_since(at);
                    assert!(age <= KEY_LIFE_MAX + STEP, "{zone}: the key of day {} is {age:#} old", name.day);
                }
                now += STEP;
            }
        }
    }

    #[test]
    fn an_idle_sites_key_dies_without_an_event() {
        let forgetter = forgetter("UTC");
        let noon: Timestamp = "2028-03-01T12:00:00Z".parse().unwrap();
        forgetter.clock.set(noon);
        use_todays_key(&forgetter, noon).unwrap();
        forgetter.clock.set("2028-03-02T00:29:00Z".parse().unwrap());
        forgetter.forget();
        assert_eq!(forgetter.keys.alive(), 1, "the carry lasts until half past");
        forgetter.clock.set("2028-03-02T00:31:00Z".parse().unwrap());
        forgetter.forget();
        assert_eq!(forgetter.keys.alive(), 0);
    }

    #[test]
    fn a_clock_that_goes_back_a_day_brings_no_key_back() {
        let forgetter = forgetter("UTC");
        forgetter.clock.set("2028-03-02T12:00:00Z".parse().unwrap());
        forgetter.forget();
        assert_eq!(use_todays_key(&forgetter, "2028-03-01T12:00:00Z".parse().unwrap()), None);
    }

    #[test]
    fn the_end_that_a_key_is_marked_with_is_when_it_dies_here_too() {
        for zone in ["Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe"] {
            let forgetter = forgetter(zone);
            // A day on which Lord Howe's and nearly Berlin's clocks change.
            let now: Timestamp = "2028-04-01T12:00:00Z".parse().unwrap();
            forgetter.clock.set(now);
            let name = use_todays_key(&forgetter, now).unwrap();
            let end = forgetter.sites.load().by_domain("example.test").unwrap().end_of(name.day);
            // A clock that is set is up to a millisecond behind.
            for (second, alive) in [(end - 1, 1), (end + 1, 0)] {
                forgetter.clock.set(Timestamp::from_second(second).unwrap());
                forgetter.forget();
                assert_eq!(forgetter.keys.alive(), alive, "{zone}");
            }
        }
    }

    #[test]
    fn a_removed_sites_keys_go_with_it_and_an_unread_settings_file_removes_none() {
        let forgetter = forgetter("UTC");
        let noon: Timestamp = "2028-03-01T12:00:00Z".parse().unwrap();
        forgetter.clock.set(noon);
        use_todays_key(&forgetter, noon).unwrap();
        forgetter.sites.store(Arc::default());
        forgetter.forget();
        assert_eq!(forgetter.keys.alive(), 1);
        forgetter.sites.store(Arc::new(Sites::read(&Snapshot { version: 2, ..Snapshot::empty() }).unwrap()));
        forgetter.forget();
        assert_eq!(forgetter.keys.alive(), 0);
    }
}
