//! The accepting path against a server that does nothing, in turns, in one run.
//!
//! The collector runs with everything on: fsync before the answer, country table, user
//! agents, visits, rate limits, shipping to ClickHouse. Both servers have one core, the
//! load and ClickHouse have the other. Afterwards every event that was answered with 2xx
//! must be in ClickHouse, and none twice. A last turn, at half the rate, shows how long an
//! answer takes where nobody waits for the processor.
#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use bench::{
    cores,
    load::{self, Answers, CONNECTIONS, Who},
    mostik, process,
};
use e2e::Instance;

/// Turns of each server: the middle one counts, so that a busy neighbour does not.
const TURNS: usize = 3;
const TURN: Duration = Duration::from_secs(8);

/// Before the first turn: tables are filled, caches met.
const WARM_UP: Duration = Duration::from_secs(3);

/// What came back, and for which share of the time the server's core was busy.
struct Turn {
    answers: Answers,
    busy: f64,
}

impl Turn {
    fn per_second(&self) -> f64 {
        self.answers.per_second()
    }

    /// Where the load cannot keep a server busy, as the bare one: what it could do.
    fn per_busy_second(&self) -> f64 {
        self.answers.per_second() / self.busy
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    cores::check()?;
    println!("{}", cores::machine());
    let mostik = mostik::start("").await?;
    let (mut bare, bare_address) = start_bare()?;
    let collector = mostik.ready.pids.collector;
    let mut sent = vec![load::send(0, Who::Regulars, &mostik.ready.public, WARM_UP)?];
    let (mut bare_turns, mut our_turns) = (Vec::new(), Vec::new());
    println!("{:>10} {:>12} {:>9} {:>9} {:>6}", "", "requests/s", "p50 ms", "p99 ms", "busy");
    for number in 1..=TURNS {
        let full = |address: &str| load::send(number, Who::Regulars, address, TURN);
        bare_turns.push(turn("bare", i32::try_from(bare.id())?, || full(&bare_address))?);
        our_turns.push(turn("collector", collector, || full(&mostik.ready.public))?);
    }
    bare.kill()?;
    bare.wait()?;
    sent.extend(our_turns.iter().map(|turn| turn.answers));
    let half = middle(&our_turns, Turn::per_second) / 2.0;
    sent.push(
        turn("at half", collector, || load::send_at(TURNS + 1, half, &mostik.ready.public, TURN))?.answers,
    );
    check(&mostik, &sent).await?;
    println!(
        "ratio {:.2} per second of a core that was busy",
        ratio(&our_turns, &bare_turns, Turn::per_busy_second)
    );
    println!("ratio {:.2}", ratio(&our_turns, &bare_turns, Turn::per_second));
    Ok(())
}

fn start_bare() -> anyhow::Result<(Child, String)> {
    let program = std::env::current_exe()?.with_file_name("bench-bare");
    cores::stay_on(cores::MEASURED)?;
    let started = Command::new(&program).stdout(Stdio::piped()).spawn();
    cores::stay_on(cores::REST)?;
    let mut bare = started.with_context(|| format!("cannot start {}", program.display()))?;
    let mut address = String::new();
    BufReader::new(bare.stdout.take().context("stdout was piped")?).read_line(&mut address)?;
    Ok((bare, address.trim().to_owned()))
}

/// One turn, with the share of its core that the server was busy: the figure means the
/// server only where that is near 100 %.
fn turn(name: &str, pid: i32, send: impl FnOnce() -> anyhow::Result<Answers>) -> anyhow::Result<Turn> {
    let (before, began) = (process::processor_time(pid)?, Instant::now());
    let answers = send()?;
    let busy = (process::processor_time(pid)? - before).as_secs_f64() / began.elapsed().as_secs_f64();
    println!(
        "{name:>10} {:>12.0} {:>9.2} {:>9.2} {:>5.0}%",
        answers.per_second(),
        answers.p50 as f64 / 1e3,
        answers.p99 as f64 / 1e3,
        busy * 100.0
    );
    ensure!(answers.refused == 0 && answers.broken == 0, "{name} did not serve everybody: {answers:?}");
    Ok(Turn { answers, busy })
}

/// Requests that were under way when a turn ended may be stored without an answer.
async fn check(mostik: &Instance, sent: &[Answers]) -> anyhow::Result<()> {
    mostik.until_shipped().await;
    let (rows, distinct) = mostik.rows_and_distinct().await;
    let answered: u64 = sent.iter().map(|answers| answers.responses).sum();
    let under_way = u64::from(CONNECTIONS) * sent.len() as u64;
    println!("{answered} events answered with 2xx, {rows} in ClickHouse, {distinct} different");
    ensure!(rows == distinct, "an event is there twice");
    ensure!(rows >= answered, "an event that was answered is not there");
    ensure!(rows <= answered + under_way, "more events are there than were sent");
    Ok(())
}

fn ratio(ours: &[Turn], bare: &[Turn], rate: impl Fn(&Turn) -> f64) -> f64 {
    middle(ours, &rate) / middle(bare, &rate)
}

fn middle(turns: &[Turn], rate: impl Fn(&Turn) -> f64) -> f64 {
    let mut rates: Vec<f64> = turns.iter().map(rate).collect();
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}
