//! Who has opted out on `/privacy/me`, in the same memory as the keys and for as long: the
//! collector's death does not end an objection, and no disk learns of one.
//!
//! An entry is a number that only the day's key can tie to anybody, and is gone with it.

use std::sync::atomic::{AtomicU64, Ordering};

use super::{SLOT_WORDS, Vault};
use crate::visit::VisitorKey;

/// Groups that have opted out, at most, over all sites and days that are not over. Beyond it
/// opting out is answered with "try later".
pub const OBJECTIONS_MAX: usize = 16_384;

/// Words of an entry: site, day and state 1, visitor 1, end 1; the last is free.
const ENTRY_WORDS: usize = 4;
pub(super) const TABLE_BYTES: usize = OBJECTIONS_MAX * ENTRY_WORDS * size_of::<u64>();

const STATE: usize = 0;
const VISITOR: usize = 1;
const END: usize = 2;

/// Beside site and day, in the word that says whether an entry is used.
const HELD: u64 = 1 << 63;

impl Vault {
    /// Every group that has opted out, and where it stands.
    pub fn objected(&self) -> Vec<(VisitorKey, usize)> {
        (0..OBJECTIONS_MAX).filter_map(|place| Some((self.group(place)?, place))).collect()
    }

    /// Puts a group into a free place: none is free where it returns nothing. `end`: when the
    /// day's key must be gone, in seconds since 1970-01-01. The caller sees to it that no other
    /// thread puts one.
    pub fn object(&self, group: VisitorKey, end: i64) -> Option<usize> {
        let place = (0..OBJECTIONS_MAX).find(|&place| self.at(place)[STATE].load(Ordering::Relaxed) == 0)?;
        let words = self.at(place);
        words[VISITOR].store(group.visitor, Ordering::Relaxed);
        words[END].store(end.max(0).unsigned_abs(), Ordering::Relaxed);
        // Last: an entry that a kill left half filled counts as free.
        let state = HELD | u64::from(group.day) << 32 | u64::from(group.site_id);
        words[STATE].store(state, Ordering::Release);
        Some(place)
    }

    /// Overwrites a group's entry with zeros, unless the place is another's by now: the
    /// launcher ends what is over as well.
    pub fn withdraw(&self, place: usize, group: VisitorKey) {
        if self.group(place) == Some(group) {
            self.free(place);
        }
    }

    fn free(&self, place: usize) {
        let words = self.at(place);
        for word in &words[VISITOR..] {
            word.store(0, Ordering::Relaxed);
        }
        // The state goes last, so that nobody fills the place meanwhile.
        words[STATE].store(0, Ordering::Release);
    }

    /// The same for every entry whose day is over.
    pub(super) fn withdraw_over(&self, now: u64) {
        for place in 0..OBJECTIONS_MAX {
            let words = self.at(place);
            if words[STATE].load(Ordering::Acquire) != 0 && words[END].load(Ordering::Relaxed) <= now {
                self.free(place);
            }
        }
    }

    fn group(&self, place: usize) -> Option<VisitorKey> {
        let words = self.at(place);
        let state = words[STATE].load(Ordering::Acquire);
        (state & HELD != 0).then(|| VisitorKey {
            site_id: state as u32,
            day: (state >> 32) as u16,
            visitor: words[VISITOR].load(Ordering::Relaxed),
        })
    }

    fn at(&self, place: usize) -> &[AtomicU64; ENTRY_WORDS] {
        self.entry(self.len * SLOT_WORDS + place * ENTRY_WORDS)
    }
}
