//! The dashboard alone, without engine and collector: for work on the UI.
//!
//! `cargo run --release -p dashboard --example serve -- FOLDER [KEY=VALUE…]`, where the
//! keys are those of the `[dashboard]` section, such as `listen=127.0.0.1:0`. The
//! engine's socket is looked for at `FOLDER/engine.sock`.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use dashboard::{Config, RawConfig};

fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let mut words = std::env::args().skip(1);
    let folder = PathBuf::from(words.next().context("name a folder for control.db")?);
    std::fs::create_dir_all(&folder)?;
    let section: String = words
        .map(|word| {
            let (key, value) = word.split_once('=').context("settings are KEY=VALUE")?;
            Ok(format!("{key} = {value:?}\n"))
        })
        .collect::<anyhow::Result<_>>()?;
    let raw: RawConfig = toml::from_str(&section)?;
    match Config::from_raw(raw, &folder, &folder.join("engine.sock")) {
        Ok(config) => tokio::runtime::Runtime::new()?.block_on(dashboard::run(config)),
        Err(mistakes) => bail!("{}", mistakes.join("\n")),
    }
}
