//! Takes out of paths, names and values what could be about a person: addresses,
//! phone numbers, tokens, long numbers (privacy.md section 6).
//!
//! Promises, each held by a property test: total; idempotent; never longer than what
//! came in, and never over [`BYTES_MAX`]; nothing of the kinds above survives, be it
//! percent-encoded, written full-width or split by invisible letters. What it can't
//! know is a name: free text stays a risk, so properties are declared by the owner.
//!
//! The order: cut query and fragment, decode, normalise, split into segments, replace,
//! cut to length. Within a segment the more telling pattern comes first (an UUID
//! before a phone number), so that the label is right; what is replaced is the same.

#[cfg(test)]
mod corpus;
mod decode;
mod digits;
mod plain;
#[cfg(test)]
mod properties;
mod segment;
mod token;

use digits::DIGITS_IN_A_ROW_MAX;

/// Longest result in bytes. Real paths end well below; an index of LowCardinality
/// values and an owner's eyes do too.
pub const BYTES_MAX: usize = 256;

/// Longest campaign value in characters, as analytics tools commonly have it.
const CAMPAIGN_CHARS_MAX: usize = 64;

/// A campaign's value keeps numbers of up to nine digits: ad systems number their
/// campaigns so (Yandex Direct has 8-9 digits), while a phone number, a card, an INN
/// or a SNILS has at least ten.
const CAMPAIGN_DIGITS_IN_A_ROW_MAX: usize = 9;

/// Rounds until the text stays as it is. Two are the rule (the second changes
/// nothing); more are needed only by text encoded over and over on purpose.
const ROUNDS_MAX: usize = 8;

/// What stands for a text that would not come to rest.
const RESTLESS: &str = ":token";

/// A page's path, as in a URL: percent-encoded or not, query and fragment or not.
/// Letters of any script stay readable: the result is decoded.
pub fn path(raw: &str) -> String {
    if raw.len() <= BYTES_MAX && raw.split('/').all(plain::is_plain) {
        return raw.to_owned();
    }
    settle(raw, |text| {
        let decoded = decode::decode(before_query(text));
        before_query(&decoded)
            .split('/')
            .map(|segment| segment::scrub(segment, DIGITS_IN_A_ROW_MAX))
            .collect::<Vec<_>>()
            .join("/")
    })
}

/// An event's name or a property's value. An address in it loses user, query and
/// fragment.
pub fn text(raw: &str) -> String {
    settle(raw, |text| {
        let decoded = decode::decode(text);
        let bare = match decoded.split_once("://") {
            Some((scheme, rest)) => format!("{scheme}://{}", without_user(before_query(rest))),
            None => decoded,
        };
        segment::scrub(bare.trim(), DIGITS_IN_A_ROW_MAX)
    })
}

/// A campaign's value (`utm_source` and its kin), or nothing when it is not one.
///
/// Lower case, letters and digits of any script (owners of Russian sites do name a
/// campaign «весна»), `.`, `_` and `-`. What ad systems put between the parts of a
/// value becomes `-`; anything else, such as a template nobody filled in, `{id}`,
/// makes it no value at all.
pub fn campaign(raw: &str) -> String {
    settle(raw, |text| {
        let scrubbed = segment::scrub(&decode::decode(text), CAMPAIGN_DIGITS_IN_A_ROW_MAX).to_lowercase();
        let mut value = String::with_capacity(scrubbed.len());
        for letter in scrubbed.chars().take(CAMPAIGN_CHARS_MAX) {
            match letter {
                ' ' | '|' | '/' | ',' | '+' | '!' | '"' | '(' | ')' | '\'' | '-' => {
                    if !value.is_empty() && !value.ends_with('-') {
                        value.push('-');
                    }
                }
                '.' | '_' | ':' => value.push(letter),
                letter if letter.is_alphanumeric() || decode::is_mark(letter) => value.push(letter),
                _ => return String::new(),
            }
        }
        value.trim_end_matches('-').to_owned()
    })
}

/// Applies `once` until nothing changes, and keeps the result no longer than `raw`.
/// This is what makes every function here idempotent.
fn settle(raw: &str, once: impl Fn(&str) -> String) -> String {
    let bytes_max = raw.len().min(BYTES_MAX);
    let mut text = cut(once(raw), bytes_max);
    if text == raw {
        return text;
    }
    for _ in 1..ROUNDS_MAX {
        let next = cut(once(&text), text.len());
        if next == text {
            return text;
        }
        text = next;
    }
    cut(RESTLESS.to_owned(), bytes_max)
}

fn before_query(text: &str) -> &str {
    text.find(['?', '#']).and_then(|at| text.get(..at)).unwrap_or(text)
}

fn without_user(after_scheme: &str) -> &str {
    let authority = after_scheme.split('/').next().unwrap_or_default();
    authority.rfind('@').and_then(|at| after_scheme.get(at + 1..)).unwrap_or(after_scheme)
}

/// Cuts to at most `bytes`, on a character's edge.
fn cut(mut text: String, bytes: usize) -> String {
    if text.len() > bytes {
        let edge = (0..=bytes).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
        text.truncate(edge);
    }
    text
}
