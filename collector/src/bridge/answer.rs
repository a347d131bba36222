//! What an answer of Metrika means, or its absence (metrika.md section 8.6). Pure.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::StatusCode;

/// The body of a success, spaces aside. Nothing documents it; practice agrees on it.
const OK_BODY: &[u8] = b"<!-- OK -->";

/// Longest `Retry-After` that is honoured: above it the goal's own age decides.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(3600);

/// How a request ended, as the sender saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// Nothing was written: no such host, no connection, no TLS.
    NotSent,
    /// Something was written and no whole answer came.
    NoAnswer,
    Answer {
        status: StatusCode,
        body: Vec<u8>,
        retry_after: Option<Duration>,
    },
}

/// What to make of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    Safe,
    Ambiguous,
    Accepted,
    /// Success with a body we do not know: a portal in between, or a changed protocol.
    Unverified,
    /// Final for this row.
    Rejected(&'static str),
    /// Final for the destination: a wrong token, or the protocol is switched off there.
    Denied,
    /// It was not taken: come again, not before.
    Busy(Option<Duration>),
    /// Something broke there, before or after it was taken: as good as no answer.
    Broken(Option<Duration>),
}

impl Class {
    /// The word of reports and metrics.
    pub fn label(self) -> &'static str {
        match self {
            Class::Safe => "unreachable",
            Class::Ambiguous => "no_answer",
            Class::Accepted => "ok",
            Class::Unverified => "unknown_answer",
            Class::Rejected(reason) => reason,
            Class::Denied => "denied",
            Class::Busy(_) => "busy",
            Class::Broken(_) => "broken",
        }
    }
}

pub fn classify(seen: &Seen) -> Class {
    let (status, body, retry_after) = match seen {
        Seen::NotSent => return Class::Safe,
        Seen::NoAnswer => return Class::Ambiguous,
        Seen::Answer { status, body, retry_after } => (status.as_u16(), body, *retry_after),
    };
    match status {
        200 if body.trim_ascii() == OK_BODY => Class::Accepted,
        200..=299 => Class::Unverified,
        // A redirected POST would lose its body, or take it to another host.
        300..=399 => Class::Rejected("redirected"),
        401 | 403 => Class::Denied,
        408 | 420 | 425 | 429 | 503 => Class::Busy(retry_after),
        500..=599 => Class::Broken(retry_after),
        _ => Class::Rejected("refused"),
    }
}

/// `Retry-After`: seconds, or a date.
pub fn retry_after(text: &str, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    let wait = match text.parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            let date = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
            Duration::try_from(date.duration_since(now)).unwrap_or(Duration::ZERO)
        }
    };
    Some(wait.min(RETRY_AFTER_MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(status: u16, body: &str) -> Class {
        let status = StatusCode::from_u16(status).unwrap();
        classify(&Seen::Answer { status, body: body.into(), retry_after: Some(Duration::from_secs(7)) })
    }

    #[test]
    fn only_the_known_body_is_an_acceptance() {
        assert_eq!(class(200, "<!-- OK -->"), Class::Accepted);
        assert_eq!(class(200, " <!-- OK -->\r\n"), Class::Accepted);
        for body in ["", "<html>", "OK"] {
            assert_eq!(class(200, body), Class::Unverified, "{body:?}");
        }
        assert_eq!(class(204, ""), Class::Unverified);
    }

    #[test]
    fn every_status_has_its_class() {
        for status in [301, 302, 307, 308] {
            assert_eq!(class(status, ""), Class::Rejected("redirected"));
        }
        for status in [400, 404, 405, 413, 414, 422] {
            assert_eq!(class(status, ""), Class::Rejected("refused"));
        }
        for status in [401, 403] {
            assert_eq!(class(status, ""), Class::Denied);
        }
        for status in [408, 420, 425, 429, 503] {
            assert_eq!(class(status, ""), Class::Busy(Some(Duration::from_secs(7))));
        }
        for status in [500, 502, 504] {
            assert_eq!(class(status, ""), Class::Broken(Some(Duration::from_secs(7))));
        }
        assert_eq!(classify(&Seen::NotSent), Class::Safe);
        assert_eq!(classify(&Seen::NoAnswer), Class::Ambiguous);
    }

    #[test]
    fn a_wait_is_seconds_or_a_date_and_has_an_end() {
        let now: Timestamp = "2026-11-25T12:00:00Z".parse().unwrap();
        let seconds = |text| retry_after(text, now).map(|wait| wait.as_secs());
        assert_eq!(seconds("120"), Some(120));
        assert_eq!(seconds("Wed, 25 Nov 2026 12:02:00 GMT"), Some(120));
        assert_eq!(seconds("Wed, 25 Nov 2026 11:00:00 GMT"), Some(0));
        assert_eq!(seconds("999999"), Some(3600));
        assert_eq!(seconds("soon"), None);
    }
}
