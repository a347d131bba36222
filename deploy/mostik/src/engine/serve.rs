//! One request: whose it is, what it asks for, where its statement and data are.
//! Routes and order of reading are those of ClickHouse's HTTP interface.

use std::sync::Arc;

use hyper::{
    Method, Request, Response, StatusCode,
    body::{Bytes, Incoming},
    header::CONTENT_TYPE,
};
use tokio::sync::Semaphore;

use super::{
    access::Credentials,
    body::Body,
    exception::{Code, Exception},
    form,
    limits::{FORM_BYTES_MAX, QUERY_BYTES_MAX},
    reply::{self, Identity, Reply},
    run::{Engine, Inserting, Piece},
    settings::Wishes,
    statement::{self, Split},
};

/// What every connection needs.
pub(super) struct Facade {
    pub(super) engine: Arc<Engine>,
    pub(super) identity: Identity,
    /// One permit for each compressed body being read.
    pub(super) unpackers: Arc<Semaphore>,
}

/// The way a request came in.
#[derive(Clone)]
pub(super) enum Door {
    /// The unix socket, whose file mode is its lock.
    Socket,
    /// The TCP port.
    Port { credentials: Arc<Credentials>, may_write: bool },
}

/// Answers a request; every failure is an answer too.
pub(super) async fn answer(facade: &Facade, door: &Door, request: Request<Incoming>) -> Response<Reply> {
    let has_query = request.uri().query().is_some_and(|query| !query.is_empty());
    match (request.method(), request.uri().path()) {
        (&Method::GET | &Method::HEAD, "/ping" | "/replicas_status") => reply::plain(StatusCode::OK, "Ok.\n"),
        (&Method::GET | &Method::HEAD, "/") if !has_query => reply::plain(StatusCode::OK, "Ok.\n"),
        (&Method::GET | &Method::POST, "/" | "/query") => statement(facade, door, request).await,
        (&Method::GET | &Method::POST | &Method::HEAD, _) => {
            reply::plain(StatusCode::NOT_FOUND, "There is no such path; statements go to /.\n")
        }
        _ => reply::plain(StatusCode::METHOD_NOT_ALLOWED, "Statements come by GET or POST.\n"),
    }
}

async fn statement(facade: &Facade, door: &Door, request: Request<Incoming>) -> Response<Reply> {
    let (head, body) = request.into_parts();
    let mut body = Body::of(body);
    let mut query_id = random_id();
    let outcome = async {
        let mut wishes = Wishes::read(head.uri.query().unwrap_or_default(), &head.headers)?;
        if let Some(chosen) = wishes.query_id.take() {
            query_id = chosen;
        }
        if let Door::Port { credentials, may_write } = door {
            credentials.check(&head.headers, &wishes)?;
            if !may_write {
                wishes.forbid_writes();
            }
        }
        body.unpack(&head.headers, &facade.unpackers).await?;
        // As with a server: what a link may trigger must not change anything.
        if head.method == Method::GET {
            wishes.forbid_writes();
        }
        let content_type = head.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        if let Some(boundary) = content_type.and_then(form::boundary) {
            let bytes = body.rest(FORM_BYTES_MAX).await?;
            for (name, value) in form::parts(&bytes, &boundary)? {
                wishes.take(name, value)?;
            }
        }
        run(facade, wishes, &mut body, &query_id).await
    }
    .await;
    match outcome {
        Ok(response) => response,
        Err(exception) => {
            body.drain().await;
            reply::failed(&facade.identity, &query_id, &exception)
        }
    }
}

/// Reads as much of the body as it takes to know the statement, then runs it.
async fn run(
    facade: &Facade,
    mut wishes: Wishes,
    body: &mut Body,
    query_id: &str,
) -> Result<Response<Reply>, Exception> {
    let mut sql = wishes.query.take().unwrap_or_default().into_bytes();
    if !sql.is_empty() {
        // The body continues the URL's text on a new line.
        sql.push(b'\n');
    }
    let mut is_all = false;
    loop {
        match statement::split(&sql, is_all) {
            Split::Insert { statement_end, format, data_start } => {
                let data = Bytes::copy_from_slice(&sql[data_start..]);
                sql.truncate(statement_end);
                let progress = insert(facade, sql, format, wishes, data, body).await?;
                return Ok(reply::inserted(&facade.identity, query_id, &progress));
            }
            Split::SettingsAfterFormat => {
                return Err(Exception::new(
                    Code::SyntaxError,
                    "an INSERT's SETTINGS must stand before FORMAT, or in the URL",
                ));
            }
            Split::Whole if is_all => break,
            Split::Whole | Split::Unclear => match body.piece().await? {
                None => is_all = true,
                Some(piece) if sql.len() + piece.len() > QUERY_BYTES_MAX => {
                    // More than the limit is fine as long as the rest is data.
                    sql.extend_from_slice(&piece);
                    if !matches!(statement::split(&sql, is_all), Split::Insert { .. }) {
                        return Err(Exception::new(
                            Code::QueryTooLarge,
                            format!("the statement is longer than {QUERY_BYTES_MAX} bytes"),
                        ));
                    }
                }
                Some(piece) => sql.extend_from_slice(&piece),
            },
        }
    }
    if sql.trim_ascii().is_empty() {
        return Err(Exception::new(Code::SyntaxError, "Empty query"));
    }
    let (begun, leash) = facade.engine.answer(sql, wishes).await?;
    Ok(reply::answered(&facade.identity, query_id, begun, leash))
}

/// Pumps the body into an INSERT. If it breaks off, `pieces` is dropped without an
/// end, which cancels the INSERT.
async fn insert(
    facade: &Facade,
    sql: Vec<u8>,
    format: String,
    wishes: Wishes,
    data: Bytes,
    body: &mut Body,
) -> Result<super::library::Progress, Exception> {
    let Inserting { pieces, outcome, leash: _leash } = facade.engine.insert(sql, format, wishes).await?;
    let mut next = Some(data);
    while let Some(piece) = next {
        // An error says that the engine has stopped reading; the outcome tells why.
        if !piece.is_empty() && pieces.send(Piece::Data(piece)).await.is_err() {
            break;
        }
        next = body.piece().await?;
    }
    pieces.send(Piece::End).await.ok();
    drop(pieces);
    outcome
        .await
        .map_err(|_| Exception::new(Code::Aborted, "the INSERT's thread ended without an outcome"))?
}

/// 128 random bits in a UUID's notation.
fn random_id() -> String {
    let mut bytes = [0_u8; 16];
    // Without randomness the id is a constant: it serves tracing only.
    getrandom::fill(&mut bytes).ok();
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}
