//! Turns answers and exceptions into HTTP responses as ClickHouse's server gives them.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use hyper::{
    Response, StatusCode,
    body::{Body, Bytes, Frame, SizeHint},
    header::{CONTENT_TYPE, HeaderValue, WWW_AUTHENTICATE},
};

use tokio::sync::mpsc;

use super::{
    exception::Exception,
    library::Progress,
    run::{Begun, Block, Leash},
};

/// Marks the text of an exception that comes after the answer has begun. Any 16
/// bytes will do that data are unlikely to hold; a server makes new ones per answer.
const EXCEPTION_TAG: &str = "mostikexception0";

/// Facts about the engine that every answer carries.
pub(super) struct Identity {
    pub(super) timezone: HeaderValue,
    pub(super) display_name: HeaderValue,
}

/// A short answer, or blocks as the engine delivers them.
pub(super) enum Reply {
    Whole(Option<Bytes>),
    Blocks {
        blocks: mpsc::Receiver<Block>,
        state: State,
        /// Kills the statement when the client leaves.
        _leash: Leash,
    },
}

/// How far a streamed answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Flowing,
    /// The exception's text is on its way; give it time to reach the socket.
    Flushing,
    Broken,
}

/// Ends the connection in the middle of an answer, so that no client takes half an
/// answer for a whole one.
#[derive(Debug, thiserror::Error)]
#[error("the statement failed after its answer had begun")]
pub(super) struct Broken;

impl Body for Reply {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        match self.get_mut() {
            Reply::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Reply::Blocks { blocks, state, .. } => match state {
                State::Flowing => match std::task::ready!(blocks.poll_recv(cx)) {
                    Some(Block::Data(bytes)) => Poll::Ready(Some(Ok(Frame::data(bytes)))),
                    Some(Block::End) => Poll::Ready(None),
                    None => Poll::Ready(Some(Err(Broken))),
                    Some(Block::Failed(exception)) => {
                        *state = State::Flushing;
                        Poll::Ready(Some(Ok(Frame::data(late(&exception)))))
                    }
                },
                State::Flushing => {
                    *state = State::Broken;
                    cx.waker().wake_by_ref();
                    Poll::Pending
                }
                State::Broken => Poll::Ready(Some(Err(Broken))),
            },
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Reply::Whole(None))
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Reply::Whole(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
            Reply::Blocks { .. } => SizeHint::default(),
        }
    }
}

/// The frame by which clients since ClickHouse 25.11 know a late exception.
fn late(exception: &Exception) -> Bytes {
    let message = format!("{}\n", exception.text);
    let length = message.len();
    Bytes::from(format!(
        "\r\n__exception__\r\n{EXCEPTION_TAG}\r\n{message}{length} {EXCEPTION_TAG}\r\n__exception__\r\n"
    ))
}

/// A plain text that is no answer to a statement.
pub(super) fn plain(status: StatusCode, text: &'static str) -> Response<Reply> {
    let mut response = Response::new(Reply::Whole(Some(Bytes::from_static(text.as_bytes()))));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=UTF-8"));
    response
}

/// The statement's answer.
pub(super) fn answered(identity: &Identity, query_id: &str, begun: Begun, leash: Leash) -> Response<Reply> {
    let Begun { format, progress, blocks } = begun;
    let mut response = Response::new(Reply::Blocks { blocks, state: State::Flowing, _leash: leash });
    describe(&mut response, identity, query_id, &progress);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type(&format)));
    if let Ok(format) = HeaderValue::from_str(&format) {
        headers.insert("x-clickhouse-format", format);
    }
    headers.insert("x-clickhouse-exception-tag", HeaderValue::from_static(EXCEPTION_TAG));
    response
}

/// An INSERT's outcome, which has no body.
pub(super) fn inserted(identity: &Identity, query_id: &str, progress: &Progress) -> Response<Reply> {
    let mut response = Response::new(Reply::Whole(None));
    describe(&mut response, identity, query_id, progress);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=UTF-8"));
    response
}

/// Why there is no answer.
pub(super) fn failed(identity: &Identity, query_id: &str, exception: &Exception) -> Response<Reply> {
    let mut response = Response::new(Reply::Whole(Some(Bytes::from(format!("{}\n", exception.text)))));
    *response.status_mut() = exception.status();
    describe(&mut response, identity, query_id, &Progress::default());
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=UTF-8"));
    headers.insert("x-clickhouse-exception-code", HeaderValue::from(exception.code));
    if exception.status() == StatusCode::UNAUTHORIZED {
        headers
            .insert(WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"ClickHouse server HTTP API\""));
    }
    response
}

fn describe(response: &mut Response<Reply>, identity: &Identity, query_id: &str, progress: &Progress) {
    let headers = response.headers_mut();
    headers.insert("x-clickhouse-timezone", identity.timezone.clone());
    headers.insert("x-clickhouse-server-display-name", identity.display_name.clone());
    // A client may have sent bytes that no header can carry; then it gets none back.
    if let Ok(query_id) = HeaderValue::from_str(query_id) {
        headers.insert("x-clickhouse-query-id", query_id);
    }
    if let Ok(summary) = HeaderValue::from_str(&summary(progress)) {
        headers.insert("x-clickhouse-summary", summary);
    }
}

/// The numbers stand in quotes, as the server writes them.
fn summary(progress: &Progress) -> String {
    let Progress { read_rows, read_bytes, written_rows, written_bytes } = progress;
    format!(
        "{{\"read_rows\":\"{read_rows}\",\"read_bytes\":\"{read_bytes}\",\"written_rows\":\"{written_rows}\",\
         \"written_bytes\":\"{written_bytes}\",\"total_rows_to_read\":\"0\",\"result_rows\":\"0\",\
         \"result_bytes\":\"0\",\"elapsed_ns\":\"0\"}}"
    )
}

fn content_type(format: &str) -> &'static str {
    let format = format.to_ascii_lowercase();
    match format.as_str() {
        "native"
        | "rowbinary"
        | "rowbinarywithnames"
        | "rowbinarywithnamesandtypes"
        | "parquet"
        | "arrow"
        | "arrowstream"
        | "orc"
        | "avro"
        | "protobuf"
        | "capnproto"
        | "msgpack"
        | "rawblob" => "application/octet-stream",
        "jsoneachrow" | "jsonlines" | "ndjson" => "application/x-ndjson; charset=UTF-8",
        _ if format.starts_with("json") => "application/json; charset=UTF-8",
        "csv" => "text/csv; charset=UTF-8; header=absent",
        _ if format.starts_with("csv") => "text/csv; charset=UTF-8; header=present",
        _ if format.starts_with("tabseparated") || format.starts_with("tsv") => {
            "text/tab-separated-values; charset=UTF-8"
        }
        "xml" => "application/xml; charset=UTF-8",
        _ => "text/plain; charset=UTF-8",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_exception_tells_its_length_and_ends_with_its_mark() {
        let text = "Code: 159. DB::Exception: Timeout exceeded".to_owned();
        let frame = late(&Exception { code: 159, text });
        let frame = std::str::from_utf8(&frame).unwrap();
        assert_eq!(
            frame,
            "\r\n__exception__\r\nmostikexception0\r\nCode: 159. DB::Exception: Timeout exceeded\n43 \
             mostikexception0\r\n__exception__\r\n"
        );
    }
}
