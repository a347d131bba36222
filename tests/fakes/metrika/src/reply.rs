//! An answer on its way out: whole, or as a fault wants it.

use std::{
    collections::VecDeque,
    convert::Infallible,
    io::Write,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use http_body_util::{Either, Full};
use hyper::{
    Response, StatusCode,
    body::{Body, Frame, SizeHint},
    header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderValue, LOCATION, RETRY_AFTER},
};
use tokio::time::{Interval, interval};

use crate::fault::Fault;

/// What a network that wants a login shows instead of the page that was asked for.
const CAPTIVE_PORTAL: &str = "<html><body>Please log in</body></html>";

pub type Reply = Response<Either<Full<Bytes>, Pieces>>;

/// A whole answer.
pub fn whole(status: u16, content_type: &'static str, body: impl Into<Bytes>) -> Reply {
    let mut reply = Response::new(Either::Left(Full::new(body.into())));
    *reply.status_mut() = StatusCode::from_u16(status).expect("statuses are checked where they come in");
    reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    reply
}

/// An answer of `/collect`.
pub fn plain(status: u16, body: &'static str) -> Reply {
    // The type of a success is not documented.
    whole(status, if status == 200 { "text/html; charset=utf-8" } else { "text/plain" }, body)
}

/// The answer of `/collect` as `fault` makes it. Resets and delays are not answers.
pub fn faulty(fault: &Fault, status: u16, body: &'static str) -> Reply {
    let pieces = |every, is_sized| {
        let pieces = body.as_bytes().chunks(1).map(Bytes::from_static).collect();
        plain(status, "").map(|_| Either::Right(Pieces { pieces, every, is_sized }))
    };
    match fault {
        Fault::Pass
        | Fault::SlowAccept { .. }
        | Fault::DelayBeforeRead { .. }
        | Fault::DelayAfterCommit { .. }
        | Fault::ResetBeforeCommit
        | Fault::ResetAfterCommit => plain(status, body),
        Fault::Status { status, retry_after, location, is_committed: _ } => {
            let mut reply = plain(*status, "");
            for (name, value) in [(RETRY_AFTER, retry_after), (LOCATION, location)] {
                if let Some(value) = value {
                    let value = value.parse().expect("headers are checked where a script comes in");
                    reply.headers_mut().insert(name, value);
                }
            }
            reply
        }
        Fault::EmptyBody => plain(200, ""),
        Fault::CaptivePortal => plain(200, CAPTIVE_PORTAL),
        Fault::Gzip => {
            let mut reply = plain(status, "").map(|_| Either::Left(Full::new(gzipped(body))));
            reply.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            reply
        }
        Fault::Chunked => pieces(None, false),
        Fault::Drip { every_ms } => pieces(Some(interval(Duration::from_millis((*every_ms).max(1)))), true),
    }
}

fn gzipped(text: &str) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    let written = encoder.write_all(text.as_bytes()).and_then(|()| encoder.finish());
    written.expect("writing to memory does not fail").into()
}

/// A body that goes out piece by piece, one per tick where there is a clock.
pub struct Pieces {
    pieces: VecDeque<Bytes>,
    every: Option<Interval>,
    /// The length is told; otherwise HTTP sends chunks.
    is_sized: bool,
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if let Some(every) = &mut self.every {
            ready!(every.poll_tick(context));
        }
        Poll::Ready(self.pieces.pop_front().map(|piece| Ok(Frame::data(piece))))
    }

    fn size_hint(&self) -> SizeHint {
        let left: usize = self.pieces.iter().map(Bytes::len).sum();
        if self.is_sized { SizeHint::with_exact(left as u64) } else { SizeHint::default() }
    }
}
