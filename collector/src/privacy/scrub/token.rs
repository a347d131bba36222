//! Runs that look made by a machine: session ids, invitation codes, base64. Told from
//! slugs by how their letters, capitals and digits alternate, since by entropy alone
//! `how-to-make-the-best-coffee-at-home` is as random as a password.

use std::sync::LazyLock;

use regex::{Captures, Regex};

/// Shortest text anything here or any hexadecimal token is looked for in, in bytes.
pub(super) const BYTES_MIN: usize = 16;

/// Shortest run that may be base64, in characters (privacy.md section 6).
const RUN_CHARS_MIN: usize = 20;
/// Bits a character; below, it is a pattern such as `x1x1x1x1`. privacy.md says 3.5,
/// for a rule that has nothing else to go by; base 36 now and then has less.
const RUN_ENTROPY_MIN: f64 = 2.0;
/// Odd letters that make a run without a readable word a token: more than `SPb`.
const ODD_CHARS_MIN: usize = 4;
/// A stretch of odd words this long beside readable ones is a token in a slug.
const STRETCH_CHARS_MIN: usize = 16;
/// Shorter words are neither odd nor readable: base64's own `-` and `_` leave such.
const WORD_CHARS_MIN: usize = 5;
/// A shorter word may well be a piece of a token.
const READABLE_CHARS_MIN: usize = 6;
/// In nearly all words; a word with more is neutral, not odd.
const CONSONANTS_IN_A_ROW_MAX: usize = 3;
const VOWELS_IN_A_ROW_MAX: usize = 3;
/// Longest word in which letters and digits may alternate twice, `mp3player`.
const MIXED_WORD_CHARS_MAX: usize = 15;
/// Longest word with a capital inside that need not be CamelCase, `PostgreSQL`.
const BRAND_CHARS_MAX: usize = 10;

static RUN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(&format!("[A-Za-z0-9_+=~-]{{{RUN_CHARS_MIN},}}"))
        .expect("a constant, compiled by every test here")
});

pub(super) fn replace(text: &str) -> String {
    RUN.replace_all(text, |found: &Captures<'_>| run(&found[0])).into_owned()
}

fn run(text: &str) -> String {
    if entropy(text) < RUN_ENTROPY_MIN {
        return text.to_owned();
    }
    let words = words(text);
    let odd_chars: usize =
        words.iter().filter(|word| word.looks == Looks::Odd).map(|word| word.end - word.start).sum();
    if odd_chars >= ODD_CHARS_MIN && !words.iter().any(|word| word.looks == Looks::Readable) {
        return ":token".to_owned();
    }
    match longest_stretch(&words) {
        Some((start, end)) if end - start >= STRETCH_CHARS_MIN => {
            let before = text.get(..start).unwrap_or_default();
            let after = text.get(end..).unwrap_or_default();
            format!("{before}:token{after}")
        }
        _ => text.to_owned(),
    }
}

struct Word {
    start: usize,
    end: usize,
    looks: Looks,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Looks {
    /// Somebody's word.
    Readable,
    /// Too short, a number, a model: may be in a slug and in a token.
    Neutral,
    /// Nobody would write it.
    Odd,
}

fn words(run: &str) -> Vec<Word> {
    let mut start = 0;
    run.split(['-', '_', '+', '=', '~'])
        .map(|text| {
            let word = Word { start, end: start + text.len(), looks: looks(text) };
            start = word.end + 1;
            word
        })
        .filter(|word| word.start < word.end)
        .collect()
}

/// From the first to the last odd word with nothing readable between them.
fn longest_stretch(words: &[Word]) -> Option<(usize, usize)> {
    let mut best: Option<(usize, usize)> = None;
    let mut open: Option<(usize, usize)> = None;
    for word in words {
        open = match (word.looks, open) {
            (Looks::Odd, Some((start, _))) => Some((start, word.end)),
            (Looks::Odd, None) => Some((word.start, word.end)),
            (Looks::Neutral, open) => open,
            (Looks::Readable, _) => None,
        };
        if let Some((start, end)) = open
            && best.is_none_or(|(from, to)| end - start > to - from)
        {
            best = Some((start, end));
        }
    }
    best
}

/// ASCII letters and digits only.
fn looks(word: &str) -> Looks {
    let letters: String = word.chars().filter(char::is_ascii_alphabetic).collect();
    let digits = word.len() - letters.len();
    let case = case(&letters);
    // Too short to tell, but for capitals where no word has them.
    let is_short = word.len() < WORD_CHARS_MIN && !matches!(case, Case::Brand | Case::Mixed);
    if is_short || letters.is_empty() {
        return Looks::Neutral;
    }
    let alternations = word
        .as_bytes()
        .windows(2)
        .filter(|pair| pair[0].is_ascii_digit() != pair[1].is_ascii_digit())
        .count();
    match (alternations, case) {
        (0, Case::Lower) if letters.len() >= READABLE_CHARS_MIN && is_pronounceable(&letters) => {
            Looks::Readable
        }
        (0, Case::Title) if letters.len() > READABLE_CHARS_MIN && is_pronounceable(&letters) => {
            Looks::Readable
        }
        (0, Case::Camel) if is_pronounceable(&letters) => Looks::Readable,
        (0, Case::Brand) if word.len() >= WORD_CHARS_MIN && consonants_in_a_row(&letters) <= 4 => {
            Looks::Neutral
        }
        // Long compounds and abbreviations, unless there is no vowel at all.
        (0, Case::Lower | Case::Title | Case::Upper) if letters.len() < 8 || has_vowel(&letters) => {
            Looks::Neutral
        }
        // `covid2026`, `1000melochey`, `iphone15`.
        (1, Case::Lower | Case::Title | Case::Upper) if digits <= 5 && has_vowel(&letters) => Looks::Neutral,
        // `mp3player`, `g614jv`.
        (1 | 2, Case::Lower | Case::Title | Case::Upper) if word.len() <= MIXED_WORD_CHARS_MAX => {
            Looks::Neutral
        }
        _ => Looks::Odd,
    }
}

enum Case {
    Lower,
    Title,
    Upper,
    /// `PostgreSQL`, `macOS`.
    Brand,
    /// `HowToMakeCoffee`.
    Camel,
    Mixed,
}

fn case(letters: &str) -> Case {
    let bytes = letters.as_bytes();
    let is_capital = |letter: &u8| letter.is_ascii_uppercase();
    let capitals = bytes.iter().filter(|letter| is_capital(letter)).count();
    let pairs = || bytes.windows(2);
    let rises = pairs().filter(|pair| !is_capital(&pair[0]) && is_capital(&pair[1])).count();
    let falls_within = pairs().skip(1).filter(|pair| is_capital(&pair[0]) && !is_capital(&pair[1])).count();
    let tiny_part = pairs().any(|pair| pair.iter().all(is_capital)) || bytes.last().is_some_and(is_capital);
    match capitals {
        0 => Case::Lower,
        1 if bytes.first().is_some_and(is_capital) => Case::Title,
        all if all == bytes.len() => Case::Upper,
        _ if rises <= 1 && falls_within <= 1 && bytes.len() <= BRAND_CHARS_MAX => Case::Brand,
        _ if !tiny_part && bytes.len() > BRAND_CHARS_MAX && 2 * bytes.len() >= 7 * capitals => Case::Camel,
        _ => Case::Mixed,
    }
}

fn is_vowel(letter: char) -> bool {
    "aeiouyAEIOUY".contains(letter)
}

fn has_vowel(letters: &str) -> bool {
    letters.contains(is_vowel)
}

fn consonants_in_a_row(letters: &str) -> usize {
    letters.split(is_vowel).map(str::len).max().unwrap_or(0)
}

fn is_pronounceable(letters: &str) -> bool {
    let consonants = consonants_in_a_row(letters);
    let vowels = letters.split(|letter| !is_vowel(letter)).map(str::len).max().unwrap_or(0);
    has_vowel(letters) && consonants <= CONSONANTS_IN_A_ROW_MAX && vowels <= VOWELS_IN_A_ROW_MAX
}

fn entropy(text: &str) -> f64 {
    let mut counts = [0_u32; 256];
    text.bytes().for_each(|byte| counts[usize::from(byte)] += 1);
    let total = text.len() as f64;
    counts
        .iter()
        .filter(|&&count| count > 0)
        .map(|&count| {
            let share = f64::from(count) / total;
            -share * share.log2()
        })
        .sum()
}
