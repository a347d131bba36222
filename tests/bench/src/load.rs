//! The load, by `wrk` from Debian: one thread, on the core that is not measured.

use std::{
    io::Write,
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context, ensure};
use serde::Deserialize;

/// Connections that send at once.
pub const CONNECTIONS: u32 = 1024;

/// Sites the events are spread over; `site0.test`, `site1.test` and so on.
pub const SITES: usize = 20;

/// Different requests: as many networks and agents, each event with a number of its own.
const REQUESTS: usize = 65_536;

const SCRIPT: &str = include_str!("load.lua");

/// Who sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Some 65,000 visitors over and over, each from a network of its own.
    Regulars,
    /// Each event is another visitor's.
    AlwaysNew,
}

/// What came back.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Answers {
    /// Whole answers, of whatever status.
    pub responses: u64,
    micros: u64,
    /// Of them, with a status above 399.
    pub refused: u64,
    /// Connections that failed.
    pub broken: u64,
    /// Time to the answer, in microseconds.
    pub p50: u64,
    pub p99: u64,
}

impl Answers {
    pub fn per_second(&self) -> f64 {
        self.responses as f64 * 1e6 / self.micros as f64
    }
}

/// Sends to `address` for so long, as fast as it answers. Every turn's events are
/// different from other turns'.
pub fn send(turn: usize, who: Who, address: &str, length: Duration) -> anyhow::Result<Answers> {
    run(turn, who, address, length, Duration::ZERO)
}

/// The same at about `rate` requests a second: each connection rests between its requests.
pub fn send_at(turn: usize, rate: f64, address: &str, length: Duration) -> anyhow::Result<Answers> {
    let pause = Duration::from_secs_f64(f64::from(CONNECTIONS) / rate);
    run(turn, Who::Regulars, address, length, pause)
}

fn run(turn: usize, who: Who, address: &str, length: Duration, pause: Duration) -> anyhow::Result<Answers> {
    let script = std::env::temp_dir().join(format!("mostik-bench-{}.lua", std::process::id()));
    std::fs::File::create(&script)?.write_all(SCRIPT.as_bytes())?;
    let ran = Command::new("wrk")
        .args(["--threads", "1", "--timeout", "30s"])
        .args(["--connections", &CONNECTIONS.to_string()])
        .args(["--duration", &format!("{}s", length.as_secs())])
        .arg("--script")
        .arg(&script)
        .arg(format!("http://{address}"))
        .env("BENCH_SITES", SITES.to_string())
        .env("BENCH_TURN", turn.to_string())
        .env("BENCH_EVERYBODY_NEW", if who == Who::AlwaysNew { "1" } else { "0" })
        .env("BENCH_REQUESTS", REQUESTS.to_string())
        .env("BENCH_PAUSE", pause.as_millis().to_string())
        .stderr(Stdio::inherit())
        .output()
        .context("cannot run wrk: apt-get install wrk")?;
    std::fs::remove_file(&script)?;
    ensure!(ran.status.success(), "wrk ended with {}", ran.status);
    let said = String::from_utf8(ran.stdout)?;
    let line = said.lines().find(|line| line.starts_with('{')).context("wrk said nothing")?;
    serde_json::from_str(line).with_context(|| format!("not what the script prints: {line}"))
}
