//! The API that wants an OAuth token (metrika.md section 10.3): who may do what, and how
//! a refusal is told. Each answer is in the module of its subject.

mod conversions;
pub mod logs;
mod management;
pub mod quota;
mod statistics;

use std::{collections::HashMap, fmt::Display};

use hyper::{Method, http::request};
use serde::Deserialize;
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::{
    ledger::{Ledger, REQUESTS_MAX},
    reply::{self, Reply},
};

pub use management::GOALS_MAX;
pub use quota::Quota;

/// Largest body taken, in bytes. Ours: the documentation names 1 GB for files of offline
/// conversions, and nothing for the rest.
pub const BODY_BYTES_MAX: usize = 1024 * 1024;

/// A right that an OAuth token carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Scope {
    #[serde(rename = "metrika:read")]
    Read,
    #[serde(rename = "metrika:write")]
    Write,
    #[serde(rename = "metrika:offline_data")]
    OfflineData,
}

/// What an OAuth token may do, and with which counters.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    pub scopes: Vec<Scope>,
    pub counters: Vec<u64>,
}

/// A file as it came, raw.
#[derive(Debug, Clone)]
pub struct Upload {
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

/// Why a request was refused, as far as Yandex documents it (section 3.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Unauthorized,
    InvalidToken,
    AccessDenied,
    InvalidParameter,
    MissingParameter,
    InvalidJson,
    InvalidUploading,
    LimitExceeded,
    NotFound,
    QuotaByUid,
    QuotaParallel,
    Conflict,
    Backend,
    Timeout,
}

impl Kind {
    /// What is told with a scripted status (section 3.4).
    fn scripted(status: u16) -> Kind {
        match status {
            401 => Kind::Unauthorized,
            403 => Kind::AccessDenied,
            404 => Kind::NotFound,
            409 => Kind::Conflict,
            420 | 429 => Kind::QuotaParallel,
            504 => Kind::Timeout,
            _ => Kind::Backend,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Kind::Unauthorized => "unauthorized",
            Kind::InvalidToken => "invalid_token",
            Kind::AccessDenied => "access_denied",
            Kind::InvalidParameter => "invalid_parameter",
            Kind::MissingParameter => "missing_parameter",
            Kind::InvalidJson => "invalid_json",
            Kind::InvalidUploading => "invalid_uploading",
            Kind::LimitExceeded => "limit_exceeded",
            Kind::NotFound => "not_found",
            Kind::QuotaByUid => "quota_requests_by_uid",
            Kind::QuotaParallel => "quota_parallel_requests",
            Kind::Conflict => "conflict",
            Kind::Backend => "backend_error",
            Kind::Timeout => "timeout",
        }
    }

    fn status(self) -> u16 {
        match self {
            Kind::Unauthorized => 401,
            Kind::InvalidToken | Kind::AccessDenied => 403,
            Kind::InvalidParameter
            | Kind::MissingParameter
            | Kind::InvalidJson
            | Kind::InvalidUploading
            | Kind::LimitExceeded => 400,
            Kind::NotFound => 404,
            Kind::QuotaByUid | Kind::QuotaParallel => 429,
            Kind::Conflict => 409,
            Kind::Backend => 503,
            Kind::Timeout => 504,
        }
    }
}

#[derive(Debug)]
struct Refusal {
    kind: Kind,
    message: String,
}

fn refused(kind: Kind, message: impl Display) -> Refusal {
    Refusal { kind, message: message.to_string() }
}

type Answer = Result<Value, Refusal>;

/// A request whose token is known.
struct Call<'a> {
    grant: Grant,
    query: HashMap<String, String>,
    content_type: &'a str,
    body: &'a [u8],
}

impl Call<'_> {
    fn parameter(&self, name: &str) -> Result<&str, Refusal> {
        let value = self.query.get(name).ok_or_else(|| refused(Kind::MissingParameter, name))?;
        Ok(value)
    }

    /// The number of a counter that the token may do this to.
    fn counter(&self, ledger: &Ledger, id: &str, scope: Scope) -> Result<u64, Refusal> {
        let id = id.parse().map_err(|_| refused(Kind::InvalidParameter, format!("no counter: {id}")))?;
        // Writing includes reading.
        let is_allowed = self.grant.scopes.contains(&scope) || self.grant.scopes.contains(&Scope::Write);
        if !is_allowed || !self.grant.counters.contains(&id) {
            return Err(refused(Kind::AccessDenied, "Access is denied"));
        }
        ledger.counters.get(&id).ok_or_else(|| refused(Kind::NotFound, "Entity not found"))?;
        Ok(id)
    }
}

/// Whether a path belongs here.
pub fn has(path: &str) -> bool {
    path.starts_with("/management/v1/") || path.starts_with("/stat/v1/")
}

/// Whether a request carries a file of late goals.
pub fn is_upload(path: &str) -> bool {
    path.starts_with("/management/v1/counter/") && path.ends_with("/offline_conversions/upload")
}

/// Answers a request; `body` is what fits [`BODY_BYTES_MAX`].
pub fn answer(ledger: &mut Ledger, head: &request::Parts, body: Option<&[u8]>) -> Reply {
    if ledger.api_calls.len() < REQUESTS_MAX {
        ledger.api_calls.push(format!("{} {}", head.method, head.uri));
    }
    if is_upload(head.uri.path()) && ledger.uploads.len() < REQUESTS_MAX {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let headers = head.headers.iter().map(|(name, value)| (name.to_string(), text(value.as_bytes())));
        ledger.uploads.push(Upload {
            target: head.uri.to_string(),
            headers: headers.collect(),
            body: text(body.unwrap_or_default()),
        });
    }
    let (status, answer) = match ledger.api_failures.pop_front() {
        Some(status) => (status, failure(status, Kind::scripted(status), "scripted")),
        None => match act(ledger, head, body) {
            Ok(answer) => (200, answer),
            Err(Refusal { kind, message }) => {
                let status = status_of(ledger, kind);
                (status, failure(status, kind, &message))
            }
        },
    };
    match answer {
        // The one answer that is no object: a part of a log.
        Value::String(tsv) => reply::whole(status, "text/tab-separated-values; charset=utf-8", tsv),
        answer => reply::whole(status, "application/json; charset=utf-8", answer.to_string()),
    }
}

/// Answers one request more than may run at once.
pub fn too_many_at_once(ledger: &mut Ledger, head: &request::Parts) -> Reply {
    if ledger.api_calls.len() < REQUESTS_MAX {
        ledger.api_calls.push(format!("{} {}", head.method, head.uri));
    }
    let status = status_of(ledger, Kind::QuotaParallel);
    let answer = failure(status, Kind::QuotaParallel, "Quota exceeded");
    reply::whole(status, "application/json; charset=utf-8", answer.to_string())
}

/// The documentation says 429 in one language and 420 in the other.
fn status_of(ledger: &Ledger, kind: Kind) -> u16 {
    match kind {
        Kind::QuotaByUid | Kind::QuotaParallel if ledger.is_quota_420 => 420,
        _ => kind.status(),
    }
}

/// Whose quota a request counts for.
pub fn token(head: &request::Parts) -> Option<&str> {
    head.headers.get("authorization").and_then(|value| value.to_str().ok())?.strip_prefix("OAuth ")
}

fn failure(status: u16, kind: Kind, message: &str) -> Value {
    let error = json!({ "error_type": kind.name(), "message": message });
    json!({ "errors": [error], "code": status, "message": message })
}

fn act(ledger: &mut Ledger, head: &request::Parts, body: Option<&[u8]>) -> Answer {
    let body = body.ok_or_else(|| refused(Kind::InvalidParameter, "the body is too large"))?;
    let token = token(head).ok_or_else(|| refused(Kind::Unauthorized, "Unauthorized"))?;
    let grant = ledger.grants.get(token).ok_or_else(|| refused(Kind::InvalidToken, "Invalid oauth_token"))?;
    let query = form_urlencoded::parse(head.uri.query().unwrap_or_default().as_bytes());
    let content_type = head.headers.get("content-type").and_then(|value| value.to_str().ok());
    let content_type = content_type.unwrap_or_default();
    let call = Call { grant: grant.clone(), query: query.into_owned().collect(), content_type, body };
    let path = head.uri.path();
    let now = ledger.clock.now();
    if !ledger.quotas.entry(token.to_owned()).or_default().admits(now, path.starts_with("/stat/")) {
        return Err(refused(Kind::QuotaByUid, "Quota exceeded"));
    }
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    match (&head.method, segments.as_slice()) {
        (&Method::GET, ["stat", "v1", "data"]) => statistics::data(ledger, &call),
        (&Method::GET, ["stat", "v1", "data", "bytime"]) => statistics::by_time(ledger, &call),
        (method, ["management", "v1", rest @ ..]) => management::answer(ledger, &call, method, rest),
        _ => Err(refused(Kind::NotFound, "Not found")),
    }
}
