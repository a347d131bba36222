//! Resident memory of the collector: idle, under full load, and with a million live
//! visits.
#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

use std::time::Duration;

use anyhow::ensure;
use bench::{
    cores,
    load::{self, Who},
    mostik,
    process::{self, Memory},
};
use e2e::instance::metric;

const LOAD: Duration = Duration::from_secs(10);

/// Turns of [`LOAD`] until there must be a million live visits.
const TURNS_MAX: usize = 12;

const VISITS: u64 = 1_000_000;

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    cores::check()?;
    println!("{}", cores::machine());
    let mostik = mostik::start("").await?;
    let pid = mostik.ready.pids.collector;
    let public = &mostik.ready.public;
    say("idle", process::memory(pid)?);
    load::send(0, Who::Regulars, public, LOAD)?;
    mostik.until_shipped().await;
    say("under full load", process::memory(pid)?);
    let mut visits = 0;
    for turn in 1..=TURNS_MAX {
        load::send(turn, Who::AlwaysNew, public, LOAD)?;
        let metrics = mostik.metrics().await.unwrap_or_default();
        visits = metric(&metrics, "collector_visits_live").unwrap_or(0);
        if visits >= VISITS {
            break;
        }
    }
    ensure!(visits >= VISITS, "only {visits} visits are live");
    mostik.until_shipped().await;
    let memory = process::memory(pid)?;
    say(&format!("with {visits} live visits"), memory);
    println!("{} bytes for each live visit", memory.now * 1024 / visits);
    Ok(())
}

fn say(when: &str, memory: Memory) {
    println!("{when}: {} MiB, {} MiB at the highest", memory.now / 1024, memory.highest / 1024);
}
