//! The fake's own time, in seconds since 1970-01-01: still, or running with a lead.

use std::time::{SystemTime, UNIX_EPOCH};

/// The last second of 2999: days far beyond cannot be told.
pub const SECONDS_MAX: i64 = 32_503_679_999;

/// Where the fake takes its time from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// Stands still until it is moved.
    Still(i64),
    /// Runs with this machine's clock, so many seconds ahead of it.
    Ahead(i64),
}

impl Clock {
    pub fn now(self) -> i64 {
        match self {
            Clock::Still(now) => now,
            Clock::Ahead(seconds) => machine_now().saturating_add(seconds),
        }
    }

    /// Moves the time on; a running clock goes on running.
    pub fn advance(&mut self, seconds: i64) {
        match self {
            Clock::Still(at) | Clock::Ahead(at) => *at = at.saturating_add(seconds),
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place of the fake that reads the machine's clock")]
fn machine_now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("this machine's clock is past 1970");
    i64::try_from(since.as_secs()).expect("seconds since 1970 fit for billions of years")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_still_clock_moves_only_when_moved_and_a_running_one_keeps_its_lead() {
        let mut still = Clock::Still(100);
        still.advance(20);
        assert_eq!(still.now(), 120);
        let mut ahead = Clock::Ahead(0);
        let before = ahead.now();
        ahead.advance(3_600);
        assert!(ahead.now() >= before + 3_600);
    }
}
