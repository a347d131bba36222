//! A hit of the Measurement Protocol and the checks it passes, in the order of
//! metrika.md section 10.1. A reason is seen only by tests, never by the sender.

use serde::Serialize;
use url::Url;

/// How far back a hit may lie, in seconds (documented).
const AGE_SECONDS_MAX: i64 = 12 * 3600;

/// How far ahead of us a sender's clock may run, in seconds. Ours: not documented.
const AHEAD_SECONDS_MAX: i64 = 60;

/// The counter that hits are checked against.
#[derive(Debug, Clone)]
pub struct Counter {
    pub id: u64,
    pub token: String,
    pub is_enabled: bool,
    /// Addresses hits may name; empty: any ("only specified addresses" is off).
    pub hosts: Vec<String>,
    /// Identifiers of goals of type "JavaScript event".
    pub goals: Vec<String>,
    /// Silence that ends a visit, in seconds.
    pub visit_threshold: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Pageview,
    Event,
}

/// A hit that passed every check that needs no sessions.
#[derive(Debug, PartialEq, Eq)]
pub struct Hit {
    pub kind: Kind,
    pub cid: u64,
    pub et: i64,
    pub goal: Option<String>,
}

/// Why a hit was not recorded. Named as in metrika.md.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    NoTid,
    UnknownCounter,
    MpDisabled,
    BadToken,
    BadCid,
    BadType,
    MissingDl,
    ForeignHost,
    MissingEa,
    BadEt,
    TooOld,
    SessionFull,
    GoalsFull,
    NoSession,
}

/// Checks the parameters of one request against `counter` at `now`.
pub fn check(pairs: &[(String, String)], counter: &Counter, now: i64) -> Result<Hit, Reason> {
    let get = |key: &str| pairs.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str());
    let tid = get("tid").filter(|tid| !tid.is_empty()).ok_or(Reason::NoTid)?;
    if tid.parse() != Ok(counter.id) {
        return Err(Reason::UnknownCounter);
    }
    if !counter.is_enabled {
        return Err(Reason::MpDisabled);
    }
    if get("ms") != Some(counter.token.as_str()) {
        return Err(Reason::BadToken);
    }
    let cid = get("cid").and_then(client_id).ok_or(Reason::BadCid)?;
    let kind = match get("t") {
        Some("pageview") => Kind::Pageview,
        Some("event") => Kind::Event,
        _ => return Err(Reason::BadType),
    };
    match get("dl").filter(|dl| !dl.is_empty()) {
        None if kind == Kind::Pageview || !counter.hosts.is_empty() => return Err(Reason::MissingDl),
        Some(dl) if !is_of(dl, &counter.hosts) => return Err(Reason::ForeignHost),
        None | Some(_) => {}
    }
    let goal = get("ea").filter(|ea| !ea.is_empty());
    if kind == Kind::Event && goal.is_none() && get("pa").is_none() {
        return Err(Reason::MissingEa);
    }
    let et = get("et").map_or(Ok(now), |et| et.parse::<i64>().map_err(|_| Reason::BadEt))?;
    if et > now + AHEAD_SECONDS_MAX {
        return Err(Reason::BadEt);
    }
    if now - et > AGE_SECONDS_MAX {
        return Err(Reason::TooOld);
    }
    Ok(Hit { kind, cid, et, goal: goal.map(str::to_owned) })
}

/// Decimal digits of a number that is not 0 and fits 64 bits.
fn client_id(text: &str) -> Option<u64> {
    let is_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|&cid| is_digits && cid != 0)
}

fn is_of(dl: &str, hosts: &[String]) -> bool {
    if hosts.is_empty() {
        return true;
    }
    let host = Url::parse(dl).ok().and_then(|url| url.host_str().map(str::to_owned));
    host.is_some_and(|host| hosts.contains(&host))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn counter() -> Counter {
        Counter {
            id: 7,
            token: "secret".into(),
            is_enabled: true,
            hosts: vec!["example.ru".into()],
            goals: vec!["srv_order".into()],
            visit_threshold: 1_800,
        }
    }

    /// A whole event with `changes` made to it; an empty value takes the key out.
    fn checked(changes: &[(&str, &str)]) -> Result<Hit, Reason> {
        let mut pairs: Vec<(String, String)> = [
            ("tid", "7"),
            ("ms", "secret"),
            ("cid", "1768350268232845118"),
            ("t", "event"),
            ("ea", "srv_order"),
            ("dl", "https://example.ru/cart"),
        ]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .into();
        for (key, value) in changes {
            pairs.retain(|(name, _)| name != key);
            if !value.is_empty() {
                pairs.push(((*key).to_owned(), (*value).to_owned()));
            }
        }
        check(&pairs, &counter(), NOW)
    }

    #[test]
    fn a_whole_event_passes() {
        let hit = checked(&[]).unwrap();
        assert_eq!((hit.kind, hit.et, hit.goal.as_deref()), (Kind::Event, NOW, Some("srv_order")));
    }

    #[test]
    fn every_fault_has_its_reason() {
        for (key, value, reason) in [
            ("tid", "", Reason::NoTid),
            ("tid", "8", Reason::UnknownCounter),
            ("ms", "guess", Reason::BadToken),
            ("cid", "0", Reason::BadCid),
            ("cid", "+5", Reason::BadCid),
            ("cid", "18446744073709551616", Reason::BadCid),
            ("t", "pageView", Reason::BadType),
            ("dl", "", Reason::MissingDl),
            ("dl", "https://other.ru/", Reason::ForeignHost),
            ("ea", "", Reason::MissingEa),
            ("et", "1800000000000", Reason::BadEt),
            ("et", "1800000061", Reason::BadEt),
            ("et", "1799956799", Reason::TooOld),
        ] {
            assert_eq!(checked(&[(key, value)]), Err(reason), "{key}={value}");
        }
    }

    #[test]
    fn times_at_the_edge_are_taken() {
        assert!(checked(&[("et", "1799956800")]).is_ok());
        assert!(checked(&[("et", "1800000060")]).is_ok());
    }

    #[test]
    fn a_counter_without_the_protocol_records_nothing() {
        let off = Counter { is_enabled: false, ..counter() };
        let pairs = [("tid".to_owned(), "7".to_owned())];
        assert_eq!(check(&pairs, &off, NOW), Err(Reason::MpDisabled));
    }
}
