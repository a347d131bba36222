//! The embedded engine: a process that loads ClickHouse as a library and serves
//! ClickHouse's HTTP interface on a unix socket, and on a loopback port if asked to.
//!
//! ```text
//! listen ─► serve ─► (settings, statement, form) ─► run ─► library ─► libchdb
//!              ▲                                     │
//!              └──────────── reply ◄─────────────────┘
//! ```
//!
//! Promises: whoever speaks to it, no statement reaches files, other machines or
//! programs (`configuration`, `confinement`, `forbidden`); an INSERT whose body
//! breaks off leaves nothing; SIGTERM ends it cleanly.
//! Never logs a statement or a value of one: they hold what visitors did.

mod access;
mod blocks;
mod body;
mod configuration;
mod confinement;
mod exception;
mod forbidden;
mod form;
mod frames;
mod library;
mod limits;
mod listen;
mod parent;
mod reply;
mod run;
mod serve;
mod settings;
mod statement;
mod tokens;

use std::{
    io::{self, Write},
    net::SocketAddr,
    path::PathBuf,
    sync::Arc,
};

use hyper::header::HeaderValue;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::{
    runtime::{Builder, Runtime},
    signal::unix::{SignalKind, signal},
    sync::{Semaphore, watch},
    time::timeout,
};
use tracing::{info, warn};

use self::{
    access::Credentials,
    configuration::Folders,
    exception::{Code, Exception},
    library::Library,
    limits::{DRAIN_MAX, STACK_BYTES, STOP_MAX, UNPACKERS_MAX},
    listen::{Doors, Socket, Stage},
    parent::Parent,
    reply::Identity,
    run::Engine,
    serve::{Door, Facade},
};
pub use self::{confinement::ConfinementError, library::LibraryError};

/// The database clients get when they name none.
const DATABASE: &str = "mostik";

/// How the engine is run.
pub struct EngineOptions {
    /// libchdb.so, 26.7 or newer.
    pub library: PathBuf,
    /// The folder that is the engine's alone.
    pub data: PathBuf,
    /// Where the unix socket appears, mode 0600.
    pub socket: PathBuf,
    pub listen: Option<Listen>,
    /// Memory for statements and merges, in bytes.
    pub ram_bytes_max: u64,
    /// Statements that run at the same time; more wait for a while, then are refused.
    pub connections: usize,
}

/// A TCP port for other ClickHouse clients on this machine. No `Debug`: it holds a password.
pub struct Listen {
    /// A loopback address; port 0 takes a free one.
    pub address: SocketAddr,
    pub user: String,
    pub password: String,
    /// Without it every statement runs with `readonly = 2`.
    pub may_write: bool,
}

/// Why the engine could not start or did not end cleanly.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    #[error(transparent)]
    Library(#[from] LibraryError),
    #[error(transparent)]
    Confinement(#[from] ConfinementError),
    #[error("the engine's folder {path:?} cannot be used")]
    Data { path: PathBuf, source: io::Error },
    #[error(
        "ClickHouse did not start in {path:?}: another engine may be using the folder, or its files may be damaged; \
         its own message stands above"
    )]
    Start { path: PathBuf },
    #[error("ClickHouse started in {path:?} but does not answer: {message}")]
    FirstStatement { path: PathBuf, message: String },
    #[error("{what} cannot be listened on")]
    Listen { what: String, source: io::Error },
    #[error("{address} is no loopback address: the engine's port is not encrypted and stays on this machine")]
    NotLoopback { address: SocketAddr },
    #[error("the engine's port needs a user and a password")]
    NoPassword,
    #[error("the engine's threads cannot be started")]
    Threads { source: io::Error },
    #[error("readiness cannot be announced on stdout")]
    Announce { source: io::Error },
    #[error("statements were still running {} s after they had been told to end", STOP_MAX.as_secs())]
    Stuck,
}

/// Runs the engine until SIGTERM or SIGINT, or until the process that started it has
/// ended. Announces on stdout, in one line of JSON, where it listens.
///
/// Must be called before the process has other threads: the kernel's fence around
/// the engine holds for threads started after it.
pub fn run(options: EngineOptions) -> Result<(), EngineError> {
    if options.listen.as_ref().is_some_and(|listen| listen.user.is_empty() || listen.password.is_empty()) {
        return Err(EngineError::NoPassword);
    }
    let port = options.listen.as_ref().map(|listen| listen::bind_port(listen.address)).transpose()?;
    let folders = Folders::make(&options.data)?;
    let arguments = folders.configure(options.ram_bytes_max)?;
    let socket = Socket::bind(&options.socket)?;
    confinement::confine(&folders.data, &options.library, &options.socket)?;
    let library = Library::open(&options.library)?;
    std::env::set_current_dir(&folders.empty)
        .map_err(|source| EngineError::Data { path: folders.empty.clone(), source })?;
    // This connection keeps the engine alive between statements: with the last one
    // closed, ClickHouse stops.
    let keeper =
        library.connect(&arguments).ok_or_else(|| EngineError::Start { path: folders.clickhouse.clone() })?;
    let slots = u32::try_from(options.connections.max(1)).unwrap_or(u32::MAX);
    let unwell = |exception: Exception| EngineError::FirstStatement {
        path: folders.clickhouse.clone(),
        message: exception.text,
    };
    let engine = Arc::new(Engine::new(library, arguments, DATABASE, slots).map_err(unwell)?);
    let identity = identify(&engine).map_err(unwell)?;
    let facade = Arc::new(Facade {
        engine: Arc::clone(&engine),
        identity,
        unpackers: Arc::new(Semaphore::new(UNPACKERS_MAX)),
    });
    let runtime = threads(slots)?;
    let outcome = runtime.block_on(serve(&options, facade, socket, port));
    // Blocking threads that are still in the engine must not hold up the end.
    runtime.shutdown_timeout(STOP_MAX);
    outcome?;
    drop(engine);
    drop(keeper);
    // With the last connection ClickHouse has closed its tables. libchdb 26.7 then leaves
    // idle threads of its pool behind and says so; the end of the process takes them.
    let is_silent = library.shut_down();
    info!(is_silent, "the engine has stopped");
    Ok(())
}

/// What every answer says of the engine.
fn identify(engine: &Engine) -> Result<Identity, Exception> {
    let timezone = engine.own("SELECT timezone()")?;
    info!(version = engine.own("SELECT version()")?, "ClickHouse is running");
    let timezone = HeaderValue::from_str(&timezone).map_err(|error| {
        Exception::new(Code::BadArguments, format!("the time zone {timezone:?}: {error}"))
    })?;
    Ok(Identity { timezone, display_name: HeaderValue::from_static("mostik-engine") })
}

fn threads(slots: u32) -> Result<Runtime, EngineError> {
    Builder::new_multi_thread()
        .enable_all()
        .worker_threads(2)
        // One for each statement and one for killing it, and the unpackers.
        .max_blocking_threads(slots as usize * 2 + UNPACKERS_MAX + 1)
        .thread_stack_size(STACK_BYTES)
        .thread_name("mostik-engine")
        .build()
        .map_err(|source| EngineError::Threads { source })
}

async fn serve(
    options: &EngineOptions,
    facade: Arc<Facade>,
    socket: Socket,
    port: Option<std::net::TcpListener>,
) -> Result<(), EngineError> {
    // After the engine has started, which installs handlers of its own.
    let mut terminate = signal(SignalKind::terminate()).map_err(|source| EngineError::Threads { source })?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(|source| EngineError::Threads { source })?;
    let parent = Parent::watch().map_err(|source| EngineError::Threads { source })?;
    announce(options, port.as_ref())?;
    let engine = Arc::clone(&facade.engine);
    let graceful = Arc::new(GracefulShutdown::new());
    let (stage, watching) = watch::channel(Stage::Open);
    let doors = Doors::new(facade, Arc::clone(&graceful), watching);
    let by_port = async {
        match (port, &options.listen) {
            (Some(listener), Some(listen)) => doors.serve_port(listener, door(listen)).await,
            _ => Ok(()),
        }
    };
    let asked_to_stop = async {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
            () = parent.gone() => warn!("the process that started the engine has ended"),
        }
        stage.send_replace(Stage::Draining);
    };
    let (by_socket, by_port, ()) = tokio::join!(doors.serve_socket(&socket), by_port, asked_to_stop);
    for outcome in [by_socket, by_port] {
        outcome.map_err(|source| EngineError::Listen { what: "the engine's socket".to_owned(), source })?;
    }
    drop(doors);
    drain(&engine, graceful, &stage).await
}

/// Lets open statements end for a while, then ends them.
async fn drain(
    engine: &Engine,
    graceful: Arc<GracefulShutdown>,
    stage: &watch::Sender<Stage>,
) -> Result<(), EngineError> {
    let Some(graceful) = Arc::into_inner(graceful) else { return Err(EngineError::Stuck) };
    if timeout(DRAIN_MAX, graceful.shutdown()).await.is_err() {
        warn!("clients are still connected; their statements are ended");
    }
    stage.send_replace(Stage::Closing);
    timeout(STOP_MAX, engine.idle()).await.map_err(|_| EngineError::Stuck)
}

fn door(listen: &Listen) -> Door {
    Door::Port {
        credentials: Arc::new(Credentials { user: listen.user.clone(), password: listen.password.clone() }),
        may_write: listen.may_write,
    }
}

fn announce(options: &EngineOptions, port: Option<&std::net::TcpListener>) -> Result<(), EngineError> {
    let failed = |source| EngineError::Announce { source };
    let tcp = port.map(std::net::TcpListener::local_addr).transpose().map_err(failed)?;
    let line = serde_json::json!({ "ready": "engine", "socket": options.socket, "tcp": tcp });
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{line}").and_then(|()| stdout.flush()).map_err(failed)
}
