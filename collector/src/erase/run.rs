//! The task that carries erasures out.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use tokio::sync::{Mutex, watch};
use tracing::{info, warn};

use super::{
    EraseError, Erasure, Erasures, Stage,
    receipts::{self, Matter, Receipt, Receipts},
    removal::Removals,
    spooled,
    tables::{self, Wish},
};
use crate::{
    clock::Clock,
    metrics::Metrics,
    site::{Sites, date_of},
    spool::{Directory, blank::Taken},
    visit::VisitorKey,
};
use store::Store;

/// How often erasures that are under way are looked at again. A segment is open for a
/// second.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// How often it is checked that what was erased has stayed away: a power failure may have
/// brought a part back whose successor was not on the disk yet.
const VERIFY_EVERY: i64 = 300;

/// A round that has not ended by then is begun again: shipping stands still meanwhile.
const ROUND_TIME_MAX: Duration = Duration::from_secs(120);

pub struct Eraser {
    pub store: Store,
    pub directory: Arc<Directory>,
    pub erasures: Arc<Erasures>,
    pub receipts: Arc<Receipts>,
    pub sites: Arc<ArcSwap<Sites>>,
    pub metrics: Arc<Metrics>,
    pub clock: Clock,
    /// Held by the shipper while it ships.
    pub shipping: Arc<Mutex<()>>,
    pub removals: Removals,
}

impl Eraser {
    pub async fn run(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        let mut told = false;
        let mut verified = 0;
        while !*stop.borrow() {
            let now = self.clock.now().as_second();
            let verify = now - verified >= VERIFY_EVERY;
            let round = tokio::time::timeout(ROUND_TIME_MAX, self.round(verify)).await;
            match round.unwrap_or(Err(EraseError::TooSlow)) {
                Ok(()) => {
                    told = false;
                    verified = if verify { now } else { verified };
                }
                Err(failure) if !told => {
                    warn!(error = %failure, "an erasure waits");
                    told = true;
                }
                Err(_) => {}
            }
            tokio::select! {
                () = self.erasures.asked() => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
                _ = stop.changed() => {}
            }
        }
    }

    /// Takes every erasure as far as it comes now. One kind does not wait for the other.
    pub async fn round(self: &Arc<Self>, verify: bool) -> Result<(), EraseError> {
        let sites = self.remove_sites(verify).await;
        let visitors = self.erase_visitors(verify).await;
        sites.and(visitors)
    }

    async fn erase_visitors(self: &Arc<Self>, verify: bool) -> Result<(), EraseError> {
        let known = self.erasures.all();
        if verify {
            self.forget_owners().await?;
        }
        if known.is_empty() {
            return Ok(());
        }
        if verify || known.iter().any(Erasure::is_pending) {
            self.remove(&known, verify).await?;
        }
        self.finish().await
    }

    /// From the spool first, which needs nobody, then from ClickHouse.
    async fn remove(self: &Arc<Self>, known: &[Erasure], verify: bool) -> Result<(), EraseError> {
        let _nothing_is_shipped = self.shipping.lock().await;
        let eraser = self.clone();
        let taken = blocking(move || spooled::blank_all(&eraser.directory, &eraser.erasures)).await?;
        let mut wishes = Vec::new();
        for &erasure in known.iter().filter(|erasure| verify || erasure.is_pending()) {
            if spooled::is_open(&self.directory, erasure.id)? {
                continue;
            }
            let batches = spooled::put_back(&self.directory, erasure.group, erasure.id)?;
            wishes.push(Wish { erasure, batches });
        }
        let mut found = Vec::new();
        for wish in &wishes {
            let rows = tables::rows(&self.store, wish).await?;
            if let Stage::Asked = wish.erasure.stage {
                let rows = together(&rows, &taken, wish.erasure.id);
                self.reached(wish.erasure.id, Stage::Counted { rows })?;
            }
            if !rows.is_empty() {
                found.push(wish);
            }
        }
        tables::delete(&self.store, &found).await?;
        for erasure in self.erasures.all() {
            let Stage::Counted { rows } = erasure.stage else { continue };
            tables::count(&self.store, erasure, rows).await?;
            let at = self.clock.now().as_second();
            self.reached(erasure.id, Stage::Removed { rows, at })?;
            info!(site = erasure.group.site_id, rows, "erased a visitor's rows");
        }
        Ok(())
    }

    /// Writes receipts for what the disk has lost, and forgets days that are over.
    async fn finish(&self) -> Result<(), EraseError> {
        let mut over = Vec::new();
        let mut hot = None;
        for erasure in self.erasures.all() {
            match erasure.stage {
                Stage::Asked | Stage::Counted { .. } => {}
                Stage::Removed { rows, at } => {
                    if tables::are_gone(&self.store, &["events_hot".to_owned()], Some(erasure.group.day), at)
                        .await?
                    {
                        self.receive(erasure, rows, at)?;
                    }
                }
                Stage::Gone => {
                    if hot.is_none() {
                        hot = Some(tables::hot_days(&self.store).await?);
                    }
                    let is_hot = hot.as_ref().is_none_or(|hot| hot.contains(&erasure.group.day));
                    if self.is_over(erasure.group) && !is_hot && !self.is_spooled(erasure.id)? {
                        over.push(erasure.id);
                    }
                }
            }
        }
        self.erasures.forget(&over)
    }

    fn receive(&self, erasure: Erasure, rows: u64, removed: i64) -> Result<(), EraseError> {
        let now = self.clock.now();
        let receipt = Receipt {
            at: receipts::hour(now),
            matter: Matter::Visitor,
            site: Some(erasure.group.site_id),
            of: date_of(erasure.group.day).to_string(),
            rows,
            removed_after_s: removed - erasure.asked,
            gone_after_s: now.as_second() - erasure.asked,
        };
        self.receipts.append(receipt).map_err(EraseError::Log)?;
        self.metrics.erasures_done.inc();
        self.reached(erasure.id, Stage::Gone)
    }

    /// A segment the erasure may be about, which could be looked at again.
    fn is_spooled(&self, id: u64) -> Result<bool, EraseError> {
        let sealed = self.directory.sealed().map_err(EraseError::Spool)?;
        let kept = self.directory.kept().map_err(EraseError::Spool)?;
        let last = crate::spool::dead::owner::sequence_of(id);
        Ok(sealed.into_iter().chain(kept).any(|sequence| sequence <= last))
    }

    async fn forget_owners(self: &Arc<Self>) -> Result<(), EraseError> {
        let eraser = self.clone();
        blocking(move || spooled::forget_owners(&eraser.directory, |group| eraser.is_over(group))).await
    }

    /// Whether the group's day and its carry are over. A site we do not know has no day.
    fn is_over(&self, group: VisitorKey) -> bool {
        let sites = self.sites.load();
        let site = sites.iter().find(|site| site.id == group.site_id);
        site.is_none_or(|site| {
            let day = site.day_of(self.clock.now());
            group.day < day.carried.unwrap_or(day.today)
        })
    }

    fn reached(&self, id: u64, stage: Stage) -> Result<(), EraseError> {
        self.erasures.reached(id, stage)
    }
}

/// How many events an erasure takes: those ClickHouse has, and those of the spool that it
/// does not.
fn together(rows: &BTreeSet<(u64, u32)>, taken: &BTreeSet<Taken>, id: u64) -> u64 {
    let only_spooled =
        taken.iter().filter(|event| event.erasure == id && !rows.contains(&(event.batch, event.seq))).count();
    (rows.len() + only_spooled) as u64
}

pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, EraseError> + Send + 'static,
) -> Result<T, EraseError> {
    tokio::task::spawn_blocking(work).await.map_err(|lost| EraseError::Spool(std::io::Error::other(lost)))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_in_both_places_is_counted_once() {
        let rows = BTreeSet::from([(7, 1), (7, 2)]);
        let taken = BTreeSet::from([
            Taken { erasure: 9, batch: 7, seq: 2 },
            Taken { erasure: 9, batch: 8, seq: 2 },
            Taken { erasure: 5, batch: 8, seq: 3 },
        ]);
        assert_eq!(together(&rows, &taken, 9), 3);
    }
}
