//! A request's body, piece by piece, plain or compressed.
//!
//! Promises: a body that breaks off is an error, never an end, compressed or not; a
//! compressed one is unpacked as it comes, however large it gets.

use std::{
    io::{self, Read},
    sync::Arc,
};

use flate2::read::MultiGzDecoder;
use http_body_util::BodyExt;
use hyper::{
    HeaderMap,
    body::{Bytes, Incoming},
    header::CONTENT_ENCODING,
};
use lz4_flex::frame::FrameDecoder;
use tokio::{
    sync::{Semaphore, mpsc},
    time::timeout,
};

use super::{
    exception::{Code, Exception},
    frames::Frames,
    limits::{BODY_DRAIN_BYTES_MAX, BODY_PAUSE_MAX, PIECES_WAITING_MAX, UNPACKED_PIECE_BYTES},
};

/// What is still to come of a request.
pub(super) struct Body {
    source: Source,
    taken: u64,
}

enum Source {
    Plain(Incoming),
    Unpacked(mpsc::Receiver<Result<Bytes, Exception>>),
}

/// How a body is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Packing {
    /// LZ4 frames: what clickhouse-connect and the `clickhouse` crate send by default.
    Lz4,
    Gzip,
}

impl Body {
    pub(super) fn of(incoming: Incoming) -> Body {
        Body { source: Source::Plain(incoming), taken: 0 }
    }

    /// Reads it unpacked from here on, as the headers say it is packed. `unpackers` bounds
    /// how many are at work; so this is for clients that have shown who they are.
    pub(super) async fn unpack(
        &mut self,
        headers: &HeaderMap,
        unpackers: &Arc<Semaphore>,
    ) -> Result<(), Exception> {
        let Some(packing) = packing(headers)? else { return Ok(()) };
        let (_, nothing) = mpsc::channel(1);
        let source = std::mem::replace(&mut self.source, Source::Unpacked(nothing));
        self.source = match source {
            Source::Plain(incoming) => Source::Unpacked(unpack(incoming, packing, unpackers).await),
            unpacked @ Source::Unpacked(_) => unpacked,
        };
        Ok(())
    }

    /// The next piece; `None` at the end.
    pub(super) async fn piece(&mut self) -> Result<Option<Bytes>, Exception> {
        let piece = match &mut self.source {
            Source::Plain(incoming) => next(incoming).await?,
            Source::Unpacked(pieces) => pieces.recv().await.transpose()?,
        };
        self.taken += piece.as_ref().map_or(0, Bytes::len) as u64;
        Ok(piece)
    }

    /// All of the rest, if it is not more than `bytes_max`.
    pub(super) async fn rest(&mut self, bytes_max: usize) -> Result<Vec<u8>, Exception> {
        let mut all = Vec::new();
        while let Some(piece) = self.piece().await? {
            if all.len() + piece.len() > bytes_max {
                return Err(Exception::new(
                    Code::QueryTooLarge,
                    format!("the form is longer than {bytes_max} bytes"),
                ));
            }
            all.extend_from_slice(&piece);
        }
        Ok(all)
    }

    /// Reads on and forgets, so that a client still sending gets to read the answer.
    pub(super) async fn drain(&mut self) {
        let end = self.taken + BODY_DRAIN_BYTES_MAX;
        while self.taken < end && matches!(self.piece().await, Ok(Some(_))) {}
    }
}

fn packing(headers: &HeaderMap) -> Result<Option<Packing>, Exception> {
    let Some(encoding) = headers.get(CONTENT_ENCODING) else { return Ok(None) };
    match encoding.to_str().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
        "" | "identity" => Ok(None),
        "lz4" => Ok(Some(Packing::Lz4)),
        "gzip" | "x-gzip" => Ok(Some(Packing::Gzip)),
        other => Err(Exception::new(
            Code::UnsupportedMediaType,
            format!("a body packed as {other:?} cannot be read: send it plain, or as lz4 or gzip"),
        )),
    }
}

async fn next(incoming: &mut Incoming) -> Result<Option<Bytes>, Exception> {
    loop {
        let frame = timeout(BODY_PAUSE_MAX, incoming.frame())
            .await
            .map_err(|_| Exception::new(Code::Timeout, "the request's body stood still for too long"))?;
        match frame.transpose() {
            Ok(None) => return Ok(None),
            Ok(Some(frame)) => {
                if let Ok(data) = frame.into_data() {
                    return Ok(Some(data));
                }
            }
            Err(error) => {
                return Err(Exception::new(
                    Code::CannotReadAllData,
                    format!("the request's body broke off: {error}"),
                ));
            }
        }
    }
}

/// Pumps the body through an unpacker on a thread of its own: both crates unpack by
/// pulling. Bounded on either side.
async fn unpack(
    mut incoming: Incoming,
    packing: Packing,
    unpackers: &Arc<Semaphore>,
) -> mpsc::Receiver<Result<Bytes, Exception>> {
    // Nobody closes the semaphore.
    let permit = Arc::clone(unpackers).acquire_owned().await.ok();
    let (packed, arriving) = mpsc::channel(PIECES_WAITING_MAX);
    let (unpacked, pieces) = mpsc::channel(PIECES_WAITING_MAX);
    tokio::spawn(async move {
        loop {
            let piece = next(&mut incoming).await.transpose();
            let is_last = !matches!(piece, Some(Ok(_)));
            // An error says that the unpacker has given up.
            if let Some(piece) = piece
                && packed.send(piece).await.is_err()
            {
                return;
            }
            if is_last {
                return;
            }
        }
    });
    tokio::task::spawn_blocking(move || {
        let frames = (packing == Packing::Lz4).then(Frames::new);
        let arriving = Arriving { pieces: arriving, current: Bytes::new(), frames, broken: None };
        match packing {
            Packing::Lz4 => pull(FrameDecoder::new(arriving), FrameDecoder::get_mut, &unpacked),
            Packing::Gzip => pull(MultiGzDecoder::new(arriving), MultiGzDecoder::get_mut, &unpacked),
        }
        drop(permit);
    });
    pieces
}

/// Unpacks until the end, an error, or until nobody reads any more.
fn pull<R: Read>(
    mut unpacker: R,
    inner: impl Fn(&mut R) -> &mut Arriving,
    unpacked: &mpsc::Sender<Result<Bytes, Exception>>,
) {
    loop {
        let mut piece = vec![0; UNPACKED_PIECE_BYTES];
        let outcome = match unpacker.read(&mut piece) {
            // The end of the body, or of one of several LZ4 frames in it. Some clients make
            // a frame of every block they send.
            Ok(0) => match inner(&mut unpacker).has_more() {
                Ok(true) => continue,
                Ok(false) => return,
                Err(exception) => Err(exception),
            },
            Ok(length) => {
                piece.truncate(length);
                Ok(Bytes::from(piece))
            }
            Err(error) => Err(inner(&mut unpacker).broken.take().unwrap_or_else(|| {
                Exception::new(
                    Code::CannotReadAllData,
                    format!("the request's body cannot be unpacked: {error}"),
                )
            })),
        };
        let is_last = outcome.is_err();
        if unpacked.blocking_send(outcome).is_err() || is_last {
            return;
        }
    }
}

/// The packed pieces as a reader.
struct Arriving {
    pieces: mpsc::Receiver<Result<Bytes, Exception>>,
    current: Bytes,
    /// To know a whole body from one that ends between two blocks.
    frames: Option<Frames>,
    /// Why no more come, if that is not the end.
    broken: Option<Exception>,
}

impl Arriving {
    /// Waits for bytes to be there; `false` at the proper end.
    fn has_more(&mut self) -> Result<bool, Exception> {
        while self.current.is_empty() {
            match self.pieces.blocking_recv() {
                None if self.frames.as_ref().is_none_or(Frames::are_closed) => return Ok(false),
                None => {
                    return Err(Exception::new(
                        Code::CannotReadAllData,
                        "the request's LZ4 frame has no end",
                    ));
                }
                Some(piece) => {
                    self.current = piece?;
                    if let Some(frames) = &mut self.frames {
                        frames.pass(&self.current);
                    }
                }
            }
        }
        Ok(true)
    }
}

impl Read for Arriving {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self.has_more() {
            Ok(false) => return Ok(0),
            Ok(true) => {}
            Err(exception) => {
                let error = io::Error::other(exception.text.clone());
                self.broken = Some(exception);
                return Err(error);
            }
        }
        let length = into.len().min(self.current.len());
        into[..length].copy_from_slice(&self.current.split_to(length));
        Ok(length)
    }
}
