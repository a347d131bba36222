//! The three parts `up` looks after.

use std::{fmt, time::Duration};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    Engine,
    Collector,
    Dashboard,
}

impl Part {
    /// The order of stopping: the engine goes last, since the other two use it.
    pub const STOP_ORDER: [Part; 3] = [Part::Collector, Part::Dashboard, Part::Engine];

    /// The subcommand that runs it, which is also what it calls itself.
    pub fn name(self) -> &'static str {
        match self {
            Part::Engine => "engine",
            Part::Collector => "collector",
            Part::Dashboard => "dashboard",
        }
    }

    /// How long it may take over a stop before it is killed. A little over its own
    /// bound: 10 s of drain and flush for the collector, 25 s for a report under
    /// way in the dashboard, and a merge under way in the engine. All three together stay
    /// below the 90 s that systemd gives a service by default.
    pub fn stop_max(self) -> Duration {
        match self {
            Part::Collector => Duration::from_secs(20),
            Part::Dashboard => Duration::from_secs(28),
            Part::Engine => Duration::from_secs(30),
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}
