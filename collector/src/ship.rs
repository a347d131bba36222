//! From sealed segments to ClickHouse, exactly once.
//!
//! A segment becomes one INSERT per day of its events and one per month of its
//! ledger: each is one block in one partition and so atomic. Whether an INSERT
//! counts as done is decided by [`batch::bring`]: an answer of OK, or a look at which
//! rows of the batch are there. ClickHouse's own deduplication is never relied on:
//! its record is written before the part, so a crash between the two loses the retry
//! (docs/durability.md).
//!
//! A shipped segment is kept for [`KEEP_SECONDS`]. After an unclean stop, of the collector or
//! of ClickHouse, kept segments are shipped again: what is there is left alone, what
//! a power failure took comes back.

mod batch;
mod part;

use std::{sync::Arc, time::Duration};

use store::{Remedy, Store, StoreError};
use tokio::sync::{Mutex, watch};
use tracing::{error, info, warn};

use crate::{
    clock::Clock,
    erase::Erasures,
    metrics::Metrics,
    spool::{
        Budget, Directory, Segment, State, blank,
        budget::Level,
        dead::{self, DeadError, owner},
        segment::SegmentError,
        state::Kept,
    },
};
use batch::Grave;
use part::Part;

/// First wait after a failure; doubles up to the longest.
const BACKOFF_FIRST: Duration = Duration::from_millis(500);
const BACKOFF_MAX: Duration = Duration::from_secs(30);

/// The shipper looks for sealed segments at least this often: rows put back from
/// `dead/` arrive without a call.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// How long a shipped segment is kept, in seconds: longer than ClickHouse keeps the
/// parts that a merge replaced (`old_parts_lifetime`, 480 s), so that at any moment
/// either an fsynced part or the segment is there.
const KEEP_SECONDS: i64 = 600;

/// How long damaged bytes are kept for a person to look at, in seconds.
const ASIDE_SECONDS: i64 = 24 * 3600;

/// Ships segments until told to stop; a stop waits for the INSERT under way.
pub struct Shipper {
    pub store: Store,
    pub directory: Arc<Directory>,
    pub spool: Arc<State>,
    pub budget: Arc<Budget>,
    pub node: u16,
    pub metrics: Arc<Metrics>,
    pub erasures: Arc<Erasures>,
    pub clock: Clock,
    /// Held while shipping, so that no row comes between the look at a day that is
    /// closed and the end of its open rows.
    pub shipping: Arc<Mutex<()>>,
}

/// Why a segment could not be shipped now.
#[derive(Debug, thiserror::Error)]
pub enum ShipError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("could not work in the spool folder")]
    Folder(#[source] std::io::Error),
    #[error(transparent)]
    Dead(#[from] DeadError),
    #[error("a segment was written by a newer version")]
    Newer(#[source] SegmentError),
    #[error("batch {batch} has {found} of {expected} rows in {table}: an INSERT was not atomic")]
    Partial { batch: u64, table: &'static str, found: u64, expected: u64 },
    #[error("batch {batch} has rows more than once in {table}")]
    Doubled { batch: u64, table: &'static str },
}

impl Shipper {
    pub async fn run(&self, mut stop: watch::Receiver<bool>) {
        // What lies here from an earlier run may have been sent before it stopped.
        let mut look_first = true;
        let mut backoff = BACKOFF_FIRST;
        while !*stop.borrow() {
            let wait = match self.round(look_first).await {
                Ok(()) => {
                    look_first = false;
                    backoff = BACKOFF_FIRST;
                    LOOK_EVERY
                }
                Err(failure) => {
                    look_first = true;
                    self.metrics.ship_failures.inc();
                    report(&failure);
                    if matches!(&failure, ShipError::Store(StoreError::Unknown { .. })) {
                        self.doubt();
                    }
                    let wait = backoff;
                    backoff = (backoff * 2).min(BACKOFF_MAX);
                    wait
                }
            };
            let backing_off = look_first;
            tokio::select! {
                () = self.spool.sealed(), if !backing_off => {}
                () = tokio::time::sleep(wait) => {}
                _ = stop.changed() => {}
            }
        }
    }

    async fn round(&self, look_first: bool) -> Result<(), ShipError> {
        self.ship_all(look_first).await?;
        self.let_go().map_err(ShipError::Folder)
    }

    /// Ships every sealed segment, oldest first.
    pub async fn ship_all(&self, mut look_first: bool) -> Result<(), ShipError> {
        for sequence in self.directory.sealed().map_err(ShipError::Folder)? {
            self.ship(sequence, look_first).await.inspect_err(|_| look_first = true)?;
        }
        Ok(())
    }

    async fn ship(&self, sequence: u64, look_first: bool) -> Result<(), ShipError> {
        let _shipping = self.shipping.lock().await;
        let path = self.directory.sealed_path(sequence);
        let bytes = std::fs::metadata(&path).map_err(ShipError::Folder)?.len();
        let mut segment = match Segment::read(&path) {
            Ok(segment) => segment,
            Err(SegmentError::Read { source, .. }) => return Err(ShipError::Folder(source)),
            Err(newer @ SegmentError::Newer { .. }) => return Err(ShipError::Newer(newer)),
            Err(SegmentError::NotASegment { .. }) => {
                error!(sequence, "a file among the segments is none and is set aside");
                self.metrics.segments_damaged.inc();
                self.directory.set_aside_whole(sequence).map_err(ShipError::Folder)?;
                self.spool.gone(sequence, bytes);
                return Ok(());
            }
        };
        // What was erased before or since is not sent, whatever became of the file.
        let owners = if segment.header.died.is_some() {
            owner::all(self.directory.path()).map_err(ShipError::Folder)?
        } else {
            Vec::new()
        };
        blank::take(&mut segment, |header, event| self.erasures.taking(header, event, &owners));
        self.spool.wait_for(sequence, segment.header.created);
        let batch = segment.header.batch;
        let grave = Grave { directory: &self.directory, node: self.node, clock: &self.clock };
        let dead = dead::of_batch(self.directory.path(), batch)?;
        for part in Part::events(&segment, &dead) {
            batch::bring(&self.store, part, look_first, Some(&grave)).await?;
        }
        // Rows may have died meanwhile: only what is stored is counted as stored.
        let dead = dead::of_batch(self.directory.path(), batch)?;
        for part in Part::ledger(&segment, &dead) {
            batch::bring(&self.store, part, look_first, None).await?;
        }
        self.metrics.rows_shipped.inc_by(segment.events().into());
        self.metrics.rows_dead.inc_by(dead.len() as u64);
        // Once it has been shipped: an attempt that fails must not count the loss again.
        self.report_damage(sequence, &segment)?;
        self.directory.keep(sequence).map_err(ShipError::Folder)?;
        let now = self.clock.now().as_second();
        self.spool.keep(sequence, Kept { created: segment.header.created, shipped: now, bytes });
        Ok(())
    }

    fn report_damage(&self, sequence: u64, segment: &Segment) -> Result<(), ShipError> {
        let lost = segment.events_lost();
        if segment.damage.is_empty() && lost == 0 {
            return Ok(());
        }
        error!(
            sequence,
            places = segment.damage.len(),
            torn_bytes = segment.torn_bytes,
            events_lost = lost,
            "a segment is damaged; its whole records are shipped"
        );
        self.metrics.segments_damaged.inc();
        self.metrics.events_lost.inc_by(lost.into());
        self.directory.set_aside(sequence, &segment.damage).map_err(ShipError::Folder)
    }

    /// Removes segments that have been kept long enough, or for which there is no
    /// room.
    fn let_go(&self) -> std::io::Result<()> {
        let now = self.clock.now().as_second();
        while let Some((sequence, kept)) = self.spool.oldest_kept() {
            #[cfg(feature = "leaky")]
            if crate::leak::keeps_spool() {
                break;
            }
            let roomy = self.budget.level(self.spool.bytes()) < Level::Tight && !self.budget.is_pressed();
            let is_needed = now - kept.shipped < KEEP_SECONDS || sequence > self.spool.bridge_read();
            if roomy && is_needed {
                break;
            }
            self.directory.remove(sequence)?;
            self.spool.gone(sequence, kept.bytes);
        }
        self.budget.relieve()?;
        self.directory.remove_aside(now - ASIDE_SECONDS)
    }

    /// ClickHouse was away, perhaps through a power failure: what it had may be gone.
    fn doubt(&self) {
        match self.directory.doubt_kept() {
            Ok(doubted) => {
                for sequence in doubted {
                    let created = self.spool.kept(sequence).map_or(0, |kept| kept.created);
                    self.spool.wait_for(sequence, created);
                }
            }
            Err(failure) => warn!(error = %failure, "kept segments could not be taken back"),
        }
    }
}

/// Ships a segment that is in memory and may have been shipped before; for the seed.
pub async fn ship_segment(store: &Store, segment: &Segment) -> Result<(), ShipError> {
    let dead = std::collections::HashSet::new();
    for part in Part::events(segment, &dead).into_iter().chain(Part::ledger(segment, &dead)) {
        batch::bring(store, part, true, None).await?;
    }
    Ok(())
}

fn report(failure: &ShipError) {
    match failure {
        ShipError::Store(inner) => match inner.remedy() {
            Remedy::Retry => {
                info!(error = %chain(failure), "ClickHouse is not taking rows; the spool keeps them");
            }
            Remedy::Hold | Remedy::Bury => {
                error!(error = %chain(failure), "ClickHouse refuses our rows; the spool keeps them");
            }
        },
        ShipError::Folder(_) => warn!(error = %chain(failure), "the spool folder fails"),
        ShipError::Dead(_) | ShipError::Newer(_) | ShipError::Partial { .. } | ShipError::Doubled { .. } => {
            error!(error = %chain(failure), "shipping stands still");
        }
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
