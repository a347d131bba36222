//! Sheets kept in memory by the month, of a small site by several: closed days do not change, so
//! a year is read from ClickHouse once, and only the month that is going on and the last days again.
//!
//! A kept sheet is used only while the rows it was made from are the ones there are: closing a
//! day again, or one more open row, make another mark and so another sheet. Memory is bounded;
//! what was used least lately goes first.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use jiff::{ToSpan, civil::Date};
use store::{
    Store, StoreError,
    relation::{Of, Relation},
};

use super::{
    at_once,
    filter::Filters,
    period::{Grain, Range},
    sheet::{self, Extent, Sheet},
};
use crate::control::sites::Site;

/// The last days, today among them, are a piece of their own: they may be about to close.
const OPEN_DAYS: i32 = 2;

/// Values of one dimension in a kept sheet, at most. A site with more pages than that in a month
/// is read whole each time; keeping them would cost more than it saves.
const VALUES_MAX: u32 = 20_000;

/// Rows of two pieces that are read at once, at most: more, and both may not fit into the memory
/// that the engine has by default.
const AT_ONCE_ROWS_MAX: u64 = 2_000_000;

/// All kept sheets together, in bytes: some eight years of a site with 3,000 pages.
const BYTES_MAX: usize = 32 * 1024 * 1024;

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

/// What was read just now.
struct Fresh {
    piece: Range,
    key: Key,
    sheet: Arc<Sheet>,
}

/// What the rows of some days are known by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
struct Mark {
    closings: u64,
    open_rows: u64,
    /// Their batches, summed: rows that went and as many that came make another mark.
    open_batches: u64,
    /// About how many rows there are, open and closed.
    rows: u64,
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
        let marks = marks(store, asked.site.id, asked.range).await?;
        let pieces = together(&pieces(asked.range, asked.today), |piece| marks.of(piece).rows);
        let extent = match asked.extent {
            Extent::Values(_) if pieces.len() > 1 => Extent::Values(VALUES_MAX),
            extent => extent,
        };
        let (mut sheets, mut fresh, mut adds_up) = (Vec::new(), Vec::new(), true);
        let mut rest = &pieces[..];
        while let Some((&first, others)) = rest.split_first() {
            // Two at once: one core understands a statement while another reads rows.
            let fits = |&second: &Range| marks.of(first).rows + marks.of(second).rows <= AT_ONCE_ROWS_MAX;
            let second = others.first().copied().filter(fits);
            rest = &others[usize::from(second.is_some())..];
            let find = |piece| self.find(store, asked, extent, piece, marks.of(piece));
            let second = async {
                match second {
                    Some(piece) => find(piece).await.map(Some),
                    None => Ok(None),
                }
            };
            let (first, second) = tokio::try_join!(find(first), second)?;
            for (sheet, read) in [Some(first), second].into_iter().flatten() {
                fresh.extend(read);
                // The greatest of each month are not the greatest of a year.
                adds_up &= pieces.len() == 1 || sheet.is_whole();
                sheets.push(sheet);
            }
            if !adds_up {
                break;
            }
        }
        self.keep(store, asked, fresh).await?;
        if !adds_up {
            return read(store, asked, asked.range, asked.extent, marks.of(asked.range).rows).await;
        }
        let mut sheets = sheets.into_iter();
        let mut sum = sheets.next().map(|first| Sheet::clone(&first)).unwrap_or_default();
        sheets.for_each(|sheet| sum.add(&sheet));
        Ok(sum)
    }

    /// The sheet of a piece, and what is to be kept if it had to be read.
    async fn find(
        &self,
        store: &Store,
        asked: &Asked<'_>,
        extent: Extent,
        piece: Range,
        mark: Mark,
    ) -> Result<(Arc<Sheet>, Option<Fresh>), StoreError> {
        let key = Key::of(asked, piece, extent, mark);
        let kept = self.lock().find(&key);
        if let Some(sheet) = kept {
            return Ok((sheet, None));
        }
        let sheet = Arc::new(read(store, asked, piece, extent, mark.rows).await?);
        Ok((Arc::clone(&sheet), Some(Fresh { piece, key, sheet })))
    }

    /// Keeps what was read. A row may have come, or a day been closed, meanwhile: then it is
    /// right for this answer, but not what its mark stands for.
    async fn keep(&self, store: &Store, asked: &Asked<'_>, fresh: Vec<Fresh>) -> Result<(), StoreError> {
        if fresh.is_empty() {
            return Ok(());
        }
        let marks = marks(store, asked.site.id, asked.range).await?;
        for Fresh { piece, key, sheet } in fresh {
            if marks.of(piece) == key.mark {
                self.lock().keep(key, sheet);
            }
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        // Nothing below panics half way through a change.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Key {
    fn of(asked: &Asked<'_>, range: Range, extent: Extent, mark: Mark) -> Key {
        // A changed goal has another number, so a kept sheet never answers for it.
        let declared = asked.site.declared();
        Key {
            site_id: asked.site.id,
            time_zone: asked.site.time_zone.clone(),
            days: range.day_numbers(),
            grain: asked.grain,
            filters: asked.filters.clone(),
            extent,
            declared: (declared.goal_numbers(), declared.funnel_numbers()),
            mark,
        }
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

async fn read(
    store: &Store,
    asked: &Asked<'_>,
    range: Range,
    extent: Extent,
    rows: u64,
) -> Result<Sheet, StoreError> {
    let (from, to) = range.day_numbers();
    let declared = asked.site.declared();
    let of = Of { site_id: asked.site.id, time_zone: &asked.site.time_zone, declared: &declared };
    let relation = Relation::load(store, of, from, to).await?;
    let Asked { filters, grain, .. } = *asked;
    let asked = sheet::Asked { relation: &relation, declared: &declared, rows, filters, grain, extent };
    Sheet::load(store, &asked).await
}

/// The range by calendar months, and its last days apart.
fn pieces(range: Range, today: Date) -> Vec<Range> {
    let open_from = today.saturating_sub((OPEN_DAYS - 1).days());
    let mut pieces = Vec::new();
    let mut from = range.from;
    while from <= range.to {
        let mut to = from.last_of_month().min(range.to);
        if from < open_from {
            to = to.min(open_from.saturating_sub(1.day()));
        } else {
            to = range.to;
        }
        pieces.push(Range { from, to });
        from = to.saturating_add(1.day());
    }
    pieces
}

/// Neighbouring pieces as one where they hold few rows: a statement takes ClickHouse as long to
/// understand for ten rows as for ten thousand.
fn together(pieces: &[Range], rows: impl Fn(Range) -> u64) -> Vec<Range> {
    let mut joined: Vec<Range> = Vec::new();
    for (nth, &piece) in pieces.iter().enumerate() {
        // The last days stay apart: they are read again with each row that comes.
        let is_last = nth + 1 == pieces.len();
        match joined.last_mut() {
            Some(before)
                if !is_last && rows(Range { from: before.from, to: piece.to }) <= at_once::ROWS_MAX =>
            {
                before.to = piece.to;
            }
            _ => joined.push(piece),
        }
    }
    joined
}

/// The marks of a range's days, those that have rows.
struct Marks(BTreeMap<u16, Mark>);

impl Marks {
    fn of(&self, range: Range) -> Mark {
        let (from, to) = range.day_numbers();
        self.0.range(from..=to).fold(Mark::default(), |sum, (_, day)| Mark {
            closings: sum.closings ^ day.closings,
            open_rows: sum.open_rows + day.open_rows,
            open_batches: sum.open_batches.wrapping_add(day.open_batches),
            rows: sum.rows + day.rows,
        })
    }
}

/// A closing is written down again when its open rows are dropped; those lines must not
/// cancel each other out.
async fn marks(store: &Store, site_id: u32, range: Range) -> Result<Marks, StoreError> {
    let (from, to) = range.day_numbers();
    let db = store.database();
    let days = "site_id = ? AND day BETWEEN toDate(?) AND toDate(?)";
    let sql = format!(
        "SELECT day, sum(closed) AS closings, sum(hot) AS open_rows, sum(hot_batches) AS open_batches, \
         sum(there) AS rows FROM \
         (SELECT day, groupBitXor(sipHash64(day, gen, rows, closed_at)) AS closed, toUInt64(0) AS hot, \
         toUInt64(0) AS hot_batches, max(rows) AS there \
         FROM (SELECT DISTINCT day, gen, rows, closed_at FROM {db}.closed_days WHERE {days}) GROUP BY day \
         UNION ALL SELECT day, toUInt64(0), count(), sum(batch), count() FROM {db}.events_hot WHERE {days} GROUP BY day) \
         GROUP BY day"
    );
    let query =
        store.reader().query(&sql).bind(site_id).bind(from).bind(to).bind(site_id).bind(from).bind(to);
    let found: Vec<(u16, u64, u64, u64, u64)> =
        query.fetch_all().await.map_err(StoreError::at("see which rows there are"))?;
    let mark = |(day, closings, open_rows, open_batches, rows)| {
        (day, Mark { closings, open_rows, open_batches, rows })
    };
    Ok(Marks(found.into_iter().map(mark).collect()))
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
            mark: Mark { closings: 1, ..Mark::default() },
        }
    }

    #[test]
    fn another_closing_is_another_sheet() {
        let mut held = Held::default();
        held.keep(key(1), Arc::new(Sheet::default()));
        assert!(held.find(&key(1)).is_some());
        for mark in [
            Mark { closings: 2, ..Mark::default() },
            Mark { closings: 1, open_rows: 1, ..Mark::default() },
            Mark { closings: 1, open_batches: 1, ..Mark::default() },
        ] {
            assert!(held.find(&Key { mark, ..key(1) }).is_none());
        }
    }

    #[test]
    fn a_range_falls_into_months_and_its_last_days() {
        let check = |from: &str, to: &str, wanted: &[(&str, &str)]| {
            let range = Range { from: from.parse().unwrap(), to: to.parse().unwrap() };
            let found: Vec<(String, String)> = pieces(range, "2026-11-30".parse().unwrap())
                .iter()
                .map(|piece| (piece.from.to_string(), piece.to.to_string()))
                .collect();
            let wanted: Vec<(String, String)> =
                wanted.iter().map(|&(from, to)| (from.to_owned(), to.to_owned())).collect();
            assert_eq!(found, wanted);
        };
        check(
            "2026-09-15",
            "2026-11-30",
            &[
                ("2026-09-15", "2026-09-30"),
                ("2026-10-01", "2026-10-31"),
                ("2026-11-01", "2026-11-28"),
                ("2026-11-29", "2026-11-30"),
            ],
        );
        check("2026-11-30", "2026-11-30", &[("2026-11-30", "2026-11-30")]);
        check("2026-02-01", "2026-02-03", &[("2026-02-01", "2026-02-03")]);
        check("2026-11-28", "2026-12-31", &[("2026-11-28", "2026-11-28"), ("2026-11-29", "2026-12-31")]);
    }

    #[test]
    fn months_of_few_rows_are_one_piece_but_for_the_last_days() {
        let at = |from: &str, to: &str| Range { from: from.parse().unwrap(), to: to.parse().unwrap() };
        let months = pieces(at("2026-08-01", "2026-11-30"), "2026-11-30".parse().unwrap());
        assert_eq!(months.len(), 5);
        let days = |range: Range| u64::from(range.day_numbers().1 - range.day_numbers().0 + 1);
        let joined = |a_day: u64| together(&months, |range| days(range) * a_day);
        let last = at("2026-11-29", "2026-11-30");
        assert_eq!(joined(10), [at("2026-08-01", "2026-11-28"), last]);
        assert_eq!(
            joined(at_once::ROWS_MAX / 61),
            [at("2026-08-01", "2026-09-30"), at("2026-10-01", "2026-11-28"), last]
        );
        assert_eq!(joined(at_once::ROWS_MAX), months);
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
