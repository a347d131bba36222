//! `mostik doctor`: what an owner can check at any time on a running instance.

use std::{
    fs,
    io::{self, Write},
    time::Duration,
};

use collector::{balance, erase, site::date_of};
use store::Store;
use tokio::runtime::Builder;

use crate::{
    config::{Settings, Sources},
    failure::Failure,
};

/// A segment's rows and its counts arrive one after the other; what is still unbalanced
/// after so many looks is.
const LOOKS: u32 = 5;
const LOOK_EVERY: Duration = Duration::from_secs(1);

pub fn run(sources: &Sources) -> Result<(), Failure> {
    let settings = Settings::load(sources)?;
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::unavailable(format!("a runtime could not be started: {error}")))?;
    let mut wrong = Vec::new();
    let mut text = String::new();
    let mut check = |what: &str, outcome: Result<(), String>| match outcome {
        Ok(()) => text += &format!("ok     {what}\n"),
        Err(why) => {
            text += &format!("WRONG  {what}: {why}\n");
            wrong.push(format!("{what}: {why}"));
        }
    };
    check("the ledger balances, by site and day, and by batch", runtime.block_on(ledger(&settings)));
    check("receipts of deletions are whole", receipts(&settings));
    check("swap is off, so that no memory is written to a disk", swap());
    write!(io::stdout(), "{text}").map_err(|error| Failure::unavailable(format!("stdout: {error}")))?;
    if wrong.is_empty() { Ok(()) } else { Err(Failure::Leak(wrong)) }
}

async fn ledger(settings: &Settings) -> Result<(), String> {
    let store = Store::new(&settings.collector.around.clickhouse);
    let (mut days, mut batches) = (Vec::new(), Vec::new());
    for _ in 0..LOOKS {
        days = balance::unbalanced(&store).await.map_err(|error| error.to_string())?;
        batches = balance::misplaced(&store).await.map_err(|error| error.to_string())?;
        if days.is_empty() && batches.is_empty() {
            return Ok(());
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    let days =
        days.iter().map(|one| (one.site_id, one.day, "the whole day".to_owned(), one.counted, one.rows));
    let batches = batches
        .iter()
        .map(|one| (one.site_id, one.day, format!("batch {:016x}", one.batch), one.counted, one.rows));
    let told: Vec<String> = days
        .chain(batches)
        .map(|(site, day, what, counted, rows)| {
            format!("site {site} on {}, {what}: {counted} counted, {rows} rows", date_of(day))
        })
        .collect();
    Err(told.join("; "))
}

fn receipts(settings: &Settings) -> Result<(), String> {
    match erase::check(&settings.data.receipts()) {
        Ok((_, erase::Verdict::Whole { .. })) => Ok(()),
        Ok((_, erase::Verdict::Broken { line })) => {
            Err(format!("line {line} was changed, or lines before it"))
        }
        Err(error) => Err(error.to_string()),
    }
}

/// The keys' pages are locked; the rest of the memory is not.
fn swap() -> Result<(), String> {
    match fs::read_to_string("/proc/swaps") {
        Ok(text) if text.lines().count() > 1 => {
            Err("swapoff, or MemorySwapMax=0 as in deploy/systemd/mostik.service".to_owned())
        }
        Ok(_) => Ok(()),
        Err(error) => Err(format!("/proc/swaps: {error}")),
    }
}
