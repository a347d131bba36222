//! Random tokens for cookies and the set-up link. The browser holds the token,
//! control.db only its hash, so a copy of the database opens nothing.

use std::fmt::Write as _;

/// Bytes of a token: 256 bits cannot be guessed, so a plain hash suffices to keep it.
const TOKEN_BYTES: usize = 32;

/// What a program's token begins with.
pub(crate) const API_PREFIX: &str = "mst_";

/// What control.db keeps of a token.
pub(crate) type TokenHash = [u8; 32];

/// A secret token. No `Debug`: it opens a session.
pub(crate) struct Token(String);

impl Token {
    pub(crate) fn random() -> Token {
        let mut bytes = [0; TOKEN_BYTES];
        fill_random(&mut bytes);
        Token(hex(&bytes))
    }

    /// One for a program. The prefix lets secret scanners find it where it does not belong.
    pub(crate) fn api() -> Token {
        let Token(random) = Token::random();
        Token(format!("{API_PREFIX}{random}"))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn hash(&self) -> TokenHash {
        hash(&self.0)
    }
}

/// The hash of a token as it came from outside, well formed or not.
pub(crate) fn hash(token: &str) -> TokenHash {
    blake3::derive_key("mostik dashboard token v1", token.as_bytes())
}

/// Bytes from the system's generator.
pub(crate) fn fill_random(bytes: &mut [u8]) {
    getrandom::fill(bytes).expect("Linux's getrandom(2) fails only before the machine has booted");
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a String cannot fail");
        text
    })
}
