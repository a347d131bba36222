//! How often something may happen: the generic cell rate algorithm, whose whole state is
//! one word, the time in milliseconds at which the limit is whole again.

use std::sync::atomic::{AtomicI64, Ordering};

use crate::clock::Clock;

/// Slots for tokens and shared dashboards; two that fall into one share its limit.
const SLOTS: usize = 4096;

/// Requests of one token, or of one shared dashboard's readers, at once: a Grafana board of
/// thirty panels loaded three times. Then one every [`EVERY_MS`].
const BURST: i64 = 90;
const EVERY_MS: i64 = 500;

/// How many seconds to wait.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Wait {
    pub(crate) seconds: u64,
}

/// Limits on programs and on readers of shared dashboards, in memory that never grows.
pub(crate) struct Rates {
    clock: Clock,
    slots: Box<[AtomicI64]>,
}

impl Rates {
    pub(crate) fn new(clock: Clock) -> Rates {
        Rates { clock, slots: (0..SLOTS).map(|_| AtomicI64::new(0)).collect() }
    }

    /// Takes one request of the one numbered so.
    pub(crate) fn request(&self, number: i64) -> Result<(), Wait> {
        let slot = number.unsigned_abs() as usize % SLOTS;
        take(&self.slots[slot], self.clock.now().as_millisecond(), BURST, EVERY_MS)
    }
}

pub(super) fn take(whole_at: &AtomicI64, now: i64, burst: i64, every_ms: i64) -> Result<(), Wait> {
    let next = |whole_at: i64| {
        let next = whole_at.max(now) + every_ms;
        (next - now <= burst * every_ms).then_some(next)
    };
    match whole_at.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next) {
        Ok(_) => Ok(()),
        Err(whole_at) => {
            let wait_ms = whole_at + every_ms - burst * every_ms - now;
            Err(Wait { seconds: u64::try_from(wait_ms).unwrap_or(0).div_ceil(1000).max(1) })
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::Timestamp;

    use super::*;

    #[test]
    fn a_burst_passes_and_then_one_at_a_time() {
        let rates = Rates::new(Clock::standing_at(Timestamp::from_second(1_795_000_000).unwrap()));
        for _ in 0..BURST {
            assert_eq!(rates.request(1), Ok(()));
        }
        assert_eq!(rates.request(1), Err(Wait { seconds: 1 }));
        assert_eq!(rates.request(2), Ok(()), "another token has its own limit");
        rates.clock.advance(Duration::from_millis(500));
        assert_eq!(rates.request(1), Ok(()));
        assert!(rates.request(1).is_err());
    }
}
