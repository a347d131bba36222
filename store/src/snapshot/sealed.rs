//! Secrets within the settings: sealed by the dashboard, opened by the collector.
//!
//! The key comes from the secret both share, whose file is in no backup of `control.db`
//! and never in the snapshot; so neither the database, nor a backup of it, nor the
//! snapshot a collector keeps on its disk shows a token. ChaCha20-Poly1305 with a random
//! nonce; what a secret is for is authenticated with it.

use std::fmt::Write as _;

use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

/// Bytes of a nonce.
pub const NONCE_BYTES: usize = NONCE_LEN;

const CONTEXT: &str = "mostik 2026-11-25 sealed setting v1";

/// A token that was opened. No `Debug` and no `Display`: it is written into requests only.
#[derive(Clone, PartialEq, Eq)]
pub struct Opened(String);

impl Opened {
    pub fn new(text: String) -> Opened {
        Opened(text)
    }

    /// The secret itself. Never for a log, a metric or an error.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// The text cannot be opened: it was sealed under another secret, for another place, or
/// has been changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a sealed setting cannot be opened with this secret")]
pub struct CannotOpen;

/// Seals `plain` for `place`. `nonce` is random and never used twice.
pub fn seal(secret: &str, place: &str, plain: &str, nonce: [u8; NONCE_BYTES]) -> String {
    let mut bytes = plain.as_bytes().to_vec();
    key(secret)
        .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(place), &mut bytes)
        .expect("a setting is far shorter than the cipher's limit");
    hex(nonce.iter().chain(&bytes))
}

/// Opens what was sealed for `place`.
pub fn open(secret: &str, place: &str, sealed: &str) -> Result<Opened, CannotOpen> {
    let bytes = unhex(sealed).ok_or(CannotOpen)?;
    let (nonce, rest) = bytes.split_first_chunk().ok_or(CannotOpen)?;
    let mut rest = rest.to_vec();
    let plain = key(secret)
        .open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(place), &mut rest)
        .map_err(|_| CannotOpen)?;
    String::from_utf8(plain.to_vec()).map(Opened).map_err(|_| CannotOpen)
}

fn key(secret: &str) -> LessSafeKey {
    let bytes = blake3::derive_key(CONTEXT, secret.as_bytes());
    LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, &bytes).expect("the key has the cipher's length"))
}

fn hex<'a>(bytes: impl Iterator<Item = &'a u8>) -> String {
    bytes.fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a String takes every write");
        text
    })
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.is_ascii() {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "0123456789abcdef0123456789abcdef";

    #[test]
    fn what_was_sealed_is_opened_at_its_place_only() {
        let sealed = seal(SECRET, "site 1", "token-canary", [7; NONCE_LEN]);
        assert!(!sealed.contains("canary"));
        assert!(open(SECRET, "site 1", &sealed).is_ok_and(|opened| opened.expose() == "token-canary"));
        assert!(open(SECRET, "site 2", &sealed).is_err());
        assert!(open("another secret", "site 1", &sealed).is_err());
    }

    #[test]
    fn a_changed_or_short_text_is_not_opened() {
        let sealed = seal(SECRET, "site 1", "token", [7; NONCE_LEN]);
        let last = if sealed.ends_with('0') { '1' } else { '0' };
        let changed = format!("{}{last}", &sealed[..sealed.len() - 1]);
        for text in ["", "ab", "zz", "я", changed.as_str(), &sealed[2..]] {
            assert!(open(SECRET, "site 1", text).is_err(), "{text}");
        }
    }
}
