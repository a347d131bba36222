//! Erasing: what a visitor asks for on `/privacy/me` is done here, physically and in
//! bounded time.
//!
//! ```text
//! asked ──► counted ──► removed ──► gone ──► a receipt
//!   │          │           │          └ no part on the disk holds the rows any more
//!   │          │           └ spool blanked, rows deleted from ClickHouse
//!   │          └ how many they are, for the balance
//!   └ on stable storage, before it is answered
//! ```
//!
//! An erasure names one visitor of one site and day, and a bound: every batch up to it. All
//! that was accepted before the wish lies below; what comes after does not. The log is kept
//! until the day's rows are gone, and whatever ships a segment asks it first: no replay, no
//! kept segment and no dead row that is put back can bring an erased row in again.
//!
//! No day is closed while an erasure of it is under way: afterwards nobody could tell
//! whose the rows were.

mod log;
mod receipts;
mod removal;
mod run;
mod sites;
mod spooled;
mod tables;

pub use log::{Erasure, Erasures, Stage};
pub use receipts::{Matter, Receipt, Receipts, Verdict, check, hour};
pub use removal::Removals;
pub use run::Eraser;

/// Why an erasure did not get on. Time helps against each; the wish is on the disk.
#[derive(Debug, thiserror::Error)]
pub enum EraseError {
    #[error("could not work on the log of erasures")]
    Log(#[source] std::io::Error),
    #[error("{ERASURES_MAX} erasures are under way")]
    TooMany,
    #[error("ClickHouse did not answer in time")]
    TooSlow,
    #[error("could not work in the spool folder")]
    Spool(#[source] std::io::Error),
    #[error("a segment cannot be blanked")]
    Segment(#[from] crate::spool::segment::SegmentError),
    #[error("a dead row cannot be erased")]
    Dead(#[from] crate::spool::dead::DeadError),
    #[error(transparent)]
    Store(#[from] store::StoreError),
}

/// Erasures known at once, at most: a day's. Each is 60 bytes on the disk and a term of a
/// condition in SQL.
pub const ERASURES_MAX: usize = 2_000;
