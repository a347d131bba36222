//! From the spool to the outbox, by a cursor of its own: segments in their order, each
//! once, whether ClickHouse has them yet or not.

use std::io;

use tracing::warn;

use super::{
    Bridge,
    outbox::{Outbox, OutboxError},
};
use crate::spool::{Directory, Entry, Segment, State, segment::SegmentError};

#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    #[error("could not look into the spool")]
    Folder(#[source] io::Error),
    #[error("could not read a segment of the spool")]
    Segment(#[source] SegmentError),
    #[error(transparent)]
    Outbox(#[from] OutboxError),
}

/// Takes what has been sealed since the last time.
pub fn take(
    directory: &Directory,
    spool: &State,
    bridge: &Bridge,
    outbox: &mut Outbox,
    now: i64,
) -> Result<(), IntakeError> {
    let cursor = outbox.cursor();
    let mut segments = directory.sealed().map_err(IntakeError::Folder)?;
    segments.extend(directory.kept().map_err(IntakeError::Folder)?);
    segments.retain(|&sequence| sequence > cursor);
    segments.sort_unstable();
    segments.dedup();
    // With every switch off a note is one of earlier settings: it would not be sent anyway.
    let is_off = bridge.switches.load().is_empty();
    for sequence in segments {
        if is_off {
            outbox.pass(sequence);
            spool.bridge_has(sequence);
            continue;
        }
        let Some(segment) = read(directory, sequence)? else { continue };
        let notes: Vec<_> = segment
            .records
            .into_iter()
            .filter_map(|record| match record.entry {
                Entry::Bridge(note) => Some(*note),
                Entry::Event(_) | Entry::Refusals(_) | Entry::Erased(_) => None,
            })
            .collect();
        if notes.is_empty() {
            outbox.pass(sequence);
            spool.bridge_has(sequence);
            continue;
        }
        let destinations = bridge.switches.load();
        outbox.take(sequence, &notes, &destinations, |cid| bridge.is_withdrawn(cid), now)?;
        spool.bridge_has(sequence);
    }
    Ok(())
}

/// The shipper may rename a segment while we look for it; one that is gone was let go for
/// want of room.
fn read(directory: &Directory, sequence: u64) -> Result<Option<Segment>, IntakeError> {
    for path in
        [directory.sealed_path(sequence), directory.kept_path(sequence), directory.sealed_path(sequence)]
    {
        match Segment::read(&path) {
            Ok(segment) => return Ok(Some(segment)),
            Err(SegmentError::Read { source, .. }) if source.kind() == io::ErrorKind::NotFound => {}
            // The shipper reports it and sets it aside.
            Err(SegmentError::NotASegment { .. }) => return Ok(None),
            Err(other @ (SegmentError::Read { .. } | SegmentError::Newer { .. })) => {
                return Err(IntakeError::Segment(other));
            }
        }
    }
    warn!(sequence, "a segment was let go before the bridge read it");
    Ok(None)
}
