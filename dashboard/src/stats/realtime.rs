//! The last half hour, minute by minute, from open rows alone.
//!
//! Half an hour is a question of its own: "who is there now" crossed with a page or a country
//! may be one person. So the panels follow the rule for crossed dimensions (`threshold`), take
//! no filters, and stop at the last whole minute, so that nobody's steps can be followed row by
//! row. The minutes themselves are bare counts.

use std::collections::BTreeMap;

use clickhouse::Row as ClickHouseRow;
use jiff::{Timestamp, tz::TimeZone};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{Store, StoreError};

use super::{
    dimension::Dimension,
    panels::{Panel, Row},
    threshold::Few,
};
use crate::control::sites::Site;

/// Whole minutes shown; the one that is under way follows them.
const MINUTES: i64 = 30;

/// Rows of a panel, at most.
const ROWS_MAX: usize = 100;

/// What the half hour is broken down by.
const PANELS: [Dimension; 4] = [Dimension::Page, Dimension::Source, Dimension::Country, Dimension::Device];

#[derive(Debug, Serialize, JsonSchema)]
pub struct Realtime {
    /// The moment the report was made, in the site's zone.
    now: String,
    /// Distinct visitors with an event in these minutes, the one under way included.
    visitors: u64,
    views: u64,
    series: Minutes,
    /// Of whole minutes only.
    panels: BTreeMap<Dimension, Panel>,
}

/// Thirty whole minutes, then the one under way.
#[derive(Debug, Default, Serialize, JsonSchema)]
struct Minutes {
    /// In the site's zone, `2026-11-23T14:05`.
    at: Vec<String>,
    visitors: Vec<u64>,
    views: Vec<u64>,
}

#[derive(ClickHouseRow, Deserialize)]
struct Minute {
    minute: u32,
    visitors: u64,
    views: u64,
}

/// One value of a panel; the whole stands after the last panel.
#[derive(ClickHouseRow, Deserialize)]
struct Counted {
    nth: u8,
    value: String,
    visitors: u64,
    views: u64,
}

/// The half hour's bounds, in seconds since 1970.
#[derive(Clone, Copy)]
struct Window {
    from: u32,
    /// Where the minute under way begins.
    whole_until: u32,
    now: u32,
}

impl Realtime {
    pub async fn load(
        store: &Store,
        site: &Site,
        zone: &TimeZone,
        now: Timestamp,
        few: Few,
    ) -> Result<Realtime, StoreError> {
        let window = Window::until(now);
        let rows = window.rows(store.database(), site.id);
        let (by_minute, by_value) = (minutes_sql(&rows), panels_sql(&rows, window));
        let minutes = store.reader().query_raw(&by_minute).fetch_all::<Minute>();
        let counted = store.reader().query_raw(&by_value).fetch_all::<Counted>();
        let (minutes, counted) =
            tokio::try_join!(minutes, counted).map_err(StoreError::at("count the last half hour"))?;
        let whole = counted.iter().find(|row| usize::from(row.nth) == PANELS.len());
        let (visitors, views) = whole.map_or((0, 0), |row| (row.visitors, row.views));
        let panels = (0_u8..).zip(PANELS).map(|(nth, dimension)| {
            let of_it = counted.iter().filter(|row| row.nth == nth).collect();
            (dimension, panel(of_it, few))
        });
        Ok(Realtime {
            now: now.to_zoned(zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
            visitors,
            views,
            series: series(&minutes, window, zone),
            panels: panels.collect(),
        })
    }
}

impl Window {
    fn until(now: Timestamp) -> Window {
        let minute = now.as_second() - now.as_second().rem_euclid(60);
        let seconds = |at: i64| u32::try_from(at).expect("the clock is between 1970 and 2106");
        Window {
            from: seconds(minute - MINUTES * 60),
            whole_until: seconds(minute),
            now: seconds(now.as_second()),
        }
    }

    /// The events, each once. A visit that began yesterday is still yesterday's.
    fn rows(self, db: &str, site_id: u32) -> String {
        let Window { from, now, .. } = self;
        format!(
            "(SELECT * FROM {db}.events_hot WHERE site_id = {site_id} \
             AND day >= toDate(toDateTime({from}, 'UTC')) - 1 \
             AND ts BETWEEN toDateTime({from}, 'UTC') AND toDateTime({now}, 'UTC') \
             LIMIT 1 BY day, visitor, kind, event_id)"
        )
    }
}

/// Somebody who only reads sends engagement, and is there.
const COUNTS: &str =
    "uniqExactIf((day, visitor), visitor != 0) AS visitors, countIf(kind = 'pageview') AS views";

fn minutes_sql(rows: &str) -> String {
    format!("SELECT toUnixTimestamp(toStartOfMinute(ts)) AS minute, {COUNTS} FROM {rows} GROUP BY minute")
}

fn panels_sql(rows: &str, window: Window) -> String {
    let values: Vec<String> = (0..)
        .zip(PANELS)
        .map(|(nth, dimension)| format!("(toUInt8({nth}), toString({}))", dimension.column()))
        .chain([format!("(toUInt8({}), '')", PANELS.len())])
        .collect();
    format!(
        "SELECT one.1 AS nth, one.2 AS value, {COUNTS} FROM {rows} ARRAY JOIN [{}] AS one \
         WHERE nth = {} OR ts < toDateTime({}, 'UTC') GROUP BY nth, value",
        values.join(", "),
        PANELS.len(),
        window.whole_until,
    )
}

fn panel(mut counted: Vec<&Counted>, few: Few) -> Panel {
    counted.sort_by(|one, other| {
        (other.visitors, other.views)
            .cmp(&(one.visitors, one.views))
            .then_with(|| one.value.cmp(&other.value))
    });
    let hidden = few.take_hidden(&mut counted, 0, |row| row.visitors);
    let total = counted.len() as u64;
    counted.truncate(ROWS_MAX);
    let row = |row: &Counted| Row {
        value: row.value.clone(),
        visitors: Some(row.visitors),
        views: Some(row.views),
        ..Row::default()
    };
    Panel { rows: counted.into_iter().map(row).collect(), total, hidden, unavailable: false }
}

/// Every minute, also those in which nothing happened.
fn series(found: &[Minute], window: Window, zone: &TimeZone) -> Minutes {
    let mut minutes = Minutes::default();
    for at in (window.from..=window.whole_until).step_by(60) {
        let found = found.iter().find(|minute| minute.minute == at);
        let local = Timestamp::from_second(i64::from(at)).expect("a u32 of seconds is a time");
        minutes.at.push(local.to_zoned(zone.clone()).strftime("%Y-%m-%dT%H:%M").to_string());
        minutes.visitors.push(found.map_or(0, |minute| minute.visitors));
        minutes.views.push(found.map_or(0, |minute| minute.views));
    }
    minutes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(values: &[(&str, u64)]) -> Vec<Counted> {
        let one = |&(value, visitors): &(&str, u64)| Counted {
            nth: 0,
            value: value.to_owned(),
            visitors,
            views: visitors * 2,
        };
        values.iter().map(one).collect()
    }

    #[test]
    fn few_people_are_not_shown_and_do_not_follow_from_the_whole() {
        let rows = counted(&[("/a", 9), ("/b", 6), ("/c", 1)]);
        let shown = panel(rows.iter().collect(), Few::default());
        let values: Vec<&str> = shown.rows.iter().map(|row| row.value.as_str()).collect();
        assert_eq!((values, shown.hidden), (vec!["/a"], 2));
        let alone = counted(&[("/a", 1)]);
        assert_eq!(panel(alone.iter().collect(), Few::default()).rows, []);
    }

    #[test]
    fn the_half_hour_is_thirty_whole_minutes_and_the_one_under_way() {
        let window = Window::until("2026-11-23T21:05:42Z".parse().unwrap());
        let zone = TimeZone::get("Asia/Kathmandu").unwrap();
        let found = [Minute { minute: window.whole_until, visitors: 2, views: 3 }];
        let minutes = series(&found, window, &zone);
        assert_eq!(minutes.at.len(), 31);
        assert_eq!(
            (minutes.at[0].as_str(), minutes.at[30].as_str()),
            ("2026-11-24T02:20", "2026-11-24T02:50")
        );
        assert_eq!((minutes.visitors[30], minutes.views[30], minutes.views[29]), (2, 3, 0));
    }
}
