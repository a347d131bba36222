//! What the owner is told of the outbox: how much waits, what a preview would send, what
//! left. Read for the report to the dashboard, and marked once that has it.

use rusqlite::params;
use serde::Serialize;
use serde_json::Value as Json;

use super::{Outbox, OutboxError};
use crate::bridge::{
    destination::Destinations,
    payload::{
        Hit, Payload, TOKEN_HIDDEN, Value,
        late::{self, LateGoal},
    },
};

/// Settled rows, and counts, told in one report, at most: with their hashes some 200 KiB.
pub const TOLD_MAX: u32 = 1_000;

/// Rows that wait, by site and goal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Waiting {
    pub site: u32,
    pub goal: String,
    pub state: String,
    /// Waits for enough equal ones.
    pub held: u32,
    pub n: u32,
    /// When the next leaves, in seconds since 1970-01-01.
    pub next_due: i64,
}

/// One request that left: goal, hour, state, and the hash of what was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Forward {
    pub id: i64,
    pub site: u32,
    pub goal: String,
    pub hour: i64,
    pub state: String,
    pub reason: String,
    pub hash: String,
}

/// How many goals of an hour ended so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Count {
    pub site: u32,
    pub goal: String,
    pub hour: i64,
    pub state: String,
    pub reason: String,
    pub n: u32,
}

/// What would leave, and what it comes from.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Preview {
    pub site: u32,
    pub source: Json,
    /// The bodies in their order: the opening page view, then the goal.
    pub requests: [String; 2],
    /// The file that would leave instead, were it eleven hours late; none: it would expire.
    pub late: Option<String>,
}

impl Outbox {
    pub fn waiting(&self) -> Result<Vec<Waiting>, OutboxError> {
        let read = || {
            self.connection
                .prepare_cached(
                    "SELECT r.site, goal, state, coalesce(sum(held), 0), count(*), \
                     coalesce(min(coalesce(due, ask_at, taken)), 0) FROM rows r LEFT JOIN uploads u ON u.id = r.upload \
                     WHERE state IN ('pending', 'sending', 'late', 'uploading', 'uploaded') \
                     GROUP BY r.site, goal, state",
                )?
                .query_map([], |row| {
                    Ok(Waiting {
                        site: row.get(0)?,
                        goal: row.get(1)?,
                        state: row.get(2)?,
                        held: row.get(3)?,
                        n: row.get(4)?,
                        next_due: row.get(5)?,
                    })
                })?
                .collect::<rusqlite::Result<_>>()
        };
        read().map_err(|source| OutboxError::Database { step: "count what waits", source })
    }

    /// What left and the dashboard does not know of, oldest first.
    pub fn forwards(&self) -> Result<Vec<Forward>, OutboxError> {
        let read = || {
            self.connection
                .prepare_cached(
                    "SELECT id, site, goal, hour, state, reason, hex(hash) FROM rows WHERE reported = 0 \
                     AND hash IS NOT NULL AND state IN ('accepted', 'uncertain', 'rejected') ORDER BY id LIMIT ?1",
                )?
                .query_map([TOLD_MAX], |row| {
                    Ok(Forward {
                        id: row.get(0)?,
                        site: row.get(1)?,
                        goal: row.get(2)?,
                        hour: row.get(3)?,
                        state: row.get(4)?,
                        reason: row.get(5)?,
                        hash: row.get::<_, String>(6)?.to_ascii_lowercase(),
                    })
                })?
                .collect::<rusqlite::Result<_>>()
        };
        read().map_err(|source| OutboxError::Database { step: "read what left", source })
    }

    /// Counts that have grown since the dashboard heard of them.
    pub fn counts(&self) -> Result<Vec<Count>, OutboxError> {
        let read = || {
            self.connection
                .prepare_cached(
                    "SELECT site, goal, hour, state, reason, n FROM counts WHERE reported = 0 LIMIT ?1",
                )?
                .query_map([TOLD_MAX], |row| {
                    Ok(Count {
                        site: row.get(0)?,
                        goal: row.get(1)?,
                        hour: row.get(2)?,
                        state: row.get(3)?,
                        reason: row.get(4)?,
                        n: row.get(5)?,
                    })
                })?
                .collect::<rusqlite::Result<_>>()
        };
        read().map_err(|source| OutboxError::Database { step: "read counts", source })
    }

    /// The requests a live destination would send, newest first.
    pub fn previews(&self, destinations: &Destinations) -> Result<Vec<Preview>, OutboxError> {
        let title = |site| destinations.of(site).map(|one| one.title.clone()).unwrap_or_default();
        let is_late = |site| destinations.of(site).is_some_and(|one| one.late.is_on());
        let read = || {
            self.connection
                .prepare_cached(
                    "SELECT site, goal, counter, cid, et, dl, amount, currency, source, params FROM rows \
                     WHERE state = 'preview' ORDER BY id DESC",
                )?
                .query_map([], |row| {
                    let site: u32 = row.get(0)?;
                    let amount: Option<String> = row.get(6)?;
                    let value = amount.zip(row.get(7)?).map(|(amount, currency)| Value { amount, currency });
                    let et: i64 = row.get(4)?;
                    let cid = row.get::<_, i64>(3)?.cast_unsigned();
                    let late = LateGoal { cid, goal: row.get(1)?, et, value: value.clone() };
                    let goal = Payload {
                        counter: row.get(2)?,
                        cid,
                        et,
                        dl: row.get(5)?,
                        hit: Hit::Goal { goal: row.get(1)?, value, params: row.get(9)? },
                    };
                    let page = Payload { et: et - 1, hit: Hit::Page { title: title(site) }, ..goal.clone() };
                    let source: String = row.get(8)?;
                    Ok(Preview {
                        site,
                        source: serde_json::from_str(&source).unwrap_or(Json::Null),
                        requests: [page.body(TOKEN_HIDDEN), goal.body(TOKEN_HIDDEN)],
                        late: is_late(site).then(|| late::file(&[late])),
                    })
                })?
                .collect::<rusqlite::Result<_>>()
        };
        read().map_err(|source| OutboxError::Database { step: "read previews", source })
    }

    /// The dashboard has these now. A count that has grown meanwhile is told again.
    pub fn told(&mut self, forwards: &[Forward], counts: &[Count]) -> Result<(), OutboxError> {
        self.write("mark what was told", |transaction| {
            for forward in forwards {
                transaction
                    .prepare_cached("UPDATE rows SET reported = 1 WHERE id = ?1")?
                    .execute([forward.id])?;
            }
            for count in counts {
                transaction
                    .prepare_cached(
                        "UPDATE counts SET reported = 1 WHERE site = ?1 AND goal = ?2 AND hour = ?3 \
                         AND state = ?4 AND reason = ?5 AND n = ?6",
                    )?
                    .execute(params![
                        count.site,
                        count.goal,
                        count.hour,
                        count.state,
                        count.reason,
                        count.n
                    ])?;
            }
            Ok(())
        })
    }
}
