//! HTTP on a port of 127.0.0.1: accepts, plays the script's faults, routes.

use std::{
    error::Error,
    fmt,
    future::poll_fn,
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, ensure};
use http_body_util::{BodyExt, Limited};
use hyper::{Request, body::Incoming, http::request, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinHandle,
    time::sleep,
};
use tokio_rustls::TlsAcceptor;

use crate::{
    admin, api,
    collect::{self, OK_BODY},
    fault::Fault,
    ledger::{Ledger, REQUESTS_MAX},
    reply::{self, Reply},
    tls::Certified,
};

/// Requests of tests to the fake itself begin so and are never noted as a sender's.
const ADMIN_PREFIX: &str = "/__fake/";

/// A fake that listens; ended when dropped.
pub struct Fake {
    pub address: SocketAddr,
    ledger: Shared,
    connections: Arc<AtomicUsize>,
    accepting: JoinHandle<()>,
}

type Shared = Arc<Mutex<Ledger>>;

impl Fake {
    /// Listens on a free port.
    pub async fn start(ledger: Ledger) -> anyhow::Result<Fake> {
        Fake::start_on(SocketAddr::from(([127, 0, 0, 1], 0)), ledger).await
    }

    /// Listens on a free port and speaks TLS, with this certificate.
    pub async fn start_tls(ledger: Ledger, certified: Certified) -> anyhow::Result<Fake> {
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        Fake::listen(address, ledger, move |stream, ledger| {
            Box::pin(serve_tls(stream, certified.acceptor.clone(), ledger))
        })
        .await
    }

    /// Listens where it is told, as long as nobody else can reach it there.
    pub async fn start_on(address: SocketAddr, ledger: Ledger) -> anyhow::Result<Fake> {
        Fake::listen(address, ledger, |stream, ledger| Box::pin(serve(stream, ledger))).await
    }

    async fn listen(
        address: SocketAddr,
        ledger: Ledger,
        serve: impl Fn(TcpStream, Shared) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + 'static,
    ) -> anyhow::Result<Fake> {
        ensure!(address.ip().is_loopback(), "{address} can be reached from other machines");
        let listener = TcpListener::bind(address).await.with_context(|| format!("cannot bind {address}"))?;
        let address = listener.local_addr().context("cannot read the address")?;
        let ledger = Arc::new(Mutex::new(ledger));
        let shared = ledger.clone();
        let connections = Arc::new(AtomicUsize::new(0));
        let counted = connections.clone();
        let accepting = tokio::spawn(async move {
            // An error of accept ends the fake: the test then fails on its next request.
            while let Ok((stream, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::Relaxed);
                tokio::spawn(serve(stream, shared.clone()));
            }
        });
        Ok(Fake { address, ledger, connections, accepting })
    }

    /// Connections accepted so far, whether or not anything was asked on them.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }

    /// What was received and recorded; the clock, the profile and the script are set through it.
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

/// The script wants the connection reset.
#[derive(Debug)]
struct Reset;

impl Error for Reset {}

impl fmt::Display for Reset {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the script resets the connection")
    }
}

/// Over TLS a reset of the script's is a connection that ends.
async fn serve_tls(stream: TcpStream, acceptor: TlsAcceptor, ledger: Shared) {
    let wait = held(&ledger).script.for_connection();
    pause(wait).await;
    // A sender that does not like the certificate ends the handshake; that is its right.
    let Ok(stream) = acceptor.accept(stream).await else { return };
    let service = service_fn(move |request| answer(ledger.clone(), request));
    let connection =
        http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service);
    // Its end is the sender's to see.
    connection.await.ok();
}

async fn serve(stream: TcpStream, ledger: Shared) {
    if !is_admin(&stream).await {
        let wait = held(&ledger).script.for_connection();
        pause(wait).await;
    }
    type Answering = Pin<Box<dyn Future<Output = Result<Reply, Reset>> + Send>>;
    let service = service_fn(move |request| -> Answering { Box::pin(answer(ledger.clone(), request)) });
    let mut builder = http1::Builder::new();
    let mut connection = builder.timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service);
    let outcome = poll_fn(|context| connection.poll_without_shutdown(context)).await;
    let stream = connection.into_parts().io.into_inner();
    if outcome.is_err_and(|error| error.source().is_some_and(|source| source.is::<Reset>())) {
        // Closing without lingering sends a reset. The system refuses it only to a socket
        // that is gone already.
        stream.set_zero_linger().ok();
    }
}

/// Whether the first bytes of the connection are a test's. A sender that goes away without
/// a word is none.
async fn is_admin(stream: &TcpStream) -> bool {
    let mut first = [0; 24];
    let Ok(length) = stream.peek(&mut first).await else { return false };
    let target = first[..length].split(|&byte| byte == b' ').nth(1);
    target.is_some_and(|target| target.starts_with(ADMIN_PREFIX.as_bytes()))
}

async fn pause(ms: Option<u64>) {
    if let Some(ms) = ms {
        sleep(Duration::from_millis(ms)).await;
    }
}

async fn answer(ledger: Shared, request: Request<Incoming>) -> Result<Reply, Reset> {
    let (head, body) = request.into_parts();
    if let Some(what) = head.uri.path().strip_prefix(ADMIN_PREFIX) {
        let body = Limited::new(body, admin::BODY_BYTES_MAX).collect().await;
        let body = body.map(|body| body.to_bytes()).map_err(anyhow::Error::from_boxed);
        return Ok(admin::answer(&mut held(&ledger), &head, what, body));
    }
    if api::has(head.uri.path()) {
        let Some(_running) = Running::begin(&ledger, &head) else {
            return Ok(api::too_many_at_once(&mut held(&ledger), &head));
        };
        let wait = held(&ledger).api_delay_ms;
        pause((wait > 0).then_some(wait)).await;
        if api::is_upload(head.uri.path()) {
            return uploaded(&ledger, &head, body).await;
        }
        let body = Limited::new(body, api::BODY_BYTES_MAX).collect().await;
        let body = body.ok().map(|body| body.to_bytes());
        return Ok(api::answer(&mut held(&ledger), &head, body.as_deref()));
    }
    let wait = held(&ledger).script.for_body();
    pause(wait).await;
    let body = Limited::new(body, collect::BODY_BYTES_MAX).collect().await;
    let body = body.ok().map(|body| String::from_utf8_lossy(&body.to_bytes()).into_owned());
    collected(&ledger, &head, body.as_deref()).await
}

/// A request of a user that runs.
struct Running {
    ledger: Shared,
    token: String,
}

impl Running {
    /// Without a token it counts for nobody.
    fn begin(ledger: &Shared, head: &request::Parts) -> Option<Running> {
        let token = api::token(head).unwrap_or_default().to_owned();
        let may = token.is_empty() || held(ledger).quotas.entry(token.clone()).or_default().begin();
        may.then(|| Running { ledger: ledger.clone(), token })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(quota) = held(&self.ledger).quotas.get_mut(&self.token) {
            quota.end();
        }
    }
}

/// A file of late goals: the script strikes it as it does a hit.
async fn uploaded(ledger: &Shared, head: &request::Parts, body: Incoming) -> Result<Reply, Reset> {
    let wait = held(ledger).script.for_body();
    pause(wait).await;
    let body = Limited::new(body, api::BODY_BYTES_MAX).collect().await;
    let body = body.ok().map(|body| body.to_bytes());
    let (reply, fault) = {
        let mut ledger = held(ledger);
        let fault = ledger.script.for_request(None).unwrap_or(Fault::Pass);
        let reply = fault.is_committed().then(|| api::answer(&mut ledger, head, body.as_deref()));
        (reply, fault)
    };
    match fault {
        Fault::ResetBeforeCommit | Fault::ResetAfterCommit => return Err(Reset),
        Fault::DelayAfterCommit { for_ms } => pause(Some(for_ms)).await,
        _ => {}
    }
    Ok(match reply {
        Some(reply) if !matches!(fault, Fault::Status { .. }) => reply,
        _ => reply::faulty(&fault, 200, ""),
    })
}

async fn collected(ledger: &Shared, head: &request::Parts, body: Option<&str>) -> Result<Reply, Reset> {
    let request = collect::Request { head, body };
    let (status, fault) = {
        let mut ledger = held(ledger);
        if ledger.received.len() >= REQUESTS_MAX {
            return Ok(reply::plain(507, "the fake keeps no more requests"));
        }
        let destination = request.destination(ledger.is_batch_taken);
        let fault = ledger.script.for_request(destination).unwrap_or(Fault::Pass);
        (collect::answer(&mut ledger, &request, &fault), fault)
    };
    match fault {
        Fault::ResetBeforeCommit | Fault::ResetAfterCommit => return Err(Reset),
        Fault::DelayAfterCommit { for_ms } => pause(Some(for_ms)).await,
        _ => {}
    }
    let body = if status == 200 { OK_BODY } else { "" };
    Ok(reply::faulty(&fault, status, body))
}
