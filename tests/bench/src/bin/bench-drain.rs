//! From the spool to ClickHouse: rows a second. The shipper has one core, ClickHouse the
//! other, as when it catches up after ClickHouse was away.
#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

use std::{path::Path, sync::Arc, time::Instant};

use anyhow::{Context, ensure};
use bench::cores;
use collector::{
    clock::Clock,
    metrics::Metrics,
    ship::Shipper,
    spool::{Directory, Frames, Spool, writer::Weight},
};
use e2e::{golden, parts::Parts};

const ROWS: u64 = 1_000_000;

/// Events of a group, as many as a request may have.
const GROUP: usize = 20;

/// Groups pushed before their receipts are waited for.
const GROUPS_AT_ONCE: usize = 1000;

/// Larger than all rows together.
const SPOOL_BYTES: u64 = 4 << 30;

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    cores::check()?;
    println!("{}", cores::machine());
    cores::stay_on(cores::REST)?;
    let parts = Parts::start().await;
    cores::stay_on(cores::MEASURED)?;
    let folder = tempfile::tempdir()?;
    let (shipper, bytes) = filled(folder.path(), &parts).await?;
    let began = Instant::now();
    shipper.ship_all(false).await?;
    let seconds = began.elapsed().as_secs_f64();
    let (rows, places): (u64, u64) = parts
        .store
        .reader()
        .query("SELECT count(), uniqExact((batch, seq)) FROM mostik.events_hot")
        .fetch_one()
        .await?;
    ensure!(rows == ROWS && places == ROWS, "{rows} rows in {places} places, not {ROWS}");
    println!("{ROWS} rows, {} MiB of segments, in {seconds:.1} s, each row once", bytes >> 20);
    println!("{:.0} rows/s", ROWS as f64 / seconds);
    Ok(())
}

/// A spool with all rows in sealed segments, and who ships them.
async fn filled(folder: &Path, parts: &Parts) -> anyhow::Result<(Shipper, u64)> {
    let directory = Arc::new(Directory::open(folder)?);
    let spool = Spool::start(directory.clone(), 1, SPOOL_BYTES, Clock::system())?;
    let events = golden::events();
    let mut left = ROWS as usize / GROUP;
    while left > 0 {
        let groups = left.min(GROUPS_AT_ONCE);
        let receipts = (0..groups).map(|_| {
            let mut frames = Frames::new();
            events.iter().cycle().take(GROUP).for_each(|event| frames.event(event, event.ts / 60 * 60));
            spool.push(frames, Weight::Full)
        });
        for receipt in receipts.collect::<Result<Vec<_>, _>>()? {
            receipt.await?.ok().context("the disk refused a write")?;
        }
        left -= groups;
    }
    let (state, budget) = (spool.state().clone(), spool.budget().clone());
    spool.close();
    let shipper = Shipper {
        store: parts.store.clone(),
        directory,
        spool: state.clone(),
        budget,
        node: 1,
        metrics: Arc::new(Metrics::default()),
        clock: Clock::system(),
        shipping: Arc::default(),
    };
    Ok((shipper, state.bytes()))
}
