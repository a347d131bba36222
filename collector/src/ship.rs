//! From sealed segments to ClickHouse, exactly once.
//!
//! A segment becomes one INSERT per day of its events and one per month of its
//! ledger: each is one block in one partition and so atomic. Whether an INSERT
//! counts as done is decided by [`part::decide`]: an answer of OK, or a count by
//! batch. ClickHouse's own deduplication is never relied on: its record is written
//! before the part, so a crash between the two loses the retry
//! (docs/durability.md).

mod part;

use std::{sync::Arc, time::Duration};

use store::{Store, StoreError};
use tokio::sync::watch;
use tracing::{error, info, warn};

use crate::{
    metrics::Metrics,
    spool::{Directory, Segment, segment::SegmentError, writer::State},
};
use part::Part;

/// First wait after a failure; doubles up to the longest.
const BACKOFF_FIRST: Duration = Duration::from_millis(500);
const BACKOFF_MAX: Duration = Duration::from_secs(30);

/// The shipper looks for sealed segments at least this often, should a wake-up
/// have been missed.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Ships segments until told to stop; a stop waits for the INSERT under way.
pub struct Shipper {
    pub store: Store,
    pub directory: Arc<Directory>,
    pub spool: Arc<State>,
    pub metrics: Arc<Metrics>,
}

/// Why a segment could not be shipped now.
#[derive(Debug, thiserror::Error)]
pub enum ShipError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("could not work in the spool folder")]
    Folder(#[source] std::io::Error),
    #[error("batch {batch} has {found} of {expected} rows in {table}: an INSERT was not atomic")]
    Partial { batch: u64, table: &'static str, found: u64, expected: u64 },
}

impl Shipper {
    pub async fn run(&self, mut stop: watch::Receiver<bool>) {
        // What lies here from an earlier run may have been sent before it stopped.
        let mut count_first = true;
        let mut backoff = BACKOFF_FIRST;
        while !*stop.borrow() {
            let wait = match self.ship_all(count_first).await {
                Ok(()) => {
                    count_first = false;
                    backoff = BACKOFF_FIRST;
                    LOOK_EVERY
                }
                Err(failure) => {
                    count_first = true;
                    self.metrics.ship_failures.inc();
                    report(&failure);
                    let wait = backoff;
                    backoff = (backoff * 2).min(BACKOFF_MAX);
                    wait
                }
            };
            let backing_off = count_first;
            tokio::select! {
                () = self.spool.sealed(), if !backing_off => {}
                () = tokio::time::sleep(wait) => {}
                _ = stop.changed() => {}
            }
        }
    }

    /// Ships every sealed segment, oldest first.
    pub async fn ship_all(&self, mut count_first: bool) -> Result<(), ShipError> {
        for sequence in self.directory.sealed().map_err(ShipError::Folder)? {
            self.ship(sequence, count_first).await.inspect_err(|_| count_first = true)?;
        }
        Ok(())
    }

    async fn ship(&self, sequence: u64, count_first: bool) -> Result<(), ShipError> {
        let path = self.directory.sealed_path(sequence);
        let bytes = std::fs::metadata(&path).map_err(ShipError::Folder)?.len();
        let segment = match Segment::read(&path) {
            Ok(segment) => segment,
            Err(SegmentError::Read { source, .. }) => return Err(ShipError::Folder(source)),
            Err(damage @ (SegmentError::Damaged { .. } | SegmentError::NotASegment { .. })) => {
                error!(sequence, error = %damage, "a segment is damaged and set aside");
                self.metrics.segments_damaged.inc();
                self.directory.set_aside(sequence).map_err(ShipError::Folder)?;
                self.spool.shipped(sequence, bytes);
                return Ok(());
            }
        };
        for part in Part::split(&segment) {
            part::decide(&self.store, &part, count_first).await?;
            self.metrics.rows_shipped.inc_by(part.rows());
        }
        self.directory.remove(sequence).map_err(ShipError::Folder)?;
        self.spool.shipped(sequence, bytes);
        Ok(())
    }
}

/// Ships a segment that is in memory and may have been shipped before; for the seed.
pub async fn ship_segment(store: &Store, segment: &Segment) -> Result<(), ShipError> {
    for part in Part::split(segment) {
        part::decide(store, &part, true).await?;
    }
    Ok(())
}

fn report(failure: &ShipError) {
    match failure {
        ShipError::Store(inner) if inner.retry_helps() => {
            info!(error = %chain(failure), "ClickHouse is not taking rows; the spool keeps them");
        }
        ShipError::Store(_) => {
            error!(error = %chain(failure), "ClickHouse refuses our rows; the spool keeps them");
        }
        ShipError::Folder(_) => warn!(error = %chain(failure), "the spool folder fails"),
        ShipError::Partial { .. } => error!(error = %chain(failure), "shipping stands still"),
    }
}

/// The error and its causes in one line. Neither holds a row: ClickHouse's text for
/// a refused RowBinary body names columns and offsets.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
