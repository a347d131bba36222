//! Gives the demo site a past: made-up days go through the very closing that real
//! days go through.
//!
//! A day that is already closed is left alone, so a seeding that was cut short goes
//! on where it stopped. Never runs beside a collector: two must not close one day.

use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use store::{
    Store, StoreError,
    event::{COLUMNS, HotEvent},
    goal::Declared,
};

use super::refused;
use crate::{
    close::{self, OpenDay, SiteDate},
    ship::{self, ShipError},
    site::day_number,
    spool::{Entry, Header, Segment, SpooledEvent},
};

/// Batches of made-up events: a node number no collector has.
const NODE: u64 = 0xffff << 48;

/// Events in one INSERT; below the engine's block size, so that it is atomic.
const EVENTS_PER_INSERT: usize = 100_000;

/// Days closed at once.
const DAYS_AT_ONCE: usize = 2;

/// The site to fill.
pub struct DemoSite {
    pub id: u32,
    pub zone: TimeZone,
    pub zone_name: String,
    /// Goals and funnels its days are closed with.
    pub declared: Declared,
    /// How many times the demo's usual traffic.
    pub scale: f64,
}

/// Fills the `days` before today, and today up to `now`. `told` hears after every
/// day how many are done.
pub async fn fill(
    store: &Store,
    site: &DemoSite,
    days: u32,
    now: Timestamp,
    mut told: impl FnMut(u32),
) -> Result<(), ShipError> {
    let today = now.to_zoned(site.zone.clone()).date();
    let done = done_days(store, site.id).await?;
    let dates: Vec<Date> = (1..=days).rev().map(|back| today - i64::from(back).days()).collect();
    let mut count = 0;
    for pair in dates.chunks(DAYS_AT_ONCE) {
        let both = pair.iter().filter(|&&date| !done.contains(&day_number(date)));
        let mut both = both.map(|&date| past_day(store, site, date, now));
        // One statement keeps one core busy, and days know nothing of each other.
        match (both.next(), both.next()) {
            (Some(one), Some(other)) => drop(tokio::try_join!(one, other)?),
            (Some(one), None) => one.await?,
            (None, _) => {}
        }
        count += pair.len() as u32;
        told(count);
    }
    let open = SiteDate { site_id: site.id, day: day_number(today) };
    if close::hot_rows(store, open).await?.0 == 0 {
        put(store, site, today, Some(now)).await?;
    }
    Ok(())
}

/// A day that is over.
async fn past_day(store: &Store, site: &DemoSite, date: Date, now: Timestamp) -> Result<(), ShipError> {
    let day = day_number(date);
    let hot_rows = put(store, site, date, None).await?;
    let date = SiteDate { site_id: site.id, day };
    let (time_zone, declared) = (&site.zone_name, &site.declared);
    let open =
        OpenDay { date, time_zone, declared, hot_rows, dropped: None, slice_rows_max: close::SLICE_ROWS_MAX };
    let generation = close::close_day(store, open, now).await?;
    close::remove_older(store, date, generation).await?;
    // A partition is all sites'. Where another has rows in it, the collector drops it when
    // their day is closed as well.
    if close::hot_rows(store, date).await?.1 == 0 {
        close::drop_day(store, day).await?;
    }
    Ok(())
}

/// Ships a day's events as a collector would; gives their number. Rows that an
/// earlier attempt left are replaced, since their day was never closed.
async fn put(store: &Store, site: &DemoSite, date: Date, until: Option<Timestamp>) -> Result<u64, ShipError> {
    let day = day_number(date);
    let site_date = SiteDate { site_id: site.id, day };
    if close::hot_rows(store, site_date).await?.0 > 0 {
        close::delete_hot(store, site_date).await?;
    }
    let until = until.map_or(u32::MAX, |time| u32::try_from(time.as_second()).unwrap_or(u32::MAX));
    let events: Vec<HotEvent> = super::scaled_day(site.id, &site.zone, date, site.scale)
        .into_iter()
        .filter(|event| event.ts <= until)
        .collect();
    for (part, events) in (0_u64..).zip(events.chunks(EVENTS_PER_INSERT)) {
        let batch = NODE | u64::from(day) << 16 | part;
        let header = Header { batch, created: 0, columns: COLUMNS.to_owned(), died: None };
        let mut entries: Vec<Entry> = events.iter().map(spooled).collect();
        entries.extend(refused::beside(site.id, events));
        ship::ship_segment(store, &Segment::of(header, entries)).await?;
    }
    Ok(events.len() as u64)
}

fn spooled(event: &HotEvent) -> Entry {
    let mut row = Vec::new();
    event.encode(&mut row);
    let minute = event.ts - event.ts % 60;
    Entry::Event(SpooledEvent { site_id: event.site_id, day: event.day, minute, row })
}

/// Days that are closed and need no work.
async fn done_days(store: &Store, site_id: u32) -> Result<std::collections::BTreeSet<u16>, StoreError> {
    let db = store.database();
    let days: Vec<u16> = store
        .writer()
        .query(&format!("SELECT DISTINCT day FROM {db}.closed_days WHERE site_id = ?"))
        .bind(site_id)
        .fetch_all()
        .await
        .map_err(StoreError::at("list closed days"))?;
    Ok(days.into_iter().collect())
}
