//! Answers `/collect`: reads a request within its limits, has its hits taken, notes both.

use std::io::Write;

use hyper::{Method, http::request};

use crate::{
    fault::Fault,
    form::{self, Form},
    hit::{self, Note, Reason},
    ledger::{Ledger, Received, Verdict},
};

/// Largest body taken, in bytes (metrika.md section 10.1).
pub const BODY_BYTES_MAX: usize = 64 * 1024;

/// Longest URL taken, path and query together, in bytes (the same).
pub const URL_BYTES_MAX: usize = 8 * 1024;

/// The whole body of a success; never an id of the hit.
pub const OK_BODY: &str = "<!-- OK -->";

/// A request for `/collect`. `body` is `None` when it is larger than the limit.
pub struct Request<'a> {
    pub head: &'a request::Parts,
    pub body: Option<&'a str>,
}

impl Request<'_> {
    /// The counter it names, whether or not there is one.
    pub fn destination(&self, is_batch_taken: bool) -> Option<u64> {
        self.forms(is_batch_taken)?.first()?.get("tid")?.parse().ok()
    }

    fn forms(&self, is_batch_taken: bool) -> Option<Vec<Form>> {
        let content_type = self.head.headers.get("content-type").and_then(|value| value.to_str().ok());
        let query = self.head.uri.query().unwrap_or_default();
        form::read(content_type.unwrap_or_default(), self.body?, query, is_batch_taken)
    }
}

/// Takes the hits of a request and returns the status of its answer. A fault that strikes
/// before they are recorded leaves only the note of the request.
pub fn answer(ledger: &mut Ledger, request: &Request<'_>, fault: &Fault) -> u16 {
    let outcome = if fault.is_committed() { outcome(ledger, request) } else { Outcome::struck() };
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    let head = request.head;
    let headers = head.headers.iter().map(|(name, value)| (name.to_string(), text(value.as_bytes())));
    let received = Received {
        at: ledger.clock.now(),
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers: headers.collect(),
        body: request.body.unwrap_or_default().to_owned(),
        verdict: outcome.verdict,
        reason: outcome.reason,
        notes: outcome.notes,
        status: outcome.status,
        fault: (*fault != Fault::Pass).then(|| fault.clone()),
    };
    if let Some(log) = &mut ledger.log {
        let line = serde_json::to_string(&received).expect("a request is texts and numbers");
        writeln!(log, "{line}").expect("the test's file takes the log");
    }
    ledger.received.push(received);
    outcome.status
}

struct Outcome {
    status: u16,
    verdict: Verdict,
    reason: Option<Reason>,
    notes: Vec<Note>,
}

impl Outcome {
    fn refused(status: u16) -> Outcome {
        Outcome { status, verdict: Verdict::Refused, reason: None, notes: Vec::new() }
    }

    fn struck() -> Outcome {
        Outcome { status: 200, verdict: Verdict::Struck, reason: None, notes: Vec::new() }
    }

    fn dropped(status: u16, reason: Reason) -> Outcome {
        Outcome { status, verdict: Verdict::Dropped, reason: Some(reason), notes: Vec::new() }
    }
}

fn outcome(ledger: &mut Ledger, request: &Request<'_>) -> Outcome {
    let head = request.head;
    if !matches!(head.uri.path(), "/collect" | "/collect/") {
        return Outcome::refused(404);
    }
    if !matches!(head.method, Method::GET | Method::POST) {
        return Outcome::refused(405);
    }
    if head.uri.path_and_query().map_or(0, |whole| whole.as_str().len()) > URL_BYTES_MAX {
        return Outcome::refused(414);
    }
    if request.body.is_none() {
        return Outcome::refused(413);
    }
    let Some(forms) = request.forms(ledger.is_batch_taken) else {
        // Whatever such a body holds, it holds no identifier in a form of ours.
        return Outcome::dropped(ledger.profile.status(Reason::BadBody, true), Reason::BadBody);
    };
    let mut whole = Outcome { status: 200, verdict: Verdict::Recorded, reason: None, notes: Vec::new() };
    for form in &forms {
        match ledger.take(form) {
            Ok(notes) => whole.notes.extend(notes),
            // Of a batch the first dropped hit speaks; the others are taken all the same.
            Err(_) if whole.reason.is_some() => {}
            Err(reason) => {
                whole.status = ledger.profile.status(reason, hit::lacks_identifier(form));
                whole.verdict = Verdict::Dropped;
                whole.reason = Some(reason);
            }
        }
    }
    whole
}
