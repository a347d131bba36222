//! Retention: months of closed days and of the ledger that are past their time are dropped
//! as partitions, and a receipt says when the disk has lost them.
//!
//! A month is past its time when the whole of it is older than so many months before the
//! first of this one. After a downtime the next look finds all of them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, OpenOptions},
    io::{self, Read},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use clickhouse::Row;
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::Deserialize;
use store::{Store, StoreError};
use tokio::sync::watch;
use tracing::{info, warn};

use crate::{
    clock::Clock,
    erase::{Matter, Receipt, Receipts, hour},
};

/// Months kept unless the owner says otherwise.
pub const MONTHS_DEFAULT: u16 = 13;

/// The most that can be set: CNIL's bound for audience measurement.
pub const MONTHS_MAX: u16 = 25;

/// How often months are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(60);

/// Tables that are dropped by the month.
const TABLES: [&str; 3] = ["events", "goal_paths", "ledger"];

/// One month of one table.
#[derive(Debug, Clone, PartialEq, Eq, Row, Deserialize)]
pub struct Partition {
    pub table: String,
    /// `202511`.
    pub month: u32,
    pub rows: u64,
    pub bytes: u64,
    /// 0: only parts that have been dropped and are still on the disk.
    pub active: u8,
}

pub struct Retainer {
    pub store: Store,
    pub months: u16,
    pub receipts: Arc<Receipts>,
    /// Keys of backed-up months.
    pub backup_keys: PathBuf,
    pub clock: Clock,
}

impl Retainer {
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut waiting = BTreeMap::new();
        while !*stop.borrow() {
            match self.round(&mut waiting).await {
                Ok(()) => {}
                Err(failure) if failure.retry_helps() => {
                    info!(error = %failure, "retention waits: ClickHouse does not answer");
                }
                Err(failure) => warn!(error = ?failure, "retention could not be carried out"),
            }
            tokio::select! {
                () = tokio::time::sleep(LOOK_EVERY) => {}
                _ = stop.changed() => {}
            }
        }
    }

    /// Drops what is due. `waiting` holds months whose bytes are still on the disk: when
    /// they were dropped and how many rows they had.
    pub async fn round(&self, waiting: &mut BTreeMap<u32, (i64, u64)>) -> Result<(), StoreError> {
        let now = self.clock.now();
        let first_kept = first_kept(now, self.months);
        // First, since it needs no ClickHouse.
        if let Err(failure) = destroy_keys(&self.backup_keys, first_kept) {
            warn!(error = %failure, "a backup's key could not be destroyed");
        }
        let due = due(&self.store, first_kept).await?;
        for partition in due.iter().filter(|partition| partition.active == 1) {
            drop_month(&self.store, partition).await?;
            info!(table = partition.table, month = partition.month, "dropped a month past its time");
        }
        if due.iter().any(|partition| partition.active == 1) {
            forget_closings(&self.store, first_kept).await?;
        }
        for partition in &due {
            let (_, rows) = waiting.entry(partition.month).or_insert((now.as_second(), 0));
            *rows = (*rows).max(partition.rows);
        }
        let there: BTreeSet<u32> = due.iter().map(|partition| partition.month).collect();
        let gone: Vec<u32> = waiting.keys().copied().filter(|month| !there.contains(month)).collect();
        for month in gone {
            if let Some((dropped, rows)) = waiting.remove(&month) {
                self.receive(month, rows, now.as_second() - dropped, now);
            }
        }
        Ok(())
    }

    fn receive(&self, month: u32, rows: u64, after_s: i64, now: Timestamp) {
        let receipt = Receipt {
            at: hour(now),
            matter: Matter::Retention,
            site: None,
            of: format!("{}-{:02}", month / 100, month % 100),
            rows,
            removed_after_s: 0,
            gone_after_s: after_s,
        };
        if let Err(failure) = self.receipts.append(receipt) {
            warn!(error = %failure, "a receipt could not be written");
        }
    }
}

/// The first month that is kept, as `202411`.
pub fn first_kept(now: Timestamp, months: u16) -> u32 {
    let today = now.to_zoned(TimeZone::UTC).date();
    let first = today.first_of_month().checked_sub(jiff::Span::new().months(i32::from(months)));
    first.map_or(0, month_of)
}

fn month_of(date: Date) -> u32 {
    u32::try_from(i32::from(date.year()) * 100 + i32::from(date.month())).unwrap_or(0)
}

/// Every month before `first_kept` that is still on the disk, dropped or not.
pub async fn due(store: &Store, first_kept: u32) -> Result<Vec<Partition>, StoreError> {
    store
        .writer()
        .query(
            "SELECT table, toUInt32OrZero(partition) AS month, sum(rows) AS rows, sum(bytes_on_disk) AS bytes, \
             toUInt8(active) AS active FROM system.parts WHERE database = ? AND table IN ? \
             GROUP BY table, month, active HAVING month < ? ORDER BY month, table, active",
        )
        .bind(store.database())
        .bind(TABLES)
        .bind(first_kept)
        .fetch_all()
        .await
        .map_err(StoreError::at("list months past their time"))
}

/// Destroys the keys of backed-up months before `first_kept`: from then on no copy of a
/// backup gives them back. The bytes are overwritten before the file goes, which a disk that
/// writes elsewhere may undo.
pub fn destroy_keys(folder: &Path, first_kept: u32) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let path = entry?.path();
        let month = path.file_stem().and_then(|stem| stem.to_str()).and_then(|stem| stem.parse::<u32>().ok());
        let is_key = path.extension().is_some_and(|extension| extension == "key");
        if is_key && month.is_some_and(|month| month < first_kept) {
            let bytes = fs::metadata(&path)?.len();
            let file = OpenOptions::new().write(true).open(&path)?;
            io::copy(&mut io::repeat(0).take(bytes), &mut &file)?;
            file.sync_all()?;
            fs::remove_file(&path)?;
            info!(month, "destroyed the key of a backed-up month");
        }
    }
    Ok(())
}

async fn drop_month(store: &Store, partition: &Partition) -> Result<(), StoreError> {
    let sql =
        format!("ALTER TABLE {}.{} DROP PARTITION {}", store.database(), partition.table, partition.month);
    store.execute("drop a month past its time", &sql).await
}

/// Days of dropped months are not known as closed any more: nothing is left of them.
async fn forget_closings(store: &Store, first_kept: u32) -> Result<(), StoreError> {
    let sql = format!(
        "ALTER TABLE {}.closed_days DELETE WHERE toYYYYMM(day) < {first_kept} SETTINGS mutations_sync = 2",
        store.database()
    );
    store.execute("forget closings past their time", &sql).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_goes_with_its_month_and_not_before() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["202509.key", "202510.key", "notes"] {
            fs::write(folder.path().join(name), "0").unwrap();
        }
        destroy_keys(folder.path(), 202_510).unwrap();
        let left = |name| folder.path().join(name).exists();
        assert_eq!([left("202509.key"), left("202510.key"), left("notes")], [false, true, true]);
        destroy_keys(&folder.path().join("none"), 1).unwrap();
    }

    #[test]
    fn thirteen_whole_months_are_kept_before_this_one() {
        let first = |now: &str, months| first_kept(now.parse().unwrap(), months);
        assert_eq!(first("2026-11-25T14:00:00Z", 13), 202_510);
        assert_eq!(first("2026-03-31T23:59:59Z", 1), 202_602);
        assert_eq!(first("2026-01-01T00:00:00Z", 25), 202_312);
    }
}
