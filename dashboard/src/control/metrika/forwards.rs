//! What collectors say became of goals: counts by the hour, and every request that left, in
//! a chain like the audit log's.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Transaction, params};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::control::{Control, ControlError};

/// Rows of the log in one export, at most: 20 MB.
pub const EXPORT_ROWS_MAX: u32 = 200_000;

/// The hash before the first row.
const START: [u8; 32] = [0; 32];

/// A request that left, as a collector tells it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Count {
    pub site: u32,
    pub goal: String,
    pub hour: i64,
    pub state: String,
    pub reason: String,
    pub n: u32,
}

/// One line of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "MetrikaForward")]
pub struct Line {
    pub goal: String,
    pub hour: i64,
    pub state: String,
    pub reason: String,
    pub payload: String,
    /// Seals this line and all before it.
    pub seal: String,
}

/// How goals of a day ended here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "MetrikaEnds")]
pub struct Ends {
    pub accepted: u64,
    pub uncertain: u64,
    /// Refused, expired, not sent.
    pub lost: u64,
}

/// Goals of a stretch of time, by goal, state and reason.
pub type Balance = BTreeMap<String, BTreeMap<String, BTreeMap<String, u64>>>;

impl Control {
    /// Takes a collector's word. Told twice, it counts once.
    pub(crate) async fn take_forwards(
        &self,
        node: u16,
        forwards: Vec<Forward>,
        counts: Vec<Count>,
    ) -> Result<(), ControlError> {
        self.write("note what was forwarded", move |transaction| {
            for count in counts {
                transaction
                    .prepare_cached(
                        "INSERT INTO metrika_counts VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) \
                         ON CONFLICT DO UPDATE SET n = excluded.n",
                    )?
                    .execute(params![
                        node,
                        count.site,
                        count.goal,
                        count.hour,
                        count.state,
                        count.reason,
                        count.n
                    ])?;
            }
            forwards.iter().try_for_each(|forward| append(transaction, node, forward))
        })
        .await
    }

    /// Goals of the hours from `from` to before `to`.
    pub(crate) async fn balance(&self, site: u32, from: i64, to: i64) -> Result<Balance, ControlError> {
        self.read("add up forwards", move |connection| balance(connection, site, from, to)).await
    }

    /// Goals of one hour range and how they ended, for a comparison with the reports.
    pub(crate) async fn ends(&self, site: u32, goal: String, hours: [i64; 2]) -> Result<Ends, ControlError> {
        let [from, to] = hours;
        let balance = self.balance(site, from, to).await?;
        let sum = |state: &str| {
            let reasons = balance.get(&goal).and_then(|states| states.get(state));
            reasons.map_or(0, |reasons| reasons.values().sum())
        };
        Ok(Ends {
            accepted: sum("accepted"),
            uncertain: sum("uncertain"),
            lost: sum("rejected") + sum("expired") + sum("blocked"),
        })
    }

    /// The newest lines of the log, newest first.
    pub(crate) async fn forwards(&self, site: u32, rows: u32) -> Result<Vec<Line>, ControlError> {
        self.read("read the log of forwards", move |connection| {
            connection
                .prepare_cached(
                    "SELECT goal, hour, state, reason, payload, lower(hex(hash)) FROM metrika_forwards \
                     WHERE site_id = ?1 ORDER BY id DESC LIMIT ?2",
                )?
                .query_map(params![site, rows.min(EXPORT_ROWS_MAX)], |row| {
                    Ok(Line {
                        goal: row.get(0)?,
                        hour: row.get(1)?,
                        state: row.get(2)?,
                        reason: row.get(3)?,
                        payload: row.get(4)?,
                        seal: row.get(5)?,
                    })
                })?
                .collect()
        })
        .await
    }
}

fn append(transaction: &Transaction<'_>, node: u16, forward: &Forward) -> rusqlite::Result<()> {
    let before: [u8; 32] = transaction
        .prepare_cached("SELECT hash FROM metrika_forwards ORDER BY id DESC LIMIT 1")?
        .query_row([], |row| row.get(0))
        .optional()?
        .unwrap_or(START);
    transaction
        .prepare_cached(
            "INSERT INTO metrika_forwards (node, row, site_id, goal, hour, state, reason, payload, hash) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            node,
            forward.id,
            forward.site,
            forward.goal,
            forward.hour,
            forward.state,
            forward.reason,
            forward.hash,
            seal(&before, forward)
        ])?;
    Ok(())
}

/// Lengths stand before texts, so that no two rows have the same bytes.
fn seal(before: &[u8; 32], forward: &Forward) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_derive_key("mostik log of forwards row v1");
    hasher.update(before);
    hasher.update(&forward.site.to_le_bytes());
    hasher.update(&forward.hour.to_le_bytes());
    for text in [&forward.goal, &forward.state, &forward.reason, &forward.hash] {
        hasher.update(&(text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    }
    *hasher.finalize().as_bytes()
}

fn balance(connection: &Connection, site: u32, from: i64, to: i64) -> rusqlite::Result<Balance> {
    let mut statement = connection.prepare_cached(
        "SELECT goal, state, reason, sum(n) FROM metrika_counts WHERE site_id = ?1 AND hour >= ?2 AND hour < ?3 \
         AND goal <> '' GROUP BY goal, state, reason",
    )?;
    let mut rows = statement.query(params![site, from, to])?;
    let mut balance = Balance::new();
    while let Some(row) = rows.next()? {
        let n: i64 = row.get(3)?;
        balance
            .entry(row.get(0)?)
            .or_default()
            .entry(row.get(1)?)
            .or_default()
            .insert(row.get(2)?, n.unsigned_abs());
    }
    Ok(balance)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forward(id: i64) -> Forward {
        Forward {
            id,
            site: 1,
            goal: "srv_order".into(),
            hour: 3_600,
            state: "accepted".into(),
            reason: String::new(),
            hash: format!("{id:064x}"),
        }
    }

    async fn control() -> (tempfile::TempDir, Control) {
        let folder = tempfile::tempdir().unwrap();
        let clock = crate::clock::Clock::standing_at("2026-11-23T12:00:00Z".parse().unwrap());
        let control = Control::open(&folder.path().join("control.db"), clock).unwrap();
        (folder, control)
    }

    #[tokio::test]
    async fn what_is_told_twice_counts_once() {
        let (_folder, control) = control().await;
        let count = |n| Count {
            site: 1,
            goal: "srv_order".into(),
            hour: 3_600,
            state: "accepted".into(),
            reason: String::new(),
            n,
        };
        control.take_forwards(1, vec![forward(1), forward(2)], vec![count(2)]).await.unwrap();
        control.take_forwards(1, vec![forward(2), forward(3)], vec![count(3)]).await.unwrap();
        control.take_forwards(2, vec![], vec![count(10)]).await.unwrap();
        assert_eq!(control.forwards(1, 100).await.unwrap().len(), 3);
        assert_eq!(control.balance(1, 0, 7_200).await.unwrap()["srv_order"]["accepted"][""], 13);
        assert!(control.balance(1, 7_200, 9_999).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn the_log_refuses_to_be_edited_and_every_line_seals_those_before() {
        let (folder, control) = control().await;
        control.take_forwards(1, vec![forward(1), forward(2)], vec![]).await.unwrap();
        let other = Connection::open(folder.path().join("control.db")).unwrap();
        for statement in ["UPDATE metrika_forwards SET goal = 'x'", "DELETE FROM metrika_forwards"] {
            assert!(other.execute(statement, []).is_err(), "{statement}");
        }
        let first = seal(&START, &forward(1));
        let second = blake3::Hash::from_bytes(seal(&first, &forward(2))).to_hex().to_string();
        assert_eq!(control.forwards(1, 1).await.unwrap()[0].seal, second);
    }
}
