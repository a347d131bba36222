//! A sealed segment, read whole.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::record::{self, Entry, FRAME_BYTES, Next};

pub const MAGIC: &[u8; 8] = b"MSTKSPL1";

/// What a segment says of itself. It carries its own column list, so a segment
/// written before a schema change still ships.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Names the batch in ClickHouse: the node in the upper 16 bits, the sequence
    /// below. Never used twice.
    pub batch: u64,
    /// Seconds since 1970-01-01.
    pub created: i64,
    /// Columns of the event rows, with `seq` and `batch` last.
    pub columns: String,
}

/// A segment in memory.
#[derive(Debug)]
pub struct Segment {
    pub header: Header,
    pub entries: Vec<Entry>,
    /// Bytes after the last good record that are not one: 0 after a clean end.
    pub torn_bytes: usize,
}

#[derive(Debug, thiserror::Error)]
pub enum SegmentError {
    #[error("could not read the segment {path}")]
    Read { path: PathBuf, source: io::Error },
    #[error("{path} does not begin like a segment")]
    NotASegment { path: PathBuf },
    #[error("{path} is damaged {at} bytes after its start; {good} records before are whole")]
    Damaged { path: PathBuf, at: usize, good: usize },
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

impl Segment {
    pub fn read(path: &Path) -> Result<Segment, SegmentError> {
        let bytes = fs::read(path).map_err(|source| SegmentError::Read { path: path.to_owned(), source })?;
        Segment::parse(&bytes, path)
    }

    fn parse(bytes: &[u8], path: &Path) -> Result<Segment, SegmentError> {
        let alien = || SegmentError::NotASegment { path: path.to_owned() };
        let framed = bytes.strip_prefix(MAGIC).ok_or_else(alien)?;
        let header_bytes = record::unframe(framed).map_err(|_| alien())?;
        let header: Header = serde_json::from_slice(header_bytes).map_err(|_| alien())?;
        let mut at = MAGIC.len() + FRAME_BYTES + header_bytes.len();
        let mut entries = Vec::new();
        loop {
            match record::next(&bytes[at..]) {
                Next::Record(entry, length) => {
                    entries.push(entry);
                    at += length;
                }
                Next::End | Next::Torn => {
                    return Ok(Segment { header, entries, torn_bytes: bytes.len() - at });
                }
                Next::Damaged => {
                    return Err(SegmentError::Damaged { path: path.to_owned(), at, good: entries.len() });
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> Header {
        Header { batch: 1 << 48 | 7, created: 1_795_000_000, columns: store::event::COLUMNS.to_owned() }
    }

    #[test]
    fn a_header_survives_the_way_to_disk_and_back() {
        let segment = Segment::parse(&header().encode(), Path::new("x")).unwrap();
        assert_eq!(segment.header, header());
        assert!(segment.entries.is_empty());
    }

    #[test]
    fn an_empty_or_alien_file_is_not_a_segment() {
        for bytes in [&b""[..], b"MSTKSPL1", b"GIF89a.................."] {
            assert!(matches!(Segment::parse(bytes, Path::new("x")), Err(SegmentError::NotASegment { .. })));
        }
    }
}
