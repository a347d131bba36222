//! One event as it was sent, checked against the limits of wire format v1.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, de};
use serde_json::Value;
use store::event::{Vitals, engaged_in_steps};
use url::Url;

use super::{
    money::{Money, RawMoney},
    vitals::RawVitals,
};
use crate::refusal::Refusal;

// Limits of docs/wire-v1.md, in characters unless the name says otherwise. They
// are Plausible's where the key is Plausible's.
pub const NAME_MAX: usize = 120;
pub const DOMAIN_MAX: usize = 253;
pub const URL_MAX: usize = 2_000;
/// A longer referrer is none, in bytes: four for each character of an address.
const REFERRER_BYTES_MAX: usize = 4 * URL_MAX;
pub const PROPS_MAX: usize = 30;
pub const PROP_KEY_MAX: usize = 300;
pub const PROP_VALUE_MAX: usize = 2_000;
/// Longest engagement of one page view that is believed: a day.
const ENGAGED_MS_MAX: u64 = 24 * 3600 * 1000;
/// An event held back longer than this by its browser is not counted.
const AGE_MS_MAX: u64 = 24 * 3600 * 1000;

#[derive(Debug, PartialEq, Eq)]
pub enum BeaconKind {
    Pageview,
    Custom(String),
    Engagement,
}

/// What the visitor has said about forwarding to Metrika, as of this event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consent {
    Given,
    /// Taken back: what is not yet sent must not be.
    Withdrawn,
    /// Never asked, or the site does not say.
    Unknown,
}

/// One event: every field within its limit, the URL parsed. Not for printing: a URL
/// or a property may hold what a careless site put there.
pub struct Beacon {
    pub kind: BeaconKind,
    /// Lower case.
    pub domain: String,
    pub url: Url,
    /// Whether the site routes by fragment: then the fragment is part of the path.
    pub hash_routing: bool,
    /// As sent; only where a visit begins is it worth reading.
    pub referrer: Option<String>,
    pub props: Vec<(String, String)>,
    pub revenue: Option<Money>,
    pub interactive: bool,
    pub engaged_ms: u32,
    /// Percent, 0-100.
    pub scroll: u8,
    /// Web vitals of this page view so far.
    pub vitals: Vitals,
    /// 0: the sender gave none.
    pub page_view: u64,
    /// 0: the sender gave none.
    pub event_id: u64,
    pub age_ms: u64,
    /// Came back from the back-forward cache: opens no new visit's source.
    pub restored: bool,
    /// The script saw signs of automation.
    pub automated: bool,
    pub consent: Consent,
}

/// The keys of the wire; the long names are those of Plausible's Events API for
/// callers on a server. Unknown keys are ignored, so that newer scripts work.
#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(alias = "name", borrow)]
    n: Cow<'a, str>,
    #[serde(alias = "domain", borrow)]
    d: Cow<'a, str>,
    #[serde(alias = "url", borrow)]
    u: Cow<'a, str>,
    #[serde(default, alias = "referrer")]
    r: Option<String>,
    #[serde(default, alias = "props", alias = "m", alias = "meta")]
    p: Option<Value>,
    #[serde(default, rename = "$", alias = "revenue")]
    revenue: Option<RawMoney>,
    #[serde(default, alias = "interactive")]
    i: Option<bool>,
    #[serde(default, deserialize_with = "flag")]
    h: bool,
    #[serde(default)]
    e: Option<u64>,
    #[serde(default)]
    sd: Option<u8>,
    #[serde(default)]
    wv: Option<RawVitals>,
    #[serde(default, borrow)]
    pv: Option<Text<'a>>,
    #[serde(default, borrow)]
    x: Option<Text<'a>>,
    #[serde(default)]
    a: Option<u64>,
    #[serde(default, borrow)]
    nt: Option<Text<'a>>,
    #[serde(default)]
    b: Option<u32>,
    #[serde(default)]
    c: Option<u8>,
}

/// Text that is copied only if it is escaped. Of an `Option<Cow>` serde always makes a copy.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// `1`, `true`: Plausible sends the number, its server API takes both.
fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Bool(set) => Ok(set),
        Value::Number(number) => Ok(number.as_u64() == Some(1)),
        Value::Null => Ok(false),
        _ => Err(de::Error::custom("h must be 1")),
    }
}

impl Beacon {
    /// Reads one event's JSON.
    pub fn read(json: &str) -> Result<Beacon, Refusal> {
        let wire: Wire = serde_json::from_str(json).map_err(|error| match error.classify() {
            serde_json::error::Category::Data => Refusal::BadField,
            serde_json::error::Category::Syntax
            | serde_json::error::Category::Eof
            | serde_json::error::Category::Io => Refusal::NotJson,
        })?;
        wire.check()
    }
}

impl Wire<'_> {
    fn check(self) -> Result<Beacon, Refusal> {
        let fits = |text: &str, max| !text.is_empty() && (text.len() <= max || text.chars().count() <= max);
        let all_fit = fits(&self.n, NAME_MAX) && fits(&self.d, DOMAIN_MAX) && fits(&self.u, URL_MAX);
        if !all_fit || self.sd.is_some_and(|percent| percent > 100) {
            return Err(Refusal::BadField);
        }
        let age_ms = self.a.unwrap_or(0);
        if age_ms > AGE_MS_MAX {
            return Err(Refusal::TooOld);
        }
        let url = Url::parse(&self.u).map_err(|_| Refusal::BadField)?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Refusal::BadField);
        }
        Ok(Beacon {
            kind: match &*self.n {
                "pageview" => BeaconKind::Pageview,
                "engagement" => BeaconKind::Engagement,
                _ => BeaconKind::Custom(self.n.into_owned()),
            },
            domain: self.d.to_ascii_lowercase(),
            url,
            hash_routing: self.h,
            referrer: self.r.filter(|text| text.len() <= REFERRER_BYTES_MAX),
            props: self.p.map_or(Ok(Vec::new()), props)?,
            revenue: self.revenue.map(RawMoney::read).transpose()?,
            interactive: self.i.unwrap_or(true),
            engaged_ms: engaged_in_steps(
                u32::try_from(self.e.unwrap_or(0).min(ENGAGED_MS_MAX)).unwrap_or(u32::MAX),
            ),
            scroll: self.sd.unwrap_or(0),
            vitals: self.wv.map_or_else(Vitals::default, RawVitals::read),
            page_view: self.pv.map_or(0, |text| random_number(&text.0)),
            event_id: self.x.map_or(0, |text| random_number(&text.0)),
            age_ms,
            restored: self.nt.is_some_and(|text| text.0 == "c"),
            automated: self.b.is_some_and(|code| (150..=153).contains(&code)),
            consent: match self.c {
                Some(1) => Consent::Given,
                Some(0) => Consent::Withdrawn,
                // A number of a later version of the wire is no consent in this one.
                Some(_) | None => Consent::Unknown,
            },
        })
    }
}

/// An object of scalars. Plausible's old script sends it as a string of JSON.
fn props(value: Value) -> Result<Vec<(String, String)>, Refusal> {
    let object = match value {
        Value::Null => return Ok(Vec::new()),
        Value::Object(object) => object,
        Value::String(text) => serde_json::from_str(&text).map_err(|_| Refusal::BadField)?,
        _ => return Err(Refusal::BadField),
    };
    if object.len() > PROPS_MAX {
        return Err(Refusal::TooManyProps);
    }
    object.into_iter().filter_map(|(key, value)| prop(key, value).transpose()).collect()
}

fn prop(key: String, value: Value) -> Result<Option<(String, String)>, Refusal> {
    let text = match value {
        Value::String(text) => text,
        Value::Number(number) => number.to_string(),
        Value::Bool(set) => set.to_string(),
        Value::Null => return Ok(None),
        Value::Array(_) | Value::Object(_) => return Err(Refusal::BadField),
    };
    if key.is_empty() || key.chars().count() > PROP_KEY_MAX || text.chars().count() > PROP_VALUE_MAX {
        return Err(Refusal::BadField);
    }
    Ok(Some((key, text)))
}

/// The page's random number, as a number of ours. It is random already; the hash
/// only brings any text to 64 bits. Never 0, which means "none".
fn random_number(text: &str) -> u64 {
    let hash = blake3::hash(text.as_bytes());
    let (first, _) = hash.as_bytes().split_first_chunk().expect("a hash has 32 bytes");
    u64::from_le_bytes(*first).max(1)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn with(extra: Value) -> Result<Beacon, Refusal> {
        let mut event = json!({"n": "pageview", "d": "Example.ru", "u": "https://example.ru/a?b#c"});
        event.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        Beacon::read(&event.to_string())
    }

    #[test]
    fn a_page_view_needs_name_domain_and_url_only() {
        let beacon = with(json!({})).unwrap();
        assert_eq!(beacon.kind, BeaconKind::Pageview);
        assert_eq!(beacon.domain, "example.ru");
        assert!(beacon.interactive);
        assert_eq!(Beacon::read(r#"{"n":"pageview","d":"example.ru"}"#).err(), Some(Refusal::BadField));
    }

    #[test]
    fn names_of_the_events_api_are_understood() {
        let json =
            r#"{"name":"Order","domain":"example.ru","url":"https://example.ru/","props":{"plan":"pro"}}"#;
        let beacon = Beacon::read(json).unwrap();
        assert_eq!(beacon.kind, BeaconKind::Custom("Order".into()));
        assert_eq!(beacon.props, [("plan".to_owned(), "pro".to_owned())]);
    }

    #[test]
    fn unknown_keys_are_ignored() {
        assert!(with(json!({"zz": [1, 2], "w": 1440})).is_ok());
    }

    #[test]
    fn every_limit_is_met_from_both_sides() {
        let long = |n| "a".repeat(n);
        assert!(with(json!({"n": long(NAME_MAX)})).is_ok());
        assert_eq!(with(json!({"n": long(NAME_MAX + 1)})).err(), Some(Refusal::BadField));
        assert_eq!(with(json!({"n": ""})).err(), Some(Refusal::BadField));
        assert_eq!(with(json!({"d": long(DOMAIN_MAX + 1)})).err(), Some(Refusal::BadField));
        assert_eq!(
            with(json!({"u": format!("https://example.ru/{}", long(URL_MAX))})).err(),
            Some(Refusal::BadField)
        );
        assert!(with(json!({"p": {"k": long(PROP_VALUE_MAX)}})).is_ok());
        assert_eq!(with(json!({"p": {"k": long(PROP_VALUE_MAX + 1)}})).err(), Some(Refusal::BadField));
        assert_eq!(with(json!({"p": {long(PROP_KEY_MAX + 1): 1}})).err(), Some(Refusal::BadField));
        assert!(with(json!({"sd": 100})).is_ok());
        assert_eq!(with(json!({"sd": 101})).err(), Some(Refusal::BadField));
        assert!(with(json!({"a": AGE_MS_MAX})).is_ok());
        assert_eq!(with(json!({"a": AGE_MS_MAX + 1})).err(), Some(Refusal::TooOld));
    }

    #[test]
    fn properties_have_a_number_and_a_shape() {
        let many = |n: usize| (0..n).map(|i| (format!("k{i}"), json!(1))).collect::<serde_json::Map<_, _>>();
        assert_eq!(with(json!({"p": many(PROPS_MAX)})).unwrap().props.len(), PROPS_MAX);
        assert_eq!(with(json!({"p": many(PROPS_MAX + 1)})).err(), Some(Refusal::TooManyProps));
        assert_eq!(with(json!({"p": {"k": {"nested": 1}}})).err(), Some(Refusal::BadField));
        assert_eq!(with(json!({"p": {"k": null}})).unwrap().props.len(), 0);
        assert_eq!(with(json!({"p": "{\"k\":\"v\"}"})).unwrap().props.len(), 1);
    }

    #[test]
    fn consent_is_one_withdrawal_is_zero_and_everything_else_is_neither() {
        let consent = |extra| with(extra).unwrap().consent;
        assert_eq!(consent(json!({"c": 1})), Consent::Given);
        assert_eq!(consent(json!({"c": 0})), Consent::Withdrawn);
        assert_eq!(consent(json!({"c": 3})), Consent::Unknown);
        assert_eq!(consent(json!({})), Consent::Unknown);
    }

    #[test]
    fn engaged_time_is_kept_to_the_nearest_tenth_of_a_second() {
        let kept = |e: u64| with(json!({"e": e})).unwrap().engaged_ms;
        assert_eq!([0, 49, 50, 12_349, 12_350].map(kept), [0, 0, 100, 12_300, 12_400]);
        assert_eq!([ENGAGED_MS_MAX, u64::MAX].map(kept), [86_400_000; 2]);
    }

    #[test]
    fn vitals_are_an_object_of_numbers() {
        assert_eq!(with(json!({"wv": {"lcp": 1200}})).unwrap().vitals.0, [("lcp", 1200)]);
        assert_eq!(with(json!({})).unwrap().vitals.0, []);
        for odd in [json!([]), json!(1), json!({"lcp": "1200"}), json!({"lcp": -1}), json!({"inp": 1.5})] {
            assert_eq!(with(json!({"wv": odd})).err(), Some(Refusal::BadField), "{odd}");
        }
    }

    #[test]
    fn only_pages_of_the_web_count() {
        assert_eq!(with(json!({"u": "file:///home/x"})).err(), Some(Refusal::BadField));
        assert_eq!(with(json!({"u": "/relative"})).err(), Some(Refusal::BadField));
    }
}
