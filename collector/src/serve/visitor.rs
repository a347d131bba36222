//! What this server tells visitors about itself: a page for people in Russian and
//! English, the same for machines, and the well-known files. Made from the running
//! settings, so that it cannot say what is not so. Works without JavaScript and
//! stores nothing; never answers with anything about the one who asks, except which
//! signals this very request carried.

mod disclosure;
pub mod forwarded;
pub mod language;
pub mod notice;
pub mod own;
mod own_words;
mod page;
mod stored;
pub mod well_known;
mod words;

use std::sync::Arc;

use arc_swap::ArcSwap;
use hyper::{
    HeaderMap, Response, StatusCode,
    header::{
        ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE,
        HeaderName, HeaderValue, LINK, REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS,
    },
};

use super::{Answer, me::site_of};
use crate::{bridge::destination::Switches, clock::Clock, privacy::Precision, request::Signals, site::Sites};
use forwarded::Forwarded;
use language::Language;
pub use well_known::Contact;

/// The page loads its style sheet and nothing else, and runs nothing.
const POLICY: &str =
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const STYLE_PATH: &str = "/privacy/style.css";
const DISCLOSURE_PATH: &str = "/privacy/disclosure.json";

/// What the pages are made from.
pub struct Visitor {
    pub facts: notice::Facts,
    pub precision: Precision,
    /// Whether there is a file to look countries up in.
    pub knows_countries: bool,
    pub contact: Option<Contact>,
    pub switches: Switches,
    pub sites: Arc<ArcSwap<Sites>>,
    pub clock: Clock,
}

impl Visitor {
    /// The answer for `path`, if it is one of ours.
    pub fn find(&self, path: &str, query: Option<&str>, request: &HeaderMap) -> Option<Answer> {
        let answer = match path {
            "/privacy" | "/privacy/" => {
                let language = Language::of(query, request);
                let mut answer = made(
                    "text/html; charset=utf-8",
                    page::html(self, language, Signals::of(request), self.forwarded(query, request).as_ref()),
                );
                let headers = answer.headers_mut();
                headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
                headers.insert(VARY, HeaderValue::from_static("Accept-Language, Sec-GPC, DNT"));
                answer
            }
            STYLE_PATH => made("text/css; charset=utf-8", include_str!("visitor/style.css").to_owned()),
            "/privacy/notice.txt" => {
                let facts = notice::Facts { forwarded: self.forwarded(query, request), ..self.facts.clone() };
                made("text/plain; charset=utf-8", facts.text(Language::of(query, request)))
            }
            DISCLOSURE_PATH => json(&disclosure::json(self, self.forwarded(query, request).as_ref())),
            "/.well-known/gpc.json" => json(&well_known::gpc()),
            "/.well-known/security.txt" => made(
                "text/plain; charset=utf-8",
                well_known::security_txt(self.contact.as_ref()?, self.clock.now()),
            ),
            _ => return None,
        };
        Some(answer)
    }

    /// What leaves of the site the request is about, or else of any.
    fn forwarded(&self, query: Option<&str>, request: &HeaderMap) -> Option<Forwarded> {
        let sites = self.sites.load();
        Forwarded::of(&self.switches.load(), site_of(&sites, query, request).map(|site| site.id))
    }
}

/// Readable by any site's page, as a declaration about this server should be.
fn json(value: &serde_json::Value) -> Answer {
    let mut answer = made("application/json", format!("{value:#}\n"));
    answer.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    answer
}

fn made(content_type: &'static str, body: String) -> Answer {
    let mut answer = Response::new(body.into());
    *answer.status_mut() = StatusCode::OK;
    let headers: [(HeaderName, &'static str); 6] = [
        (CONTENT_TYPE, content_type),
        // A setting may change at the next start, and the page must say so.
        (CACHE_CONTROL, "no-cache"),
        (CONTENT_SECURITY_POLICY, POLICY),
        (REFERRER_POLICY, "no-referrer"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (LINK, "</privacy>; rel=\"privacy-policy\""),
    ];
    for (name, value) in headers {
        answer.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    answer
}
