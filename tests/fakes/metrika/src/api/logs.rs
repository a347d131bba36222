//! Requests for logs (metrika.md sections 4.2 and 10.3): evaluated, made, worked on for a
//! while, downloaded part by part as TSV, cleaned or cancelled. Of the fields the fake knows
//! those a diagnosis of goals may ask for; addresses, regions and devices it has none.

use std::fmt::Write as _;

use hyper::Method;
use jiff::{SignedDuration, Timestamp, civil::Date, tz};
use serde_json::{Value, json};

use super::{Answer, Call, Kind, Refusal, Scope, refused};
use crate::{
    counter::Counter,
    form,
    ledger::{Ledger, Verdict},
};

/// How long a request is worked on, in seconds. Ours: "queued" is all that is documented.
pub const WORKING_SECONDS: i64 = 600;

/// Lines of one part. Ours, so that a test sees two.
pub const PART_LINES: usize = 100;

/// Longest list of fields, in characters, and longest stretch, in days (both documented).
const FIELDS_CHARS_MAX: usize = 3_000;
const DAYS_MAX: i32 = 366;

/// Requests kept, at most; a test makes a few.
const REQUESTS_MAX: usize = 1_000;

/// "UTC" of visits is documented as three hours ahead of it.
const SO_CALLED_UTC_SECONDS: i64 = 3 * 3600;

const OF_VISITS: [&str; 5] =
    ["ym:s:clientID", "ym:s:dateTime", "ym:s:dateTimeUTC", "ym:s:goalsID", "ym:s:goalsDateTime"];
const OF_HITS: [&str; 5] =
    ["ym:pv:clientID", "ym:pv:dateTime", "ym:pv:URL", "ym:pv:isPageView", "ym:pv:goalsID"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Worked on until it is processed.
    Created,
    Cancelled,
    Cleaned,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    Hits,
    Visits,
}

/// One request for logs.
#[derive(Debug, Clone)]
pub struct LogRequest {
    id: u64,
    counter: u64,
    source: Source,
    fields: Vec<String>,
    days: [Date; 2],
    made: i64,
    state: State,
}

/// `path` is what stands behind the counter's number.
pub(super) fn answer(
    ledger: &mut Ledger,
    call: &Call<'_>,
    method: &Method,
    id: &str,
    path: &[&str],
) -> Answer {
    let id = call.counter(ledger, id, Scope::Read)?;
    match (method, path) {
        (&Method::GET, ["logrequests", "evaluate"]) => {
            asked(ledger, call, id)?;
            Ok(json!({"log_request_evaluation": {"possible": true, "max_possible_day_quantity": DAYS_MAX}}))
        }
        (&Method::POST, ["logrequests"]) => {
            if ledger.log_requests.len() >= REQUESTS_MAX {
                return Err(refused(Kind::LimitExceeded, "the fake keeps no more requests"));
            }
            let made = asked(ledger, call, id)?;
            ledger.log_requests.push(made.clone());
            Ok(json!({ "log_request": shown(ledger, &made) }))
        }
        (&Method::GET, ["logrequests"]) => {
            let own = ledger.log_requests.iter().filter(|one| one.counter == id);
            let own: Vec<Value> = own.map(|one| shown(ledger, one)).collect();
            Ok(json!({ "requests": own }))
        }
        (method, ["logrequest", request, rest @ ..]) => one(ledger, method, id, request, rest),
        _ => Err(refused(Kind::NotFound, "Not found")),
    }
}

fn one(ledger: &mut Ledger, method: &Method, counter: u64, request: &str, path: &[&str]) -> Answer {
    let known = |one: &LogRequest| one.counter == counter && one.id.to_string() == request;
    let at = ledger.log_requests.iter().position(known);
    let at = at.ok_or_else(|| refused(Kind::NotFound, "Entity not found"))?;
    let now = ledger.clock.now();
    let status = ledger.log_requests[at].status(now);
    match (method, path) {
        (&Method::GET, []) => {}
        (&Method::GET, ["part", number, "download"]) => {
            if status != "processed" {
                let message = "Only log of requests in status 'processed' can be downloaded";
                return Err(refused(Kind::InvalidParameter, message));
            }
            let lines = lines(ledger, &ledger.log_requests[at]);
            let part = number.parse().ok().and_then(|number: usize| lines.chunks(PART_LINES).nth(number));
            let is_first_of_none = lines.is_empty() && *number == "0";
            let part = part.or(is_first_of_none.then_some(&[][..]));
            let part = part.ok_or_else(|| refused(Kind::InvalidParameter, "Incorrect part number"))?;
            let head = ledger.log_requests[at].fields.join("\t");
            return Ok(Value::String(part.iter().fold(head + "\n", |text, line| text + line + "\n")));
        }
        (&Method::POST, ["clean"]) if status == "processed" => ledger.log_requests[at].state = State::Cleaned,
        (&Method::POST, ["cancel"]) if status == "created" => {
            ledger.log_requests[at].state = State::Cancelled
        }
        (&Method::POST, ["clean" | "cancel"]) => {
            return Err(refused(Kind::InvalidParameter, format!("not while it is {status}")));
        }
        _ => return Err(refused(Kind::NotFound, "Not found")),
    }
    Ok(json!({ "log_request": shown(ledger, &ledger.log_requests[at]) }))
}

/// What the query asks for, if that can be had.
fn asked(ledger: &Ledger, call: &Call<'_>, counter: u64) -> Result<LogRequest, Refusal> {
    let day = |name: &str| -> Result<Date, Refusal> {
        call.parameter(name)?.parse().map_err(|_| refused(Kind::InvalidParameter, name))
    };
    let days @ [first, last] = [day("date1")?, day("date2")?];
    let today = ledger.counters[&counter].day(ledger.clock.now());
    let length = first.until(last).map(|span| span.get_days());
    if last >= today || !length.is_ok_and(|days| (0..DAYS_MAX).contains(&days)) {
        return Err(refused(
            Kind::InvalidParameter,
            "date1 and date2: of days that are over, a year at most",
        ));
    }
    let (source, known) = match call.parameter("source")? {
        "visits" => (Source::Visits, OF_VISITS),
        "hits" => (Source::Hits, OF_HITS),
        _ => return Err(refused(Kind::InvalidParameter, "source")),
    };
    let fields = call.parameter("fields")?;
    if fields.len() > FIELDS_CHARS_MAX || !fields.split(',').all(|field| known.contains(&field)) {
        return Err(refused(Kind::InvalidParameter, "fields"));
    }
    Ok(LogRequest {
        id: 1 + ledger.log_requests.len() as u64,
        counter,
        source,
        fields: fields.split(',').map(str::to_owned).collect(),
        days,
        made: ledger.clock.now(),
        state: State::Created,
    })
}

impl LogRequest {
    fn status(&self, now: i64) -> &'static str {
        match self.state {
            State::Cancelled => "canceled",
            State::Cleaned => "cleaned_by_user",
            State::Created if now - self.made < WORKING_SECONDS => "created",
            State::Created => "processed",
        }
    }
}

fn shown(ledger: &Ledger, request: &LogRequest) -> Value {
    let status = request.status(ledger.clock.now());
    let mut shown = json!({
        "request_id": request.id,
        "counter_id": request.counter,
        "source": if request.source == Source::Hits { "hits" } else { "visits" },
        "date1": request.days[0].to_string(),
        "date2": request.days[1].to_string(),
        "fields": request.fields,
        "status": status,
    });
    if status == "processed" {
        let lines = lines(ledger, request);
        let size = |part: &[String]| part.iter().map(|line| line.len() + 1).sum::<usize>();
        let parts = lines.chunks(PART_LINES).enumerate();
        shown["parts"] = parts.map(|(at, part)| json!({"part_number": at, "size": size(part)})).collect();
    }
    shown
}

/// Every line, oldest first.
fn lines(ledger: &Ledger, request: &LogRequest) -> Vec<String> {
    let counter = &ledger.counters[&request.counter];
    let mut lines: Vec<(i64, String)> = match request.source {
        Source::Visits => visits(ledger, request, counter),
        Source::Hits => hits(ledger, request, counter),
    };
    let [first, last] = request.days;
    lines.retain(|(at, _)| (first..=last).contains(&counter.day(*at)));
    lines.sort_unstable();
    lines.into_iter().map(|(_, line)| line).collect()
}

fn visits(ledger: &Ledger, request: &LogRequest, counter: &Counter) -> Vec<(i64, String)> {
    let own = ledger.sessions().filter(|((id, _), _)| *id == counter.id);
    let visits = own.flat_map(|((_, cid), sessions)| sessions.0.iter().map(move |one| (cid, one.start)));
    let mut lines = Vec::new();
    for (cid, start) in visits {
        let goals = || {
            ledger
                .reaches
                .iter()
                .filter(move |one| (one.counter, one.cid, one.visit) == (counter.id, cid, start))
        };
        let line = request.fields.iter().map(|field| match field.as_str() {
            "ym:s:clientID" => cid.to_string(),
            "ym:s:dateTime" => moment(counter, start),
            "ym:s:dateTimeUTC" => so_called_utc(start),
            "ym:s:goalsID" => list(goals().map(|reach| reach.goal.to_string())),
            _ => list(goals().map(|reach| format!("'{}'", so_called_utc(reach.et)))),
        });
        lines.push((start, line.collect::<Vec<_>>().join("\t")));
    }
    lines
}

fn hits(ledger: &Ledger, request: &LogRequest, counter: &Counter) -> Vec<(i64, String)> {
    let mut lines = Vec::new();
    for received in ledger.received.iter().filter(|one| one.verdict == Verdict::Recorded) {
        let content_type = received.headers.iter().find(|(name, _)| name == "content-type");
        let content_type = content_type.map_or("", |(_, value)| value.as_str());
        let forms = form::read(content_type, &received.body, &received.query, ledger.is_batch_taken);
        for form in forms.unwrap_or_default() {
            if form.get("tid") != Some(&*counter.id.to_string()) {
                continue;
            }
            let at = form.get("et").and_then(|et| et.parse().ok()).unwrap_or(received.at);
            let goals = form.get("ea").into_iter().flat_map(|ea| counter.reached_by(ea));
            let goals = list(goals.map(|goal| goal.id.to_string()));
            let line = request.fields.iter().map(|field| match field.as_str() {
                "ym:pv:clientID" => form.get("cid").unwrap_or_default().to_owned(),
                "ym:pv:dateTime" => moment(counter, at),
                "ym:pv:URL" => form.get("dl").unwrap_or_default().to_owned(),
                "ym:pv:isPageView" => u8::from(form.get("t") == Some("pageview")).to_string(),
                _ => goals.clone(),
            });
            lines.push((at, line.collect::<Vec<_>>().join("\t")));
        }
    }
    lines
}

fn list(items: impl Iterator<Item = String>) -> String {
    let mut text = String::from("[");
    for (at, item) in items.enumerate() {
        write!(text, "{}{item}", if at == 0 { "" } else { "," }).expect("a String takes every write");
    }
    text + "]"
}

fn moment(counter: &Counter, second: i64) -> String {
    civil(second, counter.zone())
}

fn so_called_utc(second: i64) -> String {
    civil(second + SO_CALLED_UTC_SECONDS, tz::TimeZone::UTC)
}

fn civil(second: i64, zone: tz::TimeZone) -> String {
    let at = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(second);
    at.to_zoned(zone).strftime("%Y-%m-%d %H:%M:%S").to_string()
}
