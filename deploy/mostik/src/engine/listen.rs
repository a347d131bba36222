//! The two doors of the engine: a unix socket for us, a loopback port for others.

use std::{
    convert::Infallible,
    fs, io,
    net::SocketAddr,
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use hyper::{server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, UnixListener},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
};
use tracing::{debug, warn};

use super::{
    EngineError,
    limits::{CONNECTIONS_MAX, HEADER_BYTES_MAX, HEADER_READ_MAX},
    serve::{self, Door, Facade},
};

/// How long to wait after a failed accept: out of file descriptors it would fail
/// again at once and spin.
const ACCEPT_PAUSE: Duration = Duration::from_secs(1);

/// A unix socket that only its owner may connect to. Its file goes with it.
pub(super) struct Socket {
    listener: std::os::unix::net::UnixListener,
    path: PathBuf,
}

impl Socket {
    /// Binds `path`, in a folder of mode 0700, replacing a socket that nobody serves.
    pub(super) fn bind(path: &Path) -> Result<Socket, EngineError> {
        let failed = |source| EngineError::Listen { what: path.display().to_string(), source };
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed)?;
        }
        if std::os::unix::net::UnixStream::connect(path).is_ok() {
            return Err(failed(io::Error::new(
                io::ErrorKind::AddrInUse,
                "another engine serves this socket",
            )));
        }
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
        // Bound under another name, which nobody knows, and shown only with its mode
        // set: there is no moment at which somebody else could connect.
        let hidden = path.with_extension(format!("{}.new", std::process::id()));
        let listener = std::os::unix::net::UnixListener::bind(&hidden).map_err(failed)?;
        fs::set_permissions(&hidden, fs::Permissions::from_mode(0o600)).map_err(failed)?;
        fs::rename(&hidden, path).map_err(failed)?;
        listener.set_nonblocking(true).map_err(failed)?;
        Ok(Socket { listener, path: path.to_owned() })
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // Another engine may have replaced it after ours had failed; then it is not
        // there any more or refuses to go, and either is fine.
        fs::remove_file(&self.path).ok();
    }
}

/// Binds the TCP port, which must be a loopback address: what goes over it is in
/// the clear.
pub(super) fn bind_port(address: SocketAddr) -> Result<std::net::TcpListener, EngineError> {
    if !address.ip().is_loopback() {
        return Err(EngineError::NotLoopback { address });
    }
    let failed = |source| EngineError::Listen { what: address.to_string(), source };
    let listener = std::net::TcpListener::bind(address).map_err(failed)?;
    listener.set_nonblocking(true).map_err(failed)?;
    Ok(listener)
}

/// The way from serving to the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Open,
    /// No new connections; statements under way may end.
    Draining,
    /// Connections are dropped, and their statements with them.
    Closing,
}

/// Accepts on both doors as long as they are open.
pub(super) struct Doors {
    facade: Arc<Facade>,
    connections: Arc<Semaphore>,
    graceful: Arc<GracefulShutdown>,
    stage: watch::Receiver<Stage>,
}

impl Doors {
    pub(super) fn new(
        facade: Arc<Facade>,
        graceful: Arc<GracefulShutdown>,
        stage: watch::Receiver<Stage>,
    ) -> Doors {
        Doors { facade, connections: Arc::new(Semaphore::new(CONNECTIONS_MAX)), graceful, stage }
    }

    pub(super) async fn serve_socket(&self, socket: &Socket) -> io::Result<()> {
        let listener = UnixListener::from_std(socket.listener.try_clone()?)?;
        self.serve(Door::Socket, || async { listener.accept().await.map(|(stream, _)| stream) }).await;
        Ok(())
    }

    pub(super) async fn serve_port(&self, listener: std::net::TcpListener, door: Door) -> io::Result<()> {
        let listener = TcpListener::from_std(listener)?;
        self.serve(door, || async {
            let (stream, _) = listener.accept().await?;
            // Answers are written in few large pieces; waiting for more only delays.
            stream.set_nodelay(true)?;
            Ok(stream)
        })
        .await;
        Ok(())
    }

    async fn serve<S, A>(&self, door: Door, accept: impl Fn() -> A)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        A: Future<Output = io::Result<S>>,
    {
        let mut stage = self.stage.clone();
        loop {
            // The permit comes first: a connection beyond the limit waits in the kernel.
            let accepted = async {
                let permit = Arc::clone(&self.connections).acquire_owned().await.ok()?;
                Some((permit, accept().await))
            };
            tokio::select! {
                _ = stage.wait_for(|stage| *stage != Stage::Open) => return,
                accepted = accepted => match accepted {
                    None => return,
                    Some((permit, Ok(stream))) => self.spawn(permit, door.clone(), stream),
                    Some((_, Err(error))) => {
                        warn!(%error, "a connection could not be accepted");
                        tokio::time::sleep(ACCEPT_PAUSE).await;
                    }
                },
            }
        }
    }

    fn spawn<S>(&self, permit: OwnedSemaphorePermit, door: Door, stream: S)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let facade = Arc::clone(&self.facade);
        let service = service_fn(move |request| {
            let (facade, door) = (Arc::clone(&facade), door.clone());
            async move { Ok::<_, Infallible>(serve::answer(&facade, &door, request).await) }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADER_READ_MAX)
            .max_buf_size(HEADER_BYTES_MAX)
            .serve_connection(TokioIo::new(stream), service);
        let connection = self.graceful.watch(connection);
        let mut stage = self.stage.clone();
        tokio::spawn(async move {
            tokio::select! {
                // Dropping the connection ends its statement.
                _ = stage.wait_for(|stage| *stage == Stage::Closing) => {}
                // Clients that leave in the middle are daily bread.
                outcome = connection => if let Err(error) = outcome {
                    debug!(%error, "a connection ended early");
                }
            }
            drop(permit);
        });
    }
}
