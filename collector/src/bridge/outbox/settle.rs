//! How a row ends. Everything but goal, hour, state and the request's hash is gone with it.

use rusqlite::{OptionalExtension, Transaction, params};

use super::{AGE_SECONDS_MAX, KEEP_SECONDS, Outbox, OutboxError, State, count, hour_of, late};
use crate::bridge::destination::Destinations;

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Metrika said OK. `is_verified`: with the body we know.
    Accepted {
        is_verified: bool,
    },
    /// It may have arrived.
    Ambiguous {
        retry_at: i64,
    },
    /// It may have arrived, and will not be tried again: the owner has switched off.
    Abandoned,
    /// It has not.
    Failed {
        retry_at: i64,
    },
    Rejected {
        reason: &'static str,
    },
}

impl Outbox {
    /// Notes the outcome of a leased row.
    pub fn settle(&mut self, id: i64, outcome: Outcome) -> Result<(), OutboxError> {
        self.write("settle a row", |transaction| {
            let leased = transaction
                .query_row(
                    "SELECT goal, cid, et, at_most_once, withdrawn IS NOT NULL FROM rows \
                     WHERE id = ?1 AND state = 'sending'",
                    [id],
                    |row| {
                        Ok((
                            row.get::<_, String>(0)?,
                            row.get::<_, i64>(1)?,
                            row.get::<_, i64>(2)?,
                            row.get(3)?,
                            row.get(4)?,
                        ))
                    },
                )
                .optional()?;
            let Some((goal, cid, et, at_most_once, is_withdrawn)) = leased else { return Ok(()) };
            let is_page = goal.is_empty();
            match outcome {
                Outcome::Accepted { is_verified } => {
                    advance(transaction, cid, et)?;
                    settle_row(transaction, id, State::Accepted, if is_verified { "" } else { "unverified" })
                }
                Outcome::Ambiguous { .. } if at_most_once => {
                    advance(transaction, cid, et)?;
                    settle_row(transaction, id, State::Uncertain, "no_answer")
                }
                Outcome::Abandoned => settle_row(transaction, id, State::Uncertain, "interrupted"),
                // Taken back while it was under way: what comes now is not a second attempt.
                Outcome::Ambiguous { .. } if is_withdrawn => {
                    settle_row(transaction, id, State::Uncertain, "no_answer")
                }
                Outcome::Failed { .. } if is_withdrawn => {
                    settle_row(transaction, id, State::Blocked, "withdrawn")
                }
                Outcome::Ambiguous { retry_at } | Outcome::Failed { retry_at } => transaction
                    .execute(
                        "UPDATE rows SET state = 'pending', due = ?2 WHERE id = ?1",
                        params![id, retry_at],
                    )
                    .map(|_| ()),
                Outcome::Rejected { reason } => {
                    settle_row(transaction, id, State::Rejected, reason)?;
                    if is_page { block_lane(transaction, cid) } else { Ok(()) }
                }
            }
        })
    }

    /// Purges what is unsent of a visit.
    pub fn withdraw(&mut self, visit: u64) -> Result<(), OutboxError> {
        self.write("purge a visit", |transaction| purge_visit(transaction, visit))
    }
}

/// Takes from a row what must not outlive it at Metrika: all that the CHECK of schema.sql names.
pub(super) const EMPTIED: &str = "epoch = NULL, counter = NULL, visit = NULL, cid = NULL, et = NULL, \
    opened = NULL, dl = NULL, amount = NULL, currency = NULL, params = NULL, at_most_once = NULL, due = NULL, \
    held = NULL, attempts = NULL, withdrawn = NULL, source = NULL";

/// Ends a row: counts it, and takes everything from it but what may stay.
pub(super) fn settle_row(
    transaction: &Transaction<'_>,
    id: i64,
    state: State,
    reason: &str,
) -> rusqlite::Result<()> {
    let (site, goal, hour): (u32, String, i64) =
        transaction.query_row("SELECT site, goal, hour FROM rows WHERE id = ?1", [id], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?;
    transaction
        .prepare_cached(&format!(
            "UPDATE rows SET state = ?2, reason = ?3, upload = NULL, {EMPTIED}, \
             hash = CASE WHEN ?2 IN ('accepted', 'uncertain', 'rejected') THEN hash END WHERE id = ?1"
        ))?
        .execute(params![id, state.name(), reason])?;
    count(transaction, site, &goal, hour, state.name(), reason)
}

/// The lane has come to `et`: what follows needs no opening and goes no further back.
fn advance(transaction: &Transaction<'_>, cid: i64, et: i64) -> rusqlite::Result<()> {
    transaction
        .prepare_cached("UPDATE rows SET opened = max(coalesce(opened, ?2), ?2) WHERE cid = ?1")?
        .execute(params![cid, et])
        .map(|_| ())
}

pub(super) fn settle_where(
    transaction: &Transaction<'_>,
    condition: &str,
    parameters: impl rusqlite::Params,
    state: State,
    reason: &str,
) -> rusqlite::Result<()> {
    let ids: Vec<i64> = transaction
        .prepare_cached(&format!("SELECT id FROM rows WHERE {condition}"))?
        .query_map(parameters, |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    ids.into_iter().try_for_each(|id| settle_row(transaction, id, state, reason))
}

/// Without its opening, Metrika would record none of the lane's goals.
fn block_lane(transaction: &Transaction<'_>, cid: i64) -> rusqlite::Result<()> {
    let waiting = "state = 'pending' AND cid = ?1";
    settle_where(transaction, waiting, [cid], State::Blocked, "opening_rejected")
}

/// What is under way cannot be called back, and is not sent a second time.
pub(super) fn purge_visit(transaction: &Transaction<'_>, visit: u64) -> rusqlite::Result<()> {
    let visit = visit.cast_signed();
    transaction.execute("DELETE FROM rows WHERE visit = ?1 AND state = 'preview'", [visit])?;
    transaction.execute(
        "UPDATE rows SET withdrawn = 1 WHERE visit = ?1 AND state IN ('sending', 'uploading')",
        [visit],
    )?;
    let waiting = "state IN ('pending', 'late') AND visit = ?1";
    settle_where(transaction, waiting, [visit], State::Blocked, "withdrawn")
}

pub(super) fn block_all(transaction: &Transaction<'_>, site: u32, epoch: u64) -> rusqlite::Result<()> {
    let waiting = "state IN ('pending', 'late') AND site = ?1 AND epoch = ?2";
    settle_where(transaction, waiting, params![site, epoch.cast_signed()], State::Blocked, "off")
}

/// Ends what is older than Metrika takes, but for what may still go as a late goal. A lane
/// with a request under way is left until that has ended.
pub(super) fn expire(
    transaction: &Transaction<'_>,
    destinations: &Destinations,
    now: i64,
) -> rusqlite::Result<()> {
    let before = [now - AGE_SECONDS_MAX];
    let alone = "state = 'pending' AND held = 1 AND et < ?1";
    settle_where(transaction, alone, before, State::Expired, "too_few")?;
    late::turn(transaction, destinations, now)?;
    let old = format!("state = 'pending' AND et < ?1 AND {}", late::LANE_AT_REST);
    settle_where(transaction, &old, before, State::Expired, "too_old")
}

/// Removes settled rows that the dashboard has, and what no longer matters.
pub(super) fn forget_old(transaction: &Transaction<'_>, now: i64) -> rusqlite::Result<()> {
    let before = hour_of(now - KEEP_SECONDS);
    transaction.execute("DELETE FROM seen WHERE at < ?1", [before])?;
    transaction.execute("DELETE FROM counts WHERE hour < ?1 AND reported = 1", [before])?;
    transaction.execute(
        "DELETE FROM rows WHERE hour < ?1 AND state NOT IN ('pending', 'sending', 'late', 'uploading', 'uploaded') \
         AND (reported = 1 OR hash IS NULL)",
        [before],
    )?;
    Ok(())
}
