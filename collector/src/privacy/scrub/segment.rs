//! One segment of a path, or one value: patterns out, placeholders in.

use std::{borrow::Cow, net::Ipv6Addr, sync::LazyLock};

use regex::{Captures, Regex};

use super::{digits, token};

/// A cheap test keeps most patterns from running on most segments.
struct Patterns {
    email: Regex,
    uuid: Regex,
    word: Regex,
    jwt: Regex,
    ipv6: Regex,
    ipv4: Regex,
    hex: Regex,
}

static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| {
    let pattern = |source| Regex::new(source).expect("a constant, compiled by every test here");
    Patterns {
        // Anything up to the `@`: what stands before it is about the person too.
        email: pattern(r"[^\s/@;,<>()\x22]+@[\p{L}\p{N}_-]+(?:\.[\p{L}\p{N}_-]+)*\.[\p{L}][\p{L}\p{N}-]+\.?"),
        uuid: pattern(
            r"[0-9a-fA-F]{8}[-_][0-9a-fA-F]{4}[-_][0-9a-fA-F]{4}[-_][0-9a-fA-F]{4}[-_][0-9a-fA-F]{12}",
        ),
        word: pattern(r"[0-9A-Za-z]{26,}"),
        jwt: pattern(r"eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)*"),
        ipv6: pattern(r"[0-9a-fA-F]*:[0-9a-fA-F:.]*"),
        ipv4: pattern(r"\p{Nd}+(?:\.\p{Nd}+){3}"),
        hex: pattern(r"[0-9a-fA-F]{16,}"),
    }
});

/// `digits_in_a_row_max`: longer numbers are replaced.
pub(super) fn scrub(segment: &str, digits_in_a_row_max: usize) -> String {
    let has_digit = segment.chars().any(char::is_numeric);
    let long = segment.len() >= token::BYTES_MIN;
    let mut text = Cow::Borrowed(segment);
    let mut replace = |pattern: &Regex, with: &dyn Fn(&Captures<'_>) -> String| {
        if let Cow::Owned(replaced) = pattern.replace_all(&text, |found: &Captures<'_>| with(found)) {
            text = Cow::Owned(replaced);
        }
    };
    if segment.contains('@') {
        replace(&PATTERNS.email, &|_| ":email".to_owned());
    }
    if segment.contains(':') {
        replace(&PATTERNS.ipv6, &|found| ipv6(&found[0]));
    }
    if has_digit {
        replace(&PATTERNS.uuid, &|_| ":id".to_owned());
    }
    if long {
        replace(&PATTERNS.jwt, &|_| ":token".to_owned());
    }
    if has_digit {
        replace(&PATTERNS.word, &|found| ulid(&found[0]));
        replace(&PATTERNS.ipv4, &|found| ipv4(&found[0]));
    }
    if long {
        replace(&PATTERNS.hex, &|found| hex(&found[0], digits_in_a_row_max));
        text = Cow::Owned(token::replace(&text));
    }
    if has_digit { digits::replace(&text, digits_in_a_row_max) } else { text.into_owned() }
}

/// A time, `10:30:45`, has two colons and is no address; with three it is no time.
fn ipv6(found: &str) -> String {
    let colons = found.matches(':').count();
    let has_digit = found.bytes().any(|byte| byte.is_ascii_hexdigit());
    let is_address =
        found.parse::<Ipv6Addr>().is_ok() || found.trim_end_matches(['.', ':']).parse::<Ipv6Addr>().is_ok();
    if has_digit && colons >= 2 && (colons > 2 || is_address) { ":ip".to_owned() } else { found.to_owned() }
}

/// 26 letters of Crockford's alphabet, the first of which says a year before 10889.
fn ulid(word: &str) -> String {
    let of_alphabet = |byte: u8| byte.is_ascii_alphanumeric() && !b"ilouILOU".contains(&byte);
    let is_ulid = word.len() == 26
        && word.starts_with(|first| ('0'..='7').contains(&first))
        && word.bytes().all(of_alphabet);
    if is_ulid { ":id".to_owned() } else { word.to_owned() }
}

fn ipv4(found: &str) -> String {
    let is_address = found.split('.').all(|part| part.parse::<u8>().is_ok());
    if is_address { ":ip".to_owned() } else { found.to_owned() }
}

/// Digits alone are `digits`' business.
fn hex(found: &str, digits_in_a_row_max: usize) -> String {
    let all_digits = found.bytes().all(|byte| byte.is_ascii_digit());
    if all_digits && found.len() > digits_in_a_row_max { ":num".to_owned() } else { ":token".to_owned() }
}
