//! What may be sent next. A lane, which is one visit under one cid, is strictly serial: its
//! oldest row first, an opening page view before the goal that needs one, and nothing while
//! one of its requests is under way.

use rusqlite::{OptionalExtension, Row, Transaction, params};
use store::snapshot::metrika::Mode;

use super::{Outbox, OutboxError, hour_of, late, settle};
use crate::bridge::{
    cid,
    destination::{Destination, Destinations},
    payload::{Hit, Payload, Value},
};

/// A goal this close to the end of its visit, in seconds, opens a new one: rounding and
/// Metrika's own clock could put it past the end.
const VISIT_END_MARGIN_SECONDS: i64 = 60;

/// Once enough equal goals wait they leave within so many seconds, in any order.
const RELEASE_SECONDS: u64 = 60;

/// A row that is now `sending`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leased {
    pub id: i64,
    pub site: u32,
    pub attempts: u32,
    pub payload: Payload,
}

struct Head {
    id: i64,
    site: u32,
    goal: String,
    cid: u64,
    visit: i64,
    et: i64,
    opened: Option<i64>,
    dl: String,
    value: Option<Value>,
    params: Option<String>,
    attempts: u32,
}

impl Outbox {
    /// Takes the row of `site` that is due first, durably, before anything of it is sent.
    pub fn lease(&mut self, destination: &Destination, now: i64) -> Result<Option<Leased>, OutboxError> {
        if destination.mode != Mode::Live {
            return Ok(None);
        }
        self.write("lease a row", |transaction| {
            let Some(head) = head(transaction, destination.site_id, now)? else { return Ok(None) };
            let threshold = i64::from(destination.visit_threshold_seconds) - VISIT_END_MARGIN_SECONDS;
            let is_page = head.goal.is_empty();
            let last = head.opened.unwrap_or(i64::MIN);
            let et = head.et.max(last);
            let is_open = is_page || head.opened.is_some_and(|opened| et - opened <= threshold);
            let (id, et, hit) = if is_open {
                let hit = if is_page {
                    Hit::Page { title: destination.title.clone() }
                } else {
                    Hit::Goal { goal: head.goal, value: head.value, params: head.params }
                };
                (head.id, et, hit)
            } else {
                let et = et - 1;
                let id = open_lane(transaction, &head, destination, et)?;
                (id, et, Hit::Page { title: destination.title.clone() })
            };
            let payload = Payload { counter: destination.counter, cid: head.cid, et, dl: head.dl, hit };
            transaction.execute(
                "UPDATE rows SET state = 'sending', et = ?2, hash = ?3, attempts = attempts + 1 WHERE id = ?1",
                params![id, et, payload.hash()],
            )?;
            Ok(Some(Leased { id, site: head.site, attempts: head.attempts, payload }))
        })
    }

    /// Lets those goals go of which enough equal ones wait.
    pub fn release(&mut self, destinations: &Destinations, now: i64) -> Result<(), OutboxError> {
        let rules: Vec<(u32, u32)> = destinations.iter().map(|one| (one.site_id, one.release_at)).collect();
        self.write("release goals", |transaction| {
            for (site, enough) in rules {
                release_site(transaction, site, enough, now)?;
            }
            Ok(())
        })
    }

    /// Ends what must not wait longer: too old, or of settings that are no longer in force.
    pub fn sweep(&mut self, destinations: &Destinations, now: i64) -> Result<(), OutboxError> {
        let of = |site: u32| destinations.of(site);
        self.write("sweep", |transaction| {
            let waiting: Vec<(u32, u64)> = transaction
                .prepare("SELECT DISTINCT site, epoch FROM rows WHERE state IN ('pending', 'late')")?
                .query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.cast_unsigned())))?
                .collect::<rusqlite::Result<_>>()?;
            for (site, epoch) in waiting {
                if of(site).is_none_or(|one| one.mode != Mode::Live || one.epoch != epoch) {
                    settle::block_all(transaction, site, epoch)?;
                }
            }
            let previews: Vec<u32> = transaction
                .prepare("SELECT DISTINCT site FROM rows WHERE state = 'preview'")?
                .query_map([], |row| row.get(0))?
                .collect::<rusqlite::Result<_>>()?;
            for site in previews {
                if of(site).is_none_or(|one| one.mode != Mode::Preview) {
                    transaction.execute("DELETE FROM rows WHERE state = 'preview' AND site = ?1", [site])?;
                }
            }
            settle::expire(transaction, destinations, now)?;
            late::sweep(transaction, destinations, now)?;
            settle::forget_old(transaction, now)
        })
    }

    /// Sites with something to send now.
    pub fn sites_due(&self, now: i64) -> Result<Vec<u32>, OutboxError> {
        let sql = "SELECT DISTINCT site FROM rows WHERE state = 'pending' AND held = 0 AND due <= ?1";
        let read = || {
            self.connection
                .prepare_cached(sql)?
                .query_map([now], |row| row.get(0))?
                .collect::<rusqlite::Result<_>>()
        };
        read().map_err(|source| OutboxError::Database { step: "look for what is due", source })
    }
}

/// The row that is due first and stands at the head of a lane that is at rest.
fn head(transaction: &Transaction<'_>, site: u32, now: i64) -> rusqlite::Result<Option<Head>> {
    let sql = "SELECT id, site, goal, cid, visit, et, opened, dl, amount, currency, attempts, params FROM rows r \
        WHERE state = 'pending' AND site = ?1 AND due <= ?2 AND held = 0 \
        AND NOT EXISTS (SELECT 1 FROM rows o WHERE o.cid = r.cid AND o.state = 'sending') \
        AND NOT EXISTS (SELECT 1 FROM rows o WHERE o.cid = r.cid AND o.state = 'pending' AND o.held = 0 \
            AND ((o.goal = '') > (r.goal = '') OR ((o.goal = '') = (r.goal = '') AND o.id < r.id))) \
        ORDER BY due LIMIT 1";
    transaction.prepare_cached(sql)?.query_row(params![site, now], head_of).optional()
}

fn head_of(row: &Row<'_>) -> rusqlite::Result<Head> {
    let amount: Option<String> = row.get(8)?;
    let currency: Option<String> = row.get(9)?;
    Ok(Head {
        id: row.get(0)?,
        site: row.get(1)?,
        goal: row.get(2)?,
        cid: row.get::<_, i64>(3)?.cast_unsigned(),
        visit: row.get(4)?,
        et: row.get(5)?,
        opened: row.get(6)?,
        dl: row.get(7)?,
        value: amount.zip(currency).map(|(amount, currency)| Value { amount, currency }),
        attempts: row.get(10)?,
        params: row.get(11)?,
    })
}

/// The page view that opens the visit. It may be sent twice: that harms no goal's count.
fn open_lane(
    transaction: &Transaction<'_>,
    head: &Head,
    destination: &Destination,
    et: i64,
) -> rusqlite::Result<i64> {
    transaction.execute(
        "INSERT INTO rows (site, goal, hour, state, epoch, counter, visit, cid, et, dl, at_most_once, due, held, \
         attempts) VALUES (?1, '', ?2, 'pending', ?3, ?4, ?5, ?6, ?7, ?8, 0, ?7, 0, 0)",
        params![
            head.site,
            hour_of(et),
            destination.epoch.cast_signed(),
            destination.counter,
            head.visit,
            head.cid.cast_signed(),
            et,
            head.dl
        ],
    )?;
    Ok(transaction.last_insert_rowid())
}

fn release_site(transaction: &Transaction<'_>, site: u32, enough: u32, now: i64) -> rusqlite::Result<()> {
    type Bucket = (String, String, Option<String>, Option<String>, Option<String>);
    let buckets: Vec<Bucket> = transaction
        .prepare_cached(
            "SELECT goal, dl, amount, currency, params FROM rows WHERE state = 'pending' AND held = 1 AND site = ?1 \
             GROUP BY goal, dl, amount, currency, params HAVING count(DISTINCT cid) >= ?2",
        )?
        .query_map(params![site, enough], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
        })?
        .collect::<rusqlite::Result<_>>()?;
    for (goal, dl, amount, currency, said) in buckets {
        let ids: Vec<i64> = transaction
            .prepare_cached(
                "SELECT id FROM rows WHERE state = 'pending' AND held = 1 AND site = ?1 AND goal = ?2 AND dl = ?3 \
                 AND amount IS ?4 AND currency IS ?5 AND params IS ?6",
            )?
            .query_map(params![site, goal, dl, amount, currency, said], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        for id in ids {
            let leaves = now + cid::random_below(RELEASE_SECONDS).cast_signed();
            transaction
                .prepare_cached("UPDATE rows SET held = 0, due = max(due, ?2) WHERE id = ?1")?
                .execute(params![id, leaves])?;
        }
    }
    Ok(())
}
