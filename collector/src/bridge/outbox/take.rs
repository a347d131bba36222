//! Notes become rows, in the transaction that moves the cursor: each note once.

use rusqlite::{Transaction, params};
use serde_json::json;
use store::snapshot::metrika::{Guarantee, Mode};

use super::{
    AGE_SECONDS_MAX, Outbox, OutboxError, PREVIEWS_MAX, State, WAITING_MAX, count, hour_of, set_meta, settle,
};
use crate::bridge::{
    cid,
    destination::{Destination, Destinations},
    note::{Goal, Note, What},
    payload::{template, value},
};

impl Outbox {
    /// Takes a segment's notes in their order. `is_withdrawn` knows cids whose withdrawal is
    /// still on its way through the spool.
    pub fn take(
        &mut self,
        segment: u64,
        notes: &[Note],
        destinations: &Destinations,
        is_withdrawn: impl Fn(u64) -> bool,
        now: i64,
    ) -> Result<(), OutboxError> {
        let key = self.key;
        self.write("take notes", |transaction| {
            let mut waiting: u32 = transaction.query_row(
                "SELECT count(*) FROM rows WHERE state IN ('pending', 'sending', 'late', 'uploading')",
                [],
                |row| row.get(0),
            )?;
            for note in notes {
                let hour = hour_of(note.at.into());
                match &note.what {
                    What::Withdrawn { visit } => settle::purge_visit(transaction, *visit)?,
                    What::Erased { .. } => {}
                    What::Withheld { event, reason } => {
                        let destination = destinations.of(note.site_id).filter(|one| {
                            // A preview counts nowhere, and neither does what earlier settings noted.
                            one.mode == Mode::Live && one.epoch == note.epoch
                        });
                        let goal = destination.and_then(|one| one.rule(event)).map(|rule| rule.goal.as_str());
                        let Some(goal) = goal else { continue };
                        count(transaction, note.site_id, goal, hour, "eligible", "")?;
                        count(transaction, note.site_id, goal, hour, "blocked", reason.label())?;
                    }
                    What::Goal(goal) => {
                        let Some(destination) = destinations.of(note.site_id) else { continue };
                        let Some(rule) = destination.rule(&goal.event) else { continue };
                        if !is_new(transaction, &key, note, goal)? {
                            continue;
                        }
                        let lost = if note.epoch != destination.epoch {
                            Some((State::Blocked, "off"))
                        } else if is_withdrawn(goal.cid) {
                            Some((State::Blocked, "withdrawn"))
                        } else if now - i64::from(note.at) > AGE_SECONDS_MAX {
                            Some((State::Expired, "too_old"))
                        } else if waiting >= WAITING_MAX {
                            Some((State::Blocked, "outbox_full"))
                        } else {
                            None
                        };
                        if destination.mode == Mode::Live {
                            count(transaction, note.site_id, &rule.goal, hour, "eligible", "")?;
                        }
                        match lost {
                            Some((state, reason)) if destination.mode == Mode::Live => {
                                count(transaction, note.site_id, &rule.goal, hour, state.name(), reason)?;
                            }
                            Some(_) => {}
                            None => {
                                insert(transaction, destination, note, goal, now)?;
                                waiting += 1;
                            }
                        }
                    }
                }
            }
            set_meta(transaction, "cursor", &segment.to_string())
        })?;
        self.cursor = segment;
        Ok(())
    }

    /// A goal of the owner's own, to see whether it arrives.
    pub fn take_test(
        &mut self,
        destination: &Destination,
        goal: &str,
        now: jiff::Timestamp,
    ) -> Result<(), OutboxError> {
        let second = now.as_second();
        let fresh = cid::draw(now);
        self.write("take a test", |transaction| {
            transaction.execute(
                "INSERT INTO rows (site, goal, hour, state, epoch, counter, visit, cid, et, dl, at_most_once, due, \
                 held, attempts) VALUES (?1, ?2, ?3, 'pending', ?8, ?4, 0, ?5, ?6, ?7, 1, ?6, 0, 0)",
                params![
                    destination.site_id,
                    goal,
                    hour_of(second),
                    destination.counter,
                    fresh.cast_signed(),
                    second,
                    format!("https://{}/", destination.title),
                    destination.epoch.cast_signed()
                ],
            )?;
            count(transaction, destination.site_id, goal, hour_of(second), "eligible", "")?;
            set_meta(transaction, &format!("test {}", destination.site_id), &destination.test.to_string())
        })
    }

    /// The newest test of this site that was taken.
    pub fn tested(&self, site: u32) -> Result<u64, OutboxError> {
        Ok(self.meta(&format!("test {site}"))?.and_then(|text| text.parse().ok()).unwrap_or(0))
    }
}

/// Whether the event has not become a row before; remembers it.
fn is_new(transaction: &Transaction<'_>, key: &[u8; 32], note: &Note, goal: &Goal) -> rusqlite::Result<bool> {
    let hash = blake3::keyed_hash(key, &goal.number.to_le_bytes());
    let sql = "INSERT INTO seen VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
    let added =
        transaction.prepare_cached(sql)?.execute(params![note.site_id, &hash.as_bytes()[..16], note.at])?;
    Ok(added == 1)
}

fn insert(
    transaction: &Transaction<'_>,
    destination: &Destination,
    note: &Note,
    goal: &Goal,
    now: i64,
) -> rusqlite::Result<()> {
    let rule = destination.rule(&goal.event).expect("the caller has found it");
    let at = i64::from(note.at);
    // Rounded down, then no older than the window and no younger than now.
    let rounded = at - at.rem_euclid(destination.round_seconds.into());
    let et = rounded.clamp(now - AGE_SECONDS_MAX, now);
    let said = value::of(&rule.value, goal.revenue_e4, &goal.currency).ok();
    let page =
        format!("https://{}{}", destination.host(&goal.host), template::name(&destination.paths, &goal.path));
    let dl = goal.labels.page(&page);
    let [least, most] = destination.delay_seconds.map(i64::from);
    let jitter = cid::random_below((most - least).max(0).unsigned_abs() + 1);
    let is_preview = destination.mode == Mode::Preview;
    // The owner sees the request beside what happened here.
    let source = is_preview.then(|| {
        json!({"event": goal.event, "at": note.at, "path": goal.path, "host": goal.host,
               "revenue_e4": goal.revenue_e4, "currency": goal.currency, "dropped": goal.labels.dropped})
        .to_string()
    });
    transaction
        .prepare_cached(
            "INSERT INTO rows (site, goal, hour, state, epoch, counter, visit, cid, et, opened, dl, amount, \
             currency, at_most_once, due, held, attempts, source, params) VALUES (?1, ?2, ?3, ?4, ?16, ?5, ?6, ?7, ?8, \
             (SELECT max(opened) FROM rows WHERE cid = ?7), ?9, ?10, ?11, ?12, ?13, ?14, 0, ?15, ?17)",
        )?
        .execute(params![
            note.site_id,
            rule.goal,
            hour_of(et),
            if is_preview { "preview" } else { "pending" },
            destination.counter,
            goal.visit.cast_signed(),
            goal.cid.cast_signed(),
            et,
            dl,
            said.as_ref().map(|value| &value.amount),
            said.as_ref().map(|value| &value.currency),
            rule.guarantee == Guarantee::AtMostOnce,
            now + least + jitter.cast_signed(),
            destination.release_at > 1,
            source,
            destination.epoch.cast_signed(),
            goal.labels.params()
        ])?;
    if is_preview {
        transaction.execute(
            "DELETE FROM rows WHERE state = 'preview' AND site = ?1 AND id NOT IN \
             (SELECT id FROM rows WHERE state = 'preview' AND site = ?1 ORDER BY id DESC LIMIT ?2)",
            params![note.site_id, PREVIEWS_MAX],
        )?;
    }
    Ok(())
}
