//! HTTP on a free port of 127.0.0.1.

use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard},
};

use anyhow::Context;
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::{
    Method, Request, Response, StatusCode, body::Incoming, server::conn::http1, service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{net::TcpListener, task::JoinHandle};
use url::form_urlencoded;

use crate::ledger::{Ledger, REQUESTS_MAX, Received};

/// Largest body taken, in bytes (metrika.md section 10.1).
const BODY_BYTES_MAX: usize = 64 * 1024;

/// Longest query taken, in bytes (the same).
const QUERY_BYTES_MAX: usize = 8 * 1024;

/// The whole body of a success; never an id of the hit.
const OK_BODY: &str = "<!-- OK -->";

/// A fake that listens; ended when dropped.
pub struct Fake {
    pub address: SocketAddr,
    ledger: Arc<Mutex<Ledger>>,
    accepting: JoinHandle<()>,
}

impl Fake {
    pub async fn start(ledger: Ledger) -> anyhow::Result<Fake> {
        let listener = TcpListener::bind("127.0.0.1:0").await.context("binding a free port")?;
        let address = listener.local_addr().context("reading the address")?;
        let ledger = Arc::new(Mutex::new(ledger));
        let shared = ledger.clone();
        let accepting = tokio::spawn(async move {
            // An error of accept ends the fake: the test then fails on its next request.
            while let Ok((stream, _)) = listener.accept().await {
                let ledger = shared.clone();
                let service = service_fn(move |request| answer(ledger.clone(), request));
                let connection = http1::Builder::new()
                    .timer(TokioTimer::new())
                    .serve_connection(TokioIo::new(stream), service);
                tokio::spawn(connection);
            }
        });
        Ok(Fake { address, ledger, accepting })
    }

    /// What was received and recorded; the clock and the profile are set through it.
    pub fn ledger(&self) -> MutexGuard<'_, Ledger> {
        held(&self.ledger)
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

fn held(ledger: &Mutex<Ledger>) -> MutexGuard<'_, Ledger> {
    ledger.lock().expect("nothing panics while the ledger is held")
}

async fn answer(
    ledger: Arc<Mutex<Ledger>>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let query = head.uri.query().unwrap_or_default().to_owned();
    if query.len() > QUERY_BYTES_MAX {
        return Ok(told(414, ""));
    }
    let Ok(body) = Limited::new(body, BODY_BYTES_MAX).collect().await else { return Ok(told(413, "")) };
    let body = String::from_utf8_lossy(&body.to_bytes()).into_owned();
    let mut ledger = held(&ledger);
    if ledger.received.len() >= REQUESTS_MAX {
        return Ok(told(507, "the fake keeps no more requests"));
    }
    // The body's word before the query's, should both name a key.
    let pairs: Vec<(String, String)> = form_urlencoded::parse(body.as_bytes())
        .chain(form_urlencoded::parse(query.as_bytes()))
        .map(|(key, value)| (key.into_owned(), value.into_owned()))
        .collect();
    let is_collect = matches!(head.uri.path(), "/collect" | "/collect/");
    let (status, reason) = match head.method {
        _ if !is_collect => (404, None),
        Method::GET | Method::POST => match ledger.take(&pairs) {
            Ok(()) => (200, None),
            Err(reason) => (ledger.profile.status(reason), Some(reason)),
        },
        _ => (405, None),
    };
    let headers = head.headers.iter().map(|(name, value)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    });
    ledger.received.push(Received {
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        query,
        headers: headers.collect(),
        body,
        reason,
        status,
    });
    Ok(told(status, if status == 200 { OK_BODY } else { "" }))
}

fn told(status: u16, body: &'static str) -> Response<Full<Bytes>> {
    let mut answer = Response::new(Full::new(Bytes::from_static(body.as_bytes())));
    *answer.status_mut() = StatusCode::from_u16(status).expect("statuses here are constants");
    let content_type = if status == 200 { "text/html; charset=utf-8" } else { "text/plain" };
    answer.headers_mut().insert("content-type", hyper::header::HeaderValue::from_static(content_type));
    answer
}
