//! What is stored together: records as the bytes that will lie in the segment.

use store::event::HotEvent;

use super::record::{self, Entry};

/// Room for one event with a visit of ordinary length.
const USUAL_BYTES: usize = 512;

/// Records that are stored together or not at all.
pub struct Frames {
    pub(super) bytes: Vec<u8>,
    pub(super) records: u32,
    pub(super) events: u32,
}

impl Frames {
    pub fn new() -> Frames {
        Frames { bytes: Vec::with_capacity(USUAL_BYTES), records: 0, events: 0 }
    }

    /// Adds an event; `minute` is when it was accepted, in seconds since 1970-01-01.
    pub fn event(&mut self, event: &HotEvent, minute: u32) {
        record::put_event(&mut self.bytes, event, minute);
        self.records += 1;
        self.events += 1;
    }

    pub fn entry(&mut self, entry: &Entry) {
        entry.encode(&mut self.bytes);
        self.records += 1;
        self.events += u32::from(matches!(entry, Entry::Event(_)));
    }
}

impl Default for Frames {
    fn default() -> Self {
        Frames::new()
    }
}

impl<'a> FromIterator<&'a Entry> for Frames {
    fn from_iter<I: IntoIterator<Item = &'a Entry>>(entries: I) -> Self {
        let mut frames = Frames::new();
        entries.into_iter().for_each(|entry| frames.entry(entry));
        frames
    }
}
