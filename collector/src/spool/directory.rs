//! The spool's folder: names of segments, and what a crash left behind.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Seek, SeekFrom, Write},
    ops::Range,
    path::{Path, PathBuf},
    sync::Mutex,
};

use super::{
    record::Seal,
    segment::{Segment, SegmentError},
};

const OPEN: &str = "open";
const SEALED: &str = "seg";
const KEPT: &str = "kept";
const ASIDE: &str = "damaged";

/// Stands in the folder while no collector runs and the last one ended in order.
const CLEAN: &str = "clean";

/// The folder that holds the segments. One collector at a time: it is locked.
pub struct Directory {
    path: PathBuf,
    _lock: File,
    /// Held while a number is taken: writer, shipper and erasures all take them.
    numbering: Mutex<()>,
}

#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    #[error("could not {step} in the spool folder {path}")]
    Io { step: &'static str, path: PathBuf, source: io::Error },
    #[error("the spool folder {path} is in use by another collector")]
    InUse { path: PathBuf },
    #[error("a segment in the spool cannot be taken over")]
    Segment(#[from] SegmentError),
}

impl Directory {
    /// Creates and locks the folder, and seals what an unclean stop left open. After
    /// one, segments that had been shipped count as not yet shipped: a power failure
    /// may have taken them from ClickHouse again.
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
        let directory = Directory { path: path.to_owned(), _lock: lock, numbering: Mutex::new(()) };
        let clean = directory.path.join(CLEAN);
        if clean.exists() {
            fs::remove_file(&clean).map_err(failed("remove a mark"))?;
        } else {
            directory.doubt_kept().map_err(failed("take kept segments back"))?;
        }
        directory.seal_leftovers()?;
        Ok(directory)
    }

    /// Says that the spool ends in order: nothing open, everything synced.
    pub fn mark_clean(&self) -> io::Result<()> {
        File::create(self.path.join(CLEAN))?.sync_all()?;
        self.sync()
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Sequence numbers of segments being written, oldest first.
    pub fn open_segments(&self) -> io::Result<Vec<u64>> {
        self.sequences(OPEN)
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

    /// Sequence numbers of segments that have been shipped and are kept for a while.
    pub fn kept(&self) -> io::Result<Vec<u64>> {
        self.sequences(KEPT)
    }

    pub fn kept_path(&self, sequence: u64) -> PathBuf {
        self.named(sequence, KEPT)
    }

    /// Makes the open segment a sealed one, durably.
    pub fn seal(&self, sequence: u64) -> io::Result<()> {
        fs::rename(self.open_path(sequence), self.sealed_path(sequence))?;
        self.sync()
    }

    /// Keeps a segment that has been shipped, in case ClickHouse loses it again.
    pub fn keep(&self, sequence: u64) -> io::Result<()> {
        fs::rename(self.sealed_path(sequence), self.kept_path(sequence))?;
        self.sync()
    }

    /// Removes a kept segment.
    pub fn remove(&self, sequence: u64) -> io::Result<()> {
        fs::remove_file(self.kept_path(sequence))?;
        self.sync()
    }

    /// Makes kept segments sealed ones again: whether ClickHouse still has them is
    /// to be counted.
    pub fn doubt_kept(&self) -> io::Result<Vec<u64>> {
        let doubted = self.kept()?;
        for &sequence in &doubted {
            fs::rename(self.kept_path(sequence), self.sealed_path(sequence))?;
        }
        self.sync()?;
        Ok(doubted)
    }

    /// Copies a segment's damaged places to a file of their own, for a person to
    /// look at; the whole records go on.
    pub fn set_aside(&self, sequence: u64, damage: &[Range<usize>]) -> io::Result<()> {
        let bytes = fs::read(self.sealed_path(sequence))?;
        let damaged: Vec<u8> =
            damage.iter().filter_map(|place| bytes.get(place.clone())).flatten().copied().collect();
        fs::write(self.named(sequence, ASIDE), damaged)
    }

    /// Puts a file out of the way that is no segment at all.
    pub fn set_aside_whole(&self, sequence: u64) -> io::Result<()> {
        fs::rename(self.sealed_path(sequence), self.named(sequence, ASIDE))?;
        self.sync()
    }

    /// Removes what was set aside by `before` (seconds since 1970-01-01): it may
    /// hold a visitor's number of a day that is over.
    pub fn remove_aside(&self, before: i64) -> io::Result<()> {
        for sequence in self.sequences(ASIDE)? {
            let path = self.named(sequence, ASIDE);
            let written = fs::metadata(&path)?.modified()?;
            let age = written.duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_secs());
            if i64::try_from(age).unwrap_or(i64::MAX) < before {
                fs::remove_file(&path)?;
            }
        }
        Ok(())
    }

    /// A sequence number that was never used: above every name in the folder,
    /// above the recorded one, and no lower than `floor` (the time in seconds), so
    /// that even an emptied folder does not lead to a second use. Recorded before
    /// it is returned.
    pub fn next_sequence(&self, floor: u64) -> io::Result<u64> {
        let _alone = self.numbering.lock().expect("nothing panics while a number is taken");
        let record = self.path.join("sequence");
        let recorded = match fs::read_to_string(&record) {
            Ok(text) => text.trim().parse().unwrap_or(0),
            Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
            Err(error) => return Err(error),
        };
        let mut highest: u64 = recorded;
        for extension in [OPEN, SEALED, KEPT, ASIDE] {
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
        for ending in [OPEN, SEALED, KEPT] {
            for sequence in self.sequences(ending)? {
                sum += fs::metadata(self.named(sequence, ending))?.len();
            }
        }
        Ok(sum)
    }

    /// Cuts torn tails, which nobody was answered for, and seals the rest. A file
    /// without a whole header holds no record and is removed.
    fn seal_leftovers(&self) -> Result<(), DirectoryError> {
        let failed =
            |source| DirectoryError::Io { step: "seal what was left open", path: self.path.clone(), source };
        for sequence in self.sequences(OPEN).map_err(failed)? {
            let path = self.open_path(sequence);
            match Segment::read(&path) {
                Ok(segment) if segment.records.is_empty() => fs::remove_file(&path).map_err(failed)?,
                Ok(segment) => self.seal_leftover(sequence, &segment).map_err(failed)?,
                Err(SegmentError::NotASegment { .. }) => fs::remove_file(&path).map_err(failed)?,
                Err(other @ (SegmentError::Newer { .. } | SegmentError::Read { .. })) => {
                    return Err(other.into());
                }
            }
        }
        self.sync().map_err(failed)
    }

    /// Damaged places within are left to the shipper, which reports them; the seal
    /// then counts what is whole, since how much it was is not known any more.
    fn seal_leftover(&self, sequence: u64, segment: &Segment) -> io::Result<()> {
        let mut file = OpenOptions::new().write(true).open(self.open_path(sequence))?;
        let whole = file.metadata()?.len() - segment.torn_bytes as u64;
        file.set_len(whole)?;
        if segment.damage.is_empty() && segment.seal.is_none() {
            let mut seal = Vec::new();
            let records = u32::try_from(segment.records.len()).expect("a segment is far below 4 GiB");
            Seal { records, events: segment.events() }.encode(&mut seal);
            file.seek(SeekFrom::Start(whole))?;
            file.write_all(&seal)?;
        }
        file.sync_all()?;
        self.seal(sequence)
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
        let mut bytes = Header { batch: 1, created: 0, columns: "a".into(), died: None }.encode();
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
        assert_eq!((segment.records.len(), segment.torn_bytes), (1, 0));
        assert_eq!(segment.seal, Some(Seal { records: 1, events: 0 }));
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
        let segment = Segment::read(&directory.sealed_path(7)).unwrap();
        assert_eq!((segment.records.len(), segment.damage.len(), segment.events_lost()), (2, 1, 1));
    }

    #[test]
    fn kept_segments_are_doubted_after_an_unclean_stop_only() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("0000000000000007.kept"), segment_bytes(1)).unwrap();
        let directory = Directory::open(folder.path()).unwrap();
        assert_eq!((directory.sealed().unwrap(), directory.kept().unwrap()), (vec![7], vec![]));
        directory.keep(7).unwrap();
        directory.mark_clean().unwrap();
        drop(directory);
        let directory = Directory::open(folder.path()).unwrap();
        assert_eq!((directory.sealed().unwrap(), directory.kept().unwrap()), (vec![], vec![7]));
        drop(directory);
        let directory = Directory::open(folder.path()).unwrap();
        assert_eq!(directory.sealed().unwrap(), [7], "the mark serves once");
    }

    #[test]
    fn a_segment_of_a_newer_program_is_not_thrown_away() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("0000000000000007.open");
        fs::write(&path, b"MSTKSPL2 something").unwrap();
        assert!(matches!(Directory::open(folder.path()), Err(DirectoryError::Segment(_))));
        assert!(path.exists());
    }

    #[test]
    fn only_damaged_bytes_are_set_aside_and_not_for_long() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("0000000000000007.seg"), b"0123456789").unwrap();
        let directory = Directory::open(folder.path()).unwrap();
        directory.set_aside(7, &[2..4, 8..9]).unwrap();
        let aside = folder.path().join("0000000000000007.damaged");
        assert_eq!(fs::read(&aside).unwrap(), b"238");
        directory.remove_aside(0).unwrap();
        assert!(aside.exists());
        directory.remove_aside(i64::MAX).unwrap();
        assert!(!aside.exists());
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
