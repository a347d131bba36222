//! The public side and the local one, over hyper's HTTP/1.

pub mod assets;
mod listener;
pub mod me;
pub mod ops;
pub mod visitor;

use std::{convert::Infallible, net::IpAddr, sync::Arc};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{
    HeaderMap, Method, Request, Response, StatusCode,
    body::Body,
    header::{
        ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
        ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ALLOW, CACHE_CONTROL, CONTENT_TYPE,
        HeaderName, HeaderValue, RETRY_AFTER,
    },
};

use crate::{
    accept::{Acceptor, Outcome},
    refusal::Refusal,
    request::route::Route,
};
use assets::Assets;
use me::{Asked, SelfService};
use visitor::Visitor;

pub use listener::{Limits, bind, serve};

/// A GIF of one transparent pixel: the smallest image that every browser decodes. Screen
/// of 1 x 1 with a palette of two, colour 0 transparent, one pixel of colour 0 (GIF89a).
const PIXEL: &[u8] = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\0\0\0\
    \x21\xf9\x04\x01\0\0\0\0\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0\x3b";

/// How a request came here, in JSON (docs/wire-v1.md).
const ROUTE_PATH: &str = "/api/route";

/// What both sides answer with.
pub type Answer = Response<Full<Bytes>>;

/// Why an event was not stored, in words of the ledger, for whoever debugs a site.
const X_DROPPED: HeaderName = HeaderName::from_static("x-dropped");

/// Seconds a sender should wait after 503 and 429: enough for a disk to come back, or
/// for half a burst to be free again.
const RETRY_AFTER_SECONDS: &str = "5";

/// Seconds a browser may remember the answer to a preflight: a day, Chromium's own
/// upper bound is two hours.
const PREFLIGHT_SECONDS: &str = "86400";

/// The public side: what a site's visitors reach.
pub struct Public {
    pub acceptor: Acceptor,
    pub assets: Assets,
    pub visitor: Visitor,
    pub me: SelfService,
}

impl Public {
    /// Answers one request. Never fails: every refusal is an answer.
    pub async fn answer<B>(self: Arc<Self>, peer: IpAddr, request: Request<B>) -> Result<Answer, Infallible>
    where
        B: Body,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let path = request.uri().path();
        let answer = match (request.method(), path) {
            (&Method::POST, "/api/event") => told(&self.acceptor.accept(peer, request).await),
            (&Method::GET, "/api/event") => pictured(told(&self.acceptor.accept(peer, request).await)),
            (&Method::OPTIONS, "/api/event") => preflight(),
            (&Method::GET | &Method::HEAD, me::PATH | "/privacy/me.json") => {
                let asked = Asked { peer, headers: request.headers(), query: request.uri().query() };
                self.me.show(&self.acceptor, &asked, path.ends_with(".json")).await
            }
            (&Method::POST, path) if path.starts_with(me::PATH) => {
                let asked = Asked { peer, headers: request.headers(), query: request.uri().query() };
                let done = self.me.change(&self.acceptor, &asked, path).await;
                done.unwrap_or_else(|| text(StatusCode::NOT_FOUND, "not found\n"))
            }
            (&Method::GET | &Method::HEAD, ROUTE_PATH) => {
                routed(&self.acceptor.reader.route(peer, request.headers()))
            }
            (_, "/api/event") => not_allowed("GET, POST, OPTIONS"),
            (&Method::GET | &Method::HEAD, path) => {
                let headers = request.headers();
                let asset = self.assets.find(path).map(|asset| asset.answer(headers));
                asset
                    .or_else(|| self.visitor.find(path, request.uri().query(), headers))
                    .unwrap_or_else(|| text(StatusCode::NOT_FOUND, "not found\n"))
            }
            _ => not_allowed("GET, HEAD"),
        };
        Ok(answer)
    }
}

/// The answer for what became of a request's events.
///
/// Any event stored makes it 202. Otherwise the worst refusal decides, so that a
/// sender tries again exactly when that can help.
fn told(outcome: &Outcome) -> Answer {
    let worst = outcome.refused.iter().copied().max_by_key(|reason| reason.status().as_u16());
    let status = match worst {
        Some(reason) if outcome.stored == 0 || reason.status().is_server_error() => reason.status(),
        _ => StatusCode::ACCEPTED,
    };
    let body = match worst {
        Some(reason) if !status.is_success() => explain(reason),
        _ => Bytes::new(),
    };
    let mut answer = Response::new(Full::new(body));
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    cross_origin(headers);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if !status.is_success() {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    if matches!(status, StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS) {
        headers.insert(RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER_SECONDS));
    }
    let labels: Vec<&str> =
        outcome.refused.iter().filter(|reason| reason.is_told()).map(|reason| reason.label()).collect();
    if !labels.is_empty() {
        let value = HeaderValue::from_str(&labels.join(", ")).expect("labels are lower-case ASCII");
        headers.insert(X_DROPPED, value);
    }
    answer
}

/// The answer to an image: one, also for a refusal, since that is final. Only where trying
/// again can help the image is broken, which is all a script hears of it.
fn pictured(mut answer: Answer) -> Answer {
    if !answer.headers().contains_key(RETRY_AFTER) {
        *answer.body_mut() = Full::new(Bytes::from_static(PIXEL));
        answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("image/gif"));
    }
    answer
}

/// For the dashboard's check of the way here.
fn routed(route: &Route) -> Answer {
    let body = serde_json::to_vec(route).expect("three booleans are JSON");
    let mut answer = Response::new(Full::new(Bytes::from(body)));
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

fn explain(reason: Refusal) -> Bytes {
    let body = serde_json::json!({"error": {"code": reason.label(), "message": reason.advice()}});
    Bytes::from(format!("{body}\n"))
}

/// Any site may send, none may read anything but the status and the reason.
fn cross_origin(headers: &mut HeaderMap) {
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("X-Dropped"));
}

/// Our script never causes a preflight; others' JSON does.
fn preflight() -> Answer {
    let mut answer = Response::new(Full::default());
    *answer.status_mut() = StatusCode::NO_CONTENT;
    let headers = answer.headers_mut();
    cross_origin(headers);
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST"));
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("Content-Type"));
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(PREFLIGHT_SECONDS));
    answer
}

fn not_allowed(allow: &'static str) -> Answer {
    let mut answer = text(StatusCode::METHOD_NOT_ALLOWED, "method not allowed\n");
    answer.headers_mut().insert(ALLOW, HeaderValue::from_static(allow));
    answer
}

fn text(status: StatusCode, body: &'static str) -> Answer {
    let mut answer = Response::new(Full::new(Bytes::from_static(body.as_bytes())));
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(stored: usize, refused: &[Refusal]) -> u16 {
        told(&Outcome { stored, refused: refused.to_vec() }).status().as_u16()
    }

    #[test]
    fn one_stored_event_makes_the_answer_an_acceptance() {
        assert_eq!(status(1, &[]), 202);
        assert_eq!(status(1, &[Refusal::BadField]), 202);
    }

    #[test]
    fn a_sender_is_told_to_retry_only_when_that_helps() {
        assert_eq!(status(0, &[Refusal::BadField, Refusal::SpoolFull]), 503);
        assert_eq!(status(0, &[Refusal::BadField, Refusal::Gpc]), 400);
        assert_eq!(status(0, &[Refusal::BadField, Refusal::SiteRate]), 429);
        assert_eq!(status(0, &[Refusal::SpoolFull, Refusal::SiteRate]), 503);
        assert_eq!(status(0, &[Refusal::Bot]), 202);
    }

    #[tokio::test]
    async fn an_objection_is_answered_byte_for_byte_like_an_acceptance() {
        let accepted = told(&Outcome { stored: 1, refused: vec![] });
        for reason in [Refusal::Gpc, Refusal::Dnt, Refusal::OptOut, Refusal::LateEngagement] {
            let refused = told(&Outcome { stored: 0, refused: vec![reason] });
            assert_eq!(refused.status(), accepted.status());
            assert_eq!(refused.headers(), accepted.headers());
            assert_eq!(body(refused).await, "");
        }
        assert_eq!(body(accepted).await, "");
    }

    async fn body(answer: Answer) -> Bytes {
        http_body_util::BodyExt::collect(answer.into_body()).await.unwrap().to_bytes()
    }

    #[test]
    fn whoever_should_try_again_is_told_when() {
        for reason in Refusal::ALL {
            let answer = told(&Outcome { stored: 0, refused: vec![reason] });
            let retry = matches!(answer.status().as_u16(), 429 | 503);
            assert_eq!(answer.headers().contains_key("retry-after"), retry, "{}", reason.label());
        }
    }

    #[test]
    fn an_image_is_broken_only_when_another_try_can_help() {
        let answer = |stored, refused: &[Refusal]| {
            let answer = pictured(told(&Outcome { stored, refused: refused.to_vec() }));
            (
                answer.status().as_u16(),
                answer.headers().get(CONTENT_TYPE).map(|kind| kind.to_str().unwrap().to_owned()),
            )
        };
        let gif = Some("image/gif".to_owned());
        assert_eq!(answer(1, &[]), (202, gif.clone()));
        assert_eq!(answer(0, &[Refusal::UnknownSite]), (400, gif));
        assert_eq!(answer(0, &[Refusal::SpoolFull]), (503, Some("application/json".to_owned())));
    }

    #[test]
    fn the_reason_is_in_the_header_and_readable_across_origins() {
        let answer = told(&Outcome { stored: 0, refused: vec![Refusal::UnknownSite] });
        assert_eq!(answer.headers()["x-dropped"], "unknown_site");
        assert_eq!(answer.headers()["access-control-allow-origin"], "*");
        assert_eq!(answer.headers()["access-control-expose-headers"], "X-Dropped");
    }
}
