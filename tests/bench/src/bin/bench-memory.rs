//! Resident memory of the collector and of all parts together: idle, under full load, with a
//! million live visits, and after the owner's overviews of that day.
#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

use std::time::Duration;

use anyhow::ensure;
use bench::{
    cores,
    load::{self, SITES, Who},
    mostik, process,
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
    let parts = mostik.pids();
    let say = |when: &str| -> anyhow::Result<()> {
        println!("{when}: collector {}", process::memory(pid)?);
        println!("{when}: everything {}", process::memory_of_all(&parts)?);
        Ok(())
    };
    let public = &mostik.ready.public;
    say("idle")?;
    let mut events = load::send(0, Who::Regulars, public, LOAD)?.responses;
    mostik.until_shipped().await;
    say("under full load")?;
    let mut visits = 0;
    for turn in 1..=TURNS_MAX {
        events += load::send(turn, Who::AlwaysNew, public, LOAD)?.responses;
        let metrics = mostik.metrics().await.unwrap_or_default();
        visits = metric(&metrics, "collector_visits_live").unwrap_or(0);
        if visits >= VISITS {
            break;
        }
    }
    ensure!(visits >= VISITS, "only {visits} visits are live");
    mostik.until_shipped().await;
    say(&format!("with {visits} live visits"))?;
    println!("{} bytes for each live visit", process::memory(pid)?.now * 1024 / visits);
    // The bench's sites come after the one that every instance has.
    for site in 2..=SITES + 1 {
        mostik.get(&format!("/api/v1/sites/{site}/overview?period=today")).await;
    }
    say(&format!("after the overviews of a day of {events} events"))
}
