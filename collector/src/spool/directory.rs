//! The spool's folder: names of segments, and what a crash left behind.

use std::{
    fs::{self, File, OpenOptions},
    io,
    path::{Path, PathBuf},
};

use super::segment::{Segment, SegmentError};

const OPEN: &str = "open";
const SEALED: &str = "seg";
const ASIDE: &str = "damaged";

/// The folder that holds the segments. One collector at a time: it is locked.
pub struct Directory {
    path: PathBuf,
    _lock: File,
}

#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    #[error("could not {step} in the spool folder {path}")]
    Io { step: &'static str, path: PathBuf, source: io::Error },
    #[error("the spool folder {path} is in use by another collector")]
    InUse { path: PathBuf },
}

impl Directory {
    /// Creates and locks the folder, and seals what an unclean stop left open.
    pub fn open(path: &Path) -> Result<Directory, DirectoryError> {
        let failed = |step| move |source| DirectoryError::Io { step, path: path.to_owned(), source };
        fs::create_dir_all(path).map_err(failed("create a folder"))?;
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path.join("lock"))
            .map_err(failed("write"))?;
        lock.try_lock().map_err(|error| match error {
            fs::TryLockError::WouldBlock => DirectoryError::InUse { path: path.to_owned() },
            fs::TryLockError::Error(source) => failed("lock")(source),
        })?;
        let directory = Directory { path: path.to_owned(), _lock: lock };
        directory.seal_leftovers().map_err(failed("seal what was left open"))?;
        Ok(directory)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Sequence numbers of the sealed segments, oldest first.
    pub fn sealed(&self) -> io::Result<Vec<u64>> {
        self.sequences(SEALED)
    }

    pub fn open_path(&self, sequence: u64) -> PathBuf {
        self.named(sequence, OPEN)
    }

    pub fn sealed_path(&self, sequence: u64) -> PathBuf {
        self.named(sequence, SEALED)
    }

    /// Makes the open segment a sealed one, durably.
    pub fn seal(&self, sequence: u64) -> io::Result<()> {
        fs::rename(self.open_path(sequence), self.sealed_path(sequence))?;
        self.sync()
    }

    /// Removes a segment that has been shipped.
    pub fn remove(&self, sequence: u64) -> io::Result<()> {
        fs::remove_file(self.sealed_path(sequence))?;
        self.sync()
    }

    /// Keeps a damaged segment out of the way, for a person to look at.
    pub fn set_aside(&self, sequence: u64) -> io::Result<()> {
        fs::rename(self.sealed_path(sequence), self.named(sequence, ASIDE))?;
        self.sync()
    }

    /// A sequence number that was never used: above every name in the folder,
    /// above the recorded one, and no lower than `floor` (the time in seconds), so
    /// that even an emptied folder does not lead to a second use. Recorded before
    /// it is returned.
    pub fn next_sequence(&self, floor: u64) -> io::Result<u64> {
        let record = self.path.join("sequence");
        let recorded = match fs::read_to_string(&record) {
            Ok(text) => text.trim().parse().unwrap_or(0),
            Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
            Err(error) => return Err(error),
        };
        let mut highest: u64 = recorded;
        for extension in [OPEN, SEALED, ASIDE] {
            highest = highest.max(self.sequences(extension)?.last().copied().unwrap_or(0));
        }
        let next = (highest + 1).max(floor);
        let fresh = self.path.join("sequence.new");
        fs::write(&fresh, next.to_string())?;
        File::open(&fresh)?.sync_all()?;
        fs::rename(&fresh, &record)?;
        self.sync()?;
        Ok(next)
    }

    /// Makes renames, creations and removals in the folder durable.
    pub fn sync(&self) -> io::Result<()> {
        File::open(&self.path)?.sync_all()
    }

    /// Size of all segments, in bytes.
    pub fn bytes(&self) -> io::Result<u64> {
        let mut sum = 0;
        for entry in fs::read_dir(&self.path)? {
            sum += entry?.metadata()?.len();
        }
        Ok(sum)
    }

    /// Cuts torn tails, which nobody was answered for, and seals the rest. A file
    /// without a whole header holds no record and is removed.
    fn seal_leftovers(&self) -> io::Result<()> {
        for sequence in self.sequences(OPEN)? {
            let path = self.open_path(sequence);
            match Segment::read(&path) {
                Ok(segment) if segment.entries.is_empty() => fs::remove_file(&path)?,
                Ok(segment) => {
                    let file = OpenOptions::new().write(true).open(&path)?;
                    let whole = file.metadata()?.len() - segment.torn_bytes as u64;
                    file.set_len(whole)?;
                    file.sync_all()?;
                    self.seal(sequence)?;
                }
                Err(SegmentError::NotASegment { .. }) => fs::remove_file(&path)?,
                // Left to the shipper, which reports damage and sets it aside.
                Err(SegmentError::Damaged { .. }) => self.seal(sequence)?,
                Err(SegmentError::Read { source, .. }) => return Err(source),
            }
        }
        self.sync()
    }

    fn sequences(&self, extension: &str) -> io::Result<Vec<u64>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.path)? {
            let name = entry?.file_name();
            let Some((stem, ending)) = name.to_str().and_then(|name| name.split_once('.')) else { continue };
            if ending == extension
                && let Ok(sequence) = u64::from_str_radix(stem, 16)
            {
                found.push(sequence);
            }
        }
        found.sort_unstable();
        Ok(found)
    }

    fn named(&self, sequence: u64, extension: &str) -> PathBuf {
        self.path.join(format!("{sequence:016x}.{extension}"))
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            record::{Entry, RefusalCount},
            segment::Header,
        },
        *,
    };

    fn entry() -> Entry {
        Entry::Refusals(RefusalCount { site_id: 1, minute: 60, n: 1, reason: "bot".into() })
    }

    fn segment_bytes(records: usize) -> Vec<u8> {
        let mut bytes = Header { batch: 1, created: 0, columns: "a".into() }.encode();
        for _ in 0..records {
            entry().encode(&mut bytes);
        }
        bytes
    }

    #[test]
    fn a_torn_tail_is_cut_and_the_rest_sealed() {
        let folder = tempfile::tempdir().unwrap();
        let mut bytes = segment_bytes(2);
        bytes.truncate(bytes.len() - 3);
        fs::write(folder.path().join("0000000000000007.open"), &bytes).unwrap();
        let directory = Directory::open(folder.path()).unwrap();
        assert_eq!(directory.sealed().unwrap(), [7]);
        let segment = Segment::read(&directory.sealed_path(7)).unwrap();
        assert_eq!((segment.entries.len(), segment.torn_bytes), (1, 0));
    }

    #[test]
    fn a_file_without_records_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("0000000000000007.open"), segment_bytes(0)).unwrap();
        fs::write(folder.path().join("0000000000000008.open"), b"MST").unwrap();
        let directory = Directory::open(folder.path()).unwrap();
        assert_eq!(directory.sealed().unwrap(), [0; 0]);
    }

    #[test]
    fn damage_in_the_middle_is_kept_for_the_shipper_to_report() {
        let folder = tempfile::tempdir().unwrap();
        let mut bytes = segment_bytes(3);
        let middle = bytes.len() - 30;
        bytes[middle] ^= 1;
        fs::write(folder.path().join("0000000000000007.open"), &bytes).unwrap();
        let directory = Directory::open(folder.path()).unwrap();
        assert!(matches!(
            Segment::read(&directory.sealed_path(7)),
            Err(SegmentError::Damaged { good: 1 | 2, .. })
        ));
    }

    #[test]
    fn a_sequence_is_never_used_twice() {
        let folder = tempfile::tempdir().unwrap();
        let directory = Directory::open(folder.path()).unwrap();
        let first = directory.next_sequence(100).unwrap();
        let second = directory.next_sequence(50).unwrap();
        assert_eq!((first, second), (100, 101));
        drop(directory);
        fs::write(folder.path().join("00000000000000ff.seg"), b"").unwrap();
        let directory = Directory::open(folder.path()).unwrap();
        assert_eq!(directory.next_sequence(0).unwrap(), 256);
    }

    #[test]
    fn two_collectors_cannot_share_a_spool() {
        let folder = tempfile::tempdir().unwrap();
        let _first = Directory::open(folder.path()).unwrap();
        assert!(matches!(Directory::open(folder.path()), Err(DirectoryError::InUse { .. })));
    }
}
