//! Closing days: from rows with the day's visitor numbers to rows without.
//!
//! Each (site, day) is rewritten once into `events`, with everything distinct
//! decided as a flag; then its row in `closed_days` makes the rewriting count, and
//! at last the hot partition is dropped. A kill at any point leaves either the open
//! day or the closed one, never both and never neither: rows of a closing that was
//! not committed bear a generation nobody reads.

mod day;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use arc_swap::ArcSwap;
use clickhouse::Row;
use jiff::Timestamp;
use serde::Deserialize;
use store::{Store, StoreError, goal::Declared};
use tokio::sync::watch;
use tracing::{info, warn};

use crate::{
    clock::Clock,
    erase::Erasures,
    site::{CARRY_SECONDS, Site, Sites},
    spool::State,
};
pub use day::{
    OpenDay, SLICE_ROWS_MAX, SiteDate, close as close_day, delete_hot, drop_day, hot_rows, remove_older,
};

/// How often the job looks for days to close.
const LOOK_EVERY: Duration = Duration::from_secs(20);

/// How long after a site's carry its day is closed: events accepted in the carry's
/// last moment have been handed to the spool by then.
const AFTER_CARRY_SECONDS: i64 = 60;

/// A closed day's hot rows are dropped this long after the closing counted, so that
/// a report that began before it still finds them. Longer than any report may run.
const DROP_AFTER_SECONDS: u32 = 60;

pub struct Closer {
    pub store: Store,
    pub sites: Arc<ArcSwap<Sites>>,
    pub spool: Arc<State>,
    pub clock: Clock,
    /// No day is closed while rows of it are about to be erased.
    pub erasures: Arc<Erasures>,
    /// Held by the shipper while it ships.
    pub shipping: Arc<tokio::sync::Mutex<()>>,
    /// Hot rows that one statement rewrites, at most.
    pub slice_rows_max: u64,
}

/// A day of a site that still has hot rows.
#[derive(Row, Deserialize)]
struct HotDay {
    site_id: u32,
    day: u16,
    rows: u64,
}

/// A day that has been closed: its last closing.
#[derive(Row, Deserialize)]
struct ClosedDay {
    site_id: u32,
    day: u16,
    generation: u16,
    hot_rows: u64,
    closed_at: u32,
    dropped: u8,
}

impl ClosedDay {
    /// Whether its hot rows have lain here for long enough.
    fn may_be_dropped(&self, now: Timestamp) -> bool {
        let now = u32::try_from(now.as_second()).unwrap_or(u32::MAX);
        self.dropped == 0 && now.saturating_sub(self.closed_at) >= DROP_AFTER_SECONDS
    }
}

impl Closer {
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            if let Err(failure) = self.close_due(self.clock.now()).await {
                if failure.retry_helps() {
                    info!(error = %failure, "days are closed later: ClickHouse does not answer");
                } else {
                    warn!(error = ?failure, "a day could not be closed");
                }
            }
            tokio::select! {
                () = tokio::time::sleep(LOOK_EVERY) => {}
                _ = stop.changed() => {}
            }
        }
    }

    /// Closes every day that is over and has no event on its way any more, and drops
    /// the partitions that are no longer needed.
    pub async fn close_due(&self, now: Timestamp) -> Result<(), StoreError> {
        let hot = self.hot_days().await?;
        let closed = self.closed().await?;
        let sites = self.sites.load_full();
        let held_since = self.spool.held_since();
        let nothing = Declared::default();
        for one in &hot {
            let site = sites.iter().find(|site| site.id == one.site_id);
            let last = closed.get(&(one.site_id, one.day));
            let to_do = match last {
                None => true,
                Some(last) if last.dropped == day::DROPPED => true,
                Some(last) if last.dropped == day::BEING_DROPPED => false,
                Some(last) => last.hot_rows != one.rows,
            };
            let erasing = self.erasures.is_pending(one.site_id, one.day);
            if !to_do || erasing || !is_over(site, one.day, now, held_since) {
                continue;
            }
            let open = OpenDay {
                date: SiteDate { site_id: one.site_id, day: one.day },
                time_zone: site.map_or("UTC", |site| &site.zone_name),
                declared: site.map_or(&nothing, |site| &site.declared),
                hot_rows: one.rows,
                dropped: last.filter(|last| last.dropped == day::DROPPED).map(|last| last.generation),
                slice_rows_max: self.slice_rows_max,
            };
            day::close(&self.store, open, now).await?;
            info!(site = one.site_id, day = %crate::site::date_of(one.day), "closed a day");
        }
        self.remove_older(now).await?;
        self.drop_closed(now).await
    }

    /// Before [`Self::drop_closed`], whose lock holds the shipper up: removing rewrites parts.
    async fn remove_older(&self, now: Timestamp) -> Result<(), StoreError> {
        for (&(site_id, day), last) in &self.closed().await? {
            if last.may_be_dropped(now) {
                day::remove_older(&self.store, SiteDate { site_id, day }, last.generation).await?;
            }
        }
        Ok(())
    }

    /// Days with hot rows.
    async fn hot_days(&self) -> Result<Vec<HotDay>, StoreError> {
        let db = self.store.database();
        self.store
            .writer()
            .query(&format!(
                "SELECT site_id, day, count() AS rows FROM {db}.events_hot GROUP BY site_id, day ORDER BY day, site_id"
            ))
            .fetch_all()
            .await
            .map_err(StoreError::at("list open days"))
    }

    async fn closed(&self) -> Result<BTreeMap<(u32, u16), ClosedDay>, StoreError> {
        let db = self.store.database();
        let rows: Vec<ClosedDay> = self
            .store
            .writer()
            .query(&format!(
                "SELECT site_id, day, max(gen) AS generation, argMax(hot_rows, gen) AS hot_rows, \
                 toUnixTimestamp(max(closed_at)) AS closed_at, \
                 argMax(dropped, tuple(gen, dropped)) AS dropped \
                 FROM {db}.closed_days WHERE day IN (SELECT DISTINCT day FROM {db}.events_hot) GROUP BY site_id, day"
            ))
            .fetch_all()
            .await
            .map_err(StoreError::at("list closed days"))?;
        Ok(rows.into_iter().map(|row| ((row.site_id, row.day), row)).collect())
    }

    /// Drops a hot partition when every site's day in it is closed with all its rows.
    /// Nothing is shipped meanwhile, so no row can come between the look and the drop.
    async fn drop_closed(&self, now: Timestamp) -> Result<(), StoreError> {
        let _nothing_is_shipped = self.shipping.lock().await;
        let closed = self.closed().await?;
        let mut droppable: BTreeMap<u16, bool> = BTreeMap::new();
        let mut half_dropped: BTreeSet<u16> = BTreeSet::new();
        for one in self.hot_days().await? {
            let last = closed.get(&(one.site_id, one.day));
            if last.is_some_and(|last| last.dropped == day::BEING_DROPPED) {
                half_dropped.insert(one.day);
            }
            let done = last.is_some_and(|last| last.may_be_dropped(now) && last.hot_rows == one.rows);
            *droppable.entry(one.day).or_insert(true) &= done;
        }
        for day in half_dropped {
            day::finish_drop(&self.store, day).await?;
        }
        for (day, _) in droppable.into_iter().filter(|&(_, all_done)| all_done) {
            day::drop_day(&self.store, day).await?;
            info!(day = %crate::site::date_of(day), "dropped the open rows of a closed day");
        }
        Ok(())
    }
}

/// Whether `day` is over for the site and every event of it has been shipped. A
/// site that no longer exists has its days end in UTC.
fn is_over(site: Option<&Arc<Site>>, day: u16, now: Timestamp, held_since: Option<i64>) -> bool {
    let zone = site.map_or(jiff::tz::TimeZone::UTC, |site| site.zone.clone());
    let midnight = crate::site::date_of(day)
        .tomorrow()
        .and_then(|next| next.to_zoned(zone))
        .expect("a day number's next midnight exists in every zone");
    let settled = midnight.timestamp().as_second() + CARRY_SECONDS + AFTER_CARRY_SECONDS;
    now.as_second() >= settled && held_since.is_none_or(|since| since >= settled)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: u16 = 20780;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_day_is_over_when_its_carry_is() {
        assert!(!is_over(None, DAY, at("2026-11-24T00:30:59Z"), None));
        assert!(is_over(None, DAY, at("2026-11-24T00:31:00Z"), None));
    }

    #[test]
    fn a_day_stays_open_while_an_older_segment_waits() {
        let now = at("2026-11-24T03:00:00Z");
        let before = at("2026-11-24T00:30:00Z").as_second();
        let after = at("2026-11-24T00:40:00Z").as_second();
        assert!(!is_over(None, DAY, now, Some(before)));
        assert!(is_over(None, DAY, now, Some(after)));
    }
}
