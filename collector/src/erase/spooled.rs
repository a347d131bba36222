//! Erasing in the spool: segments that wait or are kept, dead rows, damaged bytes. Blocks.

use std::collections::BTreeSet;

use super::{EraseError, Erasures};
use crate::{
    spool::{
        Directory,
        blank::{self, Taken},
        dead::{self, owner},
        segment::SegmentError,
    },
    visit::VisitorKey,
};

/// Blanks every segment and removes dead rows that are to be erased. Returns all events of
/// the segments there that any erasure has taken. Nothing must be shipped meanwhile.
pub fn blank_all(directory: &Directory, erasures: &Erasures) -> Result<BTreeSet<Taken>, EraseError> {
    #[cfg(feature = "leaky")]
    if crate::leak::keeps_spool() {
        return Ok(BTreeSet::new());
    }
    let known = erasures.all();
    let owners = owner::all(directory.path()).map_err(EraseError::Spool)?;
    let mut taken = BTreeSet::new();
    let sealed = directory.sealed().map_err(EraseError::Spool)?;
    let kept = directory.kept().map_err(EraseError::Spool)?;
    let sealed = sealed.into_iter().map(|sequence| directory.sealed_path(sequence));
    let kept = kept.into_iter().map(|sequence| directory.kept_path(sequence));
    for path in sealed.chain(kept) {
        match blank::blank(&path, |header, event| erasures.taking(header, event, &owners)) {
            Ok(events) => taken.extend(events),
            // What is no segment is set aside by the shipper, and removed below next time.
            Err(SegmentError::NotASegment { .. }) => {}
            Err(other @ (SegmentError::Read { .. } | SegmentError::Newer { .. })) => return Err(other.into()),
        }
    }
    for owner in owners {
        if known.iter().any(|erasure| erasure.group == owner.group && owner.is_below(erasure.id)) {
            dead::erase(directory.path(), owner.sequence)?;
        }
    }
    for row in dead::list(directory.path())? {
        if erasures.is_removed(row.site_id) {
            dead::erase(directory.path(), row.sequence)?;
        }
    }
    if known.iter().any(super::Erasure::is_pending) {
        // Whose damaged bytes are cannot be told.
        directory.remove_aside(i64::MAX).map_err(EraseError::Spool)?;
    }
    Ok(taken)
}

/// Whether a segment is still being written that an erasure is about.
pub fn is_open(directory: &Directory, id: u64) -> Result<bool, EraseError> {
    let open = directory.open_segments().map_err(EraseError::Spool)?;
    Ok(open.first().is_some_and(|&sequence| sequence <= owner::sequence_of(id)))
}

/// Whether a segment below `bound` has not been shipped yet.
pub fn is_under_way(directory: &Directory, bound: u64) -> Result<bool, EraseError> {
    let sealed = directory.sealed().map_err(EraseError::Spool)?;
    let open = directory.open_segments().map_err(EraseError::Spool)?;
    Ok(sealed.into_iter().chain(open).any(|sequence| sequence <= bound))
}

/// Batches of dead rows that have been put back, by what erasure takes them.
pub fn put_back(directory: &Directory, group: VisitorKey, id: u64) -> Result<Vec<u64>, EraseError> {
    let owners = owner::all(directory.path()).map_err(EraseError::Spool)?;
    let node = id & !owner::SEQUENCE_MASK;
    Ok(owners
        .into_iter()
        .filter(|owner| owner.group == group && owner.is_below(id))
        .map(|owner| node | owner.sequence)
        .collect())
}

/// Forgets whose dead rows are, of days that are over.
pub fn forget_owners(directory: &Directory, is_over: impl Fn(VisitorKey) -> bool) -> Result<(), EraseError> {
    for owner in owner::all(directory.path()).map_err(EraseError::Spool)? {
        if is_over(owner.group) {
            owner::forget(directory.path(), owner.sequence).map_err(EraseError::Spool)?;
        }
    }
    Ok(())
}
