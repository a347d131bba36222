//! Most segments of most sites' paths are a few plain words and a small number. They are
//! known at a glance, and spared ten patterns: this was two thirds of an event's
//! processor time (docs/performance.md).
//!
//! Promises: says yes only to what the patterns would leave as it is; a property test
//! holds it to that. A no says nothing.

use super::{
    digits::{DIGITS_IN_A_ROW_MAX, PHONE_DIGITS_MIN},
    token,
};

/// A dotted address has three.
const DOTS_MAX: usize = 2;

/// Words of as many letters may be a token that has no vowel by chance.
const VOWELLESS_LETTERS_MAX: usize = 7;

/// Whether a segment of a path is its own scrubbed form, as far as can be seen quickly.
pub(super) fn is_plain(segment: &str) -> bool {
    let bytes = segment.as_bytes();
    if !bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(byte)) {
        return false;
    }
    // Short ones can be no token, long ones are none if they are words.
    (bytes.len() < token::BYTES_MIN || words_only(bytes)) && few_digits(bytes)
}

fn few_digits(bytes: &[u8]) -> bool {
    let (mut all, mut in_a_row, mut dots) = (0, 0, 0);
    for byte in bytes {
        match byte {
            b'0'..=b'9' => {
                all += 1;
                in_a_row += 1;
                if in_a_row > DIGITS_IN_A_ROW_MAX {
                    return false;
                }
            }
            b'.' => {
                dots += 1;
                in_a_row = 0;
            }
            _ => in_a_row = 0,
        }
    }
    all < PHONE_DIGITS_MIN && dots <= DOTS_MAX
}

/// Lower-case words with a vowel, or too short to need one, between hyphens.
fn words_only(bytes: &[u8]) -> bool {
    bytes.split(|byte| b"-_".contains(byte)).all(|word| {
        word.len() < token::BYTES_MIN
            && word.iter().all(u8::is_ascii_lowercase)
            && (word.len() <= VOWELLESS_LETTERS_MAX || word.iter().any(|letter| b"aeiouy".contains(letter)))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::segment, *};

    fn by_the_patterns(segment: &str) -> String {
        segment::scrub(segment, DIGITS_IN_A_ROW_MAX)
    }

    #[test]
    fn ordinary_paths_are_plain() {
        for segment in
            ["", "catalogue", "item-507", "part-12", "v2.1", "index.html", "how-to-make-the-best-coffee"]
        {
            assert!(is_plain(segment), "{segment}");
        }
    }

    #[test]
    fn what_needs_a_closer_look_is_not() {
        for segment in
            ["123456", "a@b.ru", "10.0.0.1", "9f86d081884c7d659a2f", "%41", "8-800-555-35-35", "весна"]
        {
            assert!(!is_plain(segment), "{segment}");
        }
    }

    proptest! {
        #[test]
        fn a_plain_segment_is_one_that_the_patterns_leave_alone(
            segment in prop_oneof![
                "[a-zA-Z0-9._-]{0,40}",
                "[a-f0-9]{10,24}",
                "[0-9._-]{0,15}",
                "([a-z]{1,12}-){0,5}[a-z0-9]{1,6}",
                "[bcdfg]{6,20}(-[a-z]{4,18}){0,3}",
                "eyJ[a-z]{1,9}\\.[a-z]{1,9}",
            ]
        ) {
            if is_plain(&segment) {
                prop_assert_eq!(by_the_patterns(&segment), segment);
            }
        }
    }
}
