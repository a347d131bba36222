//! Whose goals wait, after a restart: the outbox knows visits only, so a withdrawal would
//! reach the running visit alone. What visits a visitor has had comes from the rows of the
//! open day, in ClickHouse and in the spool ([`event`]), and stays in memory as before.
//!
//! Of use where the day's key has outlived the collector; under a new key no number of these
//! is ever met again.

use std::time::Duration;

use clickhouse::Row;
use serde::Deserialize;
use store::{
    Store, StoreError,
    event::{HotEvent, Kind},
};
use tracing::warn;

use super::{Bridge, lanes::LANES_MAX, outbox::AGE_SECONDS_MAX};
use crate::{clock::Clock, visit::VisitorKey};

/// How long ClickHouse may take, the connection included.
const ASKING_MAX: Duration = Duration::from_secs(3);

#[derive(Debug, thiserror::Error)]
enum RememberError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("ClickHouse did not answer in time")]
    Late,
}

#[derive(Row, Deserialize)]
struct Seen {
    site_id: u32,
    day: u16,
    visitor: u64,
    visit: u64,
}

/// What ClickHouse has. A failure is told, and costs what the head says.
pub async fn visits(bridge: &Bridge, store: &Store, clock: &Clock) {
    if bridge.switches.load().is_empty() {
        return;
    }
    let asked = tokio::time::timeout(ASKING_MAX, from_clickhouse(bridge, store, clock)).await;
    if let Err(failure) = asked.unwrap_or(Err(RememberError::Late)) {
        warn!(error = ?failure, "a withdrawal will not reach goals of visits before the restart");
    }
}

/// An event that lies in the spool.
pub fn event(bridge: &Bridge, event: &HotEvent, clock: &Clock) {
    if event.kind == Kind::Custom && event.visit != 0 && !bridge.switches.load().is_empty() {
        let visitor = VisitorKey { site_id: event.site_id, day: event.day, visitor: event.visitor };
        bridge.has_goal(visitor, event.visit, clock.now());
    }
}

async fn from_clickhouse(bridge: &Bridge, store: &Store, clock: &Clock) -> Result<(), RememberError> {
    let since = clock.now().as_second() - AGE_SECONDS_MAX;
    let sql = format!(
        "SELECT DISTINCT site_id, day, visitor, visit FROM {}.events_hot \
         WHERE ts >= fromUnixTimestamp({since}) AND kind = 'custom' AND visit != 0 LIMIT {LANES_MAX}",
        store.database()
    );
    let failed = StoreError::at("list the visits that may have goals waiting");
    let seen: Vec<Seen> = store.writer().query(&sql).fetch_all().await.map_err(failed)?;
    for Seen { site_id, day, visitor, visit } in seen {
        bridge.has_goal(VisitorKey { site_id, day, visitor }, visit, clock.now());
    }
    Ok(())
}
