//! How fast requests go: a token bucket per counter and one for all. No limit is published
//! (metrika.md section 8.7), so it starts low, halves when Metrika says it is busy, and
//! comes back by a tenth for every quiet minute.

use std::{
    num::NonZeroU32,
    time::{Duration, Instant},
};

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};

/// Requests of one counter per second, unless it is busy.
pub const PER_COUNTER: NonZeroU32 = NonZeroU32::new(5).expect("5 is not 0");

/// Requests of all counters per second.
pub const PER_COLLECTOR: NonZeroU32 = NonZeroU32::new(20).expect("20 is not 0");

/// Slowest pace, in requests a second: one in sixteen seconds.
const PACE_MIN: f64 = 1.0 / 16.0;

const QUIET: Duration = Duration::from_secs(60);

/// One counter's pace.
pub struct Pace {
    per_second: f64,
    limiter: DefaultDirectRateLimiter,
    changed: Instant,
}

impl Pace {
    pub fn new(now: Instant) -> Pace {
        let per_second = f64::from(PER_COUNTER.get());
        Pace { per_second, limiter: limiter(per_second), changed: now }
    }

    /// Takes a token, if there is one.
    pub fn admits(&self) -> bool {
        self.limiter.check().is_ok()
    }

    pub fn per_second(&self) -> f64 {
        self.per_second
    }

    pub fn was_busy(&mut self, now: Instant) {
        self.set((self.per_second / 2.0).max(PACE_MIN), now);
    }

    /// Called now and then.
    pub fn tick(&mut self, now: Instant) {
        let full = f64::from(PER_COUNTER.get());
        if self.per_second < full && now.duration_since(self.changed) >= QUIET {
            self.set((self.per_second * 1.1).min(full), now);
        }
    }

    fn set(&mut self, per_second: f64, now: Instant) {
        self.per_second = per_second;
        self.limiter = limiter(per_second);
        self.changed = now;
    }
}

/// A bucket for all counters.
pub fn of_all() -> DefaultDirectRateLimiter {
    RateLimiter::direct(Quota::per_second(PER_COLLECTOR))
}

fn limiter(per_second: f64) -> DefaultDirectRateLimiter {
    let period = Duration::from_secs_f64(1.0 / per_second);
    let burst = NonZeroU32::new(per_second as u32).unwrap_or(NonZeroU32::MIN);
    RateLimiter::direct(Quota::with_period(period).expect("a period is not 0").allow_burst(burst))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_halves_when_busy_and_comes_back_by_tenths() {
        let start = Instant::now();
        let mut pace = Pace::new(start);
        pace.was_busy(start);
        assert!((pace.per_second() - 2.5).abs() < 1e-9);
        pace.tick(start + QUIET / 2);
        assert!((pace.per_second() - 2.5).abs() < 1e-9);
        pace.tick(start + QUIET);
        assert!((pace.per_second() - 2.75).abs() < 1e-9);
        for minute in 2..60 {
            pace.tick(start + QUIET * minute);
        }
        assert!((pace.per_second() - 5.0).abs() < 1e-9, "never above the first pace");
        for _ in 0..20 {
            pace.was_busy(start);
        }
        assert!((pace.per_second() - PACE_MIN).abs() < 1e-9);
    }

    #[test]
    fn a_burst_is_bounded() {
        let pace = Pace::new(Instant::now());
        let admitted = (0..100).filter(|_| pace.admits()).count();
        assert!((5..=6).contains(&admitted), "{admitted}");
    }
}
