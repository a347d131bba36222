//! `mostik backup` and `mostik restore`: closed days, the ledger of closed days and
//! control.db; never rows of open days, the spool or the day's keys.
//!
//! ```text
//! backups/20261125T140000Z/manifest.json         what is in it; written when it has proven good
//!                          events-202611.sealed  one table's rows of one month, sealed by its key
//!                          control.db.sealed     sealed by the key of the month of the backup
//! ```
//!
//! Every backup is restored into a scratch database and compared before it counts as one. A
//! day that is still open is in no backup: up to a day of detail can be lost with the disk,
//! on purpose.

pub mod keys;
mod manifest;
mod restore;
pub mod sealed;
mod table;
mod take;

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use clap::Args;
use collector::clock::Clock;
use serde::Deserialize;
use store::Store;
use tokio::{runtime::Builder, task::LocalSet};

use crate::{
    config::{Settings, Sources},
    data::DataFolder,
    failure::Failure,
};
use keys::Keys;

/// Hours between two backups unless the owner says otherwise.
const EVERY_HOURS_DEFAULT: u32 = 24;

/// Good backups kept unless the owner says otherwise. Files that have not changed are shared.
const KEEP_DEFAULT: usize = 7;

/// The `[backup]` section as written.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RawBackup {
    pub every_hours: Option<u32>,
    pub folder: Option<PathBuf>,
    pub keys: Option<PathBuf>,
    pub keep: Option<usize>,
}

/// Complete.
#[derive(Debug, Clone)]
pub struct BackupSettings {
    /// 0: by hand only.
    pub every_hours: u32,
    pub folder: PathBuf,
    /// The folder of the months' keys.
    pub keys: PathBuf,
    pub keep: usize,
}

impl BackupSettings {
    pub fn from_raw(raw: RawBackup, data: &DataFolder) -> Result<BackupSettings, String> {
        let keep = raw.keep.unwrap_or(KEEP_DEFAULT);
        if keep == 0 {
            return Err("backup.keep = 0: at least 1".to_owned());
        }
        Ok(BackupSettings {
            every_hours: raw.every_hours.unwrap_or(EVERY_HOURS_DEFAULT),
            folder: raw.folder.unwrap_or_else(|| data.root().join("backups")),
            keys: raw.keys.unwrap_or_else(|| data.backup_keys()),
            keep,
        })
    }
}

#[derive(Debug, Args)]
pub struct BackupOptions {
    /// Takes one only if the last good one is older than backup.every_hours.
    #[arg(long)]
    pub if_due: bool,
}

#[derive(Debug, Args)]
pub struct RestoreOptions {
    /// The backup's folder.
    pub from: PathBuf,
    /// Replaces control.db by the backup's.
    #[arg(long)]
    pub control: bool,
}

pub fn run(sources: &Sources, options: &BackupOptions) -> Result<(), Failure> {
    let settings = Settings::load(sources)?;
    let told = on_one_thread(take::take(&settings, options, &Clock::system()))?;
    say(&told)
}

pub fn run_restore(sources: &Sources, options: &RestoreOptions) -> Result<(), Failure> {
    let settings = Settings::load(sources)?;
    let _alone = settings.data.lock()?;
    let told = on_one_thread(async {
        let engine = crate::seed::engine_if_built_in(sources, &settings).await?;
        let store = Store::new(&settings.collector.around.clickhouse);
        let outcome = restore::restore(&settings, &store, options, &Clock::system()).await;
        if let Some(engine) = engine {
            engine.stop().await;
        }
        outcome
    })?;
    say(&told)
}

fn on_one_thread<T>(work: impl Future<Output = anyhow::Result<T>>) -> Result<T, Failure> {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::unavailable(format!("a runtime could not be started: {error}")))?;
    LocalSet::new().block_on(&runtime, work).map_err(|error| Failure::of_part(&error))
}

fn say(text: &str) -> Result<(), Failure> {
    write!(io::stdout(), "{text}").map_err(|error| Failure::unavailable(format!("stdout: {error}")))
}

/// What a sealed file of a backup holds, or nothing where its month's key is gone. For
/// `mostik privacy verify`.
pub fn opened(settings: &BackupSettings, path: &Path) -> anyhow::Result<Option<Vec<u8>>> {
    let Some(folder) = path.parent() else { return Ok(None) };
    let manifest = manifest::Manifest::read(folder)?;
    let name = path.file_name().unwrap_or_default();
    let Some(file) = manifest.files.iter().find(|file| name == file.file.as_str()) else { return Ok(None) };
    let Some(key) = Keys::open(&settings.keys)?.living(file.key)? else { return Ok(None) };
    let mut opener = sealed::Opener::new(io::BufReader::new(fs::File::open(path)?), &key)?;
    let mut plain = Vec::new();
    while let Some(chunk) = opener.chunk()? {
        plain.extend_from_slice(&chunk);
    }
    Ok(Some(plain))
}
