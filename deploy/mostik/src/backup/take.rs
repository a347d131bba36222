//! Taking a backup: export, seal, restore into a scratch database, compare, keep.

use std::{
    fs::{self, File},
    io::{BufReader, BufWriter, Write},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use anyhow::Context;
use collector::clock::Clock;
use jiff::Timestamp;
use store::{Address, Store};

use super::{
    BackupOptions,
    keys::Keys,
    manifest::{self, Entry, FORMAT, Manifest},
    sealed::{Opener, Sealer},
    table::{self, Sum},
};
use crate::config::Settings;

/// Where a backup is tried out. Of its own, and gone afterwards.
const SCRATCH: &str = "mostik_scratch";

/// A day may be closed once more while it is exported; then its month is exported again.
const TRIES: u32 = 3;

/// Takes one; what to tell.
pub async fn take(settings: &Settings, options: &BackupOptions, clock: &Clock) -> anyhow::Result<String> {
    let now = clock.now();
    let wanted = &settings.backup;
    let before = manifest::all(&wanted.folder);
    let last = before.last().map(|(_, manifest)| manifest.created);
    if options.if_due
        && last.is_some_and(|last| now.as_second() - last < i64::from(wanted.every_hours) * 3600)
    {
        return Ok(String::new());
    }
    let name = now.strftime("%Y%m%dT%H%M%SZ").to_string();
    let (part, good) = (wanted.folder.join(format!("{name}.part")), wanted.folder.join(&name));
    remove_unfinished(&wanted.folder)?;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(&part)?;
    let keys = Keys::open(&wanted.keys)?;
    let store = Store::new(&settings.collector.around.clickhouse);
    let taking = Taking { store: &store, keys: &keys, folder: &part, before: &before };
    let mut files = taking.tables().await?;
    files.push(taking.control(settings, now)?);
    let manifest = Manifest { format: FORMAT, created: now.as_second(), files };
    try_out(settings, &keys, &part, &manifest).await?;
    manifest.write(&part)?;
    fs::rename(&part, &good)?;
    File::open(&wanted.folder)?.sync_all()?;
    let surplus = (before.len() + 1).saturating_sub(wanted.keep);
    for (old, _) in before.iter().take(surplus) {
        fs::remove_dir_all(old)?;
    }
    let rows: u64 = manifest.files.iter().map(|file| file.rows).sum();
    Ok(format!(
        "{}: {rows} rows in {} files, restored into a scratch database and compared\n",
        good.display(),
        manifest.files.len()
    ))
}

struct Taking<'a> {
    store: &'a Store,
    keys: &'a Keys,
    folder: &'a Path,
    before: &'a [(PathBuf, Manifest)],
}

impl Taking<'_> {
    async fn tables(&self) -> anyhow::Result<Vec<Entry>> {
        let first_open = table::first_open(self.store).await?;
        let mut files = Vec::new();
        for name in table::TABLES {
            for month in table::months(self.store, name, first_open).await? {
                files.push(self.month(name, month, first_open).await?);
            }
        }
        Ok(files)
    }

    /// A month of a table, sealed; shared with an earlier backup that has the same rows.
    async fn month(&self, name: &str, month: u32, first_open: u16) -> anyhow::Result<Entry> {
        let file = format!("{name}-{month}.sealed");
        let path = self.folder.join(&file);
        let key = self.keys.of(month)?;
        for _ in 0..TRIES {
            let sum = table::sum(self.store, name, month, first_open).await?;
            let Sum { rows, checksum } = sum;
            let entry =
                Entry { file: file.clone(), table: name.to_owned(), month, key: month, rows, checksum };
            if let Some((folder, _)) = self.before.iter().rev().find(|(_, old)| old.files.contains(&entry))
                && fs::hard_link(folder.join(&file), &path).is_ok()
            {
                return Ok(entry);
            }
            let mut sealer = Sealer::new(BufWriter::new(File::create(&path)?), &key)?;
            table::export(self.store, name, month, first_open, &mut sealer).await?;
            sealer.finish()?.get_ref().sync_all()?;
            if table::sum(self.store, name, month, first_open).await? == sum {
                return Ok(entry);
            }
        }
        anyhow::bail!("{name} of {month} changed each time it was exported: try again later")
    }

    /// control.db as SQLite copies it, in one piece, sealed.
    fn control(&self, settings: &Settings, now: Timestamp) -> anyhow::Result<Entry> {
        let month = now.strftime("%Y%m").to_string().parse()?;
        let copy = self.folder.join("control.db.copy");
        dashboard::copy_control(&settings.dashboard, &copy)?;
        let plain = fs::read(&copy)?;
        fs::remove_file(&copy)?;
        let file = "control.db.sealed".to_owned();
        let out = BufWriter::new(File::create(self.folder.join(&file))?);
        let mut sealer = Sealer::new(out, &self.keys.of(month)?)?;
        sealer.write_all(&plain)?;
        sealer.finish()?.get_ref().sync_all()?;
        let checksum = checksum(&plain);
        Ok(Entry { file, table: "control.db".to_owned(), month, key: month, rows: 1, checksum })
    }
}

/// Of a file that is no table.
pub fn checksum(bytes: &[u8]) -> u64 {
    let hash = blake3::hash(bytes);
    u64::from_le_bytes(*hash.as_bytes().first_chunk().expect("a hash has 32 bytes"))
}

/// Restores everything into a scratch database and compares it with what was exported.
async fn try_out(settings: &Settings, keys: &Keys, folder: &Path, manifest: &Manifest) -> anyhow::Result<()> {
    let clickhouse = &settings.collector.around.clickhouse;
    let scratch = Store::new(&Address { target: clickhouse.target.clone(), database: SCRATCH.to_owned() });
    let forget = format!("DROP DATABASE IF EXISTS {SCRATCH} SYNC");
    scratch.execute("remove the scratch database", &forget).await?;
    scratch.migrate().await?;
    let outcome = compare(&scratch, keys, folder, manifest).await;
    scratch.execute("remove the scratch database", &forget).await?;
    outcome.context("the backup is not good and was not kept")
}

async fn compare(scratch: &Store, keys: &Keys, folder: &Path, manifest: &Manifest) -> anyhow::Result<()> {
    for file in &manifest.files {
        let key = keys.living(file.key)?.context("a month's key is missing")?;
        let mut opener = Opener::new(BufReader::new(File::open(folder.join(&file.file))?), &key)?;
        if !table::TABLES.contains(&file.table.as_str()) {
            let mut plain = Vec::new();
            while let Some(chunk) = opener.chunk()? {
                plain.extend_from_slice(&chunk);
            }
            anyhow::ensure!(checksum(&plain) == file.checksum, "{} differs", file.file);
            continue;
        }
        table::import(scratch, &file.table, &mut opener).await?;
        let found = table::sum(scratch, &file.table, file.month, u16::MAX).await?;
        let wanted = Sum { rows: file.rows, checksum: file.checksum };
        anyhow::ensure!(found == wanted, "{} differs: {found:?} instead of {wanted:?}", file.file);
    }
    Ok(())
}

/// What an earlier attempt left behind.
fn remove_unfinished(folder: &Path) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.path().extension().is_some_and(|extension| extension == "part") {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}
