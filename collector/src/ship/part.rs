//! What one INSERT holds: a segment's rows for one partition of one table.

use std::collections::{BTreeMap, HashSet};

use bytes::Bytes;
use jiff::Timestamp;
use store::event::{DayNumber, put_text};

use crate::spool::{Entry, Segment, SpooledEvent};

const LEDGER_COLUMNS: &str = "site_id, minute, day, outcome, reason, n, batch";

/// Outcomes of the ledger's `Enum8`.
const STORED: u8 = 1;
const REFUSED: u8 = 2;

/// A refused event has no day of a site; the ledger gives it that of its minute in UTC.
const DAY_SECONDS: u32 = 86_400;

/// What is counted apart: site, minute, day, outcome, reason.
type Cell<'a> = (u32, u32, DayNumber, u8, &'a str);

/// Rows of one batch for one partition of one table.
pub(super) struct Part<'a> {
    pub(super) table: &'static str,
    pub(super) columns: &'a str,
    pub(super) batch: u64,
    /// The SQL condition that keeps this part's partition.
    pub(super) partition: String,
    pub(super) rows: Rows<'a>,
}

/// What an INSERT is made of.
pub(super) enum Rows<'a> {
    /// Events, each with the place that names it within the batch. In order.
    Events(Vec<(u32, &'a SpooledEvent)>),
    /// Counts: so many rows, finished.
    Counts { rows: u64, body: Bytes },
}

impl<'a> Part<'a> {
    /// A segment's events by day, without those that are `dead`. Bytes and order
    /// depend on the segment alone, so a retry sends the same INSERT.
    pub(super) fn events(segment: &'a Segment, dead: &HashSet<u32>) -> Vec<Part<'a>> {
        let mut days: BTreeMap<u16, Vec<(u32, &SpooledEvent)>> = BTreeMap::new();
        for record in segment.records.iter().filter(|record| !dead.contains(&record.seq)) {
            if let Entry::Event(event) = &record.entry {
                days.entry(event.day).or_default().push((record.seq, event));
            }
        }
        days.into_iter()
            .map(|(day, rows)| Part {
                table: "events_hot",
                columns: &segment.header.columns,
                batch: segment.header.batch,
                partition: format!("day = toDate({day})"),
                rows: Rows::Events(rows),
            })
            .collect()
    }

    /// What became of a segment's events, by month.
    pub(super) fn ledger(segment: &Segment, dead: &HashSet<u32>) -> Vec<Part<'static>> {
        let mut counts: BTreeMap<Cell<'_>, u64> = BTreeMap::new();
        for record in segment.records.iter().filter(|record| !dead.contains(&record.seq)) {
            let (cell, n) = match &record.entry {
                Entry::Event(event) => ((event.site_id, event.minute, event.day, STORED, ""), 1),
                // It was stored; that it was erased afterwards is counted by the erasure.
                Entry::Erased(event) => ((event.site_id, event.minute, event.day, STORED, ""), 1),
                Entry::Refusals(refused) => {
                    let day = DayNumber::try_from(refused.minute / DAY_SECONDS).unwrap_or(DayNumber::MAX);
                    let cell = (refused.site_id, refused.minute, day, REFUSED, refused.reason.as_str());
                    (cell, u64::from(refused.n))
                }
                Entry::Bridge(_) => continue,
            };
            *counts.entry(cell).or_default() += n;
        }
        ledger(segment.header.batch, &counts)
    }

    /// The same part with these rows only.
    pub(super) fn with(&self, rows: Rows<'a>) -> Part<'a> {
        Part {
            table: self.table,
            columns: self.columns,
            batch: self.batch,
            partition: self.partition.clone(),
            rows,
        }
    }

    /// The INSERT's body.
    pub(super) fn body(&self) -> Bytes {
        match &self.rows {
            Rows::Events(rows) => {
                let mut body = Vec::with_capacity(rows.iter().map(|(_, event)| event.row.len() + 12).sum());
                for (seq, event) in rows {
                    body.extend_from_slice(&event.row);
                    body.extend_from_slice(&seq.to_le_bytes());
                    body.extend_from_slice(&self.batch.to_le_bytes());
                }
                body.into()
            }
            Rows::Counts { body, .. } => body.clone(),
        }
    }
}

fn ledger(batch: u64, counts: &BTreeMap<Cell<'_>, u64>) -> Vec<Part<'static>> {
    let mut months: BTreeMap<i32, (u64, Vec<u8>)> = BTreeMap::new();
    for (&(site_id, minute, day, outcome, reason), n) in counts {
        let (rows, body) = months.entry(month(minute)).or_default();
        *rows += 1;
        body.extend_from_slice(&site_id.to_le_bytes());
        body.extend_from_slice(&minute.to_le_bytes());
        body.extend_from_slice(&day.to_le_bytes());
        body.push(outcome);
        put_text(body, reason);
        body.extend_from_slice(&n.to_le_bytes());
        body.extend_from_slice(&batch.to_le_bytes());
    }
    months
        .into_iter()
        .map(|(month, (rows, body))| Part {
            table: "ledger",
            columns: LEDGER_COLUMNS,
            batch,
            partition: format!("toYYYYMM(minute) = {month}"),
            rows: Rows::Counts { rows, body: body.into() },
        })
        .collect()
}

/// `202611`, as ClickHouse's `toYYYYMM`.
fn month(seconds: u32) -> i32 {
    let date = Timestamp::from_second(seconds.into())
        .expect("32 bits of seconds end in 2106")
        .to_zoned(jiff::tz::TimeZone::UTC)
        .date();
    i32::from(date.year()) * 100 + i32::from(date.month())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spool::{Header, RefusalCount};

    fn event(day: u16, minute: u32) -> Entry {
        Entry::Event(SpooledEvent { site_id: 1, day, minute, row: vec![9] })
    }

    fn segment(entries: Vec<Entry>) -> Segment {
        Segment::of(Header { batch: 5, created: 0, columns: "a, seq, batch".into(), died: None }, entries)
    }

    fn split<'a>(segment: &'a Segment, dead: &[u32]) -> Vec<Part<'a>> {
        let dead = dead.iter().copied().collect();
        let mut parts = Part::events(segment, &dead);
        parts.extend(Part::ledger(segment, &dead));
        parts
    }

    fn shape<'a>(part: &'a Part<'_>) -> (&'static str, &'a str, u64) {
        let rows = match &part.rows {
            Rows::Events(rows) => rows.len() as u64,
            Rows::Counts { rows, .. } => *rows,
        };
        (part.table, &part.partition, rows)
    }

    #[test]
    fn every_part_stays_in_one_partition() {
        let november_30 = 1_796_083_140; // 2026-11-30 23:59:00 UTC
        let segment = segment(vec![event(10, november_30), event(11, november_30 + 60), event(10, 60)]);
        let parts = split(&segment, &[]);
        assert_eq!(
            parts.iter().map(shape).collect::<Vec<_>>(),
            [
                ("events_hot", "day = toDate(10)", 2),
                ("events_hot", "day = toDate(11)", 1),
                ("ledger", "toYYYYMM(minute) = 197001", 1),
                ("ledger", "toYYYYMM(minute) = 202611", 1),
                ("ledger", "toYYYYMM(minute) = 202612", 1),
            ]
        );
    }

    #[test]
    fn a_row_is_completed_by_its_place_and_its_batch() {
        let segment = segment(vec![event(10, 0), event(10, 0)]);
        let parts = split(&segment, &[]);
        assert_eq!(
            &parts[0].body()[..],
            [9, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 9, 1, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0]
        );
    }

    #[test]
    fn stored_and_refused_events_of_a_minute_are_one_row_each() {
        let refused = Entry::Refusals(RefusalCount { site_id: 1, minute: 0, n: 4, reason: "bot".into() });
        let segment = segment(vec![event(1, 0), event(1, 0), refused.clone(), refused]);
        let parts = split(&segment, &[]);
        assert_eq!(shape(&parts[1]), ("ledger", "toYYYYMM(minute) = 197001", 2));
    }

    #[test]
    fn a_dead_row_is_neither_sent_nor_counted_as_stored() {
        let whole = segment(vec![event(1, 0), event(1, 0)]);
        let parts = split(&whole, &[1]);
        assert_eq!(shape(&parts[0]), ("events_hot", "day = toDate(1)", 1));
        assert_eq!(
            parts[1].body()[12..20],
            1_u64.to_le_bytes(),
            "site, minute, day, outcome, reason, then n"
        );
        assert!(split(&segment(vec![event(1, 0)]), &[0]).is_empty());
    }
}
