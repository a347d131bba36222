//! One INSERT of a segment, and the only rule by which it counts as done.

use std::collections::BTreeMap;

use bytes::Bytes;
use jiff::Timestamp;
use store::{Store, StoreError, event::put_text};

use super::ShipError;
use crate::spool::{Entry, Segment};

const LEDGER_COLUMNS: &str = "site_id, minute, outcome, reason, n, batch";

/// Outcomes of the ledger's `Enum8`.
const STORED: u8 = 1;
const REFUSED: u8 = 2;

/// Rows of one batch for one partition of one table.
pub(super) struct Part {
    table: &'static str,
    columns: String,
    batch: u64,
    /// The SQL condition that keeps this part's partition.
    partition: String,
    rows: u64,
    body: Bytes,
}

impl Part {
    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    /// Cuts a segment into parts. Bytes and order depend on the segment alone, so a
    /// retry sends the same INSERT.
    pub(super) fn split(segment: &Segment) -> Vec<Part> {
        let batch = segment.header.batch;
        let mut days: BTreeMap<u16, (u64, Vec<u8>)> = BTreeMap::new();
        let mut counts: BTreeMap<(u32, u32, u8, &str), u64> = BTreeMap::new();
        for (seq, entry) in (0_u32..).zip(&segment.entries) {
            match entry {
                Entry::Event(event) => {
                    let (rows, body) = days.entry(event.day).or_default();
                    *rows += 1;
                    body.extend_from_slice(&event.row);
                    body.extend_from_slice(&seq.to_le_bytes());
                    body.extend_from_slice(&batch.to_le_bytes());
                    *counts.entry((event.site_id, event.minute, STORED, "")).or_default() += 1;
                }
                Entry::Refusals(refused) => {
                    let cell = (refused.site_id, refused.minute, REFUSED, refused.reason.as_str());
                    *counts.entry(cell).or_default() += u64::from(refused.n);
                }
            }
        }
        let events = days.into_iter().map(|(day, (rows, body))| Part {
            table: "events_hot",
            columns: segment.header.columns.clone(),
            batch,
            partition: format!("day = toDate({day})"),
            rows,
            body: body.into(),
        });
        events.chain(ledger(batch, &counts)).collect()
    }
}

fn ledger(batch: u64, counts: &BTreeMap<(u32, u32, u8, &str), u64>) -> Vec<Part> {
    let mut months: BTreeMap<i32, (u64, Vec<u8>)> = BTreeMap::new();
    for (&(site_id, minute, outcome, reason), n) in counts {
        let (rows, body) = months.entry(month(minute)).or_default();
        *rows += 1;
        body.extend_from_slice(&site_id.to_le_bytes());
        body.extend_from_slice(&minute.to_le_bytes());
        body.push(outcome);
        put_text(body, reason);
        body.extend_from_slice(&n.to_le_bytes());
        body.extend_from_slice(&batch.to_le_bytes());
    }
    months
        .into_iter()
        .map(|(month, (rows, body))| Part {
            table: "ledger",
            columns: LEDGER_COLUMNS.to_owned(),
            batch,
            partition: format!("toYYYYMM(minute) = {month}"),
            rows,
            body: body.into(),
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

/// Brings one part into its table exactly once.
///
/// An answer of OK is believed. After anything else, and for a part that may have
/// been sent before, the rows of the batch are counted: all there means done, none
/// means send, some cannot happen and stops shipping.
pub(super) async fn decide(store: &Store, part: &Part, count_first: bool) -> Result<(), ShipError> {
    let query_id = format!("{:016x}-{}-{}", part.batch, part.table, part.partition.replace(' ', ""));
    if count_first {
        settle(store, &query_id).await?;
        if is_there(store, part).await? {
            return Ok(());
        }
    }
    match store.insert(part.table, &part.columns, &query_id, part.body.clone()).await {
        Ok(()) => Ok(()),
        Err(failure) => {
            settle(store, &query_id).await?;
            if is_there(store, part).await? { Ok(()) } else { Err(failure.into()) }
        }
    }
}

/// Ends the INSERT if it is still running, so that the count that follows is final.
async fn settle(store: &Store, query_id: &str) -> Result<(), StoreError> {
    store
        .writer()
        .query("KILL QUERY WHERE query_id = ? SYNC")
        .bind(query_id)
        .execute()
        .await
        .map_err(StoreError::at("end an INSERT of unknown outcome"))
}

async fn is_there(store: &Store, part: &Part) -> Result<bool, ShipError> {
    let sql = format!(
        "SELECT count() FROM {}.{} WHERE batch = ? AND {}",
        store.database(),
        part.table,
        part.partition
    );
    let found: u64 = store
        .writer()
        .query(&sql)
        .bind(part.batch)
        .fetch_one()
        .await
        .map_err(StoreError::at("count a batch"))?;
    match found {
        0 => Ok(false),
        all if all == part.rows => Ok(true),
        found => Err(ShipError::Partial { batch: part.batch, table: part.table, found, expected: part.rows }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spool::{Header, RefusalCount, SpooledEvent};

    fn event(day: u16, minute: u32) -> Entry {
        Entry::Event(SpooledEvent { site_id: 1, day, minute, row: vec![9] })
    }

    fn segment(entries: Vec<Entry>) -> Segment {
        let header = Header { batch: 5, created: 0, columns: "a, seq, batch".into() };
        Segment { header, entries, torn_bytes: 0 }
    }

    #[test]
    fn every_part_stays_in_one_partition() {
        let november_30 = 1_796_083_140; // 2026-11-30 23:59:00 UTC
        let parts =
            Part::split(&segment(vec![event(10, november_30), event(11, november_30 + 60), event(10, 60)]));
        let shapes: Vec<_> =
            parts.iter().map(|part| (part.table, part.partition.as_str(), part.rows)).collect();
        assert_eq!(
            shapes,
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
        let parts = Part::split(&segment(vec![event(10, 0), event(10, 0)]));
        assert_eq!(
            &parts[0].body[..],
            [9, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 9, 1, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0]
        );
    }

    #[test]
    fn stored_and_refused_events_of_a_minute_are_one_row_each() {
        let refused = Entry::Refusals(RefusalCount { site_id: 1, minute: 0, n: 4, reason: "bot".into() });
        let parts = Part::split(&segment(vec![event(1, 0), event(1, 0), refused.clone(), refused]));
        assert_eq!((parts[1].table, parts[1].rows), ("ledger", 2));
    }
}
