//! The wire format v1 (docs/wire-v1.md): from a body to beacons. Pure: no clock,
//! no I/O. A list of events is read one by one, so that one bad event does not
//! sink its neighbours.

mod beacon;
mod money;
mod vitals;

use serde_json::value::RawValue;

pub use beacon::{Beacon, BeaconKind, Consent};
pub use money::Money;

use crate::refusal::Refusal;

/// Events in one request, at most: a browser's retry flush is far below.
pub const EVENTS_PER_REQUEST_MAX: usize = 20;

/// Reads a whole body. The outer error concerns the request, the inner ones the
/// events of a list.
pub fn body(bytes: &[u8]) -> Result<Vec<Result<Beacon, Refusal>>, Refusal> {
    let text = std::str::from_utf8(bytes).map_err(|_| Refusal::NotUtf8)?;
    if text.trim_start().starts_with('[') {
        let events: Vec<&RawValue> = serde_json::from_str(text).map_err(|_| Refusal::NotJson)?;
        if events.len() > EVENTS_PER_REQUEST_MAX {
            return Err(Refusal::TooManyEvents);
        }
        if events.is_empty() {
            return Err(Refusal::NotJson);
        }
        Ok(events.into_iter().map(|event| Beacon::read(event.get())).collect())
    } else {
        Ok(vec![Ok(Beacon::read(text)?)])
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_bad_event_does_not_sink_its_neighbours() {
        let good = r#"{"n":"pageview","d":"example.ru","u":"https://example.ru/"}"#;
        let read = body(format!("[{good},{{\"n\":7}},{good}]").as_bytes()).unwrap();
        let outcomes: Vec<_> = read.iter().map(|one| one.as_ref().err().copied()).collect();
        assert_eq!(outcomes, [None, Some(Refusal::BadField), None]);
    }

    #[test]
    fn a_list_has_a_limit_and_may_not_be_empty() {
        let one = r#"{"n":"pageview","d":"example.ru","u":"https://example.ru/"}"#;
        let list = |n: usize| format!("[{}]", vec![one; n].join(","));
        assert_eq!(body(list(20).as_bytes()).unwrap().len(), 20);
        assert_eq!(body(list(21).as_bytes()).err(), Some(Refusal::TooManyEvents));
        assert_eq!(body(b"[]").err(), Some(Refusal::NotJson));
    }

    #[test]
    fn bytes_that_are_not_utf8_are_named_as_such() {
        assert_eq!(body(b"{\"n\":\"\xff\"}").err(), Some(Refusal::NotUtf8));
    }

    #[test]
    fn a_deeply_nested_body_is_refused_without_exhausting_the_stack() {
        let deep = format!("{}{}", "[".repeat(8000), "]".repeat(8000));
        let read = body(deep.as_bytes()).unwrap();
        assert!(read[0].is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_get_an_answer(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            let _ = body(&bytes);
        }

        #[test]
        fn any_text_fields_get_an_answer(name in ".{0,200}", url in ".{0,100}", key in ".{0,20}", value in ".{0,40}") {
            let event = serde_json::json!({"n": name, "d": "example.ru", "u": url, "p": {key: value}});
            let _ = body(event.to_string().as_bytes());
        }
    }
}
