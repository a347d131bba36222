//! How long to wait before a dead child is started again.

use std::time::Duration;

/// The first wait: long enough that a child which dies at once does not spin a
/// core, short enough that a visitor's browser does not notice.
const FIRST: Duration = Duration::from_millis(100);

/// The longest wait: an owner who mends the cause sees the effect within it.
const LONGEST: Duration = Duration::from_secs(10);

/// A child that lived this long had started properly; its death is a new story.
const HEALTHY: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub struct Backoff {
    next: Duration,
}

impl Backoff {
    pub fn new() -> Backoff {
        Backoff { next: FIRST }
    }

    /// The wait after a child that lived for `lived`.
    pub fn after(&mut self, lived: Duration) -> Duration {
        if lived >= HEALTHY {
            self.next = FIRST;
        }
        let wait = self.next;
        self.next = (wait * 2).min(LONGEST);
        wait
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_up_to_ten_seconds() {
        let mut backoff = Backoff::new();
        let waits: Vec<u128> = (0..9).map(|_| backoff.after(Duration::ZERO).as_millis()).collect();
        assert_eq!(waits, [100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]);
    }

    #[test]
    fn a_minute_of_health_forgives_earlier_deaths() {
        let mut backoff = Backoff::new();
        for _ in 0..5 {
            backoff.after(Duration::from_secs(59));
        }
        assert_eq!(backoff.after(HEALTHY), FIRST);
    }
}
