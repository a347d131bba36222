//! From an HTTP request to an [`Arrival`]: the last place that waits, and the only
//! one that sees headers.

pub mod proxies;
mod query;
pub mod route;
pub mod server;

use std::{
    net::IpAddr,
    pin::{Pin, pin},
    time::Duration,
};

use bytes::{Buf, Bytes};
use http_body_util::{BodyExt, Collected, LengthLimitError, Limited};
use hyper::{
    HeaderMap, Method, Request,
    body::Body,
    header::{ACCEPT_LANGUAGE, CONTENT_TYPE, HeaderName, USER_AGENT},
};

use crate::{
    privacy::{ClientIp, Sender},
    refusal::Refusal,
};
use proxies::TrustedProxies;
use server::{ServerToken, X_VISITOR_AGENT, X_VISITOR_LANGUAGE};

/// Largest body read, in bytes. The script's own limit keeps one event, and a retry
/// flush of a few, far below it; browsers share 64 KiB among all of a page's
/// keepalive requests.
pub const BODY_BYTES_MAX: usize = 16 * 1024;

/// How long a body may take. A phone on a bad network needs a few seconds.
pub const BODY_TIME_MAX: Duration = Duration::from_secs(10);

/// How much of a refused body is read and thrown away, in bytes. A connection closed
/// with unread bytes is reset, and the sender sees the reset instead of the reason.
pub const DISCARD_BYTES_MAX: usize = 1 << 20;

/// What a browser says about being counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signals {
    pub gpc: bool,
    pub dnt: bool,
}

impl Signals {
    pub fn of(headers: &HeaderMap) -> Signals {
        let is_one = |name: &str| headers.get(name).is_some_and(|value| value.as_bytes() == b"1");
        Signals { gpc: is_one("sec-gpc"), dnt: is_one("dnt") }
    }

    /// Why nothing of this sender may be counted, if so.
    pub fn refusal(self) -> Option<Refusal> {
        if self.gpc {
            Some(Refusal::Gpc)
        } else if self.dnt {
            Some(Refusal::Dnt)
        } else {
            None
        }
    }
}

/// A request whose body has been read.
pub struct Arrival {
    pub sender: Sender,
    pub signals: Signals,
    pub body: Bytes,
}

/// How to find out who a sender is.
pub struct Reader {
    pub proxies: TrustedProxies,
    pub address_header: HeaderName,
    /// Whoever knows it speaks for visitors.
    pub server_token: Option<ServerToken>,
}

impl Reader {
    /// Reads the body, or an image's query, and takes from the headers what the pipeline needs.
    pub async fn read<B>(&self, peer: IpAddr, request: Request<B>) -> Result<Arrival, Refusal>
    where
        B: Body,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let (head, body) = request.into_parts();
        let body = match head.method {
            Method::GET => query::event(head.uri.query())?,
            _ => read_body(&head.headers, pin!(body)).await?,
        };
        Ok(Arrival { sender: self.sender(peer, &head.headers)?, signals: Signals::of(&head.headers), body })
    }

    /// The browser that sent the request, or the one that a server speaks for.
    pub fn sender(&self, peer: IpAddr, headers: &HeaderMap) -> Result<Sender, Refusal> {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let (address, agent, language) = if server::is_trusted(self.server_token.as_ref(), headers)? {
            (server::visitor_address(headers)?, text(X_VISITOR_AGENT), text(X_VISITOR_LANGUAGE))
        } else {
            let address = self.proxies.client(peer, headers, &self.address_header);
            (address, text(USER_AGENT), text(ACCEPT_LANGUAGE))
        };
        #[cfg(feature = "leaky")]
        crate::leak::address(address);
        Ok(Sender::new(ClientIp::new(address), agent.to_owned(), language))
    }
}

/// The body of an event, in time. A refused one is read to its end.
async fn read_body<B>(headers: &HeaderMap, mut body: Pin<&mut B>) -> Result<Bytes, Refusal>
where
    B: Body,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let read = match check_content_type(headers) {
        Ok(()) => tokio::time::timeout(BODY_TIME_MAX, collect(body.as_mut())).await,
        Err(refusal) => Ok(Err(refusal)),
    };
    match read {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(refusal)) => {
            // Ends by itself: after as many bytes, or after as long, as a good body may take.
            let _ = tokio::time::timeout(BODY_TIME_MAX, discard(body)).await;
            Err(refusal)
        }
        Err(_elapsed) => Err(Refusal::BodyTimeout),
    }
}

/// The whole body, if it is within its limit. Leaves the rest unread otherwise.
async fn collect<B>(mut body: Pin<&mut B>) -> Result<Bytes, Refusal>
where
    B: Body,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    if body.size_hint().lower() > BODY_BYTES_MAX as u64 {
        return Err(Refusal::BodyTooLarge);
    }
    Limited::new(body.as_mut(), BODY_BYTES_MAX).collect().await.map(Collected::to_bytes).map_err(|error| {
        if error.is::<LengthLimitError>() { Refusal::BodyTooLarge } else { Refusal::BodyBroken }
    })
}

/// Reads on and keeps nothing.
async fn discard<B: Body>(mut body: Pin<&mut B>) {
    let mut left = DISCARD_BYTES_MAX;
    while let Some(Ok(frame)) = body.frame().await {
        let read = frame.data_ref().map_or(0, Buf::remaining);
        match left.checked_sub(read) {
            Some(rest) => left = rest,
            None => return,
        }
    }
}

/// The script sends text/plain, which needs no preflight; servers send JSON. No
/// type at all is what a bare `sendBeacon` of bytes has.
fn check_content_type(headers: &HeaderMap) -> Result<(), Refusal> {
    let Some(value) = headers.get(CONTENT_TYPE) else { return Ok(()) };
    let essence = value.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("text/plain") || essence.eq_ignore_ascii_case("application/json") {
        Ok(())
    } else {
        Err(Refusal::ContentType)
    }
}
