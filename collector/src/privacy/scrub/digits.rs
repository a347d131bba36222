//! Numbers: phone numbers with or without separators, and any number too long to be
//! a page, a year, a price or a model. Checksums are not asked: a card (13-19 digits),
//! an INN (10 or 12) and a SNILS (11) are too long anyway.

use std::sync::LazyLock;

use regex::{Captures, Regex};

/// Longest number that stays, in digits: pages and models have fewer, whatever counts
/// customers has more.
pub(super) const DIGITS_IN_A_ROW_MAX: usize = 5;

/// Digits of a phone number in all its groups (E.164: at most 15).
pub(super) const PHONE_DIGITS_MIN: usize = 10;
const PHONE_DIGITS_MAX: usize = 15;

/// A longer group is not part of a phone number written in groups.
const PHONE_GROUP_DIGITS_MAX: usize = 7;

/// Groups of digits with what people put between the groups of a phone number.
static RUN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"[+(]{0,2}\p{Nd}+(?:[ ().\-_+]{1,3}\p{Nd}+)*")
        .expect("a constant, compiled by every test here")
});

pub(super) fn replace(text: &str, in_a_row_max: usize) -> String {
    RUN.replace_all(text, |found: &Captures<'_>| run(&found[0], in_a_row_max)).into_owned()
}

/// A group of digits and what stands before it.
struct Group<'a> {
    before: &'a str,
    digits: &'a str,
}

impl Group<'_> {
    fn count(&self) -> usize {
        self.digits.chars().count()
    }

    fn number(&self) -> Option<u32> {
        self.digits.parse().ok()
    }
}

fn run(text: &str, in_a_row_max: usize) -> String {
    let groups = split(text);
    let mut rest = groups.as_slice();
    let mut out = String::with_capacity(text.len());
    if let Some((date, after)) = rest.split_at_checked(3).filter(|(date, _)| is_date(date)) {
        date.iter().for_each(|group| keep(&mut out, group));
        rest = after;
    }
    while let Some(first) = rest.first() {
        let phone = rest.iter().take_while(|group| group.count() <= PHONE_GROUP_DIGITS_MAX).count();
        let (in_groups, after) = rest.split_at(phone);
        let digits: usize = in_groups.iter().map(Group::count).sum();
        if digits >= PHONE_DIGITS_MIN {
            // What leads the number belongs to it, but for a separator of words.
            out.push_str(first.before.trim_end_matches(['+', '(', ' ']));
            out.push_str(if digits <= PHONE_DIGITS_MAX { ":phone" } else { ":num" });
            rest = after;
            continue;
        }
        let (single, after) = rest.split_at(phone.max(1));
        for group in single {
            if group.count() > in_a_row_max && !is_compact_date(group) {
                out.push_str(group.before.trim_end_matches(['+', '(', ' ']));
                out.push_str(if is_phone(group) { ":phone" } else { ":num" });
            } else {
                keep(&mut out, group);
            }
        }
        rest = after;
    }
    out
}

/// In one group a phone number has its `+`, or is Russian: eleven digits from 7 or 8.
fn is_phone(group: &Group<'_>) -> bool {
    match group.count() {
        11 if group.digits.starts_with(['7', '8']) => true,
        PHONE_DIGITS_MIN..=PHONE_DIGITS_MAX => group.before.contains('+'),
        _ => false,
    }
}

fn keep(out: &mut String, group: &Group<'_>) {
    out.push_str(group.before);
    out.push_str(group.digits);
}

fn split(run: &str) -> Vec<Group<'_>> {
    let mut groups = Vec::new();
    let mut rest = run;
    while let Some(start) = rest.find(char::is_numeric) {
        let (before, tail) = rest.split_at(start);
        let end = tail.find(|letter: char| !letter.is_numeric()).unwrap_or(tail.len());
        let (digits, after) = tail.split_at(end);
        groups.push(Group { before, digits });
        rest = after;
    }
    groups
}

/// `2026-11-23`, `2026.1.2` or `23.11.2026`; dates of this century, since those of
/// the last are birthdays more often than news.
fn is_date(groups: &[Group<'_>]) -> bool {
    let [first, second, third] = groups else { return false };
    let joined = second.before == third.before && matches!(second.before, "-" | "." | "_");
    let (year, day) = if first.count() == 4 { (first, third) } else { (third, first) };
    joined
        && first.before.is_empty()
        && second.count() <= 2
        && day.count() <= 2
        && year.count() == 4
        && is_day(year.number(), second.number(), day.number())
}

/// `20261123` or `202611`.
fn is_compact_date(group: &Group<'_>) -> bool {
    let part = |from: usize, to: usize| group.digits.get(from..to).and_then(|digits| digits.parse().ok());
    match group.digits.len() {
        8 => is_day(part(0, 4), part(4, 6), part(6, 8)),
        6 => is_day(part(0, 4), part(4, 6), Some(1)),
        _ => false,
    }
}

fn is_day(year: Option<u32>, month: Option<u32>, day: Option<u32>) -> bool {
    matches!((year, month, day), (Some(2000..=2099), Some(1..=12), Some(1..=31)))
}
