//! The time, handed in so that tests can move it.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use jiff::{SignedDuration, Timestamp};

/// The system's clock plus an offset that only tests set.
#[derive(Clone, Default)]
pub struct Clock {
    offset_ms: Arc<AtomicI64>,
}

impl Clock {
    pub fn system() -> Clock {
        Clock::default()
    }

    #[expect(clippy::disallowed_methods, reason = "the one place that reads the system's clock")]
    pub fn now(&self) -> Timestamp {
        Timestamp::now() + SignedDuration::from_millis(self.offset_ms.load(Ordering::Relaxed))
    }

    /// Makes this clock show `time` now and run on from there.
    pub fn set(&self, time: Timestamp) {
        let ahead = time.duration_since(self.now());
        self.offset_ms.fetch_add(ahead.as_millis() as i64, Ordering::Relaxed);
    }
}

/// Seconds since 1970-01-01, as the table keeps them; its range ends in 2106.
pub fn seconds(time: Timestamp) -> u32 {
    u32::try_from(time.as_second()).unwrap_or(if time.as_second() < 0 { 0 } else { u32::MAX })
}
