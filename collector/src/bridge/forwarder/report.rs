//! Tells the dashboard how forwarding is going: what waits, what left, what a preview would
//! send, the last answers. The collector calls, so that it needs no further door.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use serde::Serialize;
use serde_json::json;
use store::snapshot::metrika::{BRIDGE_PATH, Mode};
use tokio::task::JoinHandle;

use super::Standing;
use crate::{
    bridge::{
        answer::{Class, Seen},
        breaker::{Breaker, Open},
        destination::{Destination, Destinations, Late},
        outbox::{
            Outbox, OutboxError,
            balance::{Count, Forward},
        },
    },
    dashboard::Dashboard,
};

/// While something is on, so often.
const TELL_EVERY: Duration = Duration::from_secs(1);

/// The last answer of a destination, in our own words: nothing of the wire's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct LastAnswer {
    pub at: i64,
    /// None: no answer came.
    pub status: Option<u16>,
    pub class: &'static str,
}

impl LastAnswer {
    pub fn of(seen: &Seen, class: Class, now: i64) -> LastAnswer {
        let status = match seen {
            Seen::Answer { status, .. } => Some(status.as_u16()),
            Seen::NotSent | Seen::NoAnswer => None,
        };
        LastAnswer { at: now, status, class: class.label() }
    }
}

/// How one destination is doing.
#[derive(Serialize)]
struct SiteReport {
    site: u32,
    epoch: u64,
    mode: Mode,
    /// `closed`, `resting`, `denied`, or `no_token`.
    breaker: &'static str,
    until: Option<i64>,
    per_second: Option<f64>,
    last: Option<LastAnswer>,
    /// None: the road of late goals is closed.
    late: Option<LateReport>,
}

/// How the road of late goals is doing.
#[derive(Serialize)]
struct LateReport {
    /// The same words.
    breaker: &'static str,
    until: Option<i64>,
    last: Option<LastAnswer>,
}

struct Told {
    task: JoinHandle<bool>,
    forwards: Vec<Forward>,
    counts: Vec<Count>,
}

/// Sends the reports, one at a time.
pub struct Reporter {
    dashboard: Dashboard,
    node: u16,
    next: Instant,
    told: Option<Told>,
}

impl Reporter {
    pub fn new(dashboard: Dashboard, node: u16) -> Reporter {
        Reporter { dashboard, node, next: Instant::now(), told: None }
    }

    /// Marks what the last report has told, and begins the next when it is time.
    pub(super) fn tell(
        &mut self,
        outbox: &mut Outbox,
        destinations: &Destinations,
        standings: &HashMap<u32, Standing>,
        now: i64,
    ) -> Result<(), OutboxError> {
        if self.told.as_ref().is_some_and(|told| !told.task.is_finished()) {
            return Ok(());
        }
        if let Some(told) = self.told.take() {
            // Finished, so this does not wait.
            if was_taken(told.task) {
                outbox.told(&told.forwards, &told.counts)?;
            }
        }
        let instant = Instant::now();
        if instant < self.next {
            return Ok(());
        }
        self.next = instant + TELL_EVERY;
        let (forwards, counts) = (outbox.forwards()?, outbox.counts()?);
        if destinations.is_empty() && forwards.is_empty() && counts.is_empty() {
            return Ok(());
        }
        let sites: Vec<SiteReport> = destinations.iter().map(|one| site_report(one, standings)).collect();
        let body = json!({
            "node": self.node,
            "at": now,
            "sites": sites,
            "waiting": outbox.waiting()?,
            "previews": outbox.previews(destinations)?,
            "forwards": forwards,
            "counts": counts,
        });
        let dashboard = self.dashboard.clone();
        let task = tokio::spawn(async move { dashboard.tell(BRIDGE_PATH, &body).await });
        self.told = Some(Told { task, forwards, counts });
        Ok(())
    }
}

/// Whether a report that has ended was taken.
fn was_taken(task: JoinHandle<bool>) -> bool {
    use std::{future::Future, pin::pin, task};
    let mut context = task::Context::from_waker(task::Waker::noop());
    matches!(pin!(task).poll(&mut context), task::Poll::Ready(Ok(true)))
}

fn site_report(destination: &Destination, standings: &HashMap<u32, Standing>) -> SiteReport {
    let standing = standings.get(&destination.site_id);
    let (breaker, until) = told_of(standing.map(|one| &one.breaker), destination.token.is_some());
    SiteReport {
        site: destination.site_id,
        epoch: destination.epoch,
        mode: destination.mode,
        breaker,
        until,
        per_second: standing.and_then(|standing| standing.pace.as_ref()).map(super::Pace::per_second),
        last: standing.and_then(|standing| standing.last),
        late: match destination.late {
            Late::Off => None,
            Late::NoToken | Late::On(_) => {
                let late = standing.map(|one| &one.late);
                let (breaker, until) = told_of(late.map(|late| &late.breaker), destination.late.is_on());
                Some(LateReport { breaker, until, last: late.and_then(|late| late.last) })
            }
        },
    }
}

fn told_of(breaker: Option<&Breaker>, has_token: bool) -> (&'static str, Option<i64>) {
    match breaker.map_or(Open::Closed, |breaker| breaker.open) {
        _ if !has_token => ("no_token", None),
        Open::Closed => ("closed", None),
        Open::Until(until) => ("resting", Some(until)),
        Open::Denied(until) => ("denied", Some(until)),
    }
}
