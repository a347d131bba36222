//! A sealed file: chunks of ChaCha20-Poly1305 under a key that only this file has, made from
//! its month's key. Cut, reordered, lengthened or changed, it does not open.
//!
//! ```text
//! file  = "MSTKBAK1" | salt, 32 bytes | chunk* | last chunk
//! chunk = sealed bytes u32 LE | sealed
//! nonce = chunk's number, 11 bytes BE | 1 for the last, else 0       (the STREAM construction)
//! key   = blake3::derive_key("mostik 2026-11-25 backup v1", month's key | salt)
//! ```

use std::io::{self, Read, Write};

use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

const MAGIC: &[u8; 8] = b"MSTKBAK1";
const CONTEXT: &str = "mostik 2026-11-25 backup v1";

/// Plain bytes in a chunk, at most.
const CHUNK_BYTES: usize = 64 << 10;

/// A month's key. No `Debug`.
pub struct MonthKey(pub(super) [u8; 32]);

/// Seals what is written to it; ends with [`Sealer::finish`].
pub struct Sealer<W: Write> {
    out: W,
    key: LessSafeKey,
    number: u64,
    waiting: Vec<u8>,
}

impl<W: Write> Sealer<W> {
    pub fn new(mut out: W, month: &MonthKey) -> io::Result<Sealer<W>> {
        let mut salt = [0; 32];
        getrandom::fill(&mut salt).map_err(io::Error::other)?;
        out.write_all(MAGIC)?;
        out.write_all(&salt)?;
        Ok(Sealer { out, key: file_key(month, &salt), number: 0, waiting: Vec::new() })
    }

    /// Seals the last chunk. Without it the file does not open.
    pub fn finish(mut self) -> io::Result<W> {
        self.seal(true)?;
        self.out.flush()?;
        Ok(self.out)
    }

    fn seal(&mut self, last: bool) -> io::Result<()> {
        let mut chunk = std::mem::take(&mut self.waiting);
        self.key
            .seal_in_place_append_tag(nonce(self.number, last), Aad::empty(), &mut chunk)
            .map_err(|_| io::Error::other("a chunk could not be sealed"))?;
        self.number += 1;
        let bytes = u32::try_from(chunk.len()).expect("a chunk is 64 KiB and a tag");
        self.out.write_all(&bytes.to_le_bytes())?;
        self.out.write_all(&chunk)
    }
}

impl<W: Write> Write for Sealer<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.waiting.len() == CHUNK_BYTES {
            self.seal(false)?;
        }
        let taken = bytes.len().min(CHUNK_BYTES - self.waiting.len());
        self.waiting.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Opens a sealed file chunk by chunk. Nothing of a chunk is given before it is proven.
pub struct Opener<R: Read> {
    input: R,
    key: LessSafeKey,
    number: u64,
    ended: bool,
}

impl<R: Read> Opener<R> {
    pub fn new(mut input: R, month: &MonthKey) -> io::Result<Opener<R>> {
        let (mut magic, mut salt) = ([0; 8], [0; 32]);
        input.read_exact(&mut magic)?;
        input.read_exact(&mut salt)?;
        if &magic != MAGIC {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "not a sealed backup"));
        }
        Ok(Opener { input, key: file_key(month, &salt), number: 0, ended: false })
    }

    /// The next chunk; `None` after the last.
    pub fn chunk(&mut self) -> io::Result<Option<Vec<u8>>> {
        if self.ended {
            return Ok(None);
        }
        let mut length = [0; 4];
        self.input.read_exact(&mut length)?;
        let length = u32::from_le_bytes(length) as usize;
        if length > CHUNK_BYTES + CHACHA20_POLY1305.tag_len() {
            return Err(broken());
        }
        let mut sealed = vec![0; length];
        self.input.read_exact(&mut sealed)?;
        for last in [false, true] {
            let mut chunk = sealed.clone();
            if let Ok(plain) = self.key.open_in_place(nonce(self.number, last), Aad::empty(), &mut chunk) {
                let plain = plain.to_vec();
                self.number += 1;
                self.ended = last;
                if last && self.input.read(&mut [0])? != 0 {
                    return Err(broken());
                }
                return Ok(Some(plain));
            }
        }
        Err(broken())
    }
}

fn file_key(month: &MonthKey, salt: &[u8; 32]) -> LessSafeKey {
    let key = blake3::derive_key(CONTEXT, &[month.0.as_slice(), salt].concat());
    LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, &key).expect("the key has the cipher's length"))
}

fn nonce(number: u64, last: bool) -> Nonce {
    let mut bytes = [0; NONCE_LEN];
    bytes[3..11].copy_from_slice(&number.to_be_bytes());
    bytes[11] = u8::from(last);
    Nonce::assume_unique_for_key(bytes)
}

fn broken() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        "a sealed backup is damaged, cut short or sealed by another key",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: MonthKey = MonthKey([7; 32]);

    fn sealed(plain: &[u8]) -> Vec<u8> {
        let mut sealer = Sealer::new(Vec::new(), &KEY).unwrap();
        sealer.write_all(plain).unwrap();
        sealer.finish().unwrap()
    }

    fn opened(file: &[u8], key: &MonthKey) -> io::Result<Vec<u8>> {
        let mut opener = Opener::new(file, key)?;
        let mut plain = Vec::new();
        while let Some(chunk) = opener.chunk()? {
            plain.extend_from_slice(&chunk);
        }
        Ok(plain)
    }

    #[test]
    fn what_was_sealed_opens_with_its_key_and_no_other() {
        for length in [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES] {
            let plain: Vec<u8> = (0..length).map(|n| (n % 251) as u8).collect();
            let file = sealed(&plain);
            assert_eq!(opened(&file, &KEY).unwrap(), plain, "{length}");
            assert!(opened(&file, &MonthKey([8; 32])).is_err(), "{length}");
        }
    }

    #[test]
    fn a_file_that_is_cut_changed_reordered_or_lengthened_does_not_open() {
        let file = sealed(&vec![1; 2 * CHUNK_BYTES]);
        let chunk = 4 + CHUNK_BYTES + 16;
        let (head, chunks) = file.split_at(40);
        let cut = &file[..40 + chunk];
        let mut changed = file.clone();
        changed[100] ^= 1;
        let reordered = [head, &chunks[chunk..], &chunks[..chunk]].concat();
        let lengthened = [&file[..], &chunks[..chunk]].concat();
        for (name, bad) in
            [("cut", cut), ("changed", &changed), ("reordered", &reordered), ("lengthened", &lengthened)]
        {
            assert!(opened(bad, &KEY).is_err(), "{name}");
        }
    }
}
