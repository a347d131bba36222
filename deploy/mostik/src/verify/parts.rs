//! Compressed files of ClickHouse, made readable: without this a search of them is blind.
//!
//! ```text
//! block  = checksum, 16 bytes | method u8 | bytes with this header u32 | bytes raw u32 | data
//! method = 0x02 none, 0x82 LZ4, 0x90 ZSTD, 0x91 several: count u8 | methods | data of the last
//! ```

use std::io::Read;

const NONE: u8 = 0x02;
const LZ4: u8 = 0x82;
const ZSTD: u8 = 0x90;
const SEVERAL: u8 = 0x91;

const CHECKSUM_BYTES: usize = 16;
const HEADER_BYTES: usize = 9;

/// Largest block believed, in bytes, as ClickHouse has it (`DBMS_MAX_COMPRESSED_SIZE`).
const BLOCK_BYTES_MAX: usize = 0x4000_0000;

/// What the file's blocks hold, one after the other. A file that is not made of such blocks
/// gives what was readable of it.
pub fn decompressed(file: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = file;
    while let Some((block, after)) = next(rest) {
        match unpacked(block) {
            Some(raw) => out.extend_from_slice(&raw),
            None => return out,
        }
        rest = after;
    }
    out
}

/// One block without its checksum, and what follows it.
fn next(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let block = bytes.get(CHECKSUM_BYTES..)?;
    let length = u32::from_le_bytes(*block.get(1..5)?.first_chunk()?) as usize;
    (HEADER_BYTES..=block.len()).contains(&length).then(|| block.split_at(length))
}

fn unpacked(block: &[u8]) -> Option<Vec<u8>> {
    let (header, data) = block.split_at_checked(HEADER_BYTES)?;
    let raw = u32::from_le_bytes(*header[5..].first_chunk()?) as usize;
    if raw > BLOCK_BYTES_MAX {
        return None;
    }
    match header[0] {
        NONE => Some(data.to_vec()),
        LZ4 => lz4_flex::block::decompress(data, raw).ok(),
        ZSTD => {
            let mut out = Vec::with_capacity(raw);
            ruzstd::decoding::StreamingDecoder::new(data).ok()?.read_to_end(&mut out).ok()?;
            Some(out)
        }
        SEVERAL => {
            let methods = usize::from(*data.first()?);
            unpacked(data.get(1 + methods..)?)
        }
        // Delta, T64 and the like: numbers, with no text in them.
        _ => Some(data.to_vec()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(method: u8, data: &[u8], raw: usize) -> Vec<u8> {
        let mut block = vec![0; CHECKSUM_BYTES];
        block.push(method);
        block.extend_from_slice(&((data.len() + HEADER_BYTES) as u32).to_le_bytes());
        block.extend_from_slice(&(raw as u32).to_le_bytes());
        block.extend_from_slice(data);
        block
    }

    #[test]
    fn blocks_of_all_methods_are_read_one_after_the_other() {
        let text = b"a path, a path, a path, a path";
        let lz4 = lz4_flex::block::compress(text);
        let zstd = ruzstd::encoding::compress_to_vec(&text[..], ruzstd::encoding::CompressionLevel::Fastest);
        let inner = &block(ZSTD, &zstd, text.len())[CHECKSUM_BYTES..];
        let several = [&[2, 0x92, ZSTD][..], inner].concat();
        let file = [
            block(LZ4, &lz4, text.len()),
            block(NONE, text, text.len()),
            block(ZSTD, &zstd, text.len()),
            block(SEVERAL, &several, text.len()),
        ]
        .concat();
        assert_eq!(decompressed(&file), text.repeat(4));
    }

    #[test]
    fn any_bytes_are_read_without_a_panic() {
        for length in 0..200 {
            let bytes: Vec<u8> = (0..length).map(|n| (n * 37 % 251) as u8).collect();
            decompressed(&bytes);
        }
        assert_eq!(decompressed(b"columns format version: 1"), b"");
    }
}
