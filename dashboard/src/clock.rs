//! The time, handed in, so that a test can move it.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use jiff::Timestamp;

/// Where a part of the dashboard takes the time from. Cheap to clone.
#[derive(Clone)]
pub enum Clock {
    System,
    /// Milliseconds since 1970-01-01, moved by a test.
    Set(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands at `at` until it is moved.
    pub fn standing_at(at: Timestamp) -> Clock {
        Clock::Set(Arc::new(AtomicI64::new(at.as_millisecond())))
    }

    /// Moves a set clock forward; the system's clock is left alone.
    pub fn advance(&self, by: std::time::Duration) {
        if let Clock::Set(now) = self {
            now.fetch_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX), Ordering::SeqCst);
        }
    }

    #[expect(clippy::disallowed_methods, reason = "the one place that reads the system's clock")]
    pub fn now(&self) -> Timestamp {
        match self {
            Clock::System => Timestamp::now(),
            Clock::Set(now) => Timestamp::from_millisecond(now.load(Ordering::SeqCst))
                .expect("a test stays within jiff's years"),
        }
    }

    /// Seconds since 1970-01-01, the unit of control.db.
    pub fn seconds(&self) -> i64 {
        self.now().as_second()
    }
}
