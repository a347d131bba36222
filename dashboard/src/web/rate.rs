//! How often something may happen: the generic cell rate algorithm, whose whole state is
//! one word, the time in milliseconds at which the limit is whole again.

use std::sync::atomic::{AtomicI64, Ordering};

use crate::clock::Clock;

/// Slots for tokens and shared dashboards; two that fall into one share its limit.
const SLOTS: usize = 4096;

/// Requests of one token at once: a Grafana board of thirty panels loaded three times. Then
/// one every [`EVERY_MS`].
const BURST: i64 = 90;
const EVERY_MS: i64 = 500;

/// The same of all readers of one link together: two hundred pages opened at once, and as many
/// that ask three things every half minute.
const READERS_BURST: i64 = 600;
const READERS_EVERY_MS: i64 = 50;

/// How many seconds to wait.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Wait {
    pub(crate) seconds: u64,
}

/// Limits on programs and on readers of shared dashboards, in memory that never grows.
pub(crate) struct Rates {
    clock: Clock,
    tokens: Box<[AtomicI64]>,
    links: Box<[AtomicI64]>,
}

impl Rates {
    pub(crate) fn new(clock: Clock) -> Rates {
        let slots = || (0..SLOTS).map(|_| AtomicI64::new(0)).collect();
        Rates { clock, tokens: slots(), links: slots() }
    }

    /// Takes one request of a token.
    pub(crate) fn program(&self, token_id: i64) -> Result<(), Wait> {
        let slot = &self.tokens[token_id.unsigned_abs() as usize % SLOTS];
        take(slot, self.clock.now().as_millisecond(), BURST, EVERY_MS)
    }

    /// Takes one request of a link's readers.
    pub(crate) fn reader(&self, link_number: i64) -> Result<(), Wait> {
        let slot = &self.links[link_number.unsigned_abs() as usize % SLOTS];
        take(slot, self.clock.now().as_millisecond(), READERS_BURST, READERS_EVERY_MS)
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
            assert_eq!(rates.program(1), Ok(()));
        }
        assert_eq!(rates.program(1), Err(Wait { seconds: 1 }));
        assert_eq!(rates.program(2), Ok(()), "another token has its own limit");
        assert!((0..READERS_BURST).all(|_| rates.reader(1).is_ok()), "readers have a wider one");
        assert!(rates.reader(1).is_err());
        rates.clock.advance(Duration::from_millis(500));
        assert_eq!(rates.program(1), Ok(()));
        assert!(rates.program(1).is_err());
    }
}
