//! What a collector tells the dashboard of its own absences, since the chart of a day that was
//! cut or split must say so.

use serde::{Deserialize, Serialize};

/// Where it tells them. `POST`, `Authorization: Bearer <secret>`, an [`Interruptions`] in JSON.
pub const INTERRUPTIONS_PATH: &str = "/internal/interruptions";

/// So many are told at once, at most; of more, the oldest are forgotten.
pub const TOLD_MAX: usize = 64;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interruptions {
    pub node: u16,
    pub interruptions: Vec<Interruption>,
}

/// One absence. Times are seconds since 1970-01-01.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interruption {
    /// When the collector was last known to run.
    pub from: i64,
    /// When it listened again.
    pub until: i64,
    /// Whether it was long enough that beacons were lost, rather than sent again by their pages.
    pub gap: bool,
    /// Sites that lost the key of the day: from `until` on, visitors of that day get other
    /// numbers and are counted once more.
    pub split: Vec<u32>,
}
