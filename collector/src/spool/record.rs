//! Records of a segment: their bytes, and how damage is told from a torn tail.

use store::event::{DayNumber, HotEvent};

use crate::bridge::note::Note;

/// Length and checksum before each payload, in bytes.
pub const FRAME_BYTES: usize = 8;

/// Largest payload believed, in bytes: an event at all its limits is below 80 KiB.
/// More means the length itself is damaged.
pub const PAYLOAD_BYTES_MAX: usize = 256 * 1024;

const TAG_EVENT: u8 = 1;
const TAG_REFUSALS: u8 = 2;
const TAG_SEAL: u8 = 3;
const TAG_ERASED: u8 = 4;
const TAG_BRIDGE: u8 = 5;

/// What the hot path hands to the spool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    Event(SpooledEvent),
    Refusals(RefusalCount),
    Erased(ErasedEvent),
    /// For the bridge to Metrika; the shipper passes it over.
    Bridge(Box<Note>),
}

/// An event whose row is finished.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpooledEvent {
    pub site_id: u32,
    pub day: DayNumber,
    /// When it was accepted, in seconds since 1970-01-01, cut to the minute.
    pub minute: u32,
    /// RowBinary without `seq` and `batch`.
    pub row: Vec<u8>,
}

/// What is left of an event that was erased: that it was counted, and how long it was, so
/// that its neighbours keep their places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErasedEvent {
    pub site_id: u32,
    pub day: DayNumber,
    pub minute: u32,
    /// Which erasure took it.
    pub erasure: u64,
    /// Bytes the row had; at least those of `erasure`, which stands there now.
    pub row_bytes: usize,
}

/// Events refused for one reason in one minute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusalCount {
    /// 0: no site of ours was named.
    pub site_id: u32,
    pub minute: u32,
    pub n: u32,
    pub reason: String,
}

/// The last record of a segment that was sealed in order: what it should hold, so
/// that a loss is known to the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Seal {
    /// Records before the seal.
    pub records: u32,
    /// Events among them.
    pub events: u32,
}

/// What follows at some place of a segment.
#[derive(Debug, PartialEq, Eq)]
pub enum Next {
    /// A whole record and its length with the frame.
    Record(Entry, usize),
    /// The seal and its length with the frame.
    Sealed(Seal, usize),
    /// The file ends here, cleanly.
    End,
    /// The file ends inside a record: the write was cut short and nobody was
    /// answered for it.
    Torn,
    /// A whole record whose checksum or content is wrong.
    Damaged,
}

impl Entry {
    /// Appends frame and payload.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let start = out.len();
        out.extend_from_slice(&[0; FRAME_BYTES]);
        match self {
            Entry::Event(event) => {
                head(event.site_id, event.day, event.minute, out);
                out.extend_from_slice(&event.row);
            }
            Entry::Refusals(count) => {
                out.push(TAG_REFUSALS);
                out.extend_from_slice(&count.site_id.to_le_bytes());
                out.extend_from_slice(&count.minute.to_le_bytes());
                out.extend_from_slice(&count.n.to_le_bytes());
                out.extend_from_slice(count.reason.as_bytes());
            }
            Entry::Erased(event) => {
                out.push(TAG_ERASED);
                out.extend_from_slice(&event.site_id.to_le_bytes());
                out.extend_from_slice(&event.day.to_le_bytes());
                out.extend_from_slice(&event.minute.to_le_bytes());
                out.extend_from_slice(&event.erasure.to_le_bytes());
                out.resize(out.len() + event.row_bytes.saturating_sub(size_of::<u64>()), 0);
            }
            Entry::Bridge(note) => {
                out.push(TAG_BRIDGE);
                out.extend_from_slice(&note.site_id.to_le_bytes());
                note.encode(out);
            }
        }
        frame(out, start);
    }
}

/// Appends an event whose row is encoded in place, without a copy of it.
pub fn put_event(out: &mut Vec<u8>, event: &HotEvent, minute: u32) {
    let start = out.len();
    out.extend_from_slice(&[0; FRAME_BYTES]);
    head(event.site_id, event.day, minute, out);
    event.encode(out);
    frame(out, start);
}

fn head(site_id: u32, day: DayNumber, minute: u32, out: &mut Vec<u8>) {
    out.push(TAG_EVENT);
    out.extend_from_slice(&site_id.to_le_bytes());
    out.extend_from_slice(&day.to_le_bytes());
    out.extend_from_slice(&minute.to_le_bytes());
}

impl Seal {
    /// Appends frame and payload.
    pub fn encode(self, out: &mut Vec<u8>) {
        let start = out.len();
        out.extend_from_slice(&[0; FRAME_BYTES]);
        out.push(TAG_SEAL);
        out.extend_from_slice(&self.records.to_le_bytes());
        out.extend_from_slice(&self.events.to_le_bytes());
        frame(out, start);
    }
}

/// Fills in length and checksum of the payload that begins after `start`'s frame.
pub(super) fn frame(out: &mut [u8], start: usize) {
    let payload = &out[start + FRAME_BYTES..];
    let length = u32::try_from(payload.len()).expect("a payload is far below 4 GiB");
    let crc = crc32fast::hash(payload);
    out[start..start + 4].copy_from_slice(&length.to_le_bytes());
    out[start + 4..start + 8].copy_from_slice(&crc.to_le_bytes());
}

/// The payload of the frame at the start of `bytes`, checked.
pub(super) fn unframe(bytes: &[u8]) -> Result<&[u8], Next> {
    if bytes.is_empty() {
        return Err(Next::End);
    }
    let Some((frame, rest)) = bytes.split_first_chunk::<FRAME_BYTES>() else { return Err(Next::Torn) };
    let [l0, l1, l2, l3, c0, c1, c2, c3] = *frame;
    let length = u32::from_le_bytes([l0, l1, l2, l3]) as usize;
    if length > PAYLOAD_BYTES_MAX {
        return Err(Next::Damaged);
    }
    let Some(payload) = rest.get(..length) else { return Err(Next::Torn) };
    if crc32fast::hash(payload) != u32::from_le_bytes([c0, c1, c2, c3]) {
        return Err(Next::Damaged);
    }
    Ok(payload)
}

/// Reads the record at the start of `bytes`.
pub fn next(bytes: &[u8]) -> Next {
    match unframe(bytes) {
        Ok(payload) => match (decode_seal(payload), decode(payload)) {
            (Some(seal), _) => Next::Sealed(seal, FRAME_BYTES + payload.len()),
            (None, Some(entry)) => Next::Record(entry, FRAME_BYTES + payload.len()),
            (None, None) => Next::Damaged,
        },
        Err(other) => other,
    }
}

/// Where the next whole record begins after the one at `bytes[at]` turned out not to
/// be one. The damaged record's own length is tried first; where that leads nowhere
/// the length itself is damaged, and every later place is.
pub fn find_next(bytes: &[u8], at: usize) -> Option<usize> {
    let whole = |place: &usize| {
        bytes.get(*place..).is_some_and(|rest| matches!(next(rest), Next::Record(..) | Next::Sealed(..)))
    };
    let stated = bytes[at..]
        .first_chunk()
        .map(|length| at.saturating_add(FRAME_BYTES).saturating_add(u32::from_le_bytes(*length) as usize));
    stated.filter(whole).or_else(|| (at + 1..bytes.len()).find(whole))
}

fn decode_seal(payload: &[u8]) -> Option<Seal> {
    let (&tag, rest) = payload.split_first()?;
    let (records, events) = rest.split_first_chunk()?;
    (tag == TAG_SEAL).then_some(Seal {
        records: u32::from_le_bytes(*records),
        events: u32::from_le_bytes(events.try_into().ok()?),
    })
}

fn decode(payload: &[u8]) -> Option<Entry> {
    let (&tag, rest) = payload.split_first()?;
    let (site, rest) = rest.split_first_chunk()?;
    let site_id = u32::from_le_bytes(*site);
    match tag {
        TAG_EVENT => {
            let (day, rest) = rest.split_first_chunk()?;
            let (minute, row) = rest.split_first_chunk()?;
            Some(Entry::Event(SpooledEvent {
                site_id,
                day: DayNumber::from_le_bytes(*day),
                minute: u32::from_le_bytes(*minute),
                row: row.to_vec(),
            }))
        }
        TAG_ERASED => {
            let (day, rest) = rest.split_first_chunk()?;
            let (minute, rest) = rest.split_first_chunk()?;
            let (erasure, _) = rest.split_first_chunk()?;
            Some(Entry::Erased(ErasedEvent {
                site_id,
                day: DayNumber::from_le_bytes(*day),
                minute: u32::from_le_bytes(*minute),
                erasure: u64::from_le_bytes(*erasure),
                row_bytes: rest.len(),
            }))
        }
        TAG_REFUSALS => {
            let (minute, rest) = rest.split_first_chunk()?;
            let (n, reason) = rest.split_first_chunk()?;
            Some(Entry::Refusals(RefusalCount {
                site_id,
                minute: u32::from_le_bytes(*minute),
                n: u32::from_le_bytes(*n),
                reason: String::from_utf8(reason.to_vec()).ok()?,
            }))
        }
        TAG_BRIDGE => Note::decode(rest)
            .filter(|note| note.site_id == site_id)
            .map(|note| Entry::Bridge(Box::new(note))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::bridge::note::What;

    fn entries() -> impl Strategy<Value = Entry> {
        prop_oneof![
            (any::<u32>(), any::<u16>(), any::<u32>(), proptest::collection::vec(any::<u8>(), 0..300))
                .prop_map(|(site_id, day, minute, row)| Entry::Event(SpooledEvent {
                    site_id,
                    day,
                    minute,
                    row
                })),
            (any::<u32>(), any::<u32>(), any::<u32>(), "[a-z_]{1,20}").prop_map(
                |(site_id, minute, n, reason)| {
                    Entry::Refusals(RefusalCount { site_id, minute, n, reason })
                }
            ),
            (any::<u32>(), any::<u16>(), any::<u32>(), any::<u64>(), 8_usize..300).prop_map(
                |(site_id, day, minute, erasure, row_bytes)| {
                    Entry::Erased(ErasedEvent { site_id, day, minute, erasure, row_bytes })
                }
            ),
            (any::<u32>(), any::<u32>(), any::<u64>(), any::<u64>()).prop_map(
                |(site_id, at, epoch, visit)| {
                    Entry::Bridge(Box::new(Note { site_id, at, epoch, what: What::Withdrawn { visit } }))
                }
            ),
        ]
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(entry in entries()) {
            let mut bytes = Vec::new();
            entry.encode(&mut bytes);
            prop_assert_eq!(next(&bytes), Next::Record(entry, bytes.len()));
        }

        #[test]
        fn a_record_cut_short_is_torn(entry in entries(), cut in any::<prop::sample::Index>()) {
            let mut bytes = Vec::new();
            entry.encode(&mut bytes);
            let cut = cut.index(bytes.len());
            let want = if cut == 0 { Next::End } else { Next::Torn };
            prop_assert_eq!(next(&bytes[..cut]), want);
        }

        #[test]
        fn a_changed_payload_is_damaged(entry in entries(), place in any::<prop::sample::Index>(), bit in 0_u8..8) {
            let mut bytes = Vec::new();
            entry.encode(&mut bytes);
            let place = FRAME_BYTES + place.index(bytes.len() - FRAME_BYTES);
            bytes[place] ^= 1 << bit;
            prop_assert_eq!(next(&bytes), Next::Damaged);
        }

        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = next(&bytes);
        }
    }
}
