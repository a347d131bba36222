//! Faults on request (metrika.md section 10.4): what to do to the next requests, in order.
//! Some strike before a hit is recorded and some after; a sender cannot tell which.

use std::collections::{HashMap, VecDeque};

use anyhow::{Context, ensure};
use hyper::header::HeaderValue;
use serde::{Deserialize, Serialize};

/// Longest delay, in milliseconds: past any time-out a sender under test has.
pub const DELAY_MS_MAX: u64 = 60_000;

/// Steps waiting for one destination, at most.
pub const STEPS_MAX: usize = 10_000;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum Fault {
    /// None: the request passes, and the next step waits for the next one.
    Pass,
    /// The connection is not served for a while.
    SlowAccept { for_ms: u64 },
    /// The head is read and the body is left waiting.
    DelayBeforeRead { for_ms: u64 },
    /// Recorded, and the answer withheld: the ambiguous case.
    DelayAfterCommit { for_ms: u64 },
    /// A TCP reset instead of an answer; nothing is recorded.
    ResetBeforeCommit,
    /// A TCP reset instead of an answer; the hit is recorded.
    ResetAfterCommit,
    /// Any status, recorded only where the script says so.
    Status {
        status: u16,
        /// `Retry-After`, in seconds or as a date.
        #[serde(default)]
        retry_after: Option<String>,
        #[serde(default)]
        location: Option<String>,
        #[serde(default)]
        is_committed: bool,
    },
    /// 200 without a word; nothing is recorded.
    EmptyBody,
    /// 200 with the page of a network that wants a login; nothing is recorded.
    CaptivePortal,
    /// The true answer, compressed although nobody asked for it.
    Gzip,
    /// The true answer in chunks, without a length.
    Chunked,
    /// The true answer byte by byte.
    Drip { every_ms: u64 },
}

impl Fault {
    /// Whether the request is looked at all the same.
    pub fn is_committed(&self) -> bool {
        match self {
            Fault::ResetBeforeCommit | Fault::EmptyBody | Fault::CaptivePortal => false,
            Fault::Status { is_committed, .. } => *is_committed,
            Fault::Pass
            | Fault::SlowAccept { .. }
            | Fault::DelayBeforeRead { .. }
            | Fault::DelayAfterCommit { .. }
            | Fault::ResetAfterCommit
            | Fault::Gzip
            | Fault::Chunked
            | Fault::Drip { .. } => true,
        }
    }

    fn delay_ms(&self) -> u64 {
        match self {
            Fault::SlowAccept { for_ms: ms }
            | Fault::DelayBeforeRead { for_ms: ms }
            | Fault::DelayAfterCommit { for_ms: ms }
            | Fault::Drip { every_ms: ms } => *ms,
            Fault::Pass
            | Fault::ResetBeforeCommit
            | Fault::ResetAfterCommit
            | Fault::Status { .. }
            | Fault::EmptyBody
            | Fault::CaptivePortal
            | Fault::Gzip
            | Fault::Chunked => 0,
        }
    }

    /// Strikes before the body tells whom the request is for.
    fn is_early(&self) -> bool {
        matches!(self, Fault::SlowAccept { .. } | Fault::DelayBeforeRead { .. })
    }
}

/// A fault for so many requests.
#[derive(Debug, Clone, Deserialize)]
pub struct Step {
    #[serde(flatten)]
    pub fault: Fault,
    #[serde(default = "once")]
    pub times: usize,
}

/// Steps for one counter, or for whatever comes (`None`).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    #[serde(default)]
    pub destination: Option<u64>,
    pub steps: Vec<Step>,
}

/// The steps not yet played.
#[derive(Debug, Default)]
pub struct Script {
    queues: HashMap<Option<u64>, VecDeque<Fault>>,
}

impl Script {
    /// Puts steps behind those that wait.
    pub fn append(&mut self, order: Order) -> anyhow::Result<()> {
        let queue = self.queues.entry(order.destination).or_default();
        let added = order.steps.iter().fold(0_usize, |sum, step| sum.saturating_add(step.times));
        ensure!(queue.len().saturating_add(added) <= STEPS_MAX, "more than {STEPS_MAX} steps");
        for step in &order.steps {
            let fault = &step.fault;
            ensure!(fault.delay_ms() <= DELAY_MS_MAX, "longer than {DELAY_MS_MAX} ms: {fault:?}");
            ensure!(
                order.destination.is_none() || !fault.is_early(),
                "strikes before the destination is known: {fault:?}"
            );
            if let Fault::Status { status, retry_after, location, is_committed: _ } = fault {
                ensure!((200..600).contains(status), "no status of an answer: {status}");
                for value in [retry_after, location].into_iter().flatten() {
                    HeaderValue::from_str(value).context("no value of a header")?;
                }
            }
        }
        for step in order.steps {
            queue.extend(std::iter::repeat_n(step.fault, step.times));
        }
        Ok(())
    }

    /// How long the connection that has just come waits, in milliseconds.
    pub fn for_connection(&mut self) -> Option<u64> {
        let queue = self.queues.get_mut(&None)?;
        let Some(&Fault::SlowAccept { for_ms }) = queue.front() else { return None };
        queue.pop_front();
        Some(for_ms)
    }

    /// How long the body of the request that has just come waits, in milliseconds.
    pub fn for_body(&mut self) -> Option<u64> {
        let queue = self.queues.get_mut(&None)?;
        let Some(&Fault::DelayBeforeRead { for_ms }) = queue.front() else { return None };
        queue.pop_front();
        Some(for_ms)
    }

    /// The fault of a request for `counter`, its own steps before the common ones.
    pub fn for_request(&mut self, counter: Option<u64>) -> Option<Fault> {
        let own = counter.and_then(|counter| self.queues.get_mut(&Some(counter))?.pop_front());
        own.or_else(|| {
            let queue = self.queues.get_mut(&None)?;
            if queue.front()?.is_early() { None } else { queue.pop_front() }
        })
    }
}

fn once() -> usize {
    1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(orders: &[&str]) -> anyhow::Result<Script> {
        let mut script = Script::default();
        for order in orders {
            script.append(serde_json::from_str(order)?)?;
        }
        Ok(script)
    }

    #[test]
    fn steps_are_played_in_order_and_as_often_as_asked() {
        let mut script = script(&[
            r#"{"steps": [{"fault": "gzip", "times": 2}, {"fault": "status", "status": 503}]}"#,
            r#"{"steps": [{"fault": "slow_accept", "for_ms": 5}, {"fault": "chunked"}]}"#,
        ])
        .unwrap();
        assert_eq!(script.for_request(None), Some(Fault::Gzip));
        assert_eq!(script.for_request(Some(7)), Some(Fault::Gzip));
        assert!(matches!(script.for_request(None), Some(Fault::Status { status: 503, .. })));
        assert_eq!(script.for_request(None), None, "a step for a connection waits for one");
        assert_eq!((script.for_body(), script.for_connection()), (None, Some(5)));
        assert_eq!(script.for_request(None), Some(Fault::Chunked));
        assert_eq!(script.for_request(None), None);
    }

    #[test]
    fn one_counters_faults_leave_the_others_alone() {
        let mut script =
            script(&[r#"{"destination": 7, "steps": [{"fault": "reset_after_commit"}]}"#]).unwrap();
        assert_eq!(script.for_request(Some(8)), None);
        assert_eq!(script.for_request(Some(7)), Some(Fault::ResetAfterCommit));
    }

    #[test]
    fn what_cannot_be_played_is_refused() {
        for order in [
            r#"{"steps": [{"fault": "gzip", "times": 10001}]}"#,
            r#"{"steps": [{"fault": "delay_after_commit", "for_ms": 60001}]}"#,
            r#"{"destination": 7, "steps": [{"fault": "delay_before_read", "for_ms": 1}]}"#,
            r#"{"steps": [{"fault": "status", "status": 99}]}"#,
            r#"{"steps": [{"fault": "status", "status": 302, "location": "a\nb"}]}"#,
            r#"{"steps": [{"fault": "earthquake"}]}"#,
        ] {
            assert!(script(&[order]).is_err(), "{order}");
        }
        assert!(script(&[r#"{"steps": [{"fault": "gzip", "times": 10000}]}"#]).is_ok());
        assert!(script(&[r#"{"steps": [{"fault": "delay_after_commit", "for_ms": 60000}]}"#]).is_ok());
    }
}
