//! Accepting connections: bounded, timed, drained on stop.

use std::{convert::Infallible, future::Future, net::IpAddr, sync::Arc, time::Duration};

use anyhow::Context;
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
};
use tracing::{debug, warn};

use super::Answer;

/// How long a client may take to send a request's head. Also ends idle kept-alive
/// connections. Without it a slow sender holds a connection for ever.
const HEAD_TIME_MAX: Duration = Duration::from_secs(10);

/// Bytes of a request's head and of the read buffer: headers of browsers behind a
/// proxy are 1-2 KiB.
const HEAD_BYTES_MAX: usize = 16 * 1024;

/// How long open requests may take to end after a stop.
const DRAIN_MAX: Duration = Duration::from_secs(10);

/// Wait after a failed accept: out of file descriptors it would spin otherwise.
const ACCEPT_REST: Duration = Duration::from_secs(1);

/// What one listener may hold.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub connections_max: usize,
}

/// Binds, with an error that names the address and what to do.
pub async fn bind(what: &str, address: std::net::SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        format!("cannot listen on {address} for {what}: another program may use the port; choose another in mostik.toml")
    })
}

/// Serves until told to stop, then lets open requests end for a bounded time.
pub async fn serve<F, A>(listener: TcpListener, limits: Limits, mut stop: watch::Receiver<bool>, answer: F)
where
    F: Fn(IpAddr, Request<Incoming>) -> A + Clone + Send + 'static,
    A: Future<Output = Result<Answer, Infallible>> + Send + 'static,
{
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(limits.connections_max));
    loop {
        // A place first: above the limit new clients wait in the kernel's queue.
        let place = tokio::select! {
            place = places.clone().acquire_owned() => place.expect("the semaphore is never closed"),
            () = told_to_stop(&mut stop) => break,
        };
        let (stream, peer) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(failure) => {
                    warn!(error = %failure, "accepting a connection failed");
                    tokio::time::sleep(ACCEPT_REST).await;
                    continue;
                }
            },
            () = told_to_stop(&mut stop) => break,
        };
        disable_delay(&stream);
        let answer = answer.clone();
        let service = service_fn(move |request| answer(peer.ip(), request));
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIME_MAX)
            // A browser that leaves closes its side right after the last byte. Without
            // this hyper takes the end of reading for the end of the connection and
            // drops the request that has just arrived.
            .half_close(true)
            .max_buf_size(HEAD_BYTES_MAX)
            .serve_connection(TokioIo::new(stream), service);
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            // A client that breaks off is no event of ours; its address is not logged.
            if let Err(failure) = connection.await {
                debug!(error = %failure, "a connection ended early");
            }
            drop(place);
        });
    }
    drop(listener);
    if tokio::time::timeout(DRAIN_MAX, graceful.shutdown()).await.is_err() {
        warn!("some requests had not ended when the time for it was up");
    }
}

/// Returns when told to stop, or when nobody is left who could tell.
async fn told_to_stop(stop: &mut watch::Receiver<bool>) {
    // The guard of the value read must not live across an await of the caller.
    let _ = stop.wait_for(|&stop| stop).await.map(|_| ());
}

/// Answers are one small packet: waiting to fill it only adds delay.
fn disable_delay(stream: &TcpStream) {
    if let Err(failure) = stream.set_nodelay(true) {
        debug!(error = %failure, "could not disable Nagle's algorithm");
    }
}
