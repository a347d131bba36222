//! How many events are taken a second: from one network for one site, for one site,
//! and over all. Above that they are refused with 429 and counted like any refusal.
//!
//! Promises: the memory is fixed when the collector starts, however many networks come
//! ([`slots`]); a network is known here only by a number that is good in this process
//! (`privacy::NetworkNames`). The defaults are for floods, not for visitors: an office,
//! a university or a mobile carrier behind one address stays far below them.

mod slots;

use std::num::NonZeroU32;

use governor::{
    Quota, RateLimiter,
    clock::{Clock, QuantaClock},
    middleware::NoOpMiddleware,
    state::{InMemoryState, NotKeyed},
};

use crate::{
    privacy::{NetworkNames, Reduced},
    refusal::Refusal,
};
use slots::Slots;

/// Seconds' worth of events that may come at once: phones that were offline send what
/// they held back, and a mailing brings its readers within one minute.
const BURST_SECONDS: NonZeroU32 = NonZeroU32::new(10).expect("ten is not zero");

/// Highest rate that can be set, in events a second: the interval between two events is
/// kept in whole nanoseconds, and its rounding stays below 0.1 %.
pub const RATE_MAX: u32 = 1_000_000;

/// Buckets of networks: 2 MiB. Two networks of one bucket share its rate. With 100,000
/// networks at once an attacker's bucket holds 0.4 strangers on average, and they
/// notice only while the attack lasts.
const NETWORK_SLOTS: usize = 1 << 18;

/// Buckets of sites: 512 KiB. Sites are numbered from 1, so up to this many of them
/// none shares a bucket with another.
const SITE_SLOTS: usize = 1 << 16;

/// Events a second, each from 1 to [`RATE_MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rates {
    pub overall: NonZeroU32,
    pub site: NonZeroU32,
    /// For one site from one network (`privacy::Precision::prefix`).
    pub network: NonZeroU32,
}

impl Default for Rates {
    /// `network`: 3,000 people who open a page every 9 seconds, with three events a page.
    /// `site`: a site of a billion events a month has 400 a second and peaks of 4,000.
    /// `overall`: many times what one machine of two cores accepts.
    fn default() -> Rates {
        let rate = |events| NonZeroU32::new(events).expect("written here, and not zero");
        Rates { overall: rate(100_000), site: rate(20_000), network: rate(1_000) }
    }
}

type Limiter<K, S, C> = RateLimiter<K, S, C, NoOpMiddleware<<C as Clock>::Instant>>;

/// The three limits and their state.
pub struct RateLimits<C: Clock = QuantaClock> {
    overall: Limiter<NotKeyed, InMemoryState, C>,
    sites: Limiter<u64, Slots, C>,
    networks: Limiter<u64, Slots, C>,
    names: NetworkNames,
}

impl RateLimits {
    pub fn new(rates: Rates) -> RateLimits {
        RateLimits::with_clock(rates, QuantaClock::default())
    }
}

impl<C: Clock + Clone> RateLimits<C> {
    fn with_clock(rates: Rates, clock: C) -> RateLimits<C> {
        RateLimits {
            overall: RateLimiter::new(quota(rates.overall), InMemoryState::default(), clock.clone()),
            sites: RateLimiter::new(quota(rates.site), Slots::new(SITE_SLOTS), clock.clone()),
            networks: RateLimiter::new(quota(rates.network), Slots::new(NETWORK_SLOTS), clock),
            names: NetworkNames::new(),
        }
    }

    /// Whether one more event may pass. The narrowest limit is asked first, so that what
    /// a flood is refused takes nothing from the others' share.
    pub fn admit(&self, site_id: u32, sender: &Reduced) -> Result<(), Refusal> {
        // A local network is no network of somebody's: it is everybody on an intranet,
        // or behind a proxy the owner has not named. The site's limit holds for it.
        if let Some(name) = self.names.name(site_id, sender) {
            self.networks.check_key(&name).map_err(|_| Refusal::NetworkRate)?;
        }
        self.sites.check_key(&site_id.into()).map_err(|_| Refusal::SiteRate)?;
        self.overall.check().map_err(|_| Refusal::OverallRate)
    }
}

fn quota(rate: NonZeroU32) -> Quota {
    Quota::per_second(rate).allow_burst(rate.saturating_mul(BURST_SECONDS))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use governor::clock::FakeRelativeClock;

    use super::*;
    use crate::privacy::{ClientIp, sender::reduced_for_test};

    const RATES: [u32; 3] = [40, 20, 5];

    fn limits(clock: &FakeRelativeClock) -> RateLimits<FakeRelativeClock> {
        let [overall, site, network] = RATES.map(|rate| NonZeroU32::new(rate).unwrap());
        RateLimits::with_clock(Rates { overall, site, network }, clock.clone())
    }

    fn from(address: &str) -> Reduced {
        reduced_for_test(ClientIp::new(address.parse().unwrap()))
    }

    /// How many of `events` pass, and what the first refused one was told.
    fn passed(
        limits: &RateLimits<FakeRelativeClock>,
        site: u32,
        sender: &Reduced,
        events: u32,
    ) -> (u32, Option<Refusal>) {
        let outcomes: Vec<_> = (0..events).map(|_| limits.admit(site, sender)).collect();
        let refused = outcomes.iter().find_map(|outcome| outcome.err());
        (outcomes.iter().filter(|outcome| outcome.is_ok()).count() as u32, refused)
    }

    #[test]
    fn a_network_has_its_burst_and_then_its_rate() {
        let clock = FakeRelativeClock::default();
        let limits = limits(&clock);
        let office = from("203.0.113.7");
        assert_eq!(passed(&limits, 1, &office, 60), (50, Some(Refusal::NetworkRate)));
        clock.advance(Duration::from_secs(2));
        assert_eq!(passed(&limits, 1, &office, 60), (10, Some(Refusal::NetworkRate)));
    }

    #[test]
    fn hosts_of_one_network_share_a_limit_and_other_networks_and_sites_do_not() {
        let clock = FakeRelativeClock::default();
        let limits = limits(&clock);
        assert_eq!(passed(&limits, 1, &from("203.0.113.7"), 50).0, 50);
        assert_eq!(passed(&limits, 1, &from("203.0.113.200"), 1).0, 0);
        assert_eq!(passed(&limits, 1, &from("198.51.100.7"), 50).0, 50);
        assert_eq!(passed(&limits, 2, &from("203.0.113.7"), 50).0, 50);
    }

    #[test]
    fn a_site_has_a_limit_over_all_its_networks() {
        let clock = FakeRelativeClock::default();
        let limits = limits(&clock);
        let all: u32 = (0..10).map(|n| passed(&limits, 1, &from(&format!("203.0.{n}.1")), 50).0).sum();
        assert_eq!(all, 200);
        assert_eq!(passed(&limits, 1, &from("198.51.100.1"), 1).1, Some(Refusal::SiteRate));
    }

    #[test]
    fn all_sites_together_have_a_limit() {
        let clock = FakeRelativeClock::default();
        let limits = limits(&clock);
        let all: u32 = (1..20).map(|site| passed(&limits, site, &from("203.0.113.7"), 50).0).sum();
        assert_eq!(all, 400);
        assert_eq!(passed(&limits, 30, &from("198.51.100.1"), 1).1, Some(Refusal::OverallRate));
    }

    #[test]
    fn a_local_network_knows_only_the_sites_limit() {
        let clock = FakeRelativeClock::default();
        let limits = limits(&clock);
        assert_eq!(passed(&limits, 1, &from("10.1.2.3"), 300), (200, Some(Refusal::SiteRate)));
    }

    #[test]
    fn a_busy_office_behind_one_address_is_never_refused_by_the_defaults() {
        let clock = FakeRelativeClock::default();
        let limits = RateLimits::with_clock(Rates::default(), clock.clone());
        let office = from("203.0.113.7");
        // 3,000 people open a page at the same moment, then one every 9 seconds, for an
        // hour; a page sends three events.
        assert_eq!(passed(&limits, 1, &office, 9_000), (9_000, None));
        for _ in 0..400 {
            clock.advance(Duration::from_secs(9));
            assert_eq!(passed(&limits, 1, &office, 9_000), (9_000, None));
        }
    }
}
