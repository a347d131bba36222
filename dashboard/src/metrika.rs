//! What collectors say about forwarding as it stands now. Only in memory: it is a second
//! old, and the requests of a preview are nobody's business a day later.

pub mod api;
pub mod compare;
pub mod doctor;
pub mod nightly;
pub mod reconcile;
pub mod report;
pub mod tag;

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use schemars::JsonSchema;
use serde::Serialize;

pub use report::Report;
use report::{Preview, State, Waiting};

/// Collectors remembered, at most; a cluster has a few.
const COLLECTORS_MAX: usize = 64;

/// A collector that has said nothing for so long, in seconds, is shown as silent.
pub const SILENT_SECONDS: i64 = 10;

/// The newest report of every collector.
#[derive(Default)]
pub struct Reports(Mutex<BTreeMap<u16, Report>>);

/// What one collector says of one site.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "MetrikaCollector")]
pub struct Standing {
    pub node: u16,
    /// When it last said something, in seconds since 1970-01-01.
    pub at: i64,
    pub is_silent: bool,
    /// Null: it does not forward of this site.
    pub state: Option<State>,
    pub waiting: Vec<Waiting>,
    pub previews: Vec<Preview>,
}

impl Reports {
    /// Keeps the report, without what goes into control.db.
    pub fn keep(&self, report: Report) {
        let mut reports = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if reports.len() < COLLECTORS_MAX || reports.contains_key(&report.node) {
            reports.insert(report.node, report);
        }
    }

    pub fn of_site(&self, site: u32, now: i64) -> Vec<Standing> {
        let reports = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        reports
            .values()
            .map(|report| Standing {
                node: report.node,
                at: report.at,
                is_silent: now - report.at > SILENT_SECONDS,
                state: report.sites.iter().find(|one| one.site == site).cloned(),
                waiting: report.waiting.iter().filter(|one| one.site == site).cloned().collect(),
                previews: report.previews.iter().filter(|one| one.site == site).cloned().collect(),
            })
            .collect()
    }
}
