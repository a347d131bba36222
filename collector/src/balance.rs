//! The balance, checked: what the ledger says was stored, less what was erased, must be the
//! rows there are, for every site and day. Two counts that travelled the same way are
//! compared with the table itself.
//!
//! ```text
//! stored - erased = rows of the open day + rows each dropped closing was made from
//! ```

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
        let events = days.iter().map(|day| day.counted.abs_diff(day.rows)).sum();
        self.imbalance.0.store(events, Ordering::Relaxed);
        Ok(days)
    }
}
