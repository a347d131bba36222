//! The spool: what makes an answer of 2xx a promise.
//!
//! Events are appended to a segment file and fsynced before they are answered; one
//! fsync serves everybody who waits. A sealed segment is never written again; the
//! shipper turns it into INSERTs, keeps it for a while when ClickHouse has it, and then
//! removes it.
//!
//! Limits: a segment holds at most [`writer::SEGMENT_BYTES_MAX`] and
//! [`writer::SEGMENT_EVENTS_MAX`] events, and is sealed after
//! [`writer::SEGMENT_AGE_MAX`]. The queue holds [`writer::QUEUE_ENTRIES_MAX`]
//! entries, the spool as a whole what the configuration says. Every record carries
//! a CRC-32.
//!
//! ```text
//! segment = "MSTKSPL1" | len u32 LE | crc u32 LE | header (JSON) | record* | seal
//! record  = len u32 LE | crc u32 LE | payload
//! payload = 1 | site u32 | day u16 | minute u32 | RowBinary without seq and batch    (an event)
//!         | 2 | site u32 | minute u32 | n u32 | reason                               (refusals)
//!         | 4 | site u32 | day u16 | minute u32 | erasure u64 | zeros              (an erased event)
//!         | 5 | site u32 | JSON of a note                                            (for the bridge)
//! seal    = record with payload 3 | records u32 | events u32
//! name    = <sequence, 16 hex digits>.open while written, .seg when sealed, .kept
//!           when ClickHouse has it, .damaged: bytes set aside
//! ```

pub mod blank;
pub mod budget;
pub mod dead;
pub mod directory;
pub mod frames;
pub mod record;
pub mod segment;
pub mod state;
pub mod writer;

pub use budget::Budget;
pub use directory::Directory;
pub use frames::Frames;
pub use record::{Entry, ErasedEvent, RefusalCount, SpooledEvent};
pub use segment::{Header, Placed, Segment};
pub use state::State;
pub use writer::{PushError, Receipt, Spool};
