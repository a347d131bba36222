//! A sealed segment, read whole.

use std::{
    fs::{self, File},
    io::{self, Read},
    ops::Range,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::record::{self, Entry, FRAME_BYTES, Next, Seal, SpooledEvent};

/// The last byte is the version of the format.
pub const MAGIC: &[u8; 8] = b"MSTKSPL1";

/// Where `visitor` and `visit` stand in a row, after site (4 bytes) and day (2).
pub(super) const IDS: Range<usize> = 6..22;

/// The columns the place of the ids is known for.
const IDS_COLUMNS: &str = "site_id, day, visitor, visit, ";

/// What a segment says of itself. It carries its own column list, so a segment
/// written before a schema change still ships.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Names the batch in ClickHouse: the node in the upper 16 bits, the segment's
    /// sequence below. Never used twice.
    pub batch: u64,
    /// Seconds since 1970-01-01.
    pub created: i64,
    /// Columns of the event rows, with `seq` and `batch` last.
    pub columns: String,
    /// Set for a row that ClickHouse refused: where it came from, and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub died: Option<Death>,
}

/// Why one row lies in a segment of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Death {
    pub batch: u64,
    pub seq: u32,
    /// ClickHouse's error code.
    pub code: i32,
}

impl Death {
    /// Whether both are about the same row.
    pub fn names(self, other: Death) -> bool {
        (self.batch, self.seq) == (other.batch, other.seq)
    }
}

/// A record and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// The record's offset in the file. It names the row in ClickHouse, so it must
    /// stay the same whatever happens to the record's neighbours.
    pub seq: u32,
    pub entry: Entry,
}

/// A segment in memory.
#[derive(Debug)]
pub struct Segment {
    pub header: Header,
    /// Every whole record.
    pub records: Vec<Placed>,
    /// Bytes between whole records that are not one.
    pub damage: Vec<Range<usize>>,
    /// What it should hold, if it was sealed in order.
    pub seal: Option<Seal>,
    /// Bytes after the last whole record that are not one: 0 after a clean end.
    pub torn_bytes: usize,
}

#[derive(Debug, thiserror::Error)]
pub enum SegmentError {
    #[error("could not read the segment {path}")]
    Read { path: PathBuf, source: io::Error },
    #[error("{path} does not begin like a segment")]
    NotASegment { path: PathBuf },
    #[error("{path} has a format this program does not know: start the newer version")]
    Newer { path: PathBuf },
}

impl Header {
    /// Magic, frame and JSON.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        out.extend_from_slice(&[0; FRAME_BYTES]);
        serde_json::to_writer(&mut out, self).expect("a header is plain data and a Vec takes every write");
        record::frame(&mut out, MAGIC.len());
        out
    }
}

impl Header {
    /// Whether the place of visitor and visit is known in rows of this segment.
    pub fn knows_ids(&self) -> bool {
        knows_ids(&self.columns)
    }

    /// The visitor's number in a row of this segment.
    pub fn visitor(&self, event: &SpooledEvent) -> Option<u64> {
        let ids = event.row.get(IDS).filter(|_| self.knows_ids())?;
        ids.first_chunk().copied().map(u64::from_le_bytes)
    }

    /// The visit's, which follows it.
    pub fn visit(&self, event: &SpooledEvent) -> Option<u64> {
        let ids = event.row.get(IDS).filter(|_| self.knows_ids())?;
        ids.last_chunk().copied().map(u64::from_le_bytes)
    }

    /// Longest head of a file that is read for its header alone, in bytes.
    const HEAD_BYTES_MAX: u64 = 8 * 1024;

    /// The header of a file, without its records.
    pub fn peek(path: &Path) -> Option<Header> {
        let mut head = Vec::new();
        File::open(path).ok()?.take(Self::HEAD_BYTES_MAX).read_to_end(&mut head).ok()?;
        let framed = head.strip_prefix(MAGIC)?;
        serde_json::from_slice(record::unframe(framed).ok()?).ok()
    }
}

pub(super) fn knows_ids(columns: &str) -> bool {
    columns.starts_with(IDS_COLUMNS)
}

impl Segment {
    pub fn read(path: &Path) -> Result<Segment, SegmentError> {
        let bytes = fs::read(path).map_err(|source| SegmentError::Read { path: path.to_owned(), source })?;
        Segment::parse(&bytes, path)
    }

    /// A segment that never was a file; its records are numbered one by one.
    pub fn of(header: Header, entries: Vec<Entry>) -> Segment {
        let records = (0..).zip(entries).map(|(seq, entry)| Placed { seq, entry }).collect();
        Segment { header, records, damage: Vec::new(), seal: None, torn_bytes: 0 }
    }

    /// Events among the whole records, erased ones included.
    pub fn events(&self) -> u32 {
        let is_event = |entry: &Entry| matches!(entry, Entry::Event(_) | Entry::Erased(_));
        let events = self.records.iter().filter(|record| is_event(&record.entry)).count();
        u32::try_from(events).expect("a segment is far below 4 GiB")
    }

    /// Events that were acknowledged and are gone. Without a seal nobody counted
    /// them; every damaged place then stands for one, the least it can have been.
    pub fn events_lost(&self) -> u32 {
        match self.seal {
            Some(seal) => seal.events.saturating_sub(self.events()),
            None => u32::try_from(self.damage.len()).unwrap_or(u32::MAX),
        }
    }

    pub(super) fn parse(bytes: &[u8], path: &Path) -> Result<Segment, SegmentError> {
        let alien = || SegmentError::NotASegment { path: path.to_owned() };
        let Some(framed) = bytes.strip_prefix(MAGIC) else {
            let newer = bytes.starts_with(&MAGIC[..MAGIC.len() - 1]) && bytes.len() >= MAGIC.len();
            return Err(if newer { SegmentError::Newer { path: path.to_owned() } } else { alien() });
        };
        let header_bytes = record::unframe(framed).map_err(|_| alien())?;
        let header: Header = serde_json::from_slice(header_bytes).map_err(|_| alien())?;
        let mut at = MAGIC.len() + FRAME_BYTES + header_bytes.len();
        let mut segment = Segment::of(header, Vec::new());
        loop {
            match record::next(&bytes[at..]) {
                Next::Record(entry, length) => {
                    let seq = u32::try_from(at).map_err(|_| alien())?;
                    segment.records.push(Placed { seq, entry });
                    at += length;
                }
                Next::Sealed(seal, length) => {
                    segment.seal = Some(seal);
                    at += length;
                }
                Next::End => return Ok(segment),
                Next::Torn | Next::Damaged => match record::find_next(bytes, at) {
                    Some(place) => {
                        segment.damage.push(at..place);
                        at = place;
                    }
                    None => {
                        segment.torn_bytes = bytes.len() - at;
                        return Ok(segment);
                    }
                },
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> Header {
        Header {
            batch: 1 << 48 | 7,
            created: 1_795_000_000,
            columns: store::event::COLUMNS.to_owned(),
            died: None,
        }
    }

    #[test]
    fn a_header_survives_the_way_to_disk_and_back() {
        let segment = Segment::parse(&header().encode(), Path::new("x")).unwrap();
        assert_eq!(segment.header, header());
        assert!(segment.records.is_empty());
    }

    #[test]
    fn an_empty_or_alien_file_is_not_a_segment() {
        for bytes in [&b""[..], b"MSTKSPL1", b"GIF89a.................."] {
            assert!(matches!(Segment::parse(bytes, Path::new("x")), Err(SegmentError::NotASegment { .. })));
        }
    }

    fn refused(n: u32) -> Entry {
        Entry::Refusals(crate::spool::RefusalCount { site_id: 1, minute: 60, n, reason: "bot".into() })
    }

    /// A sealed segment of records numbered from 1, and where each begins.
    fn sealed(records: u32) -> (Vec<u8>, Vec<usize>) {
        let mut bytes = header().encode();
        let mut places = Vec::new();
        for n in 1..=records {
            places.push(bytes.len());
            refused(n).encode(&mut bytes);
        }
        Seal { records, events: 0 }.encode(&mut bytes);
        (bytes, places)
    }

    fn numbers(segment: &Segment) -> Vec<u32> {
        segment
            .records
            .iter()
            .map(|record| match &record.entry {
                Entry::Refusals(count) => count.n,
                Entry::Event(_) | Entry::Erased(_) | Entry::Bridge(_) => 0,
            })
            .collect()
    }

    #[test]
    fn records_around_a_damaged_one_are_saved_under_their_own_numbers() {
        let (whole, places) = sealed(5);
        let before = Segment::parse(&whole, Path::new("x")).unwrap();
        // In the payload, in the checksum, in the length.
        for offset in [10, 5, 1] {
            let mut bytes = whole.clone();
            bytes[places[2] + offset] ^= 0x41;
            let segment = Segment::parse(&bytes, Path::new("x")).unwrap();
            assert_eq!(numbers(&segment), [1, 2, 4, 5]);
            assert_eq!(segment.damage.as_slice(), std::slice::from_ref(&(places[2]..places[3])));
            assert_eq!(segment.records[2], before.records[3], "the offset names it as before");
            assert_eq!(segment.torn_bytes, 0);
        }
    }

    #[test]
    fn the_seal_says_how_many_events_are_gone() {
        let (mut bytes, places) = sealed(3);
        bytes.truncate(places[2]);
        Seal { records: 9, events: 7 }.encode(&mut bytes);
        assert_eq!(Segment::parse(&bytes, Path::new("x")).unwrap().events_lost(), 7);
    }

    #[test]
    fn a_segment_of_a_newer_format_is_told_from_a_file_that_is_none() {
        let (mut bytes, _) = sealed(1);
        bytes[7] = b'2';
        assert!(matches!(Segment::parse(&bytes, Path::new("x")), Err(SegmentError::Newer { .. })));
    }
}
