//! Rows that ClickHouse will never take: each in a segment of its own under `dead/`,
//! with the reason, until somebody has mended the cause.
//!
//! Such a row has lost its visitor and its visit: they are cut out before it is
//! written, so that nothing here outlives the day. Whose it was stands beside it until
//! the day is over ([`owner`]), so that an erasure finds it. Putting it back is one
//! rename into the spool; its own batch number makes that happen exactly once.

pub mod owner;

use std::{
    collections::HashSet,
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use super::{
    directory::Directory,
    record::{Entry, Seal, SpooledEvent},
    segment::{Death, Header, IDS, Segment, SegmentError, knows_ids},
};
use crate::visit::VisitorKey;

/// Rows kept at most. More than this many bad rows is a fault of the program, and
/// shipping stands still rather than sort them out one by one.
pub const DEAD_ROWS_MAX: usize = 1000;

const DEAD: &str = "dead";

/// Names of rows that were ever buried: `<batch> <seq>`, a line each.
const RECORD: &str = "record";

/// Longest record, in bytes: some 40,000 rows ever buried.
const RECORD_BYTES_MAX: u64 = 1 << 20;

#[derive(Debug, thiserror::Error)]
pub enum DeadError {
    #[error("could not write a refused row to {path}")]
    Write { path: PathBuf, source: io::Error },
    #[error("{path} cannot be read")]
    Read { path: PathBuf, source: io::Error },
    #[error("a dead row cannot be read")]
    Segment(#[from] SegmentError),
    #[error("there are {DEAD_ROWS_MAX} refused rows in the spool's folder dead: see mostik dead list")]
    Full,
}

/// A row and why it is here.
#[derive(Debug)]
pub struct DeadRow {
    pub sequence: u64,
    pub site_id: u32,
    pub day: u16,
    pub death: Death,
}

/// Buries one row of a segment. `node` and `now` as for any new segment.
pub fn bury(
    directory: &Directory,
    columns: &str,
    event: &SpooledEvent,
    death: Death,
    node: u16,
    now: i64,
) -> Result<(), DeadError> {
    let folder = directory.path().join(DEAD);
    let failed = |source| DeadError::Write { path: folder.clone(), source };
    fs::create_dir_all(&folder).map_err(failed)?;
    let there = list(directory.path())?;
    if there.iter().any(|row| row.death.names(death)) {
        // Buried before a crash that came before the record of it.
        return record(directory.path(), death);
    }
    if there.len() >= DEAD_ROWS_MAX {
        return Err(DeadError::Full);
    }
    let sequence = directory.next_sequence(now.max(0).unsigned_abs()).map_err(failed)?;
    let mut event = event.clone();
    let (site_id, day) = (event.site_id, event.day);
    if knows_ids(columns)
        && let Some(ids) = event.row.get_mut(IDS)
    {
        let visitor = ids.first_chunk().copied().map_or(0, u64::from_le_bytes);
        let whose = VisitorKey { site_id, day, visitor };
        owner::write(directory.path(), sequence, whose).map_err(failed)?;
        ids.fill(0);
    }
    let header = Header {
        batch: u64::from(node) << 48 | sequence,
        // As old as its day may be: no day is closed while it is on its way back.
        created: 0,
        columns: columns.to_owned(),
        died: Some(death),
    };
    let mut bytes = header.encode();
    Entry::Event(event).encode(&mut bytes);
    Seal { records: 1, events: 1 }.encode(&mut bytes);
    let fresh = folder.join(format!("{sequence:016x}.new"));
    let mut file = File::create(&fresh).map_err(failed)?;
    file.write_all(&bytes).and_then(|()| file.sync_all()).map_err(failed)?;
    fs::rename(&fresh, dead_path(directory.path(), sequence)).map_err(failed)?;
    File::open(&folder).and_then(|folder| folder.sync_all()).map_err(failed)?;
    record(directory.path(), death)
}

/// All dead rows, oldest first.
pub fn list(spool: &Path) -> Result<Vec<DeadRow>, DeadError> {
    let folder = spool.join(DEAD);
    let failed = |source| DeadError::Read { path: folder.clone(), source };
    let entries = match fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    let mut rows = Vec::new();
    for entry in entries {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_none_or(|extension| extension != DEAD) {
            continue;
        }
        let Some(sequence) = path
            .file_stem()
            .and_then(|stem| stem.to_str())
            .and_then(|stem| u64::from_str_radix(stem, 16).ok())
        else {
            continue;
        };
        let segment = Segment::read(&path)?;
        if let (Some(death), Some(Entry::Event(event))) =
            (segment.header.died, segment.records.first().map(|record| &record.entry))
        {
            rows.push(DeadRow { sequence, site_id: event.site_id, day: event.day, death });
        }
    }
    rows.sort_by_key(|row| row.sequence);
    Ok(rows)
}

/// Puts a dead row back among the sealed segments. Safe beside a running collector,
/// which finds it there.
pub fn replay(spool: &Path, sequence: u64) -> Result<(), DeadError> {
    let from = dead_path(spool, sequence);
    let failed = |source| DeadError::Write { path: from.clone(), source };
    if let Some(death) = Segment::read(&from)?.header.died {
        record(spool, death)?;
    }
    fs::rename(&from, spool.join(format!("{sequence:016x}.seg"))).map_err(failed)?;
    for folder in [spool.to_owned(), spool.join(DEAD)] {
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)?;
    }
    Ok(())
}

/// Removes a dead row for good, and the note of whose it was.
pub fn erase(spool: &Path, sequence: u64) -> Result<(), DeadError> {
    let path = dead_path(spool, sequence);
    match fs::remove_file(&path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => Err(DeadError::Write { path, source }),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Which rows of a batch lie in `dead/` or have been put back from there: they are
/// not shipped under their old name again.
pub fn of_batch(spool: &Path, batch: u64) -> Result<HashSet<u32>, DeadError> {
    Ok(recorded(spool)?.into_iter().filter(|name| name.0 == batch).map(|name| name.1).collect())
}

/// Writes down that a row goes by another name from now on.
fn record(spool: &Path, death: Death) -> Result<(), DeadError> {
    if recorded(spool)?.contains(&(death.batch, death.seq)) {
        return Ok(());
    }
    let path = spool.join(DEAD).join(RECORD);
    let failed = |source| DeadError::Write { path: path.clone(), source };
    let mut file = OpenOptions::new().create(true).append(true).open(&path).map_err(failed)?;
    if file.metadata().map_err(failed)?.len() >= RECORD_BYTES_MAX {
        return Err(DeadError::Full);
    }
    writeln!(file, "{:016x} {}", death.batch, death.seq)
        .and_then(|()| file.sync_all())
        .and_then(|()| File::open(spool.join(DEAD))?.sync_all())
        .map_err(failed)
}

fn recorded(spool: &Path) -> Result<HashSet<(u64, u32)>, DeadError> {
    let path = spool.join(DEAD).join(RECORD);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(HashSet::new()),
        Err(source) => return Err(DeadError::Read { path, source }),
    };
    // A last line cut short by a crash names nothing; its row is recorded again.
    Ok(text
        .split_inclusive('\n')
        .filter_map(|line| {
            let (batch, seq) = line.strip_suffix('\n')?.split_once(' ')?;
            Some((u64::from_str_radix(batch, 16).ok()?, seq.parse().ok()?))
        })
        .collect())
}

fn dead_path(spool: &Path, sequence: u64) -> PathBuf {
    spool.join(DEAD).join(format!("{sequence:016x}.{DEAD}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: &str = "site_id, day, visitor, visit, ts";

    fn event() -> SpooledEvent {
        SpooledEvent { site_id: 1, day: 2, minute: 60, row: vec![7; 40] }
    }

    fn death(seq: u32) -> Death {
        Death { batch: 5, seq, code: 33 }
    }

    #[test]
    fn a_dead_row_has_neither_visitor_nor_visit() {
        let folder = tempfile::tempdir().unwrap();
        let directory = Directory::open(folder.path()).unwrap();
        bury(&directory, COLUMNS, &event(), death(9), 1, 100).unwrap();
        let row = &list(folder.path()).unwrap()[0];
        let segment = Segment::read(&dead_path(folder.path(), row.sequence)).unwrap();
        let Entry::Event(buried) = &segment.records[0].entry else { panic!("an event") };
        assert_eq!(buried.row[..6], [7; 6]);
        assert_eq!(buried.row[6..22], [0; 16]);
        assert_eq!(buried.row[22..], [7; 18]);
    }

    #[test]
    fn a_row_put_back_is_a_segment_of_its_own_and_known_by_its_old_name() {
        let folder = tempfile::tempdir().unwrap();
        let directory = Directory::open(folder.path()).unwrap();
        bury(&directory, COLUMNS, &event(), death(9), 1, 100).unwrap();
        assert_eq!(of_batch(folder.path(), 5).unwrap(), HashSet::from([9]));
        let row = list(folder.path()).unwrap().remove(0);
        replay(folder.path(), row.sequence).unwrap();
        assert_eq!(directory.sealed().unwrap(), [row.sequence]);
        assert!(list(folder.path()).unwrap().is_empty());
        assert_eq!(of_batch(folder.path(), 5).unwrap(), HashSet::from([9]));
        assert!(of_batch(folder.path(), 6).unwrap().is_empty());
    }

    #[test]
    fn a_row_is_buried_once_even_if_the_record_of_it_was_lost() {
        let folder = tempfile::tempdir().unwrap();
        let directory = Directory::open(folder.path()).unwrap();
        bury(&directory, COLUMNS, &event(), death(9), 1, 100).unwrap();
        fs::write(folder.path().join("dead/record"), "0000000000000005").unwrap();
        bury(&directory, COLUMNS, &event(), death(9), 1, 100).unwrap();
        assert_eq!(list(folder.path()).unwrap().len(), 1);
    }

    #[test]
    fn more_dead_rows_than_the_limit_are_not_taken() {
        let folder = tempfile::tempdir().unwrap();
        let directory = Directory::open(folder.path()).unwrap();
        bury(&directory, COLUMNS, &event(), death(0), 1, 0).unwrap();
        let first = dead_path(folder.path(), list(folder.path()).unwrap()[0].sequence);
        for sequence in 1000..1000 + DEAD_ROWS_MAX as u64 - 1 {
            fs::copy(&first, dead_path(folder.path(), sequence)).unwrap();
        }
        assert!(matches!(bury(&directory, COLUMNS, &event(), death(1), 1, 0), Err(DeadError::Full)));
    }
}
