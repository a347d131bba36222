//! What the others may know of the spool: its size, what waits to be shipped, what
//! is kept after it.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, MutexGuard,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::sync::Notify;

/// Shared between the writer, the shipper and the closing of days.
#[derive(Default)]
pub struct State {
    bytes: AtomicU64,
    segments: Mutex<Segments>,
    sealed: Notify,
    /// The newest segment the bridge to Metrika has read.
    bridge: AtomicU64,
}

/// Segments by sequence.
#[derive(Default)]
struct Segments {
    pending: BTreeMap<u64, i64>,
    kept: BTreeMap<u64, Kept>,
}

/// A segment that ClickHouse has. Times in seconds since 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    pub created: i64,
    pub shipped: i64,
    pub bytes: u64,
}

impl State {
    /// Bytes in the spool's folder.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Segments not yet shipped.
    pub fn pending(&self) -> usize {
        self.lock().pending.len()
    }

    /// When the oldest segment was begun that still holds events, shipped or not: no
    /// day is closed over it.
    pub fn held_since(&self) -> Option<i64> {
        let segments = self.lock();
        let kept = segments.kept.values().map(|kept| kept.created);
        segments.pending.values().copied().chain(kept).min()
    }

    /// The oldest segment there is, shipped or not.
    pub fn oldest_sequence(&self) -> Option<u64> {
        let segments = self.lock();
        segments.pending.keys().chain(segments.kept.keys()).copied().min()
    }

    /// The oldest kept segment.
    pub fn oldest_kept(&self) -> Option<(u64, Kept)> {
        self.lock().kept.first_key_value().map(|(&sequence, &kept)| (sequence, kept))
    }

    /// A kept segment, if it is known.
    pub fn kept(&self, sequence: u64) -> Option<Kept> {
        self.lock().kept.get(&sequence).copied()
    }

    /// The bridge needs no segment up to this one any more.
    pub fn bridge_has(&self, sequence: u64) {
        self.bridge.fetch_max(sequence, Ordering::Relaxed);
    }

    /// The newest segment that the bridge has read.
    pub fn bridge_read(&self) -> u64 {
        self.bridge.load(Ordering::Relaxed)
    }

    /// Waits until a segment is sealed.
    pub async fn sealed(&self) {
        self.sealed.notified().await;
    }

    pub(super) fn grew(&self, bytes: u64) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(super) fn begun(&self, sequence: u64, created: i64) {
        self.lock().pending.insert(sequence, created);
    }

    pub(super) fn was_sealed(&self) {
        self.sealed.notify_one();
    }

    /// A segment has been shipped and is kept.
    pub fn keep(&self, sequence: u64, kept: Kept) {
        let mut segments = self.lock();
        segments.pending.remove(&sequence);
        segments.kept.insert(sequence, kept);
    }

    /// A segment that is sealed, whether new to us or doubted again.
    pub fn wait_for(&self, sequence: u64, created: i64) {
        let mut segments = self.lock();
        segments.kept.remove(&sequence);
        segments.pending.insert(sequence, created);
    }

    /// A segment is gone from the folder.
    pub fn gone(&self, sequence: u64, bytes: u64) {
        let mut segments = self.lock();
        segments.pending.remove(&sequence);
        segments.kept.remove(&sequence);
        let rest = self.bytes().saturating_sub(bytes);
        self.bytes.store(rest, Ordering::Relaxed);
    }

    fn lock(&self) -> MutexGuard<'_, Segments> {
        self.segments.lock().expect("nothing panics while the list is held")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_is_held_until_it_is_gone() {
        let state = State::default();
        state.grew(10);
        state.begun(1, 100);
        assert_eq!((state.pending(), state.held_since()), (1, Some(100)));
        state.keep(1, Kept { created: 100, shipped: 110, bytes: 10 });
        assert_eq!((state.pending(), state.held_since()), (0, Some(100)));
        state.gone(1, 10);
        assert_eq!((state.held_since(), state.bytes()), (None, 0));
    }

    #[test]
    fn a_doubted_segment_waits_again() {
        let state = State::default();
        state.keep(1, Kept { created: 100, shipped: 110, bytes: 10 });
        state.wait_for(1, 100);
        assert_eq!((state.pending(), state.oldest_kept()), (1, None));
    }
}
