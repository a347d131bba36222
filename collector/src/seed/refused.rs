//! What the made-up site refused: robots above all, and people who object. Shares
//! of the hour's events, about those of a small Russian shop.

use std::collections::BTreeMap;

use store::event::HotEvent;

use crate::{
    refusal::Refusal,
    spool::{Entry, RefusalCount},
};

/// Refused events for a thousand stored ones.
const PER_MILLE: [(Refusal, u32); 5] = [
    (Refusal::Bot, 62),
    (Refusal::Gpc, 11),
    (Refusal::Dnt, 7),
    (Refusal::LateEngagement, 4),
    (Refusal::UnknownHost, 2),
];

const HOUR: u32 = 3600;

/// The refusals beside a day's events, one entry an hour and reason.
pub(super) fn beside(site_id: u32, events: &[HotEvent]) -> Vec<Entry> {
    let mut hours: BTreeMap<u32, u32> = BTreeMap::new();
    for event in events {
        *hours.entry(event.ts - event.ts % HOUR).or_default() += 1;
    }
    let mut entries = Vec::new();
    for (minute, stored) in hours {
        for (reason, share) in PER_MILLE {
            let n = stored * share / 1000;
            if n > 0 {
                let reason = reason.label().to_owned();
                entries.push(Entry::Refusals(RefusalCount { site_id, minute, n, reason }));
            }
        }
    }
    entries
}
