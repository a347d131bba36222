//! Who is there now, and whether anybody ever was. With `realtime` the only reports that read
//! the open days' table itself.

use jiff::Timestamp;
use store::{Store, StoreError};

/// How far back "now" reaches.
const LIVE_SECONDS: i64 = 5 * 60;

/// Distinct visitors of the last five minutes.
pub async fn visitors(store: &Store, site_id: u32, now: Timestamp) -> Result<u64, StoreError> {
    let since = u32::try_from(now.as_second() - LIVE_SECONDS).expect("the clock is between 1970 and 2106");
    let sql = format!(
        "SELECT uniqExact(day, visitor) FROM {}.events_hot WHERE visitor != 0 AND site_id = ? AND ts >= toDateTime(?, 'UTC') \
         AND day >= toDate(toDateTime(?, 'UTC')) - 1",
        store.database()
    );
    store
        .reader()
        .query(&sql)
        .bind(site_id)
        .bind(since)
        .bind(since)
        .fetch_one()
        .await
        .map_err(StoreError::at("count who is there"))
}

/// Whether the site has sent anything yet.
pub async fn has_events(store: &Store, site_id: u32) -> Result<bool, StoreError> {
    let db = store.database();
    let sql = format!(
        "SELECT toUInt8(count() > 0) FROM (SELECT 1 FROM {db}.events_hot WHERE site_id = ? LIMIT 1 \
         UNION ALL SELECT 1 FROM {db}.closed_days WHERE site_id = ? LIMIT 1)"
    );
    let found: u8 = store
        .reader()
        .query(&sql)
        .bind(site_id)
        .bind(site_id)
        .fetch_one()
        .await
        .map_err(StoreError::at("look for a first event"))?;
    Ok(found == 1)
}
