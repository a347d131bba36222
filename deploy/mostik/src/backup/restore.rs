//! Restoring: into empty tables only, and never a month that is past its time.

use std::{
    fs::{self, File, OpenOptions},
    io::{BufReader, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use anyhow::Context;
use collector::{clock::Clock, retain};
use store::Store;

use super::{
    RestoreOptions,
    keys::Keys,
    manifest::{Entry, Manifest},
    sealed::{MonthKey, Opener},
    table::{self, Sum},
    take::checksum,
};
use crate::config::Settings;

/// Restores; what to tell.
pub async fn restore(
    settings: &Settings,
    store: &Store,
    options: &RestoreOptions,
    clock: &Clock,
) -> anyhow::Result<String> {
    let manifest = Manifest::read(&options.from)?;
    let keys = Keys::open(&settings.backup.keys)?;
    store.migrate().await?;
    for name in table::TABLES {
        let sql = format!("SELECT count() FROM {}.{name}", store.database());
        let rows: u64 = store.writer().query(&sql).fetch_one().await?;
        anyhow::ensure!(rows == 0, "{name} is not empty: a backup is restored into a new data folder");
    }
    let first_kept = retain::first_kept(clock.now(), settings.collector.retention_months);
    let mut told = String::new();
    for file in &manifest.files {
        let is_table = table::TABLES.contains(&file.table.as_str());
        let outcome = match keys.living(file.key)? {
            None => "not restored: the month's key is gone".to_owned(),
            Some(_) if is_table && file.month < first_kept => "not restored: past its time".to_owned(),
            Some(key) if is_table => month(store, &options.from, file, &key).await?,
            Some(key) => control(settings, options, file, &key)?,
        };
        told += &format!("{}: {outcome}\n", file.file);
    }
    Ok(told)
}

async fn month(store: &Store, folder: &Path, file: &Entry, key: &MonthKey) -> anyhow::Result<String> {
    let mut opener = Opener::new(BufReader::new(File::open(folder.join(&file.file))?), key)?;
    table::import(store, &file.table, &mut opener).await?;
    let found = table::sum(store, &file.table, file.month, u16::MAX).await?;
    let wanted = Sum { rows: file.rows, checksum: file.checksum };
    anyhow::ensure!(found == wanted, "{} differs after restoring", file.file);
    Ok(format!("{} rows", file.rows))
}

fn control(
    settings: &Settings,
    options: &RestoreOptions,
    file: &Entry,
    key: &MonthKey,
) -> anyhow::Result<String> {
    let path = settings.data.control_db();
    if path.exists() && !options.control {
        return Ok("not restored: there is one; --control replaces it".to_owned());
    }
    let sealed = File::open(options.from.join(&file.file))?;
    let mut opener = Opener::new(BufReader::new(sealed), key)?;
    let mut plain = Vec::new();
    while let Some(chunk) = opener.chunk()? {
        plain.extend_from_slice(&chunk);
    }
    anyhow::ensure!(checksum(&plain) == file.checksum, "{} differs", file.file);
    // A log of the old file would be taken for the new one's.
    for ending in ["-wal", "-shm"] {
        let log = path.with_file_name(format!("control.db{ending}"));
        if log.exists() {
            fs::remove_file(log)?;
        }
    }
    let fresh = path.with_extension("restored");
    let mut out = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
    out.write_all(&plain)?;
    out.sync_all()?;
    fs::rename(&fresh, &path).context("control.db could not be replaced")?;
    Ok("restored".to_owned())
}
