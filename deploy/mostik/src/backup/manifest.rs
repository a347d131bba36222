//! What a backup holds. It stands in the folder only once the backup has proven good.

use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::Context;
use serde::{Deserialize, Serialize};

pub const NAME: &str = "manifest.json";

/// The format this program reads and writes.
pub const FORMAT: u32 = 1;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    pub format: u32,
    /// Seconds since 1970-01-01.
    pub created: i64,
    pub files: Vec<Entry>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub file: String,
    /// `control.db` for that.
    pub table: String,
    /// Of the rows, such as 202611.
    pub month: u32,
    /// Whose key seals it.
    pub key: u32,
    pub rows: u64,
    /// Of the rows, in no order: equal for equal rows.
    pub checksum: u64,
}

impl Manifest {
    pub fn read(folder: &Path) -> anyhow::Result<Manifest> {
        let path = folder.join(NAME);
        let text = fs::read(&path).with_context(|| format!("{}: no good backup", path.display()))?;
        let manifest: Manifest = serde_json::from_slice(&text)?;
        anyhow::ensure!(manifest.format == FORMAT, "{}: written by a newer program", path.display());
        Ok(manifest)
    }

    pub fn write(&self, folder: &Path) -> anyhow::Result<()> {
        let mut file = File::create(folder.join(NAME))?;
        file.write_all(&serde_json::to_vec_pretty(self)?)?;
        file.sync_all()?;
        File::open(folder)?.sync_all()?;
        Ok(())
    }
}

/// Good backups, oldest first.
pub fn all(folder: &Path) -> Vec<(PathBuf, Manifest)> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<(PathBuf, Manifest)> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_none())
        .filter_map(|path| Manifest::read(&path).ok().map(|manifest| (path, manifest)))
        .collect();
    found.sort_by_key(|(_, manifest)| manifest.created);
    found
}
