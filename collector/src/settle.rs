//! The ledger forgets the second. Its rows are counts by the minute, and by the hour where
//! visitors object; the batch beside them, which makes a count arrive exactly once, names the
//! second in which it was made. As soon as nothing asks for a batch any more it is put to 0.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use store::{Store, StoreError};
use tokio::sync::{Mutex, watch};
use tracing::{info, warn};

use crate::{balance::BATCH_HOURS, clock::Clock, spool::state::State};

/// How often it is done. A rewrite of the month's counts costs more than a look.
const SETTLE_EVERY: Duration = Duration::from_secs(15 * 60);

/// Counts of what was stored keep their batch for as long as they are balanced by it.
const STORED_SECONDS: i64 = (BATCH_HOURS as i64 + 1) * 3600;

/// A batch is the node's number in the upper 16 bits and the segment's sequence below.
const SEQUENCE_BITS: u32 = 48;

pub struct Settler {
    pub store: Store,
    pub spool: Arc<State>,
    pub node: u16,
    /// Held by the shipper while it ships: what it asks for is not taken away under it.
    pub shipping: Arc<Mutex<()>>,
    pub clock: Clock,
}

impl Settler {
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        loop {
            tokio::select! {
                () = tokio::time::sleep(SETTLE_EVERY) => {}
                _ = stop.changed() => return,
            }
            match self.settle(self.clock.now()).await {
                Ok(()) => {}
                Err(failure) if failure.retry_helps() => {
                    info!(error = %failure, "the ledger is settled later")
                }
                Err(failure) => warn!(error = ?failure, "the ledger could not be settled"),
            }
        }
    }

    /// Takes the batch from every count that arrived for good.
    pub async fn settle(&self, now: Timestamp) -> Result<(), StoreError> {
        let _nothing_is_shipped = self.shipping.lock().await;
        let db = self.store.database();
        let settled = settled(self.node, &self.spool, now);
        let waiting: u64 = self
            .store
            .writer()
            .query(&format!("SELECT count() FROM {db}.ledger WHERE {settled}"))
            .fetch_one()
            .await
            .map_err(StoreError::at("look for counts to settle"))?;
        if waiting == 0 {
            return Ok(());
        }
        let sql =
            format!("ALTER TABLE {db}.ledger UPDATE batch = 0 WHERE {settled} SETTINGS mutations_sync = 2");
        self.store.execute("settle the ledger", &sql).await
    }
}

/// Counts of this node whose segment has left the spool: no start and no doubt brings it again.
fn settled(node: u16, spool: &State, now: Timestamp) -> String {
    let node = u64::from(node) << SEQUENCE_BITS;
    let end = spool.oldest_sequence().unwrap_or((1 << SEQUENCE_BITS) - 1);
    let stored_before = now.as_second() - STORED_SECONDS;
    format!(
        "batch > {node} AND batch < {} \
         AND (outcome = 'refused' OR (outcome = 'stored' AND minute < {stored_before}))",
        node | end
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_nodes_batches_below_all_that_the_spool_holds_are_settled() {
        let spool = State::default();
        let now = Timestamp::from_second(20_000).unwrap();
        let until = |end: u64| format!("batch > {} AND batch < {} ", 2_u64 << 48, 2_u64 << 48 | end);
        assert!(settled(2, &spool, now).starts_with(&until((1 << 48) - 1)));
        spool.wait_for(700, 7);
        spool.wait_for(600, 6);
        assert!(settled(2, &spool, now).starts_with(&until(600)));
        assert!(settled(2, &spool, now).ends_with("minute < 9200))"));
    }
}
