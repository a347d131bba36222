//! The closing of one day of one site, and the end of its hot rows.

use clickhouse::Row;
use jiff::Timestamp;
use serde::Deserialize;
use store::{Store, StoreError, goal::Declared, paths, relation};

/// Marks of `closed_days.dropped`.
pub(super) const BEING_DROPPED: u8 = 1;
pub(super) const DROPPED: u8 = 2;

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

/// A day to be closed.
#[derive(Debug, Clone, Copy)]
pub struct OpenDay<'a> {
    pub date: SiteDate,
    pub time_zone: &'a str,
    /// What its rows are to decide.
    pub declared: &'a Declared,
    /// Hot rows that were there when it was decided to close; if more have come, the
    /// next look closes the day again.
    pub hot_rows: u64,
    /// The closing whose hot rows have been dropped, if there is one: the hot rows
    /// there are now came later and are added to it. Their flags were decided without
    /// the earlier ones, so a visitor of both counts twice.
    pub dropped: Option<u16>,
    /// Hot rows that one statement rewrites, at most ([`SLICE_ROWS_MAX`]).
    pub slice_rows_max: u64,
}

/// Hot rows that one statement rewrites, at most: each of its windows sorts them all, in memory
/// (docs/performance.md).
pub const SLICE_ROWS_MAX: u64 = 200_000;

/// What tells closed rows apart, by columns that differ most.
const LOOKS: &str = "path, hour, source, referrer, country, browser, os, engaged_ms, scroll, visit_seconds";

impl OpenDay<'_> {
    /// Into how many parts the day is rewritten.
    fn slices(&self) -> u64 {
        self.hot_rows.div_ceil(self.slice_rows_max).max(1)
    }
}

/// Rewrites the day into `events` and commits the closing.
/// Gives the generation that counts now.
pub async fn close(store: &Store, open: OpenDay<'_>, now: Timestamp) -> Result<u16, StoreError> {
    let db = store.database();
    let date = open.date;
    let generation = write_rows(store, &open).await?;
    write_paths(store, &open, generation).await?;
    let (goals, funnels) = decided(store, &open).await?;
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
                "INSERT INTO {db}.closed_days (site_id, day, gen, hot_rows, rows, goals, funnels, closed_at, dropped) \
                 VALUES ({}, toDate({}), {generation}, {}, {written}, {goals:?}, {funnels:?}, toDateTime({}), 0)",
                date.site_id,
                date.day,
                open.hot_rows,
                now.as_second()
            ),
        )
        .await?;
    Ok(generation)
}

/// Rewrites the day's rows; gives the generation they bear.
///
/// A day of many rows is rewritten part by part, by visitor, into a generation that is never
/// committed, and from there, by what the rows say, into the one that is. So their order tells
/// nothing of the first parts: rows that look alike are shuffled together, and others are told apart
/// by their looks anyway.
async fn write_rows(store: &Store, open: &OpenDay<'_>) -> Result<u16, StoreError> {
    let (db, columns) = (store.database(), relation::COLUMNS);
    let of_day = open.date.condition();
    let into = |generation: u16| {
        format!("INSERT INTO {db}.events ({columns}, gen) SELECT {columns}, {generation} FROM")
    };
    let rows = |condition: &str| relation::open_day_rows(db, open.time_zone, condition, open.declared);
    let first = next_generation(store, open.date).await?;
    remove_cut_short(store, open.date, first - 1).await?;
    let slices = open.slices();
    // The random order is part of the promise: neighbours in the table tell nothing
    // about who belongs together.
    for nth in 0..slices {
        let slice = format!("{of_day} AND {}", relation::slice(nth, slices));
        let sql = format!("{} ({}) ORDER BY rand()", into(first), rows(&slice));
        store.execute("rewrite a day", &sql).await?;
    }
    let generation = if slices == 1 {
        first
    } else {
        let shuffled = first + 1;
        for nth in 0..slices {
            let sql = format!(
                "{} {db}.events WHERE {of_day} AND gen = {first} AND cityHash64({LOOKS}) % {slices} = {nth} ORDER BY rand()",
                into(shuffled)
            );
            store.execute("shuffle a part of a day", &sql).await?;
        }
        shuffled
    };
    if let Some(earlier) = open.dropped {
        let sql = format!("{} {db}.events WHERE {of_day} AND gen = {earlier}", into(generation));
        store.execute("take an earlier closing over", &sql).await?;
    }
    Ok(generation)
}

/// Which pages led to the day's goals: counts of enough visitors, see `store::paths`. They are
/// written after the rows of the same generation, so that a closing that was cut short between
/// the two leaves a generation that the next one goes beyond.
async fn write_paths(store: &Store, open: &OpenDay<'_>, generation: u16) -> Result<(), StoreError> {
    let (db, date, columns) = (store.database(), open.date, paths::COLUMNS);
    let Some(rows) = paths::open_day_paths(db, &date.condition(), open.declared) else { return Ok(()) };
    let into = format!("INSERT INTO {db}.goal_paths ({columns}, gen) SELECT {columns}, {generation} FROM");
    store.execute("write down the paths to goals", &format!("{into} ({rows})")).await?;
    if let Some(earlier) = open.dropped {
        let earlier = format!("{into} {db}.goal_paths WHERE {} AND gen = {earlier}", date.condition());
        store.execute("take an earlier closing's paths over", &earlier).await?;
    }
    Ok(())
}

/// What an earlier closing knew.
#[derive(Row, Deserialize)]
struct Decided {
    goals: Vec<u64>,
    funnels: Vec<u64>,
}

/// The goals and funnels that all rows of the closing decide: those of now, and where an
/// earlier closing is taken over, of these only what that one knew as well.
async fn decided(store: &Store, open: &OpenDay<'_>) -> Result<(Vec<u64>, Vec<u64>), StoreError> {
    let mut goals = open.declared.decided_numbers();
    let mut funnels = open.declared.funnel_numbers();
    if let Some(earlier) = open.dropped {
        let sql = format!(
            "SELECT any(goals) AS goals, any(funnels) AS funnels FROM {}.closed_days WHERE {} AND gen = {earlier}",
            store.database(),
            open.date.condition()
        );
        let known: Decided = store
            .writer()
            .query(&sql)
            .fetch_one()
            .await
            .map_err(StoreError::at("read what an earlier closing decided"))?;
        goals.retain(|number| known.goals.contains(number));
        funnels.retain(|number| known.funnels.contains(number));
    }
    Ok((goals, funnels))
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

/// Removes the rows of closings that were cut short, have been replaced or were a step of the one
/// that counts; returns when they are gone. Before the hot rows are dropped, because as long as
/// those are there, what was cut short here is done again.
pub async fn remove_older(store: &Store, date: SiteDate, committed: u16) -> Result<(), StoreError> {
    if committed == 1 {
        // There is none before it.
        return Ok(());
    }
    for table in ["events", "goal_paths"] {
        remove(store, date, table, &format!("gen < {committed}")).await?;
    }
    Ok(())
}

/// Removes what closings left that never counted, but for the `highest` of them, whose rows keep
/// its number taken: one that fails again and again must not fill the disk.
async fn remove_cut_short(store: &Store, date: SiteDate, highest: u16) -> Result<(), StoreError> {
    let committed = committed(store, date).await?;
    remove(store, date, "events", &format!("gen > {committed} AND gen < {highest}")).await
}

/// The generation that counts; 0 where the day was never closed.
async fn committed(store: &Store, date: SiteDate) -> Result<u16, StoreError> {
    let sql = format!("SELECT max(gen) FROM {}.closed_days WHERE {}", store.database(), date.condition());
    let answer = store.writer().query(&sql).fetch_one().await;
    answer.map_err(StoreError::at("read which closing of a day counts"))
}

async fn remove(store: &Store, date: SiteDate, table: &str, which: &str) -> Result<(), StoreError> {
    let (db, of_day) = (store.database(), date.condition());
    let sql = format!("SELECT count() FROM {db}.{table} WHERE {of_day} AND {which}");
    let rows: u64 = store
        .writer()
        .query(&sql)
        .fetch_one()
        .await
        .map_err(StoreError::at("look for rows of closings that do not count"))?;
    if rows > 0 {
        let sql =
            format!("ALTER TABLE {db}.{table} DELETE WHERE {of_day} AND {which} SETTINGS mutations_sync = 2");
        store.execute("remove rows of closings that do not count", &sql).await?;
    }
    Ok(())
}

/// Drops the hot rows of a day, of all sites, all of which have closed it. The marks
/// before and after tell, after a kill, whether hot rows of the day are the old ones
/// or came later.
pub async fn drop_day(store: &Store, day: u16) -> Result<(), StoreError> {
    mark(store, day, BEING_DROPPED).await?;
    finish_drop(store, day).await
}

/// The second half of [`drop_day`], which may be done again.
pub(super) async fn finish_drop(store: &Store, day: u16) -> Result<(), StoreError> {
    let db = store.database();
    let date = crate::site::date_of(day);
    store
        .execute(
            "drop a closed day's open rows",
            &format!("ALTER TABLE {db}.events_hot DROP PARTITION '{date}'"),
        )
        .await?;
    mark(store, day, DROPPED).await
}

/// Writes the last closing of every site's day down once more, with the mark.
async fn mark(store: &Store, day: u16, dropped: u8) -> Result<(), StoreError> {
    let db = store.database();
    store
        .execute(
            "mark a day's open rows as dropped",
            &format!(
                "INSERT INTO {db}.closed_days (site_id, day, gen, hot_rows, rows, goals, funnels, closed_at, dropped) \
                 SELECT site_id, day, max(gen), argMax(hot_rows, gen), argMax(rows, gen), \
                 argMax(goals, gen), argMax(funnels, gen), argMax(closed_at, gen), {dropped} FROM {db}.closed_days WHERE day = toDate({day}) GROUP BY site_id, day"
            ),
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
