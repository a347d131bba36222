//! What collectors say about forwarding as it stands now. Only in memory: it is a second
//! old, and the requests of a preview are nobody's business a day later.

pub mod api;
pub mod compare;
pub mod doctor;
pub mod nightly;
pub mod reconcile;

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::control::metrika::forwards::{Count, Forward};

/// Collectors remembered, at most; a cluster has a few.
const COLLECTORS_MAX: usize = 64;

/// A collector that has said nothing for so long, in seconds, is shown as silent.
pub const SILENT_SECONDS: i64 = 10;

/// A collector's report, as `collector::bridge::forwarder::report` writes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    pub node: u16,
    pub at: i64,
    pub sites: Vec<OfSite>,
    pub waiting: Vec<OfSite>,
    pub previews: Vec<OfSite>,
    pub forwards: Vec<Forward>,
    pub counts: Vec<Count>,
}

/// Something about one site, shown to the owner as it is.
#[derive(Clone, Serialize, Deserialize)]
pub struct OfSite {
    pub site: u32,
    #[serde(flatten)]
    pub rest: BTreeMap<String, Value>,
}

/// The newest report of every collector.
#[derive(Default)]
pub struct Reports(Mutex<BTreeMap<u16, Report>>);

/// What one collector says of one site.
#[derive(Serialize)]
pub struct Standing {
    pub node: u16,
    pub at: i64,
    pub is_silent: bool,
    pub state: Option<OfSite>,
    pub waiting: Vec<OfSite>,
    pub previews: Vec<OfSite>,
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
        let own = |list: &[OfSite]| list.iter().filter(|one| one.site == site).cloned().collect::<Vec<_>>();
        reports
            .values()
            .map(|report| Standing {
                node: report.node,
                at: report.at,
                is_silent: now - report.at > SILENT_SECONDS,
                state: report.sites.iter().find(|one| one.site == site).cloned(),
                waiting: own(&report.waiting),
                previews: own(&report.previews),
            })
            .collect()
    }
}
