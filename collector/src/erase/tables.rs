//! Erasing in ClickHouse: what it has, its end, and whether the disk still holds it.

use std::collections::{BTreeMap, BTreeSet};

use store::{Store, StoreError};

use super::Erasure;
use crate::site::date_of;

/// An erasure and the batches of dead rows that it is about as well.
pub struct Wish {
    pub erasure: Erasure,
    pub batches: Vec<u64>,
}

impl Wish {
    fn condition(&self) -> String {
        let group = self.erasure.group;
        let of_batches = if self.batches.is_empty() {
            String::new()
        } else {
            let list: Vec<String> = self.batches.iter().map(u64::to_string).collect();
            format!(" OR batch IN ({})", list.join(", "))
        };
        format!(
            "(site_id = {} AND day = toDate({}) AND ((visitor = {} AND batch <= {}){of_batches}))",
            group.site_id, group.day, group.visitor, self.erasure.id
        )
    }
}

/// The places of all rows there are, by batch and place in it.
pub async fn rows(store: &Store, wish: &Wish) -> Result<BTreeSet<(u64, u32)>, StoreError> {
    let sql = format!("SELECT batch, seq FROM {}.events_hot WHERE {}", store.database(), wish.condition());
    let rows: Vec<(u64, u32)> =
        store.writer().query(&sql).fetch_all().await.map_err(StoreError::at("find rows to erase"))?;
    Ok(rows.into_iter().collect())
}

/// Deletes them, one mutation for a day's; returns when no statement finds them.
pub async fn delete(store: &Store, wishes: &[&Wish]) -> Result<(), StoreError> {
    let mut days: BTreeMap<u16, Vec<String>> = BTreeMap::new();
    for wish in wishes {
        days.entry(wish.erasure.group.day).or_default().push(wish.condition());
    }
    for (day, conditions) in days {
        let sql = format!(
            "ALTER TABLE {}.events_hot DELETE IN PARTITION '{}' WHERE {} SETTINGS mutations_sync = 2",
            store.database(),
            date_of(day),
            conditions.join(" OR ")
        );
        store.execute("erase rows", &sql).await?;
    }
    Ok(())
}

/// Notes in the ledger how many stored events were erased; once, however often it is called.
/// By the hour, like every other wish of a visitor's.
pub async fn count(store: &Store, erasure: Erasure, rows: u64) -> Result<(), StoreError> {
    let db = store.database();
    let group = erasure.group;
    let there: u64 = store
        .writer()
        .query(&format!("SELECT count() FROM {db}.ledger WHERE outcome = 'erased' AND batch = ?"))
        .bind(erasure.id)
        .fetch_one()
        .await
        .map_err(StoreError::at("look for an erasure in the ledger"))?;
    if there > 0 || rows == 0 {
        return Ok(());
    }
    let hour = erasure.asked - erasure.asked.rem_euclid(3600);
    let sql = format!(
        "INSERT INTO {db}.ledger (site_id, minute, day, outcome, reason, n, batch) \
         VALUES ({}, toDateTime({hour}, 'UTC'), toDate({}), 'erased', '', {rows}, {})",
        group.site_id, group.day, erasure.id
    );
    store.execute("count erased rows", &sql).await
}

/// Whether ClickHouse has given up every part of these tables, or of one day of them, that a
/// statement before `removed` (seconds since 1970-01-01) had made old: only those can hold
/// the rows' bytes.
pub async fn are_gone(
    store: &Store,
    tables: &[String],
    day: Option<u16>,
    removed: i64,
) -> Result<bool, StoreError> {
    let partition = day.map_or_else(String::new, |day| format!("AND partition = '{}'", date_of(day)));
    let old: u64 = store
        .writer()
        .query(&format!(
            "SELECT count() FROM system.parts WHERE database = ? AND table IN ? AND NOT active {partition} \
             AND toInt64(toUnixTimestamp(remove_time)) <= ?",
        ))
        .bind(store.database())
        .bind(tables)
        .bind(removed)
        .fetch_one()
        .await
        .map_err(StoreError::at("look for old parts"))?;
    Ok(old == 0)
}

/// Days that still have rows of open days.
pub async fn hot_days(store: &Store) -> Result<BTreeSet<u16>, StoreError> {
    let days: Vec<u16> = store
        .writer()
        .query(&format!("SELECT DISTINCT day FROM {}.events_hot", store.database()))
        .fetch_all()
        .await
        .map_err(StoreError::at("list open days"))?;
    Ok(days.into_iter().collect())
}
