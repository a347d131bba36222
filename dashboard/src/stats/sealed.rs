//! Sheets of closed days, kept in memory: such days do not change, so a year is read
//! from ClickHouse once and only the last days are read each time.
//!
//! A kept sheet is used only while the closings it was made from are the ones that
//! count; closing a day again, or rows still open, make another mark and so another
//! sheet. Memory is bounded; what was used least lately goes first.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use clickhouse::Row;
use jiff::{ToSpan, civil::Date};
use serde::Deserialize;
use store::{
    Store, StoreError,
    relation::{Of, Relation},
};

use super::{
    filter::Filters,
    period::{Grain, Range},
    sheet::{self, Extent, Sheet},
};
use crate::control::sites::Site;

/// Days before today that are not worth keeping: they may be about to close.
const OPEN_DAYS: i32 = 2;

/// A shorter range is read whole each time: that takes some ten milliseconds.
const DAYS_MIN: i32 = 7;

/// Values of one dimension in a kept sheet, at most. A site with more pages than that
/// in a range is read each time; keeping them would cost more than it saves.
const VALUES_MAX: u32 = 20_000;

/// All kept sheets together, in bytes: some fifty sheets of a site with 3,000 pages.
const BYTES_MAX: usize = 24 * 1024 * 1024;

/// The kept sheets.
#[derive(Default)]
pub struct Sealed {
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    sheets: HashMap<Key, Kept>,
    bytes: usize,
    /// Counts uses, so that the least lately used is known.
    uses: u64,
}

struct Kept {
    sheet: Arc<Sheet>,
    bytes: usize,
    used: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    site_id: u32,
    time_zone: String,
    days: (u16, u16),
    grain: Grain,
    filters: Filters,
    extent: Extent,
    declared: (Vec<u64>, Vec<u64>),
    mark: Mark,
}

/// What the rows of closed days depend on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Row, Deserialize)]
struct Mark {
    closings: u64,
    open_rows: u64,
}

/// What a sheet is made of.
pub struct Asked<'a> {
    pub site: &'a Site,
    pub range: Range,
    pub today: Date,
    pub grain: Grain,
    pub filters: &'a Filters,
    pub extent: Extent,
}

impl Sealed {
    /// The sheet of a range, from kept sheets where that is sound.
    pub async fn sheet(&self, store: &Store, asked: &Asked<'_>) -> Result<Sheet, StoreError> {
        let last = asked.range.to.min(asked.today.saturating_sub(OPEN_DAYS.days()));
        let sealed = Range { from: asked.range.from, to: last };
        if sealed.days() < DAYS_MIN {
            return read(store, asked, asked.range, asked.extent).await;
        }
        let rest = Range { from: last.saturating_add(1.day()), to: asked.range.to };
        let extent = match asked.extent {
            Extent::PointsOnly => Extent::PointsOnly,
            Extent::Values(_) => Extent::Values(VALUES_MAX),
        };
        let rest = async {
            if rest.from > rest.to { Ok(Sheet::default()) } else { read(store, asked, rest, extent).await }
        };
        let (kept, rest) = tokio::try_join!(self.kept(store, asked, sealed, extent), rest)?;
        if !kept.is_whole() || !rest.is_whole() {
            return read(store, asked, asked.range, asked.extent).await;
        }
        let mut sheet = Sheet::clone(&kept);
        sheet.add(&rest);
        Ok(sheet)
    }

    async fn kept(
        &self,
        store: &Store,
        asked: &Asked<'_>,
        range: Range,
        extent: Extent,
    ) -> Result<Arc<Sheet>, StoreError> {
        let key = Key {
            site_id: asked.site.id,
            time_zone: asked.site.time_zone.clone(),
            days: range.day_numbers(),
            grain: asked.grain,
            filters: asked.filters.clone(),
            extent,
            declared: numbers_of(asked.site),
            mark: mark(store, asked.site.id, range).await?,
        };
        if let Some(sheet) = self.lock().find(&key) {
            return Ok(sheet);
        }
        let sheet = Arc::new(read(store, asked, range, extent).await?);
        // A day may have been closed while it was read: then it is right for this
        // answer, but not what the mark stands for.
        if mark(store, asked.site.id, range).await? == key.mark {
            self.lock().keep(key, Arc::clone(&sheet));
        }
        Ok(sheet)
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        // Nothing below panics half way through a change.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn find(&mut self, key: &Key) -> Option<Arc<Sheet>> {
        self.uses += 1;
        let kept = self.sheets.get_mut(key)?;
        kept.used = self.uses;
        Some(Arc::clone(&kept.sheet))
    }

    fn keep(&mut self, key: Key, sheet: Arc<Sheet>) {
        let bytes = sheet.bytes();
        if bytes > BYTES_MAX {
            return;
        }
        self.uses += 1;
        self.bytes += bytes;
        if let Some(before) = self.sheets.insert(key, Kept { sheet, bytes, used: self.uses }) {
            self.bytes -= before.bytes;
        }
        while self.bytes > BYTES_MAX {
            let oldest = self.sheets.iter().min_by_key(|(_, kept)| kept.used).map(|(key, _)| key.clone());
            let Some(gone) = oldest.and_then(|key| self.sheets.remove(&key)) else { break };
            self.bytes -= gone.bytes;
        }
    }
}

async fn read(store: &Store, asked: &Asked<'_>, range: Range, extent: Extent) -> Result<Sheet, StoreError> {
    let (from, to) = range.day_numbers();
    let declared = asked.site.declared();
    let of = Of { site_id: asked.site.id, time_zone: &asked.site.time_zone, declared: &declared };
    let relation = Relation::load(store, of, from, to).await?;
    let Asked { filters, grain, .. } = *asked;
    let asked =
        sheet::Asked { relation: &relation, declared: &declared, days: range.days(), filters, grain, extent };
    Sheet::load(store, &asked).await
}

/// A changed goal has another number, so a kept sheet never answers for it.
fn numbers_of(site: &Site) -> (Vec<u64>, Vec<u64>) {
    let declared = site.declared();
    (declared.goal_numbers(), declared.funnel_numbers())
}

/// A closing is written down again when its open rows are dropped; those lines must not
/// cancel each other out.
async fn mark(store: &Store, site_id: u32, range: Range) -> Result<Mark, StoreError> {
    let (from, to) = range.day_numbers();
    let db = store.database();
    let days = "site_id = ? AND day BETWEEN toDate(?) AND toDate(?)";
    let sql = format!(
        "SELECT sum(closings) AS closings, sum(open_rows) AS open_rows FROM \
         (SELECT groupBitXor(sipHash64(day, gen, rows, closed_at)) AS closings, toUInt64(0) AS open_rows \
         FROM (SELECT DISTINCT day, gen, rows, closed_at FROM {db}.closed_days WHERE {days}) \
         UNION ALL SELECT toUInt64(0), count() FROM {db}.events_hot WHERE {days})"
    );
    let query =
        store.reader().query(&sql).bind(site_id).bind(from).bind(to).bind(site_id).bind(from).bind(to);
    query.fetch_one().await.map_err(StoreError::at("see which days are closed"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(site_id: u32) -> Key {
        Key {
            site_id,
            time_zone: "UTC".to_owned(),
            days: (1, 30),
            grain: Grain::Day,
            filters: Filters::default(),
            extent: Extent::PointsOnly,
            declared: (Vec::new(), Vec::new()),
            mark: Mark { closings: 1, open_rows: 0 },
        }
    }

    #[test]
    fn another_closing_is_another_sheet() {
        let mut held = Held::default();
        held.keep(key(1), Arc::new(Sheet::default()));
        assert!(held.find(&key(1)).is_some());
        assert!(held.find(&Key { mark: Mark { closings: 2, open_rows: 0 }, ..key(1) }).is_none());
        assert!(held.find(&Key { mark: Mark { closings: 1, open_rows: 1 }, ..key(1) }).is_none());
    }

    #[test]
    fn memory_stays_bounded_and_the_least_lately_used_goes() {
        let mut held = Held::default();
        let sheet = |points: u32| {
            let points = (0..points).map(|key| (key, super::super::metrics::Sums::default())).collect();
            Arc::new(Sheet::of_points(points))
        };
        let third = u32::try_from(BYTES_MAX / sheet(1).bytes() / 3).unwrap();
        for site_id in 0..3 {
            held.keep(key(site_id), sheet(third));
        }
        assert!(held.find(&key(0)).is_some());
        held.keep(key(3), sheet(third));
        assert!(held.bytes <= BYTES_MAX, "{}", held.bytes);
        assert!(held.find(&key(0)).is_some());
        assert!(held.find(&key(1)).is_none());
    }
}
