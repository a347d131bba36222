//! The closing of one day of one site, and the end of its hot rows.

use jiff::Timestamp;
use store::{Store, StoreError, relation};

/// One day of one site.
#[derive(Debug, Clone, Copy)]
pub struct SiteDate {
    pub site_id: u32,
    pub day: u16,
}

impl SiteDate {
    fn condition(self) -> String {
        format!("site_id = {} AND day = toDate({})", self.site_id, self.day)
    }
}

/// Rewrites the day into `events` and commits the closing. `hot_rows` is the number
/// of hot rows that were there when it was decided to close; if more have come, the
/// next look closes the day again.
pub async fn close(
    store: &Store,
    date: SiteDate,
    time_zone: &str,
    hot_rows: u64,
    now: Timestamp,
) -> Result<(), StoreError> {
    let db = store.database();
    let generation = next_generation(store, date).await?;
    let rows = relation::open_day_rows(db, time_zone, &date.condition());
    // The random order is part of the promise: neighbours in the table tell nothing
    // about who belongs together.
    store
        .execute(
            "rewrite a day",
            &format!(
                "INSERT INTO {db}.events ({columns}, gen) SELECT {columns}, {generation} FROM ({rows}) ORDER BY rand()",
                columns = relation::COLUMNS
            ),
        )
        .await?;
    let written: u64 = store
        .writer()
        .query(&format!("SELECT count() FROM {db}.events WHERE {} AND gen = {generation}", date.condition()))
        .fetch_one()
        .await
        .map_err(StoreError::at("count a closed day"))?;
    store
        .execute(
            "commit the closing of a day",
            &format!(
                "INSERT INTO {db}.closed_days (site_id, day, gen, hot_rows, rows, closed_at) \
                 VALUES ({}, toDate({}), {generation}, {hot_rows}, {written}, toDateTime({}))",
                date.site_id,
                date.day,
                now.as_second()
            ),
        )
        .await?;
    if generation > 1 {
        // Rows of closings that were cut short or have been replaced.
        store
            .execute(
                "remove an older closing",
                &format!("ALTER TABLE {db}.events DELETE WHERE {} AND gen < {generation}", date.condition()),
            )
            .await?;
    }
    Ok(())
}

/// One more than any closing of the day that was ever begun, committed or not.
async fn next_generation(store: &Store, date: SiteDate) -> Result<u16, StoreError> {
    let db = store.database();
    let highest: u16 = store
        .writer()
        .query(&format!(
            "SELECT max(gen) FROM (SELECT gen FROM {db}.events WHERE {condition} \
             UNION ALL SELECT gen FROM {db}.closed_days WHERE {condition})",
            condition = date.condition()
        ))
        .fetch_one()
        .await
        .map_err(StoreError::at("read a day's generation"))?;
    Ok(highest + 1)
}

/// Drops the hot rows of a day, of all sites.
pub async fn drop_hot(store: &Store, day: u16) -> Result<(), StoreError> {
    let db = store.database();
    let date = crate::site::date_of(day);
    store
        .execute(
            "drop a closed day's open rows",
            &format!("ALTER TABLE {db}.events_hot DROP PARTITION '{date}'"),
        )
        .await
}

/// Rows of `events_hot` on the date's day: of this site, and of all others.
pub async fn hot_rows(store: &Store, date: SiteDate) -> Result<(u64, u64), StoreError> {
    let db = store.database();
    store
        .writer()
        .query(&format!(
            "SELECT countIf(site_id = {site}), countIf(site_id != {site}) FROM {db}.events_hot WHERE day = toDate({})",
            date.day,
            site = date.site_id
        ))
        .fetch_one()
        .await
        .map_err(StoreError::at("count a day's open rows"))
}

/// Removes one site's hot rows of a day; returns when they are gone.
pub async fn delete_hot(store: &Store, date: SiteDate) -> Result<(), StoreError> {
    let db = store.database();
    let sql =
        format!("ALTER TABLE {db}.events_hot DELETE WHERE {} SETTINGS mutations_sync = 2", date.condition());
    store.execute("delete a site's open rows", &sql).await
}
