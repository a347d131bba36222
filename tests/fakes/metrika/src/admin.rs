//! What tests ask of the fake itself, below `/__fake/` (metrika.md section 10.5): the
//! clock, the script, the counters, and the truth about what came in.

use anyhow::{Context, anyhow, bail, ensure};
use bytes::Bytes;
use hyper::{Method, http::request};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::{
    clock::{Clock, SECONDS_MAX},
    fault::Order,
    ledger::Ledger,
    reply::{self, Reply},
    session::Sessions,
    setup::Setup,
};

/// Largest body of a test's request, in bytes: a script of thousands of steps.
pub const BODY_BYTES_MAX: usize = 1024 * 1024;

/// How `POST /__fake/clock` moves the clock.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Move {
    /// Stand still at this second since 1970-01-01.
    Stop(i64),
    /// So many seconds on.
    Advance(i64),
    /// Run with this machine's clock, so many seconds ahead of it.
    RunAhead(i64),
}

/// The visits of one ClientID.
#[derive(Serialize)]
struct Visits<'a> {
    counter: u64,
    /// As text: JavaScript cannot hold such numbers.
    cid: String,
    sessions: &'a Sessions,
}

/// What one goal has come to.
#[derive(Serialize)]
struct Total<'a> {
    counter: u64,
    goal: u64,
    name: &'a str,
    /// Reaches that count, seen or not.
    recorded: usize,
    /// Of these, what the reports show by now.
    visible: usize,
    value: f64,
}

/// Answers a test; `what` is the path behind `/__fake/`. A mistake is told with 400.
pub fn answer(ledger: &mut Ledger, head: &request::Parts, what: &str, body: anyhow::Result<Bytes>) -> Reply {
    let (status, answer) = match act(ledger, head, what, body) {
        Ok(answer) => (200, answer),
        Err(error) => (400, json!({ "error": format!("{error:#}") })),
    };
    reply::whole(status, "application/json", answer.to_string())
}

fn act(
    ledger: &mut Ledger,
    head: &request::Parts,
    what: &str,
    body: anyhow::Result<Bytes>,
) -> anyhow::Result<Value> {
    let body = body.context("cannot read the body")?;
    match (&head.method, what) {
        (&Method::POST, "clock") => {
            let mut clock = ledger.clock;
            match serde_json::from_slice(&body).context("no order to the clock")? {
                Move::Stop(at) => clock = Clock::Still(at),
                Move::Advance(seconds) => clock.advance(seconds),
                Move::RunAhead(seconds) => clock = Clock::Ahead(seconds),
            }
            ensure!((0..=SECONDS_MAX).contains(&clock.now()), "no time from 1970 to 2999");
            ledger.clock = clock;
            Ok(json!({ "now": ledger.clock.now() }))
        }
        (&Method::POST, "script") => {
            let order: Order = serde_json::from_slice(&body).context("no script")?;
            ledger.script.append(order)?;
            Ok(json!({}))
        }
        (&Method::POST, "setup") => {
            Setup::parse(&body)?.apply(ledger);
            Ok(json!({}))
        }
        (&Method::GET, "hits") => Ok(json!({ "hits": ledger.received })),
        (&Method::GET, "sessions") => {
            let visits = ledger.sessions().map(|((counter, cid), sessions)| Visits {
                counter,
                cid: cid.to_string(),
                sessions,
            });
            Ok(json!({ "sessions": visits.collect::<Vec<_>>() }))
        }
        (&Method::GET, "goals") => Ok(json!({ "goals": totals(ledger, day(head)?) })),
        _ => bail!("{} {what}: the fake does no such thing", head.method),
    }
}

/// The day in the query, if one is there.
fn day(head: &request::Parts) -> anyhow::Result<Option<Date>> {
    let query = head.uri.query().unwrap_or_default();
    let day = form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == "day");
    day.map(|(_, day)| day.parse().map_err(|error| anyhow!("no day: {error}"))).transpose()
}

/// Every goal of every counter, on one day of the counter's zone or altogether.
fn totals(ledger: &Ledger, day: Option<Date>) -> Vec<Total<'_>> {
    let mut totals = Vec::new();
    for counter in ledger.counters.values() {
        for goal in &counter.goals {
            let mut total = Total {
                counter: counter.id,
                goal: goal.id,
                name: &goal.name,
                recorded: 0,
                visible: 0,
                value: 0.0,
            };
            for reach in ledger.reaches_of(counter.id, goal.id) {
                if day.is_none_or(|day| counter.day(reach.et) == day) {
                    total.recorded += 1;
                    total.visible += usize::from(ledger.is_visible(reach));
                    total.value += reach.value.unwrap_or_default();
                }
            }
            totals.push(total);
        }
    }
    totals
}
