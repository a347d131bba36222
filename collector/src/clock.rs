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
