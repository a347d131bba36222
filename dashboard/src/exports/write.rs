//! Writing one export: statement by statement, straight from ClickHouse into the archive.

use std::{path::Path, sync::atomic::Ordering};

use anyhow::Context as _;
use serde_json::json;
use store::{Store, relation};

use super::{Format, Progress, tar::Archive};
use crate::control::sites::Site;

const README: &str = "\
Rows of closed days, one file a month: events/2026-11.parquet or .csv.
A row is an event without visitor and visit number, by the hour of the site's own day, in random
order. Every distinct count is a sum of flags: visitors are sum(is_visitor), visits sum(is_visit),
views countIf(kind = 'pageview'); docs/metrics.md has them all. Days that are still open are not
here. ledger: what became of every event received, by the minute. site.json: the site's settings.
";

/// A month and how many rows it has.
#[derive(clickhouse::Row, serde::Deserialize)]
struct Month {
    month: u32,
    rows: u64,
}

impl Format {
    fn ending(self) -> &'static str {
        match self {
            Format::Csv => "csv",
            Format::Parquet => "parquet",
        }
    }

    /// As ClickHouse calls it.
    fn name(self) -> &'static str {
        match self {
            Format::Csv => "CSVWithNames",
            Format::Parquet => "Parquet",
        }
    }
}

/// Writes everything into the file at `path`.
pub(super) async fn all(
    store: &Store,
    site: &Site,
    format: Format,
    folder: &Path,
    path: &Path,
    progress: &Progress,
) -> anyhow::Result<()> {
    tokio::fs::create_dir_all(folder).await.context("making the folder of exports")?;
    let months = months(store, site.id).await.context("counting what there is")?;
    progress.rows_total.store(months.iter().map(|month| month.rows).sum(), Ordering::Relaxed);
    let mut archive = Archive::create(path).await.context("making the archive")?;
    archive.add("README.txt", README.as_bytes()).await?;
    let settings = json!({
        "domain": site.domain, "time_zone": site.time_zone, "hosts": site.hosts, "props": site.props,
    });
    archive.add("site.json", format!("{settings:#}\n").as_bytes()).await?;
    let db = store.database();
    let columns = relation::COLUMNS;
    for Month { month, rows } in months {
        let sql = format!(
            "SELECT {columns} FROM {db}.events WHERE {} AND toYYYYMM(day) = {month}",
            closed(db, site.id)
        );
        let name = format!("events/{}-{:02}.{}", month / 100, month % 100, format.ending());
        copy(store, &sql, format, &name, &mut archive, progress).await?;
        progress.rows_done.fetch_add(rows, Ordering::Relaxed);
    }
    let ledger = format!(
        "SELECT minute, toString(outcome) AS outcome, toString(reason) AS reason, sum(n) AS n FROM {db}.ledger \
         WHERE site_id = {} GROUP BY minute, outcome, reason ORDER BY minute, outcome, reason",
        site.id
    );
    copy(store, &ledger, format, &format!("ledger.{}", format.ending()), &mut archive, progress).await?;
    archive.finish().await.context("finishing the archive")
}

/// The site's rows of the closings that count (`store::relation`).
fn closed(db: &str, site_id: u32) -> String {
    format!(
        "site_id = {site_id} AND (day, gen) IN \
         (SELECT day, max(gen) FROM {db}.closed_days WHERE site_id = {site_id} GROUP BY day)"
    )
}

async fn months(store: &Store, site_id: u32) -> Result<Vec<Month>, clickhouse::error::Error> {
    let db = store.database();
    let sql = format!(
        "SELECT toUInt32(toYYYYMM(day)) AS month, count() AS rows FROM {db}.events WHERE {} GROUP BY month ORDER BY month",
        closed(db, site_id)
    );
    store.exporter().query(&sql).fetch_all().await
}

/// One statement's answer, as ClickHouse writes it, as one file.
async fn copy(
    store: &Store,
    sql: &str,
    format: Format,
    name: &str,
    archive: &mut Archive,
    progress: &Progress,
) -> anyhow::Result<()> {
    let mut answer = store
        .exporter()
        .query_raw(sql)
        .fetch_bytes(format.name())
        .with_context(|| format!("asking for {name}"))?;
    archive.begin(name).await?;
    while let Some(piece) = answer.next().await.with_context(|| format!("reading {name}"))? {
        archive.write(&piece).await?;
        progress.bytes.fetch_add(piece.len() as u64, Ordering::Relaxed);
    }
    archive.end().await
}
