//! Whose goals wait, after a restart: the outbox knows visits only, so a withdrawal would
//! reach the running visit alone. What visits a visitor has had comes from the rows of the
//! open day, in ClickHouse and in the spool, and stays in memory as before.
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
use crate::{
    clock::Clock,
    spool::{Directory, Entry, Segment, segment::SegmentError},
    visit::VisitorKey,
};

/// How long ClickHouse may take, the connection included.
const ASKING_MAX: Duration = Duration::from_secs(3);

#[derive(Debug, thiserror::Error)]
enum RememberError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("ClickHouse did not answer in time")]
    Late,
    #[error("could not list the spool")]
    Folder(#[source] std::io::Error),
    #[error("a segment could not be read")]
    Segment(#[source] SegmentError),
}

#[derive(Row, Deserialize)]
struct Seen {
    site_id: u32,
    day: u16,
    visitor: u64,
    visit: u64,
}

/// Fills the bridge's memory. A failure is told, and costs what the head says.
pub async fn visits(bridge: &Bridge, store: &Store, spool: &Directory, clock: &Clock) {
    if bridge.switches.load().is_empty() {
        return;
    }
    let asked = tokio::time::timeout(ASKING_MAX, from_clickhouse(bridge, store, clock)).await;
    for outcome in [asked.unwrap_or(Err(RememberError::Late)), from_spool(bridge, spool, clock)] {
        if let Err(failure) = outcome {
            warn!(error = ?failure, "a withdrawal will not reach goals of visits before the restart");
        }
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

fn from_spool(bridge: &Bridge, spool: &Directory, clock: &Clock) -> Result<(), RememberError> {
    let sealed = spool.sealed().map_err(RememberError::Folder)?;
    for path in sealed.into_iter().map(|number| spool.sealed_path(number)) {
        let segment = match Segment::read(&path) {
            Ok(segment) => segment,
            // The shipper deals with them.
            Err(SegmentError::NotASegment { .. } | SegmentError::Newer { .. }) => continue,
            Err(failure @ SegmentError::Read { .. }) => return Err(RememberError::Segment(failure)),
        };
        if segment.header.columns != store::event::COLUMNS {
            continue;
        }
        for placed in &segment.records {
            if let Entry::Event(spooled) = &placed.entry
                && let Some((event, _)) = HotEvent::decode(&spooled.row)
                && event.kind == Kind::Custom
                && event.visit != 0
            {
                let visitor = VisitorKey { site_id: event.site_id, day: event.day, visitor: event.visitor };
                bridge.has_goal(visitor, event.visit, clock.now());
            }
        }
    }
    Ok(())
}
