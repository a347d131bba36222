//! The edges: opens what the dashboard works on, accepts connections, stops.
//!
//! Every connection has a time limit on its headers, every wait has a bound, and a
//! stop drains for a bounded time. ClickHouse need not answer for us to start.

use std::{io::Write, net::SocketAddr, path::Path, sync::Arc, time::Duration};

use anyhow::Context as _;
use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use serde_json::json;
use tokio::{
    net::{TcpListener, TcpStream},
    signal::unix::{SignalKind, signal},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    task::JoinHandle,
};
use tower_service::Service;

use crate::{
    app::{Clients, Dashboard},
    clock::Clock,
    config::{Config, PublicUrl},
    control::{Control, demo, email::Email, sites::Site},
    exports::Exports,
    metrika::nightly,
    secret::Secret,
    web,
};

/// How long a client may take over its request's headers, and an idle connection
/// may stay open: a browser's come in one packet.
const HEADER_READ_TIMEOUT: Duration = Duration::from_secs(5);

/// Connections open at once; a browser opens six, a collector two.
const CONNECTIONS_MAX: usize = 512;

/// How long a stop waits for answers under way: longer than the longest report.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(25);

/// How long to wait after `accept` failed for want of descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// A dashboard that serves until it is stopped.
pub struct Running {
    pub address: SocketAddr,
    /// Where the owner makes the first account; `None` once there is one.
    pub setup_link: Option<String>,
    pub dashboard: Dashboard,
    stop: watch::Sender<bool>,
    serving: JoinHandle<()>,
}

/// Runs until SIGTERM or SIGINT; says on stdout, in one line of JSON, when it is ready.
pub async fn run(config: Config) -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate()).context("listening for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("listening for SIGINT")?;
    let running = start(config, Clock::System).await?;
    let ready = json!({
        "ready": "dashboard",
        "address": running.address.to_string(),
        "setup_link": running.setup_link,
    });
    writeln!(std::io::stdout(), "{ready}").context("saying that we are ready")?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    running.stop().await;
    Ok(())
}

/// Opens the files, binds the port and serves in the background.
pub async fn start(config: Config, clock: Clock) -> anyhow::Result<Running> {
    let (stop, stopping) = watch::channel(false);
    let opened = (config.clone(), clock.clone());
    let (control, exports, secret) = tokio::task::spawn_blocking(move || -> anyhow::Result<_> {
        let (config, clock) = opened;
        let control = Control::open(&config.control_db, clock)
            .with_context(|| format!("opening {}", config.control_db.display()))?;
        let exports = Exports::new(&config.exports)
            .with_context(|| format!("emptying {}", config.exports.display()))?;
        Ok((control, exports, Secret::load_or_make(&config.settings_secret_file)?))
    })
    .await
    .context("opening the dashboard's files")??;
    if config.demo {
        control.ensure_demo_site().await?;
    }
    let listener =
        TcpListener::bind(config.listen).await.with_context(|| format!("listening on {}", config.listen))?;
    let address = listener.local_addr().context("reading the address we listen on")?;
    let setup_link = make_setup_link(&control, &config, address).await?;
    // The one TLS stack; a second call finds it installed, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let clients = Clients::new(&config)?;
    let dashboard = Dashboard::new(&config, control, exports, secret, clock, clients, stopping.clone());
    tokio::spawn(nightly::run(dashboard.clone(), stopping.clone()));
    let router = web::router(dashboard.clone())?;
    let serving = tokio::spawn(serve(listener, router, stopping));
    Ok(Running { address, setup_link, dashboard, stop, serving })
}

/// Copies control.db into a new file, in one piece, while others may be writing. Blocks.
pub fn copy_control(config: &Config, into: &Path) -> anyhow::Result<()> {
    Control::open(&config.control_db, Clock::System)
        .and_then(|control| control.copy(into))
        .with_context(|| format!("copying {}", config.control_db.display()))
}

/// control.db without a server.
async fn opened(config: &Config) -> anyhow::Result<Control> {
    let control_db = config.control_db.clone();
    tokio::task::spawn_blocking(move || {
        Control::open(&control_db, Clock::System).with_context(|| format!("opening {}", control_db.display()))
    })
    .await
    .context("opening the dashboard's files")?
}

/// The demo site, added if it is missing. For the seed, which runs without a server.
pub async fn demo_site(config: &Config) -> anyhow::Result<Site> {
    let control = opened(config).await?;
    control.ensure_demo_site().await?;
    let sites = control.sites().await?;
    sites.into_iter().find(|site| site.domain == demo::DOMAIN).context("the demo site was removed just now")
}

/// Makes a new set-up link, which ends the one before; `None` once there is an owner.
/// `address` is where the dashboard listens when no public URL is configured.
pub async fn new_setup_link(config: &Config, address: SocketAddr) -> anyhow::Result<Option<String>> {
    let control = opened(config).await?;
    make_setup_link(&control, config, address).await
}

/// Makes a link by which the account of `email` gets another password; `None` where there is none.
/// With `ends_two_step` it is let in without its second step, too.
pub async fn new_password_link(
    config: &Config,
    address: SocketAddr,
    email: &str,
    ends_two_step: bool,
) -> anyhow::Result<Option<String>> {
    let Some(email) = Email::parse(email) else { return Ok(None) };
    let control = opened(config).await?;
    let token = control.make_password_link(email, ends_two_step).await?;
    Ok(token.map(|token| format!("{}/password#{}", base(config, address), token.as_str())))
}

fn base(config: &Config, address: SocketAddr) -> String {
    config.public_url.as_ref().map_or_else(|| format!("http://{address}"), PublicUrl::base)
}

async fn make_setup_link(
    control: &Control,
    config: &Config,
    address: SocketAddr,
) -> anyhow::Result<Option<String>> {
    let token = control.make_setup_token().await?;
    Ok(token.map(|token| format!("{}/setup#{}", base(config, address), token.as_str())))
}

impl Running {
    /// Stops accepting, lets answers under way finish for a bounded time, returns.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        if let Err(error) = self.serving.await {
            tracing::error!(%error, "the dashboard's server ended abnormally");
        }
    }
}

async fn serve(listener: TcpListener, router: Router, mut stopping: watch::Receiver<bool>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let graceful = GracefulShutdown::new();
    loop {
        let accepted = async {
            let place = Arc::clone(&places).acquire_owned().await.expect("the semaphore is never closed");
            (listener.accept().await, place)
        };
        let (accepted, place) = tokio::select! {
            accepted = accepted => accepted,
            _ = stopping.wait_for(|stopping| *stopping) => break,
        };
        match accepted {
            Ok((stream, _)) => spawn_connection(stream, router.clone(), &graceful, place),
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    if tokio::time::timeout(DRAIN_TIMEOUT, graceful.shutdown()).await.is_err() {
        tracing::warn!(seconds = DRAIN_TIMEOUT.as_secs(), "stopped with answers still under way");
    }
}

fn spawn_connection(
    stream: TcpStream,
    router: Router,
    graceful: &GracefulShutdown,
    place: OwnedSemaphorePermit,
) {
    let service = hyper::service::service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
        router.clone().call(request.map(axum::body::Body::new))
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_READ_TIMEOUT)
        .serve_connection(TokioIo::new(stream), service);
    let connection = graceful.watch(connection);
    tokio::spawn(async move {
        // An error here is the client's: gone, or slower than the limits.
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection ended early");
        }
        drop(place);
    });
}
