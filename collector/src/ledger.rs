//! What was refused, counted by site, minute and reason until it is spooled.
//!
//! What was stored is counted by the shipper from the very records it ships, so the
//! two halves of the balance travel the same durable way.

use std::{collections::HashMap, sync::Mutex};

use crate::{
    refusal::Refusal,
    spool::{Entry, RefusalCount},
};

/// Different (site, minute, reason) held between two flushes, at most. A flush comes
/// every second and sites are the owner's own, so this is met only while the spool takes
/// nothing for hours; above it, new counts go to site 0 and minute 0 rather than be lost.
const CELLS_MAX: usize = 100_000;

#[derive(Default)]
pub struct Ledger {
    cells: Mutex<HashMap<Cell, u32>>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Cell {
    site_id: u32,
    minute: u32,
    reason: Refusal,
}

impl Ledger {
    /// Counts one refused event. `site_id` 0: no site of ours was named. `now` in
    /// seconds since 1970-01-01.
    pub fn refuse(&self, site_id: u32, reason: Refusal, now: u32) {
        add(&mut self.lock(), Cell { site_id, minute: floor(reason, now), reason }, 1);
    }

    /// Takes what has been counted since the last call.
    pub fn take(&self) -> Vec<Entry> {
        let cells = std::mem::take(&mut *self.lock());
        cells
            .into_iter()
            .map(|(Cell { site_id, minute, reason }, n)| count(site_id, minute, reason, n))
            .collect()
    }

    /// Puts back what the spool did not take.
    pub fn put_back(&self, entries: Vec<Entry>) {
        let mut cells = self.lock();
        for entry in entries {
            if let Entry::Refusals(count) = entry
                && let Some(reason) = Refusal::ALL.into_iter().find(|reason| reason.label() == count.reason)
            {
                let cell = Cell { site_id: count.site_id, minute: count.minute, reason };
                add(&mut cells, cell, count.n);
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Cell, u32>> {
        self.cells.lock().expect("nothing panics while the cells are held")
    }
}

/// One refused event as it goes into the spool.
pub fn one(site_id: u32, reason: Refusal, now: u32) -> Entry {
    count(site_id, floor(reason, now), reason, 1)
}

fn count(site_id: u32, minute: u32, reason: Refusal, n: u32) -> Entry {
    Entry::Refusals(RefusalCount { site_id, minute, n, reason: reason.label().to_owned() })
}

/// The beginning of the minute, or of the hour, that a refusal is counted in.
fn floor(reason: Refusal, now: u32) -> u32 {
    let grain = if reason.is_a_visitors_wish() { 3600 } else { 60 };
    now - now % grain
}

/// Above the limit a new cell's count goes to nobody's: the sum of each reason stays right.
fn add(cells: &mut HashMap<Cell, u32>, cell: Cell, n: u32) {
    let cell = match cells.len() {
        _ if cells.contains_key(&cell) => cell,
        ..CELLS_MAX => cell,
        CELLS_MAX.. => Cell { site_id: 0, minute: 0, ..cell },
    };
    let count = cells.entry(cell).or_insert(0);
    *count = count.saturating_add(n);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_of_one_minute_are_one_count() {
        let ledger = Ledger::default();
        for second in [60, 61, 119] {
            ledger.refuse(1, Refusal::Bot, second);
        }
        let want = RefusalCount { site_id: 1, minute: 60, n: 3, reason: "bot".into() };
        assert_eq!(ledger.take(), [Entry::Refusals(want)]);
        assert_eq!(ledger.take(), []);
    }

    #[test]
    fn a_visitors_wish_is_counted_by_the_hour() {
        let ledger = Ledger::default();
        ledger.refuse(1, Refusal::Gpc, 7_199);
        let want = RefusalCount { site_id: 1, minute: 3_600, n: 1, reason: "gpc".into() };
        assert_eq!(ledger.take(), [Entry::Refusals(want)]);
    }

    #[test]
    fn what_the_spool_refused_is_counted_again_later() {
        let ledger = Ledger::default();
        ledger.refuse(1, Refusal::Bot, 0);
        let taken = ledger.take();
        ledger.refuse(1, Refusal::Bot, 30);
        ledger.put_back(taken);
        let want = RefusalCount { site_id: 1, minute: 0, n: 2, reason: "bot".into() };
        assert_eq!(ledger.take(), [Entry::Refusals(want)]);
    }

    #[test]
    fn above_the_limit_of_cells_no_count_is_lost_and_no_more_cells_are_held() {
        let ledger = Ledger::default();
        let events = CELLS_MAX as u32 + 500;
        for site in 1..=events {
            ledger.refuse(site, Refusal::Bot, 60);
        }
        let counts = ledger.take();
        ledger.put_back(counts);
        for site in 1..=events {
            ledger.refuse(events + site, Refusal::Bot, 120);
        }
        let counts = ledger.take();
        assert!(counts.len() <= CELLS_MAX + 1, "{}", counts.len());
        let n = |entry: &Entry| match entry {
            Entry::Refusals(count) => count.n,
            Entry::Event(_) | Entry::Erased(_) | Entry::Bridge(_) => 0,
        };
        assert_eq!(counts.iter().map(n).sum::<u32>(), 2 * events);
    }
}
