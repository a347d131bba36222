//! What an owner may write about forwarding, with its limits.

use std::collections::HashSet;

use store::snapshot::metrika::{Listed, ValueRule};

use super::Rules;

/// Goals of one site, at most: a report asks for ten at a time, a counter has some 200.
pub const GOALS_MAX: usize = 50;

/// Longest name of one of our events, in characters: wire-v1.
const EVENT_CHARS_MAX: usize = 120;

/// Longest identifier of a goal, in bytes, of the letters that no part of Metrika minds
/// (metrika.md section 1.7).
const GOAL_BYTES_MAX: usize = 64;

/// Templates of pages, at most, and their longest, in bytes.
const PATHS_MAX: usize = 50;
const PATH_BYTES_MAX: usize = 200;

/// Longest delay, in seconds: far inside the 11 h in which a goal must be there.
const DELAY_SECONDS_MAX: u32 = 3_600;

/// Most equal goals that are waited for.
const RELEASE_AT_MAX: u32 = 100;

/// How coarsely times may be rounded, in seconds.
const ROUND_SECONDS: std::ops::RangeInclusive<u32> = 60..=900;

/// What Metrika's `visit_threshold` may be, in seconds.
const VISIT_THRESHOLD_SECONDS: std::ops::RangeInclusive<u32> = 1_800..=21_600;

/// Largest sum, in ten-thousandths: a thousand million.
const AMOUNT_E4_MAX: i64 = 10_000_000_000_000;

/// Tags of campaigns that exist.
const CAMPAIGN_KEYS: [&str; 5] = ["utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term"];

/// Properties that may be said, at most, and all of them together in bytes, names and all
/// (metrika.md section 11).
const PARAMS_MAX: usize = 10;
const PARAMS_BYTES_MAX: usize = 2_048;

/// Bytes of JSON around one parameter: four quotes, colon, comma.
const PARAM_FRAME_BYTES: usize = 6;

/// Longest name of a property, in characters (docs/wire-v1.md), and values of one field, at
/// most, and their longest, in bytes.
const PARAM_KEY_CHARS_MAX: usize = 64;
const VALUES_MAX: usize = 50;
const VALUE_BYTES_MAX: usize = 64;

/// Length of a token, in characters: a UUID's 36, with room for another shape.
const TOKEN_CHARS: std::ops::RangeInclusive<usize> = 8..=200;

/// What is wrong, by the field's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mistake {
    Counter,
    Token,
    Goals,
    Value,
    Paths,
    Delay,
    ReleaseAt,
    Rounding,
    Threshold,
    Campaign,
    Params,
}

pub fn counter(number: u64) -> Result<u32, Mistake> {
    u32::try_from(number).ok().filter(|&number| number > 0).ok_or(Mistake::Counter)
}

/// A measurement or OAuth token, trimmed; empty takes the old one away.
pub fn token(text: &str) -> Result<Option<&str>, Mistake> {
    let text = text.trim();
    let is_token = TOKEN_CHARS.contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
    match text {
        "" => Ok(None),
        _ if is_token => Ok(Some(text)),
        _ => Err(Mistake::Token),
    }
}

impl Rules {
    pub fn check(&self) -> Result<(), Mistake> {
        let mut events = HashSet::new();
        let are_goals = self.goals.len() <= GOALS_MAX
            && self.goals.iter().all(|rule| {
                (1..=EVENT_CHARS_MAX).contains(&rule.event.chars().count())
                    && is_identifier(&rule.goal)
                    && events.insert(rule.event.as_str())
            });
        if !are_goals {
            return Err(Mistake::Goals);
        }
        if !self.goals.iter().all(|rule| is_value(&rule.value)) {
            return Err(Mistake::Value);
        }
        if self.paths.len() > PATHS_MAX || !self.paths.iter().all(|path| is_template(path)) {
            return Err(Mistake::Paths);
        }
        let [least, most] = self.delay_seconds;
        if least > most || most > DELAY_SECONDS_MAX {
            return Err(Mistake::Delay);
        }
        if !(1..=RELEASE_AT_MAX).contains(&self.release_at) {
            return Err(Mistake::ReleaseAt);
        }
        if !ROUND_SECONDS.contains(&self.round_seconds) {
            return Err(Mistake::Rounding);
        }
        if !VISIT_THRESHOLD_SECONDS.contains(&self.visit_threshold_seconds) {
            return Err(Mistake::Threshold);
        }
        let is_tag = |listed: &Listed| CAMPAIGN_KEYS.contains(&listed.key.as_str());
        if !self.campaign.iter().all(is_tag) || !are_listed(&self.campaign, is_tag_value) {
            return Err(Mistake::Campaign);
        }
        let is_name = |listed: &Listed| {
            let key = &listed.key;
            (1..=PARAM_KEY_CHARS_MAX).contains(&key.chars().count())
                && key.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.'))
        };
        let longest = |listed: &Listed| {
            listed.key.len() + listed.values.iter().map(String::len).max().unwrap_or(0) + PARAM_FRAME_BYTES
        };
        if self.params.len() > PARAMS_MAX
            || !self.params.iter().all(is_name)
            || !are_listed(&self.params, is_param_value)
            || self.params.iter().map(longest).sum::<usize>() + 2 > PARAMS_BYTES_MAX
        {
            return Err(Mistake::Params);
        }
        Ok(())
    }
}

/// Each field once, with some values, each of which may be.
fn are_listed(lists: &[Listed], is_value: impl Fn(&str) -> bool) -> bool {
    let mut keys = HashSet::new();
    lists.iter().all(|listed| {
        keys.insert(listed.key.as_str())
            && (1..=VALUES_MAX).contains(&listed.values.len())
            && listed
                .values
                .iter()
                .all(|value| (1..=VALUE_BYTES_MAX).contains(&value.len()) && is_value(value))
    })
}

/// What an address takes without escaping (metrika.md section 11).
fn is_tag_value(value: &str) -> bool {
    value.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'~' | b'-'))
}

/// Words, without what JSON would escape and what people's addresses are made of.
fn is_param_value(value: &str) -> bool {
    value
        .chars()
        .all(|letter| letter.is_alphanumeric() || matches!(letter, ' ' | '_' | '.' | '-' | '+' | '/'))
}

fn is_identifier(text: &str) -> bool {
    (1..=GOAL_BYTES_MAX).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'))
}

fn is_value(value: &ValueRule) -> bool {
    let is_currency = |code: &str| code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase());
    match value {
        ValueRule::None => true,
        ValueRule::Event { step_e4, currency } => {
            (1..=AMOUNT_E4_MAX).contains(step_e4) && is_currency(currency)
        }
        ValueRule::Fixed { amount_e4, currency } => {
            (0..=AMOUNT_E4_MAX).contains(amount_e4) && is_currency(currency)
        }
    }
}

/// `/cart`, `/catalog/*`. A star is a whole segment.
fn is_template(path: &str) -> bool {
    let is_segment = |segment: &str| {
        segment == "*"
            || segment.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '-' | '_' | '.'))
    };
    path.len() <= PATH_BYTES_MAX && path.starts_with('/') && path.split('/').all(is_segment)
}

#[cfg(test)]
mod tests {
    use store::snapshot::metrika::{ConsentRule, GoalRule, Guarantee, Listed};

    use super::*;

    fn rule(event: &str, goal: &str) -> GoalRule {
        GoalRule {
            event: event.into(),
            goal: goal.into(),
            value: ValueRule::None,
            guarantee: Guarantee::AtMostOnce,
        }
    }

    fn rules() -> Rules {
        Rules {
            consent: ConsentRule::Event,
            goals: vec![rule("Order", "srv_order")],
            paths: vec!["/cart".into(), "/catalog/*".into()],
            delay_seconds: [300, 1_200],
            release_at: 1,
            round_seconds: 60,
            visit_threshold_seconds: 1_800,
            nightly: false,
            late: false,
            campaign: vec![],
            params: vec![],
        }
    }

    fn check(mistake: Mistake, change: impl FnOnce(&mut Rules)) {
        let mut rules = rules();
        change(&mut rules);
        assert_eq!(rules.check(), Err(mistake));
    }

    #[test]
    fn usual_rules_pass() {
        assert_eq!(rules().check(), Ok(()));
    }

    #[test]
    fn every_field_has_its_limits() {
        check(Mistake::Goals, |rules| rules.goals = vec![rule("Order", "a/b")]);
        check(Mistake::Goals, |rules| rules.goals = vec![rule("", "srv")]);
        check(Mistake::Goals, |rules| rules.goals = vec![rule("Order", &"a".repeat(65))]);
        check(Mistake::Goals, |rules| rules.goals.push(rule("Order", "twice")));
        check(Mistake::Goals, |rules| {
            rules.goals = (0..=GOALS_MAX).map(|n| rule(&n.to_string(), "g")).collect();
        });
        for value in [
            ValueRule::Event { step_e4: 0, currency: "RUB".into() },
            ValueRule::Event { step_e4: 1, currency: "rub".into() },
            ValueRule::Fixed { amount_e4: -1, currency: "RUB".into() },
            ValueRule::Fixed { amount_e4: AMOUNT_E4_MAX + 1, currency: "RUB".into() },
        ] {
            check(Mistake::Value, |rules| rules.goals[0].value = value);
        }
        for path in ["cart", "/a?b", "/a b", "/ca*t", "https://a.ru/"] {
            check(Mistake::Paths, |rules| rules.paths = vec![path.into()]);
        }
        check(Mistake::Paths, |rules| rules.paths = vec!["/a".into(); PATHS_MAX + 1]);
        check(Mistake::Delay, |rules| rules.delay_seconds = [10, 9]);
        check(Mistake::Delay, |rules| rules.delay_seconds = [0, DELAY_SECONDS_MAX + 1]);
        check(Mistake::ReleaseAt, |rules| rules.release_at = 0);
        check(Mistake::ReleaseAt, |rules| rules.release_at = RELEASE_AT_MAX + 1);
        check(Mistake::Rounding, |rules| rules.round_seconds = 1);
        check(Mistake::Threshold, |rules| rules.visit_threshold_seconds = 60);
        let listed = |key: &str, values: &[&str]| Listed {
            key: key.into(),
            values: values.iter().map(|&value| value.to_owned()).collect(),
        };
        for list in [
            listed("utm_id", &["a"]),
            listed("utm_source", &[]),
            listed("utm_source", &["a b"]),
            listed("utm_source", &["ivan@example.ru"]),
            listed("utm_source", &[&"a".repeat(VALUE_BYTES_MAX + 1)]),
            listed("utm_source", &vec!["a"; VALUES_MAX + 1]),
        ] {
            check(Mistake::Campaign, |rules| rules.campaign = vec![list]);
        }
        check(Mistake::Campaign, |rules| rules.campaign = vec![listed("utm_source", &["a"]); 2]);
        for list in
            [listed("", &["a"]), listed("a b", &["a"]), listed("plan", &["a@b.ru"]), listed("plan", &["\""])]
        {
            check(Mistake::Params, |rules| rules.params = vec![list]);
        }
        let many = |count: usize, letter: &str| -> Vec<Listed> {
            let name = |n: usize| format!("{n:02}{}", letter.repeat(PARAM_KEY_CHARS_MAX - 2));
            (0..count).map(|n| listed(&name(n), &[&"v".repeat(VALUE_BYTES_MAX)])).collect()
        };
        check(Mistake::Params, |rules| rules.params = many(PARAMS_MAX + 1, "a"));
        // Letters of four bytes: ten names are more than 2 KB.
        check(Mistake::Params, |rules| rules.params = many(PARAMS_MAX, "𝔘"));
        let mut rules = rules();
        (rules.campaign, rules.params) =
            (vec![listed("utm_source", &["vk", "mail.ru"])], many(PARAMS_MAX, "a"));
        assert_eq!(rules.check(), Ok(()));
    }

    #[test]
    fn a_token_is_plain_or_taken_away() {
        assert_eq!(
            token(" 8fbd3a1e-0000-4000-8000-000000000001 "),
            Ok(Some("8fbd3a1e-0000-4000-8000-000000000001"))
        );
        assert_eq!(token(" "), Ok(None));
        for text in ["short", "with space in it", &"a".repeat(201), "a&ms=bbbbbbbbb"] {
            assert_eq!(token(text), Err(Mistake::Token), "{text}");
        }
        assert_eq!(counter(0), Err(Mistake::Counter));
        assert_eq!(counter(1 << 32), Err(Mistake::Counter));
    }
}
