//! Late goals, the second road: what Measurement Protocol takes no more (it is 11 h old) goes
//! as a line of a file, where the owner has opened that road and Metrika has the visit, since
//! its opening page view was accepted. Everything else expires as before.
//!
//! A line that comes twice overwrites itself (metrika.md section 2), so both guarantees may
//! send it again: after an answer that never came, and after a crash. For that a line must
//! never change, and no two goals of a visit may share one: each has a second of its own.

use std::collections::HashSet;

use rusqlite::{OptionalExtension, Row, Transaction, params};
use store::snapshot::metrika::Mode;

use super::{AGE_SECONDS_MAX, Outbox, OutboxError, State, settle};
use crate::bridge::{
    destination::{Destination, Destinations},
    payload::{Value, late::LateGoal},
};

/// How long after its goal a row may still leave, in seconds. Metrika would take 21 days; but
/// the row holds the number of a visit, and none of those is to outlive a day. That leaves
/// 13 h: a night's outage and the morning after it.
pub const LATE_SECONDS_MAX: i64 = 24 * 3600;

/// Lines of a file, at most: with the longest some 125 KiB. Metrika's own limit is 1 GB.
pub const LINES_MAX: u32 = 1_000;

/// Between two files of a site, in seconds, whatever became of the first.
pub const FILE_EVERY_SECONDS: i64 = 600;

/// Files of a site in 24 hours, at most. With the questions after them (at most 25 each) that
/// is some 1,200 of the 5,000 requests that Metrika allows a counter a day.
pub const FILES_PER_DAY_MAX: u32 = 48;

/// Between two questions about a file, in seconds, and when they end: processing is said to
/// take up to two hours.
pub const ASK_EVERY_SECONDS: i64 = 600;
pub const ASK_SECONDS_MAX: i64 = 4 * 3600;

const DAY_SECONDS: i64 = 24 * 3600;

/// No request of the row's lane is under way: it would move the lane's times.
pub(super) const LANE_AT_REST: &str =
    "NOT EXISTS (SELECT 1 FROM rows o WHERE o.cid = rows.cid AND o.state = 'sending')";

/// A file that is now under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    pub id: i64,
    pub site: u32,
    pub goals: Vec<LateGoal>,
}

/// What became of a file on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// Metrika has it, and calls it so. `lost`: lines of it that it refused, nobody knows
    /// which unless it is all of them.
    Taken {
        number: u64,
        lost: u64,
    },
    /// It has not arrived, or nobody knows. Sent again, it counts once.
    Failed {
        is_ambiguous: bool,
    },
    Rejected {
        reason: &'static str,
    },
    /// The owner has switched off while it was under way.
    Abandoned,
}

/// What Metrika makes of a file that it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding {
    Working,
    Processed,
    /// Of no line it knows the visit.
    NotLinked,
    /// It knows no such file.
    Unknown,
}

impl Outbox {
    /// Puts what is late into a file, durably, before anything of it is sent.
    pub fn lease_file(&mut self, destination: &Destination, now: i64) -> Result<Option<File>, OutboxError> {
        if !is_open(Some(destination)) {
            return Ok(None);
        }
        let site = destination.site_id;
        self.write("lease a file", |transaction| {
            let first: Option<bool> = transaction
                .prepare_cached("SELECT amount IS NOT NULL FROM rows WHERE state = 'late' AND site = ?1 ORDER BY id LIMIT 1")?
                .query_row([site], |row| row.get(0))
                .optional()?;
            let Some(is_valued) = first else { return Ok(None) };
            let (files, last): (u32, Option<i64>) = transaction
                .prepare_cached("SELECT count(*), max(at) FROM uploads WHERE site = ?1 AND at > ?2")?
                .query_row([i64::from(site), now - DAY_SECONDS], |row| Ok((row.get(0)?, row.get(1)?)))?;
            if files >= FILES_PER_DAY_MAX || last.is_some_and(|last| now - last < FILE_EVERY_SECONDS) {
                return Ok(None);
            }
            transaction.execute(
                "INSERT INTO uploads (site, epoch, at) VALUES (?1, ?2, ?3)",
                params![site, destination.epoch.cast_signed(), now],
            )?;
            let id = transaction.last_insert_rowid();
            let rows: Vec<(i64, LateGoal)> = transaction
                .prepare_cached(
                    "SELECT id, cid, goal, et, amount, currency FROM rows WHERE state = 'late' AND site = ?1 \
                     AND (amount IS NOT NULL) = ?2 ORDER BY id LIMIT ?3",
                )?
                .query_map(params![site, is_valued, LINES_MAX], late_goal_of)?
                .collect::<rusqlite::Result<_>>()?;
            let mut mark = transaction.prepare_cached(
                "UPDATE rows SET state = 'uploading', upload = ?2, hash = ?3, attempts = attempts + 1 WHERE id = ?1",
            )?;
            for (row, goal) in &rows {
                mark.execute(params![row, id, goal.hash()])?;
            }
            Ok(Some(File { id, site, goals: rows.into_iter().map(|(_, goal)| goal).collect() }))
        })
    }

    /// Notes what became of a file that was under way.
    pub fn settle_file(&mut self, id: i64, delivery: Delivery, now: i64) -> Result<(), OutboxError> {
        const UNDER_WAY: &str = "state = 'uploading' AND upload = ?1";
        self.write("settle a file", |transaction| {
            let end = |state, reason| settle::settle_where(transaction, UNDER_WAY, [id], state, reason);
            match delivery {
                Delivery::Taken { number, lost: 0 } => {
                    transaction.execute(
                        &format!("UPDATE rows SET state = 'uploaded', {} WHERE {UNDER_WAY}", settle::EMPTIED),
                        [id],
                    )?;
                    transaction
                        .execute(
                            "UPDATE uploads SET number = ?2, taken = ?3, ask_at = ?4 WHERE id = ?1",
                            params![id, number.cast_signed(), now, now + ASK_EVERY_SECONDS],
                        )
                        .map(|_| ())
                }
                Delivery::Taken { lost, .. } => {
                    let lines: u64 = transaction.query_row(
                        &format!("SELECT count(*) FROM rows WHERE {UNDER_WAY}"),
                        [id],
                        |row| row.get::<_, i64>(0).map(i64::unsigned_abs),
                    )?;
                    if lost >= lines {
                        end(State::Rejected, "refused")
                    } else {
                        end(State::Uncertain, "partly_refused")
                    }
                }
                Delivery::Failed { is_ambiguous } => {
                    let withdrawn = format!("{UNDER_WAY} AND withdrawn IS NOT NULL");
                    let (state, reason) = if is_ambiguous {
                        (State::Uncertain, "no_answer")
                    } else {
                        (State::Blocked, "withdrawn")
                    };
                    settle::settle_where(transaction, &withdrawn, [id], state, reason)?;
                    transaction
                        .execute("UPDATE rows SET state = 'late', upload = NULL WHERE upload = ?1", [id])
                        .map(|_| ())
                }
                Delivery::Rejected { reason } => end(State::Rejected, reason),
                Delivery::Abandoned => end(State::Uncertain, "interrupted"),
            }
        })
    }

    /// A file of the site that is to be asked about now, and what Metrika calls it. Notes when
    /// it will be asked about next.
    pub fn file_to_ask(&mut self, site: u32, now: i64) -> Result<Option<(i64, u64)>, OutboxError> {
        self.write("look for a file to ask about", |transaction| {
            let due: Option<(i64, u64)> = transaction
                .prepare_cached(
                    "SELECT id, number FROM uploads WHERE site = ?1 AND ask_at <= ?2 ORDER BY ask_at LIMIT 1",
                )?
                .query_row([i64::from(site), now], |row| {
                    Ok((row.get(0)?, row.get::<_, i64>(1)?.cast_unsigned()))
                })
                .optional()?;
            if let Some((id, _)) = due {
                transaction
                    .execute("UPDATE uploads SET ask_at = ?2 WHERE id = ?1", [id, now + ASK_EVERY_SECONDS])?;
            }
            Ok(due)
        })
    }

    /// Notes what Metrika has made of a file.
    pub fn settle_finding(&mut self, id: i64, finding: Finding) -> Result<(), OutboxError> {
        let (state, reason) = match finding {
            Finding::Working => return Ok(()),
            Finding::Processed => (State::Accepted, "late"),
            Finding::NotLinked => (State::Rejected, "not_linked"),
            Finding::Unknown => (State::Uncertain, "no_outcome"),
        };
        self.write("settle a file's lines", |transaction| end_uploaded(transaction, id, state, reason))
    }
}

/// Turns goals that have become too old for the first road onto the second.
pub(super) fn turn(
    transaction: &Transaction<'_>,
    destinations: &Destinations,
    now: i64,
) -> rusqlite::Result<()> {
    for destination in destinations.iter().filter(|one| is_open(Some(one))) {
        let rows: Vec<(i64, i64, String, i64)> = transaction
            .prepare_cached(&format!(
                "SELECT id, cid, goal, et FROM rows WHERE state = 'pending' AND site = ?1 AND goal <> '' \
                 AND held = 0 AND opened IS NOT NULL AND et < ?2 AND epoch = ?3 AND {LANE_AT_REST} ORDER BY id"
            ))?
            .query_map(
                params![destination.site_id, now - AGE_SECONDS_MAX, destination.epoch.cast_signed()],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
            )?
            .collect::<rusqlite::Result<_>>()?;
        for (id, cid, goal, et) in rows {
            let et = own_second(transaction, cid, &goal, et)?;
            transaction
                .prepare_cached(
                    "UPDATE rows SET state = 'late', et = ?2, due = ?3, attempts = 0 WHERE id = ?1",
                )?
                .execute([id, et, now])?;
        }
    }
    Ok(())
}

/// Two equal goals of a visit within one rounded minute would be one line, and the second
/// overwrite the first.
fn own_second(transaction: &Transaction<'_>, cid: i64, goal: &str, et: i64) -> rusqlite::Result<i64> {
    let taken: HashSet<i64> = transaction
        .prepare_cached(
            "SELECT et FROM rows WHERE cid = ?1 AND goal = ?2 AND et >= ?3 AND state IN ('late', 'uploading')",
        )?
        .query_map(params![cid, goal, et], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    Ok((et..).find(|second| !taken.contains(second)).expect("a visit has few goals"))
}

/// Ends late goals that must not wait longer, and files of which nothing more will be heard.
pub(super) fn sweep(
    transaction: &Transaction<'_>,
    destinations: &Destinations,
    now: i64,
) -> rusqlite::Result<()> {
    let waiting: Vec<u32> = transaction
        .prepare_cached("SELECT DISTINCT site FROM rows WHERE state = 'late'")?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for site in waiting.into_iter().filter(|&site| !is_open(destinations.of(site))) {
        let all = "state = 'late' AND site = ?1";
        settle::settle_where(transaction, all, [site], State::Expired, "too_old")?;
    }
    let old = "state = 'late' AND et < ?1";
    settle::settle_where(transaction, old, [now - LATE_SECONDS_MAX], State::Expired, "too_old")?;
    let asked: Vec<(i64, u32, u64, i64)> = transaction
        .prepare_cached("SELECT id, site, epoch, taken FROM uploads WHERE ask_at IS NOT NULL")?
        .query_map([], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get::<_, i64>(2)?.cast_unsigned(), row.get(3)?))
        })?
        .collect::<rusqlite::Result<_>>()?;
    for (id, site, epoch, taken) in asked {
        let destination = destinations.of(site).filter(|one| one.epoch == epoch);
        if !is_open(destination) {
            // Switched off: not even a question leaves.
            end_uploaded(transaction, id, State::Uncertain, "interrupted")?;
        } else if now - taken > ASK_SECONDS_MAX {
            end_uploaded(transaction, id, State::Uncertain, "no_outcome")?;
        }
    }
    transaction
        .prepare_cached(
            "DELETE FROM uploads WHERE at <= ?1 AND ask_at IS NULL AND id NOT IN \
                         (SELECT upload FROM rows WHERE upload IS NOT NULL)",
        )?
        .execute([now - DAY_SECONDS])
        .map(|_| ())
}

fn end_uploaded(transaction: &Transaction<'_>, id: i64, state: State, reason: &str) -> rusqlite::Result<()> {
    settle::settle_where(transaction, "state = 'uploaded' AND upload = ?1", [id], state, reason)?;
    transaction.execute("UPDATE uploads SET ask_at = NULL WHERE id = ?1", [id]).map(|_| ())
}

/// Whether late goals of this destination may leave.
fn is_open(destination: Option<&Destination>) -> bool {
    destination.is_some_and(|one| one.mode == Mode::Live && one.late.is_on())
}

fn late_goal_of(row: &Row<'_>) -> rusqlite::Result<(i64, LateGoal)> {
    let amount: Option<String> = row.get(4)?;
    let value = amount.zip(row.get(5)?).map(|(amount, currency)| Value { amount, currency });
    let cid = row.get::<_, i64>(1)?.cast_unsigned();
    Ok((row.get(0)?, LateGoal { cid, goal: row.get(2)?, et: row.get(3)?, value }))
}
