//! A hit of the Measurement Protocol and the checks it passes, in the order of
//! metrika.md section 10.1. Reasons and notes are seen only by tests, never by the sender.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value as Json};
use url::Url;

use crate::{counter::Counter, currency, form::Form};

/// How far back a hit may lie, in seconds (documented).
const AGE_SECONDS_MAX: i64 = 12 * 3600;

/// How far ahead of us a sender's clock may run, in seconds. Ours: not documented.
const AHEAD_SECONDS_MAX: i64 = 60;

/// Longest `params`, in characters (documented).
const PARAMS_CHARS_MAX: usize = 8_192;

/// A ClientID of fewer digits is none of Metrika's own making.
const CID_DIGITS_MIN: usize = 17;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Pageview,
    Event,
}

/// What a goal is worth by the word of its hit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value {
    /// Not said: the goal's default price counts.
    Unsaid,
    /// Said in a currency that does not exist, and so lost.
    Lost,
    Said(f64),
}

/// A hit that passed every check that needs no sessions.
#[derive(Debug, PartialEq)]
pub struct Hit {
    pub counter: u64,
    pub kind: Kind,
    pub cid: u64,
    pub et: i64,
    pub ea: Option<String>,
    pub value: Value,
    pub notes: Vec<Note>,
}

/// Why a hit was not recorded. Named as in metrika.md, but for `bad_body`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The body is no form: a batch that nobody asked for, JSON, a file.
    BadBody,
    NoTid,
    UnknownCounter,
    MpDisabled,
    BadToken,
    BadCid,
    BadType,
    MissingDl,
    /// `dr` or `dt` missing, where the documentation is taken at its word.
    DocRequiredMissing,
    ForeignHost,
    MissingEa,
    BadEt,
    TooOld,
    SessionFull,
    GoalsFull,
    NoSession,
}

/// What was odd about a hit that was kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Note {
    /// A parameter stands in the body and in the query.
    KeyTwice,
    ShortCid,
    DocRequiredMissing,
    /// No JSON object, or too long; the parameters are dropped.
    BadParams,
    /// No currency of ISO 4217; the value is dropped.
    BadCurrency,
}

/// What hits are checked against.
#[derive(Debug, Clone, Copy)]
pub struct Rules<'a> {
    pub counters: &'a BTreeMap<u64, Counter>,
    pub now: i64,
    /// Drop page views that lack what only the documentation asks for.
    pub is_strict_docs: bool,
}

/// Checks the parameters of one hit.
pub fn check(form: &Form, rules: Rules<'_>) -> Result<Hit, Reason> {
    let mut notes: Vec<Note> = form.is_key_twice.then_some(Note::KeyTwice).into_iter().collect();
    let tid = form.get("tid").ok_or(Reason::NoTid)?;
    let counter = digits(tid).and_then(|tid| rules.counters.get(&tid)).ok_or(Reason::UnknownCounter)?;
    if !counter.measurement_enabled {
        return Err(Reason::MpDisabled);
    }
    if !form.get("ms").is_some_and(|ms| counter.tokens.iter().any(|token| token == ms)) {
        return Err(Reason::BadToken);
    }
    let cid = form.get("cid").ok_or(Reason::BadCid)?;
    if cid.len() < CID_DIGITS_MIN {
        notes.push(Note::ShortCid);
    }
    let cid = digits(cid).filter(|&cid| cid != 0).ok_or(Reason::BadCid)?;
    let kind = match form.get("t") {
        Some("pageview") => Kind::Pageview,
        Some("event") => Kind::Event,
        _ => return Err(Reason::BadType),
    };
    match form.get("dl") {
        None if kind == Kind::Pageview || !counter.only_mirrors.is_empty() => return Err(Reason::MissingDl),
        Some(dl) if !is_of(dl, &counter.only_mirrors) => return Err(Reason::ForeignHost),
        None | Some(_) => {}
    }
    if kind == Kind::Pageview && (form.get("dr").is_none() || form.get("dt").is_none()) {
        if rules.is_strict_docs {
            return Err(Reason::DocRequiredMissing);
        }
        notes.push(Note::DocRequiredMissing);
    }
    let ea = form.get("ea");
    if kind == Kind::Event && ea.is_none() && form.get("pa").is_none() {
        return Err(Reason::MissingEa);
    }
    let et = event_time(form, rules.now)?;
    if form.get("params").is_some_and(|params| !is_params(params)) {
        notes.push(Note::BadParams);
    }
    let value = value(form);
    if value == Value::Lost {
        notes.push(Note::BadCurrency);
    }
    Ok(Hit { counter: counter.id, kind, cid, et, ea: ea.map(str::to_owned), value, notes })
}

/// Whether `tid`, `cid` or `t` is missing or `cid` cannot be a number of 64 bits: the one
/// kind of malformed hit that more than the strictest server might tell of.
pub fn lacks_identifier(form: &Form) -> bool {
    let has_cid = form.get("cid").and_then(digits).is_some();
    form.get("tid").is_none() || form.get("t").is_none() || !has_cid
}

/// Decimal digits of a number that fits 64 bits.
fn digits(text: &str) -> Option<u64> {
    text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()))
}

fn is_of(dl: &str, hosts: &[String]) -> bool {
    if hosts.is_empty() {
        return true;
    }
    let host = Url::parse(dl).ok().and_then(|url| url.host_str().map(str::to_owned));
    host.is_some_and(|host| hosts.contains(&host))
}

fn event_time(form: &Form, now: i64) -> Result<i64, Reason> {
    let et = form.get("et").map_or(Ok(now), |et| et.parse::<i64>().map_err(|_| Reason::BadEt))?;
    if et > now + AHEAD_SECONDS_MAX {
        return Err(Reason::BadEt);
    }
    // A time far below zero would overflow the difference.
    if et < now - AGE_SECONDS_MAX {
        return Err(Reason::TooOld);
    }
    Ok(et)
}

fn is_params(text: &str) -> bool {
    text.chars().count() <= PARAMS_CHARS_MAX && serde_json::from_str::<Map<String, Json>>(text).is_ok()
}

fn value(form: &Form) -> Value {
    if form.get("cu").is_some_and(|cu| !currency::is_known(cu)) {
        return Value::Lost;
    }
    let said = form.get("ev").and_then(|ev| ev.parse::<f64>().ok()).filter(|ev| ev.is_finite());
    said.map_or(Value::Unsaid, Value::Said)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_800_000_000;

    /// A whole event with one parameter changed; an empty value takes it out.
    fn event(key: &str, value: &str) -> Form {
        let whole = [
            ("tid", "7"),
            ("ms", "secret"),
            ("cid", "1768350268232845118"),
            ("t", "event"),
            ("ea", "srv_order"),
            ("dl", "https://example.ru/cart"),
            ("ev", "10.5"),
            ("cu", ""),
            ("et", ""),
            ("params", ""),
            ("dr", ""),
            ("dt", ""),
        ];
        Form::from(whole.map(|(name, usual)| (name, if name == key { value } else { usual })))
    }

    fn checked(key: &str, value: &str) -> Result<Hit, Reason> {
        let mut counter = Counter::new(7, "secret");
        counter.only_mirrors = vec!["example.ru".into()];
        let counters = BTreeMap::from([(7, counter)]);
        check(&event(key, value), Rules { counters: &counters, now: NOW, is_strict_docs: false })
    }

    #[test]
    fn a_whole_event_passes() {
        let hit = checked("", "").unwrap();
        assert_eq!((hit.kind, hit.et, hit.ea.as_deref()), (Kind::Event, NOW, Some("srv_order")));
        assert_eq!((hit.value, hit.notes), (Value::Said(10.5), vec![]));
    }

    #[test]
    fn every_fault_has_its_reason() {
        for (key, value, reason) in [
            ("tid", "", Reason::NoTid),
            ("tid", "8", Reason::UnknownCounter),
            ("tid", "+7", Reason::UnknownCounter),
            ("ms", "", Reason::BadToken),
            ("ms", "guess", Reason::BadToken),
            ("cid", "", Reason::BadCid),
            ("cid", "0", Reason::BadCid),
            ("cid", "+5", Reason::BadCid),
            ("cid", "18446744073709551616", Reason::BadCid),
            ("t", "pageView", Reason::BadType),
            ("dl", "", Reason::MissingDl),
            ("dl", "https://other.ru/", Reason::ForeignHost),
            ("ea", "", Reason::MissingEa),
            ("et", "1800000000000", Reason::BadEt),
            ("et", "1800000000.5", Reason::BadEt),
            ("et", "1800000061", Reason::BadEt),
            ("et", "1799956799", Reason::TooOld),
            ("et", "-9223372036854775808", Reason::TooOld),
        ] {
            assert_eq!(checked(key, value), Err(reason), "{key}={value}");
        }
    }

    #[test]
    fn what_is_odd_but_kept_is_noted() {
        let long = format!("{{\"a\":\"{}\"}}", "я".repeat(PARAMS_CHARS_MAX - 7));
        for (key, value, note) in [
            ("cid", "1768350268232845", Note::ShortCid),
            ("t", "pageview", Note::DocRequiredMissing),
            ("params", "[1]", Note::BadParams),
            ("params", "{", Note::BadParams),
            ("params", long.as_str(), Note::BadParams),
            ("cu", "RUR", Note::BadCurrency),
        ] {
            assert_eq!(checked(key, value).unwrap().notes, [note], "{key}={value}");
        }
        assert_eq!(checked("cu", "RUR").unwrap().value, Value::Lost);
    }

    #[test]
    fn what_is_at_the_edge_is_taken_without_a_word() {
        let long = format!("{{\"a\":\"{}\"}}", "я".repeat(PARAMS_CHARS_MAX - 8));
        for (key, value) in [
            ("et", "1799956800"),
            ("et", "1800000060"),
            ("cid", "17683502682328451"),
            ("cid", "18446744073709551615"),
            ("params", long.as_str()),
        ] {
            assert_eq!(checked(key, value).unwrap().notes, [], "{key}={value}");
        }
    }

    #[test]
    fn a_page_view_without_referrer_and_title_is_dropped_where_the_documentation_rules() {
        let counters = BTreeMap::from([(7, Counter::new(7, "secret"))]);
        let rules = Rules { counters: &counters, now: NOW, is_strict_docs: true };
        assert_eq!(check(&event("t", "pageview"), rules), Err(Reason::DocRequiredMissing));
        assert!(check(&event("", ""), rules).is_ok(), "an event needs neither");
    }

    #[test]
    fn a_counter_without_the_protocol_records_nothing() {
        let off = Counter { measurement_enabled: false, ..Counter::new(7, "secret") };
        let counters = BTreeMap::from([(7, off)]);
        let rules = Rules { counters: &counters, now: NOW, is_strict_docs: false };
        assert_eq!(check(&Form::from([("tid", "7")]), rules), Err(Reason::MpDisabled));
    }
}
