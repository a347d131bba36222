//! What became of every event received: stored, or refused and why (P-honest).

use clickhouse::Row;
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{Store, StoreError};

use super::period::Range;

/// Stands among the reasons for what was stored and then erased.
const ERASED: &str = "erased";

#[derive(Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Balance {
    pub received: u64,
    pub stored: u64,
    /// Most frequent reason first.
    pub refused: Vec<Refused>,
    /// Received and durable, not yet in ClickHouse. The ledger travels with the
    /// events, so what the ledger knows of waits no longer.
    pub waiting: u64,
}

#[derive(Debug, PartialEq, Eq, Row, Serialize, Deserialize, JsonSchema)]
pub struct Refused {
    pub reason: String,
    pub n: u64,
}

impl Balance {
    /// The ledger of a site over the days of its zone.
    pub async fn load(
        store: &Store,
        site_id: u32,
        range: Range,
        zone: &TimeZone,
    ) -> Result<Balance, StoreError> {
        let sql = format!(
            "SELECT if(outcome = 'erased', 'erased', toString(reason)) AS reason, sum(n) AS n FROM {}.ledger WHERE site_id = ? \
             AND minute >= toDateTime(?, 'UTC') AND minute < toDateTime(?, 'UTC') \
             GROUP BY reason ORDER BY n DESC, reason",
            store.database()
        );
        let rows: Vec<Refused> = store
            .reader()
            .query(&sql)
            .bind(site_id)
            .bind(midnight(range.from, zone))
            .bind(midnight(range.to.saturating_add(jiff::Span::new().days(1)), zone))
            .fetch_all()
            .await
            .map_err(StoreError::at("balance what was received"))?;
        Ok(Balance::of(rows))
    }

    /// The reason of a stored event is empty (`store/sql/0001_events.sql`). What was erased
    /// had been stored and counted so.
    fn of(rows: Vec<Refused>) -> Balance {
        let erased: u64 = rows.iter().filter(|row| row.reason == ERASED).map(|row| row.n).sum();
        let received = rows.iter().map(|row| row.n).sum::<u64>() - erased;
        let (stored, refused): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.reason.is_empty());
        let stored = stored.iter().map(|row| row.n).sum::<u64>().saturating_sub(erased);
        Balance { received, stored, refused, waiting: 0 }
    }
}

/// Seconds of the first moment of a day; the ledger counts whole minutes, and every
/// zone's midnight is on one.
fn midnight(day: Date, zone: &TimeZone) -> u32 {
    let at = day.to_zoned(zone.clone()).map_or(Timestamp::MIN, |zoned| zoned.timestamp());
    u32::try_from(at.as_second().max(0)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn received_is_stored_and_refused_together() {
        let row = |reason: &str, n| Refused { reason: reason.to_owned(), n };
        let balance = Balance::of(vec![row("", 40_306), row("bot", 811), row("gpc", 302)]);
        assert_eq!(balance.received, 41_419);
        assert_eq!(balance.stored, 40_306);
        assert_eq!(balance.refused, [row("bot", 811), row("gpc", 302)]);
    }

    #[test]
    fn what_was_erased_is_neither_stored_any_more_nor_received_twice() {
        let row = |reason: &str, n| Refused { reason: reason.to_owned(), n };
        let balance = Balance::of(vec![row("", 10), row("bot", 2), row("erased", 3)]);
        assert_eq!((balance.received, balance.stored), (12, 7));
        assert_eq!(balance.refused, [row("bot", 2), row("erased", 3)]);
    }

    #[test]
    fn a_day_begins_at_the_sites_midnight() {
        let day = jiff::civil::date(2026, 11, 23);
        let at = |zone: &str| midnight(day, &TimeZone::get(zone).unwrap());
        assert_eq!(at("UTC") - at("Asia/Kolkata"), 19_800);
    }
}
