//! The balance, checked: what the ledger says was stored, less what was erased, must be the
//! rows there are. Two counts that travelled the same way are compared with the table itself.
//!
//! ```text
//! for every site and day:
//!   stored - erased = rows of the open day + rows each dropped closing was made from
//! for every site, day and batch of the last two hours, where nothing was erased or closed:
//!   stored = rows of the batch
//! ```
//!
//! A batch is what one collector accepted within a second, so the second is finer than the
//! ledger's minutes, which rows do not know: they have the event's own time.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use clickhouse::Row;
use serde::Deserialize;
use store::{Store, StoreError};
use tokio::sync::{Mutex, watch};
use tracing::{error, info};

/// How often it is checked.
const CHECK_EVERY: Duration = Duration::from_secs(60);

/// Days looked at. Older ones do not change any more.
pub const DAYS: u32 = 35;

/// A day that does not balance.
#[derive(Debug, Clone, PartialEq, Eq, Row, Deserialize)]
pub struct Unbalanced {
    pub site_id: u32,
    /// Days since 1970-01-01.
    pub day: u16,
    /// What the ledger has, less what was erased.
    pub counted: i64,
    pub rows: i64,
}

/// Days that do not balance. Between the two INSERTs of one segment every day of it does
/// not: hold the shipping, or ask again.
pub async fn unbalanced(store: &Store) -> Result<Vec<Unbalanced>, StoreError> {
    let db = store.database();
    // The ledger knows the site's day since this step of the schema.
    let sql = format!(
        "WITH (SELECT max(applied_at) FROM {db}.schema_versions WHERE version = {LEDGER_HAS_DAYS}) AS since \
         SELECT site_id, day, sum(counted) AS counted, sum(found) AS rows FROM ( \
         SELECT site_id, day, sum(multiIf(outcome = 'stored', toInt64(n), outcome = 'erased', -toInt64(n), 0)) AS counted, \
         toInt64(0) AS found FROM {db}.ledger WHERE outcome != 'refused' GROUP BY site_id, day \
         UNION ALL SELECT site_id, day, toInt64(0), toInt64(count()) FROM {db}.events_hot GROUP BY site_id, day \
         UNION ALL SELECT site_id, day, toInt64(0), sum(hot) FROM ( \
         SELECT site_id, day, gen, toInt64(argMax(hot_rows, dropped)) AS hot FROM {db}.closed_days \
         GROUP BY site_id, day, gen HAVING max(dropped) = 2) GROUP BY site_id, day) \
         WHERE day > toDate(since) + 1 AND day > today() - {DAYS} \
         GROUP BY site_id, day HAVING counted != rows ORDER BY day, site_id"
    );
    store.writer().query(&sql).fetch_all().await.map_err(StoreError::at("balance the ledger"))
}

/// Hours in which batches are looked at one by one.
pub const BATCH_HOURS: u32 = 2;

/// A batch whose count is not the number of its rows.
#[derive(Debug, Clone, PartialEq, Eq, Row, Deserialize)]
pub struct Misplaced {
    pub site_id: u32,
    pub day: u16,
    pub batch: u64,
    pub counted: i64,
    pub rows: i64,
}

/// The same by batch: a loss and a double that make up for each other within a day are found.
pub async fn misplaced(store: &Store) -> Result<Vec<Misplaced>, StoreError> {
    let db = store.database();
    let sql = format!(
        "WITH recent AS (SELECT site_id, day, batch, n FROM {db}.ledger \
         WHERE outcome = 'stored' AND minute >= now() - INTERVAL {BATCH_HOURS} HOUR), \
         settled AS (SELECT site_id, day FROM {db}.ledger WHERE outcome = 'erased' \
         UNION ALL SELECT site_id, day FROM {db}.closed_days) \
         SELECT site_id, day, batch, sum(counted) AS counted, sum(found) AS rows FROM ( \
         SELECT site_id, day, batch, toInt64(n) AS counted, toInt64(0) AS found FROM recent \
         UNION ALL SELECT site_id, day, batch, toInt64(0), toInt64(count()) FROM {db}.events_hot \
         WHERE batch IN (SELECT batch FROM recent) GROUP BY site_id, day, batch) \
         WHERE (site_id, day) NOT IN (SELECT site_id, day FROM settled) \
         GROUP BY site_id, day, batch HAVING counted != rows ORDER BY batch, site_id, day"
    );
    store.writer().query(&sql).fetch_all().await.map_err(StoreError::at("balance the ledger by batches"))
}

/// The step of the schema that gave the ledger its days.
const LEDGER_HAS_DAYS: u32 = 3;

/// Events that do not balance, for the metric: 0 is well.
#[derive(Default)]
pub struct Imbalance(AtomicU64);

impl Imbalance {
    pub fn events(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

pub struct Auditor {
    pub store: Store,
    pub imbalance: Arc<Imbalance>,
    /// Held by the shipper while it ships.
    pub shipping: Arc<Mutex<()>>,
}

impl Auditor {
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            match self.check().await {
                Ok(days) => {
                    for day in days {
                        error!(
                            site = day.site_id,
                            day = %crate::site::date_of(day.day),
                            counted = day.counted,
                            rows = day.rows,
                            "the ledger does not balance: see mostik doctor"
                        );
                    }
                }
                Err(failure) => info!(error = %failure, "the ledger is balanced later"),
            }
            tokio::select! {
                () = tokio::time::sleep(CHECK_EVERY) => {}
                _ = stop.changed() => {}
            }
        }
    }

    /// Looks while nothing is shipped, and keeps the outcome for the metric.
    pub async fn check(&self) -> Result<Vec<Unbalanced>, StoreError> {
        let _nothing_is_shipped = self.shipping.lock().await;
        let days = unbalanced(&self.store).await?;
        let of_days: u64 = days.iter().map(|day| day.counted.abs_diff(day.rows)).sum();
        let batches = misplaced(&self.store).await?;
        for one in &batches {
            let Misplaced { site_id: site, batch, counted, rows, day: _ } = one;
            error!(site, batch, counted, rows, "a batch's count is not its rows: see mostik doctor");
        }
        let of_batches = batches.iter().map(|one| one.counted.abs_diff(one.rows)).sum();
        self.imbalance.0.store(of_days.max(of_batches), Ordering::Relaxed);
        Ok(days)
    }
}
