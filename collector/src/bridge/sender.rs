//! One request to Metrika. Honest about who we are and silent about everybody else: a fixed
//! `User-Agent`, no cookie, no redirect followed, no header of a visitor. Opens no
//! connection and asks no DNS server before it is told to send.

use std::time::Duration;

use reqwest::{Client, RequestBuilder, header::RETRY_AFTER};
use url::Url;

use super::{
    answer::{self, Seen},
    payload::Payload,
};
use crate::{bounded, clock::Clock};

/// What Metrika sees as the browser. Never one that is none.
const OUR_NAME: &str = concat!("Mostik/", env!("CARGO_PKG_VERSION"));

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// For the whole request.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// As much of an answer is read, in bytes: a success has eleven.
const ANSWER_BYTES_MAX: usize = 1024;

/// Idle connections kept, and for how long.
const IDLE_CONNECTIONS_MAX: usize = 4;
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);

pub struct Sender {
    client: Client,
    collect: Url,
    clock: Clock,
}

impl Sender {
    /// `base` is such as `https://mc.yandex.ru`.
    pub fn new(base: &Url, clock: Clock) -> Result<Sender, reqwest::Error> {
        Ok(Sender {
            client: plain_client()?,
            collect: base.join("/collect").expect("a path joins any base"),
            clock,
        })
    }

    pub async fn send(&self, payload: &Payload, token: &str) -> Seen {
        let request = self
            .client
            .post(self.collect.clone())
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(payload.body(token));
        send(request, ANSWER_BYTES_MAX, &self.clock).await
    }
}

/// Sends a request and reads as much of its answer.
pub(super) async fn send(request: RequestBuilder, answer_bytes_max: usize, clock: &Clock) -> Seen {
    // The error itself names the address and nothing of the body; we need only its kind.
    let answer = match request.send().await {
        Ok(answer) => answer,
        Err(error) if error.is_connect() || error.is_builder() => return Seen::NotSent,
        Err(_) => return Seen::NoAnswer,
    };
    let status = answer.status();
    let retry_after = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
    let retry_after = retry_after.and_then(|text| answer::retry_after(text, clock.now()));
    // What breaks off after the status is a body we do not know.
    let (body, _) = bounded::body(answer, answer_bytes_max).await;
    Seen::Answer { status, body, retry_after }
}

/// A client that adds nothing of its own.
pub fn plain_client() -> Result<Client, reqwest::Error> {
    Client::builder()
        .user_agent(OUR_NAME)
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .no_proxy()
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(REQUEST_TIMEOUT)
        .pool_max_idle_per_host(IDLE_CONNECTIONS_MAX)
        .pool_idle_timeout(IDLE_TIMEOUT)
        .build()
}
