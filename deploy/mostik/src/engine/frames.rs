//! Follows the structure of LZ4 frames (LZ4 Frame Format 1.6.4), to know at the end of
//! a body whether its last frame was closed: `lz4_flex` takes a body that ends
//! between two blocks for a whole one, and an INSERT would store half of its rows.

/// Where in a frame the bytes seen so far end.
#[derive(Debug)]
pub(super) struct Frames {
    part: Part,
    /// Bytes of the current part still to come.
    left: u64,
    /// The bytes of the current part that matter, first to last.
    seen: Vec<u8>,
    flags: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// Magic number, flags and block descriptor; nothing of it seen means a closed end.
    Head,
    /// What of the header depends on the flags.
    HeadRest,
    BlockSize,
    Block,
    ContentChecksum,
}

const HEAD_BYTES: u64 = 6;
const FLAG_DICTIONARY_ID: u8 = 1;
const FLAG_CONTENT_CHECKSUM: u8 = 1 << 2;
const FLAG_CONTENT_SIZE: u8 = 1 << 3;
const FLAG_BLOCK_CHECKSUM: u8 = 1 << 4;
/// Marks a block that is stored as it is.
const BLOCK_UNCOMPRESSED: u32 = 1 << 31;

impl Frames {
    pub(super) fn new() -> Frames {
        Frames { part: Part::Head, left: HEAD_BYTES, seen: Vec::new(), flags: 0 }
    }

    /// Takes the next bytes of the body.
    pub(super) fn pass(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let length = usize::try_from(self.left).unwrap_or(usize::MAX).min(bytes.len());
            let (these, rest) = bytes.split_at(length);
            if matches!(self.part, Part::Head | Part::BlockSize) {
                self.seen.extend_from_slice(these);
            }
            self.left -= length as u64;
            bytes = rest;
            if self.left == 0 {
                self.next_part();
            }
        }
    }

    /// Whether the body may end here.
    pub(super) fn are_closed(&self) -> bool {
        self.part == Part::Head && self.seen.is_empty()
    }

    fn next_part(&mut self) {
        let has = |flags: u8, flag: u8, bytes: u64| if flags & flag == 0 { 0 } else { bytes };
        let seen = std::mem::take(&mut self.seen);
        (self.part, self.left) = match self.part {
            Part::Head => {
                self.flags = seen[4];
                let optional = has(self.flags, FLAG_CONTENT_SIZE, 8) + has(self.flags, FLAG_DICTIONARY_ID, 4);
                (Part::HeadRest, optional + 1)
            }
            Part::BlockSize => match u32::from_le_bytes([seen[0], seen[1], seen[2], seen[3]]) {
                0 if self.flags & FLAG_CONTENT_CHECKSUM != 0 => (Part::ContentChecksum, 4),
                0 => (Part::Head, HEAD_BYTES),
                size => {
                    let data = u64::from(size & !BLOCK_UNCOMPRESSED);
                    (Part::Block, data + has(self.flags, FLAG_BLOCK_CHECKSUM, 4))
                }
            },
            Part::HeadRest | Part::Block => (Part::BlockSize, 4),
            Part::ContentChecksum => (Part::Head, HEAD_BYTES),
        };
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use lz4_flex::frame::{BlockMode, FrameEncoder, FrameInfo};

    use super::*;

    fn frame(info: FrameInfo, length: usize) -> Vec<u8> {
        let mut encoder = FrameEncoder::with_frame_info(info, Vec::new());
        encoder.write_all(&vec![0; length]).unwrap();
        encoder.finish().unwrap()
    }

    /// Closed after the whole body, and at no place before it.
    fn check(body: &[u8]) {
        for end in 1..=body.len() {
            let mut frames = Frames::new();
            for piece in body[..end].chunks(7) {
                frames.pass(piece);
            }
            assert_eq!(frames.are_closed(), end == body.len(), "{end} of {}", body.len());
        }
    }

    #[test]
    fn a_frame_is_closed_at_its_end_and_nowhere_before() {
        check(&frame(FrameInfo::new(), 200_000));
        check(&frame(FrameInfo::new().block_checksums(true).content_checksum(true), 200_000));
        check(&frame(FrameInfo::new().content_size(Some(1000)), 1000));
        check(&frame(FrameInfo::new().block_mode(BlockMode::Linked), 200_000));
    }

    #[test]
    fn frames_may_follow_each_other() {
        let body =
            [frame(FrameInfo::new(), 1000), frame(FrameInfo::new().content_checksum(true), 1000)].concat();
        let mut frames = Frames::new();
        frames.pass(&body[..body.len() - 1]);
        assert!(!frames.are_closed());
        frames.pass(&body[body.len() - 1..]);
        assert!(frames.are_closed());
    }
}
