//! How much disk the spool may take, and what happens before it is gone.
//!
//! ```text
//! 0 % ─────── 80 % ──────────── 95 % ──────────────────── 100 %
//!    all taken   kept segments go    engagement is refused     everything is refused
//! ```
//!
//! What was acknowledged is never evicted. A ballast file stands by: when the disk is
//! full before the spool is, it is given up so that sealing and shipping still find
//! room, and no shipped segment is kept until there is room for ballast again.

use std::{
    fs::{self, File, OpenOptions},
    io,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
};

use rustix::fs::{FallocateFlags, fallocate, statvfs};

/// From here on, as a share of the limit, segments that ClickHouse has are not kept
/// any longer and the owner is warned.
const TIGHT_RATIO: f64 = 0.80;

/// From here on engagement is refused: it refines a page view that is already there.
const SHEDDING_RATIO: f64 = 0.95;

/// The ballast's part of the limit: 64 MiB of the default of 1 GiB, many times what
/// sealing, the sequence file and the settings need.
const BALLAST_PART: u64 = 16;

/// How full the spool is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Roomy,
    Tight,
    Shedding,
    Full,
}

/// The limit, and the ballast in the spool's folder.
#[derive(Debug)]
pub struct Budget {
    bytes_max: u64,
    folder: PathBuf,
    /// The disk was full, and has not had room for the ballast since.
    pressed: AtomicBool,
}

impl Budget {
    pub fn new(folder: &Path, bytes_max: u64) -> Budget {
        Budget { bytes_max, folder: folder.to_owned(), pressed: AtomicBool::new(false) }
    }

    /// The level at this many bytes of segments.
    pub fn level(&self, bytes: u64) -> Level {
        let ratio = bytes as f64 / self.bytes_max as f64;
        match ratio {
            full if full >= 1.0 => Level::Full,
            shedding if shedding >= SHEDDING_RATIO => Level::Shedding,
            tight if tight >= TIGHT_RATIO => Level::Tight,
            _ => Level::Roomy,
        }
    }

    /// Sets the ballast up, unless the disk has no room for it twice. True: it is there.
    pub fn load_ballast(&self) -> io::Result<bool> {
        let bytes = self.bytes_max / BALLAST_PART;
        let path = self.ballast();
        if path.metadata().is_ok_and(|ballast| ballast.len() == bytes) {
            return Ok(true);
        }
        if self.free()? < bytes.saturating_mul(2) {
            return Ok(false);
        }
        let file = OpenOptions::new().create(true).truncate(true).write(true).open(&path)?;
        let loaded = allocate(&file, bytes, FallocateFlags::empty());
        if loaded.is_err() {
            fs::remove_file(&path)?;
        }
        loaded.map(|()| true)
    }

    /// Whether the disk was full and still has little room.
    pub fn is_pressed(&self) -> bool {
        self.pressed.load(Ordering::Relaxed)
    }

    /// Sets the ballast up again where it was given up and there is room for it now.
    pub fn relieve(&self) -> io::Result<()> {
        if self.is_pressed() && self.load_ballast()? {
            self.pressed.store(false, Ordering::Relaxed);
        }
        Ok(())
    }

    /// The disk is full: gives the ballast up. True: there was some.
    pub fn drop_ballast(&self) -> io::Result<bool> {
        self.pressed.store(true, Ordering::Relaxed);
        match fs::remove_file(self.ballast()) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn ballast(&self) -> PathBuf {
        self.folder.join("ballast")
    }

    fn free(&self) -> io::Result<u64> {
        let disk = statvfs(&self.folder)?;
        Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
    }
}

/// Reserves space for a file up to `end` without changing its length, so that a full
/// disk is met before any byte is written.
pub fn reserve(file: &File, end: u64) -> io::Result<()> {
    allocate(file, end, FallocateFlags::KEEP_SIZE)
}

/// A file system without the call has nothing to reserve; writing tells the rest.
fn allocate(file: &File, bytes: u64, flags: FallocateFlags) -> io::Result<()> {
    match fallocate(file, flags, 0, bytes) {
        Ok(()) | Err(rustix::io::Errno::OPNOTSUPP) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_levels_begin_at_their_marks() {
        let budget = Budget::new(Path::new("."), 1000);
        let levels = [0, 799, 800, 949, 950, 999, 1000, 5000].map(|bytes| budget.level(bytes));
        let want = [
            Level::Roomy,
            Level::Roomy,
            Level::Tight,
            Level::Tight,
            Level::Shedding,
            Level::Shedding,
            Level::Full,
            Level::Full,
        ];
        assert_eq!(levels, want);
    }

    #[test]
    fn ballast_takes_room_until_it_is_given_up() {
        let folder = tempfile::tempdir().unwrap();
        let budget = Budget::new(folder.path(), 16 << 20);
        assert!(budget.load_ballast().unwrap());
        assert_eq!(folder.path().join("ballast").metadata().unwrap().len(), 1 << 20);
        assert!(budget.drop_ballast().unwrap());
        assert!(!budget.drop_ballast().unwrap());
        assert!(budget.is_pressed());
        budget.relieve().unwrap();
        assert!(!budget.is_pressed() && budget.drop_ballast().unwrap(), "it is back");
    }

    #[test]
    fn a_disk_without_room_gets_no_ballast() {
        let folder = tempfile::tempdir().unwrap();
        let budget = Budget::new(folder.path(), u64::MAX);
        assert!(!budget.load_ballast().unwrap());
        assert!(!budget.drop_ballast().unwrap());
    }
}
