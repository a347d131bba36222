//! `fake-metrika`: the fake as a process of its own, for tests that drive real collectors.
//!
//! Says where it listens on one line of JSON on stdout, and ends on SIGTERM or SIGINT.

use std::{
    fs,
    io::{self, Write},
    net::SocketAddr,
    path::PathBuf,
};

use anyhow::Context;
use clap::Parser;
use fake_metrika::{Clock, Fake, Ledger, Profile, setup::Setup};
use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};

/// A Yandex Metrika that assumes the worst of what is undocumented. For tests.
#[derive(Debug, Parser)]
struct Options {
    /// An address of this machine only; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// A file of what `POST /__fake/setup` takes: counters, profile, switches.
    #[arg(long)]
    setup: Option<PathBuf>,
    /// Take text/plain bodies of one hit per line.
    #[arg(long)]
    batch: bool,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    // Before the address is said: whoever reads it may stop us at once.
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen for SIGINT")?;
    // A sender's times are real ones, so ours are until a test moves them.
    let mut ledger = Ledger::new([], Profile::default(), Clock::Ahead(0));
    if let Some(path) = &options.setup {
        let json = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        Setup::parse(&json)?.apply(&mut ledger);
    }
    ledger.is_batch_taken |= options.batch;
    let fake = Fake::start_on(options.listen, ledger).await?;
    let mut stdout = io::stdout();
    writeln!(stdout, "{}", json!({ "ready": "fake-metrika", "address": fake.address }))
        .and_then(|()| stdout.flush())
        .context("cannot say the address")?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
