//! Live visits after a restart, from what is stored of them: a visit is not cut in two
//! because the collector ended.
//!
//! Only where the day's key has outlived the collector (`privacy::vault`); under a new key
//! no stored number would ever be met again. The rows of ClickHouse come first, the spool's
//! segments after them, since they are newer. ClickHouse has a few seconds for it; a visit
//! that is not restored is counted as two, which is the lesser evil beside closed doors.

use std::{collections::HashMap, sync::Arc, time::Duration};

use store::{Store, StoreError, event::HotEvent};
use tracing::{info, warn};

use super::{IDLE_SECONDS_MAX, LIVE_VISITS_MAX, Visit, VisitorKey, Visits};
use crate::{
    privacy::{KeyName, KeyRing},
    site::Sites,
    spool::{Directory, Entry, Segment, record::PAYLOAD_BYTES_MAX, segment::SegmentError},
};

/// How long ClickHouse may take, the connection included.
const ASKING_MAX: Duration = Duration::from_secs(3);

/// What keys call a site, by what rows call it.
type Names = HashMap<u32, [u8; 16]>;

/// What the visits are restored into, and by.
pub struct Restorer<'a> {
    pub visits: &'a Visits,
    pub keys: &'a KeyRing,
    pub sites: Arc<Sites>,
    /// Seconds since 1970-01-01.
    pub now: u32,
}

#[derive(Debug, thiserror::Error)]
enum RestoreError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("ClickHouse did not answer in time")]
    Late,
    #[error("a stored row could not be read")]
    Row,
    #[error("could not list the spool")]
    Folder(#[source] std::io::Error),
    #[error("a segment could not be read")]
    Segment(#[source] SegmentError),
}

impl Restorer<'_> {
    /// Restores what can be restored. A failure is told, and costs split visits only.
    /// `also` sees each event of the spool, which may be large: it is read once for all.
    pub async fn restore(&self, store: &Store, spool: &Directory, also: impl Fn(&HotEvent)) {
        if self.keys.alive() == 0 {
            return;
        }
        let names: Names = self.sites.iter().map(|site| (site.id, site.uuid)).collect();
        let stored = tokio::time::timeout(ASKING_MAX, self.read_clickhouse(store, &names));
        let stored = stored.await.unwrap_or(Err(RestoreError::Late));
        for outcome in [stored, self.read_spool(spool, &names, also)] {
            if let Err(failure) = outcome {
                warn!(error = ?failure, "some visits could not be restored and will be counted as two");
            }
        }
        info!(visits = self.visits.live(), "visits go on after the restart");
    }

    /// The last row of every visit that has not been idle for too long.
    async fn read_clickhouse(&self, store: &Store, names: &Names) -> Result<(), RestoreError> {
        let columns =
            store::event::COLUMNS.strip_suffix(", seq, batch").expect("the batch's columns are last");
        let since = self.now.saturating_sub(IDLE_SECONDS_MAX);
        let sql = format!(
            "SELECT {columns} FROM (SELECT {columns} FROM {}.events_hot WHERE ts >= {since} AND visit != 0 \
             ORDER BY ts DESC LIMIT 1 BY site_id, day, visitor LIMIT {LIVE_VISITS_MAX}) ORDER BY ts",
            store.database()
        );
        let failed = || StoreError::at("list the visits that are live");
        let mut answer = store.writer().query(&sql).fetch_bytes("RowBinary").map_err(failed())?;
        let mut rows = Rows::default();
        while let Some(bytes) = answer.next().await.map_err(failed())? {
            rows.read(&bytes, |event| self.take(names, &event, event.ts))?;
        }
        rows.end()
    }

    /// The events of every segment that may hold a live visit.
    fn read_spool(
        &self,
        spool: &Directory,
        names: &Names,
        also: impl Fn(&HotEvent),
    ) -> Result<(), RestoreError> {
        let kept =
            spool.kept().map_err(RestoreError::Folder)?.into_iter().map(|number| spool.kept_path(number));
        let sealed = spool.sealed().map_err(RestoreError::Folder)?;
        let sealed = sealed.into_iter().map(|number| spool.sealed_path(number));
        for path in kept.chain(sealed) {
            let segment = match Segment::read(&path) {
                Ok(segment) => segment,
                // The shipper deals with them.
                Err(SegmentError::NotASegment { .. } | SegmentError::Newer { .. }) => continue,
                Err(failure @ SegmentError::Read { .. }) => return Err(RestoreError::Segment(failure)),
            };
            if segment.header.columns != store::event::COLUMNS {
                continue;
            }
            for placed in &segment.records {
                if let Entry::Event(spooled) = &placed.entry
                    && let Some((event, _)) = HotEvent::decode(&spooled.row)
                {
                    // To the minute, as the spool knows when it came.
                    self.take(names, &event, event.ts.max(spooled.minute));
                    also(&event);
                }
            }
        }
        Ok(())
    }

    fn take(&self, names: &Names, event: &HotEvent, seen: u32) {
        let over = self.now.saturating_sub(seen) > IDLE_SECONDS_MAX;
        let Some(&site_uuid) = names.get(&event.site_id) else { return };
        if over || event.visit == 0 || !self.keys.is_alive(KeyName { site_uuid, day: event.day }) {
            return;
        }
        let key = VisitorKey { site_id: event.site_id, day: event.day, visitor: event.visitor };
        self.visits.restore(key, Visit { number: event.visit, attributes: event.attributes.clone() }, seen);
    }
}

/// Rows of an answer that comes in pieces.
#[derive(Default)]
struct Rows {
    /// The beginning of the next row; never more than a row may have.
    waiting: Vec<u8>,
}

impl Rows {
    fn read(&mut self, piece: &[u8], mut take: impl FnMut(HotEvent)) -> Result<(), RestoreError> {
        self.waiting.extend_from_slice(piece);
        let mut read = 0;
        while let Some((event, length)) = HotEvent::decode(&self.waiting[read..]) {
            take(event);
            read += length;
        }
        self.waiting.drain(..read);
        if self.waiting.len() > PAYLOAD_BYTES_MAX { Err(RestoreError::Row) } else { Ok(()) }
    }

    fn end(self) -> Result<(), RestoreError> {
        if self.waiting.is_empty() { Ok(()) } else { Err(RestoreError::Row) }
    }
}

#[cfg(test)]
mod tests {
    use jiff::{civil::date, tz::TimeZone};

    use super::*;

    fn events() -> Vec<HotEvent> {
        crate::seed::day(1, &TimeZone::UTC, date(2026, 3, 1)).into_iter().take(3).collect()
    }

    fn encoded() -> Vec<u8> {
        let mut rows = Vec::new();
        events().iter().for_each(|event| event.encode(&mut rows));
        rows
    }

    #[test]
    fn rows_are_read_wherever_their_pieces_end() {
        let answer = encoded();
        for length in 1..answer.len() {
            let (mut rows, mut taken) = (Rows::default(), Vec::new());
            for piece in answer.chunks(length) {
                rows.read(piece, |event| taken.push(event)).unwrap();
            }
            assert!(rows.end().is_ok(), "pieces of {length}");
            assert_eq!(taken, events(), "pieces of {length}");
        }
    }

    #[test]
    fn an_answer_that_ends_within_a_row_or_is_no_row_is_refused() {
        let answer = encoded();
        let mut cut = Rows::default();
        cut.read(&answer[..answer.len() - 1], |_| ()).unwrap();
        assert!(cut.end().is_err());
        // What says it is a longer text than any row may hold, and goes on and on.
        let mut endless = Rows::default();
        let piece = vec![0xff; 1024];
        let refused = (0..=PAYLOAD_BYTES_MAX / 1024).any(|_| endless.read(&piece, |_| ()).is_err());
        assert!(refused && endless.waiting.len() <= PAYLOAD_BYTES_MAX + piece.len());
    }
}
