//! Undoes what could hide a pattern: percent-encoding, up to three times over; forms
//! of a letter (full-width `＠`, `①`) by NFKC; letters that can't be seen.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use unicode_normalization::{IsNormalized, UnicodeNormalization, char::is_combining_mark, is_nfkc_quick};

/// Links copied from one service into another are encoded twice; three times is
/// seen. The caller repeats until nothing changes anyway.
const DECODINGS_MAX: usize = 3;

pub(super) fn decode(raw: &str) -> String {
    let mut text = Cow::Borrowed(raw);
    for _ in 0..DECODINGS_MAX {
        if !text.contains('%') {
            break;
        }
        let decoded = percent_decode_str(&text).decode_utf8_lossy().into_owned();
        if decoded == text {
            break;
        }
        text = Cow::Owned(decoded);
    }
    let visible: Cow<'_, str> = if text.chars().any(is_unseen) {
        Cow::Owned(text.chars().filter(|&letter| !is_unseen(letter)).collect())
    } else {
        text
    };
    match is_nfkc_quick(visible.chars()) {
        IsNormalized::Yes => visible.into_owned(),
        _ => visible.nfkc().collect(),
    }
}

/// A mark that belongs to the letter before it (the dots of `ё` when written apart).
pub(super) fn is_mark(letter: char) -> bool {
    is_combining_mark(letter)
}

/// Controls, soft hyphen, zero-width letters and joiners, direction marks, variation
/// selectors, tags: they change nothing to the eye and would split a pattern.
fn is_unseen(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn encoding_three_times_over_is_undone() {
        assert_eq!(decode("a%2525252Fb"), "a%2Fb");
        assert_eq!(decode("a%25252Fb"), "a/b");
        assert_eq!(decode("%D0%B2%D0%B5%D1%81%D0%BD%D0%B0"), "весна");
    }

    #[test]
    fn forms_of_a_letter_and_unseen_letters_are_undone() {
        assert_eq!(decode("ivan＠mail．ru"), "ivan@mail.ru");
        assert_eq!(decode("iv\u{200b}an\u{ad}@mail.ru"), "ivan@mail.ru");
    }

    #[test]
    fn bytes_that_are_no_text_become_marks_of_replacement() {
        assert_eq!(decode("%CF%F0"), "\u{fffd}\u{fffd}");
    }
}
