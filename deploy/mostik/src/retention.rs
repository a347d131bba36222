//! `mostik retention`: which months are past their time. The collector drops them by itself
//! within a minute; `--dry-run` tells what it would drop.

use std::{
    collections::BTreeMap,
    io::{self, Write},
    sync::Arc,
};

use clap::Args;
use collector::{
    clock::Clock,
    erase::Receipts,
    retain::{self, Retainer},
};
use store::Store;
use tokio::runtime::Builder;

use crate::{
    config::{Settings, Sources},
    failure::Failure,
};

#[derive(Debug, Args)]
pub struct RetentionOptions {
    /// Drops nothing.
    #[arg(long)]
    pub dry_run: bool,
}

pub fn run(sources: &Sources, options: &RetentionOptions) -> Result<(), Failure> {
    let settings = Settings::load(sources)?;
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::unavailable(format!("a runtime could not be started: {error}")))?;
    let text = runtime.block_on(look(&settings, options)).map_err(|error| Failure::of_part(&error))?;
    write!(io::stdout(), "{text}").map_err(|error| Failure::unavailable(format!("stdout: {error}")))
}

async fn look(settings: &Settings, options: &RetentionOptions) -> anyhow::Result<String> {
    let store = Store::new(&settings.collector.around.clickhouse);
    let clock = Clock::system();
    let months = settings.collector.retention_months;
    let first = retain::first_kept(clock.now(), months);
    let due = retain::due(&store, first).await?;
    let mut text = String::new();
    for partition in &due {
        let state = match (partition.active, options.dry_run) {
            (1, true) => "would be dropped",
            (1, false) => "dropped",
            _ => "dropped before, still on the disk for some minutes",
        };
        text += &format!(
            "{} {}: {} rows, {} bytes: {state}\n",
            partition.table, partition.month, partition.rows, partition.bytes
        );
    }
    if !options.dry_run {
        let receipts = Arc::new(Receipts::open(&settings.data.receipts())?);
        let backup_keys = settings.backup.keys.clone();
        Retainer { store, months, receipts, backup_keys, clock }.round(&mut BTreeMap::new()).await?;
    }
    text += &format!("kept: {months} months, from {first}\n");
    Ok(text)
}
