//! Why an event was not stored: a closed list. Each reason has one label, the
//! same word in the ledger, in the `X-Dropped` header, in metrics and in tests.

use hyper::StatusCode;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Refusal {
    /// The body is larger than `BODY_BYTES_MAX`, the query than `QUERY_BYTES_MAX`.
    BodyTooLarge,
    /// The body did not arrive in time.
    BodyTimeout,
    /// The connection broke off inside the body.
    BodyBroken,
    /// Neither text/plain nor JSON.
    ContentType,
    /// The body is not UTF-8.
    NotUtf8,
    /// The body is not the JSON of an event or a list of events.
    NotJson,
    /// More events in one request than `EVENTS_PER_REQUEST_MAX`.
    TooManyEvents,
    /// A field is missing, too long or of the wrong shape.
    BadField,
    /// More properties than `PROPS_MAX`.
    TooManyProps,
    /// The event was held back longer than `AGE_MAX`.
    TooOld,
    /// A server's token that is not ours.
    WrongToken,
    /// A server that does not say whose visit it tells of.
    NoVisitorAddress,
    /// No site of ours has this domain.
    UnknownSite,
    /// The page's host does not belong to the site.
    UnknownHost,
    /// The visitor's browser says Global Privacy Control.
    Gpc,
    /// The visitor's browser says Do Not Track.
    Dnt,
    /// The visitor's group has opted out on `/privacy/me`.
    OptOut,
    /// A crawler, a monitor, a library: not a person.
    Bot,
    /// An engagement message whose visit is over.
    LateEngagement,
    /// More events of one network for one site than `Rates::network`.
    NetworkRate,
    /// More events for one site than `Rates::site`.
    SiteRate,
    /// More events than `Rates::overall`.
    OverallRate,
    /// The spool is nearly full: engagement has to wait.
    SpoolShedding,
    /// The spool has reached its limit or its disk fails.
    SpoolFull,
    /// The day's key could not be made.
    NoKey,
}

impl Refusal {
    /// Every reason, for tests and for reports.
    pub const ALL: [Refusal; 25] = [
        Refusal::BodyTooLarge,
        Refusal::BodyTimeout,
        Refusal::BodyBroken,
        Refusal::ContentType,
        Refusal::NotUtf8,
        Refusal::NotJson,
        Refusal::TooManyEvents,
        Refusal::BadField,
        Refusal::TooManyProps,
        Refusal::TooOld,
        Refusal::WrongToken,
        Refusal::NoVisitorAddress,
        Refusal::UnknownSite,
        Refusal::UnknownHost,
        Refusal::Gpc,
        Refusal::Dnt,
        Refusal::OptOut,
        Refusal::Bot,
        Refusal::LateEngagement,
        Refusal::NetworkRate,
        Refusal::SiteRate,
        Refusal::OverallRate,
        Refusal::SpoolShedding,
        Refusal::SpoolFull,
        Refusal::NoKey,
    ];

    /// The answer's status. What is not the sender's mistake is answered like an
    /// accepted event: a browser shall not retry it, a visitor shall not notice.
    pub fn status(self) -> StatusCode {
        match self {
            Refusal::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Refusal::BodyTimeout => StatusCode::REQUEST_TIMEOUT,
            Refusal::ContentType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Refusal::WrongToken => StatusCode::UNAUTHORIZED,
            Refusal::BodyBroken
            | Refusal::NotUtf8
            | Refusal::NotJson
            | Refusal::TooManyEvents
            | Refusal::BadField
            | Refusal::TooManyProps
            | Refusal::TooOld
            | Refusal::NoVisitorAddress
            | Refusal::UnknownSite
            | Refusal::UnknownHost => StatusCode::BAD_REQUEST,
            Refusal::Gpc | Refusal::Dnt | Refusal::OptOut | Refusal::Bot | Refusal::LateEngagement => {
                StatusCode::ACCEPTED
            }
            Refusal::NetworkRate | Refusal::SiteRate | Refusal::OverallRate => StatusCode::TOO_MANY_REQUESTS,
            Refusal::SpoolShedding | Refusal::SpoolFull | Refusal::NoKey => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The word for ledger, header and metrics.
    pub fn label(self) -> &'static str {
        match self {
            Refusal::BodyTooLarge => "body_too_large",
            Refusal::BodyTimeout => "body_timeout",
            Refusal::BodyBroken => "body_broken",
            Refusal::ContentType => "content_type",
            Refusal::NotUtf8 => "not_utf8",
            Refusal::NotJson => "not_json",
            Refusal::TooManyEvents => "too_many_events",
            Refusal::BadField => "bad_field",
            Refusal::TooManyProps => "too_many_props",
            Refusal::TooOld => "too_old",
            Refusal::WrongToken => "wrong_token",
            Refusal::NoVisitorAddress => "no_visitor_address",
            Refusal::UnknownSite => "unknown_site",
            Refusal::UnknownHost => "unknown_host",
            Refusal::Gpc => "gpc",
            Refusal::Dnt => "dnt",
            Refusal::OptOut => "opt_out",
            Refusal::Bot => "bot",
            Refusal::LateEngagement => "late_engagement",
            Refusal::NetworkRate => "network_rate",
            Refusal::SiteRate => "site_rate",
            Refusal::OverallRate => "overall_rate",
            Refusal::SpoolShedding => "spool_shedding",
            Refusal::SpoolFull => "spool_full",
            Refusal::NoKey => "no_key",
        }
    }

    /// What the sender should change, for the body of the answer.
    pub fn advice(self) -> &'static str {
        match self {
            Refusal::BodyTooLarge => "the event is larger than 16 KiB in a body, or 8 KiB in a query",
            Refusal::BodyTimeout => "the body did not arrive within 10 seconds",
            Refusal::BodyBroken => "the body broke off",
            Refusal::ContentType => "send Content-Type: text/plain or application/json",
            Refusal::NotUtf8 => "the body is not UTF-8",
            Refusal::NotJson => "the body is not a JSON event or a list of events",
            Refusal::TooManyEvents => "at most 20 events a request",
            Refusal::BadField => "n, d and u are needed, and every field has a limit: see docs/wire-v1.md",
            Refusal::TooManyProps => "at most 30 properties an event",
            Refusal::TooOld => "the event is older than 24 hours",
            Refusal::WrongToken => "not the token in collector.server_token_file",
            Refusal::NoVisitorAddress => "with a token, send the visitor's address in X-Visitor-Address",
            Refusal::UnknownSite => "no site with this domain: add it in the dashboard",
            Refusal::UnknownHost => "this host is not one of the site's: add it in the dashboard",
            Refusal::Gpc | Refusal::Dnt | Refusal::OptOut | Refusal::Bot | Refusal::LateEngagement => {
                "not counted"
            }
            Refusal::NetworkRate | Refusal::SiteRate | Refusal::OverallRate => {
                "too many events at once: try again later"
            }
            Refusal::SpoolShedding | Refusal::SpoolFull | Refusal::NoKey => "try again later",
        }
    }

    /// Whether the answer may name the reason. It may not when that would tell an
    /// objection from an acceptance, or one behind the same network whether somebody
    /// like them has a visit open.
    pub fn is_told(self) -> bool {
        !self.is_a_visitors_wish() && self != Refusal::LateEngagement
    }

    /// A visitor's wish not to be counted is itself counted by the hour, not by
    /// the minute: on a small site a minute could point at a person.
    pub fn is_a_visitors_wish(self) -> bool {
        matches!(self, Refusal::Gpc | Refusal::Dnt | Refusal::OptOut)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_a_label_of_its_own() {
        let labels: std::collections::BTreeSet<_> =
            Refusal::ALL.iter().map(|reason| reason.label()).collect();
        assert_eq!(labels.len(), Refusal::ALL.len());
    }

    #[test]
    fn a_visitor_who_objects_gets_the_answer_of_an_accepted_event() {
        assert_eq!(Refusal::Gpc.status(), StatusCode::ACCEPTED);
        assert_eq!(Refusal::Dnt.status(), StatusCode::ACCEPTED);
    }
}
