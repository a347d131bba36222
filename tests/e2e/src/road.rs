//! A bad road to ClickHouse: a proxy on a unix socket that forwards statements to the
//! engine and breaks those it is told to, where it is told to.

use std::{
    path::{Path, PathBuf},
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
};

use http_body_util::{BodyExt, Full};
use hyper::{
    Request, Response,
    body::{Body, Bytes, Frame, Incoming, SizeHint},
    client::conn::http1 as client,
    server::conn::http1 as server,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use tokio::net::{UnixListener, UnixStream};

/// Where a statement breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Break {
    /// The engine never hears of it.
    Before,
    /// The engine gets half of it.
    Middle,
    /// The engine does it; the answer is lost.
    After,
}

/// Decides about the statement of this number, counted from 0.
type Plan = Box<dyn FnMut(usize) -> Option<Break> + Send>;

/// The proxy. It ends with the test's runtime.
pub struct Road {
    socket: PathBuf,
    traffic: Arc<Mutex<Traffic>>,
}

struct Traffic {
    plan: Plan,
    statements: usize,
    broken: usize,
}

impl Road {
    /// Opens a road in `folder` to the engine at `engine`.
    pub fn open(folder: &Path, engine: &Path) -> Road {
        let socket = folder.join("road.sock");
        let listener = UnixListener::bind(&socket).expect("a socket in a temporary folder");
        let plan: Plan = Box::new(|_| None);
        let traffic = Arc::new(Mutex::new(Traffic { plan, statements: 0, broken: 0 }));
        tokio::spawn(accept(listener, engine.to_owned(), traffic.clone()));
        Road { socket, traffic }
    }

    pub fn store(&self) -> store::Store {
        store::Store::new(&store::Address::socket(&self.socket))
    }

    /// From now on statements break as `plan` says; counting begins again.
    pub fn follow(&self, plan: impl FnMut(usize) -> Option<Break> + Send + 'static) {
        *self.lock() = Traffic { plan: Box::new(plan), statements: 0, broken: 0 };
    }

    /// Statements since the last plan, and how many of them broke.
    pub fn seen(&self) -> (usize, usize) {
        let traffic = self.lock();
        (traffic.statements, traffic.broken)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Traffic> {
        self.traffic.lock().expect("no plan panics")
    }
}

async fn accept(listener: UnixListener, engine: PathBuf, traffic: Arc<Mutex<Traffic>>) {
    while let Ok((stream, _)) = listener.accept().await {
        let (engine, traffic) = (engine.clone(), traffic.clone());
        let service = service_fn(move |request| {
            let fate = {
                let mut traffic = traffic.lock().expect("no plan panics");
                let number = traffic.statements;
                traffic.statements += 1;
                let fate = (traffic.plan)(number);
                traffic.broken += usize::from(fate.is_some());
                fate
            };
            forward(engine.clone(), request, fate)
        });
        // A broken statement ends its connection; that is the point.
        tokio::spawn(server::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

#[derive(Debug)]
struct Broken;

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the road is broken here")
    }
}

impl std::error::Error for Broken {}

async fn forward(
    engine: PathBuf,
    request: Request<Incoming>,
    fate: Option<Break>,
) -> Result<Response<Full<Bytes>>, Broken> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map_err(|_| Broken)?.to_bytes();
    if fate == Some(Break::Before) {
        return Err(Broken);
    }
    let stream = UnixStream::connect(&engine).await.map_err(|_| Broken)?;
    let (mut sender, connection) = client::handshake(TokioIo::new(stream)).await.map_err(|_| Broken)?;
    tokio::spawn(connection);
    let breaks = fate == Some(Break::Middle);
    let whole = body.len();
    let rest = Some(if breaks { body.slice(..whole / 2) } else { body });
    let statement = Request::from_parts(head, Statement { rest, breaks, whole });
    let answer = sender.send_request(statement).await.map_err(|_| Broken)?;
    let (head, body) = answer.into_parts();
    let body = body.collect().await.map_err(|_| Broken)?.to_bytes();
    match fate {
        // The engine's word about half a statement is of no interest either.
        Some(Break::After | Break::Middle) => Err(Broken),
        Some(Break::Before) | None => Ok(Response::from_parts(head, Full::new(body))),
    }
}

/// A statement's body, whole or broken off after its half.
struct Statement {
    rest: Option<Bytes>,
    breaks: bool,
    whole: usize,
}

impl Body for Statement {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        let frame = self.rest.take().map(|bytes| Ok(Frame::data(bytes)));
        Poll::Ready(frame.or_else(|| self.breaks.then_some(Err(Broken))))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.whole as u64)
    }
}
