//! The outbox: SQLite, written by the bridge's own thread alone.
//!
//! A goal becomes at most one row per site. A row is `pending` until it is leased
//! (`sending`, on stable storage before the first byte leaves), and then `accepted`,
//! `uncertain` or `rejected`; or it becomes `expired` or `blocked` without having left.
//! One too old for that road may take the other, where the owner has opened it ([`late`]):
//! `late`, `uploading`, `uploaded`. `preview` rows never leave. Whatever is settled keeps
//! goal, hour, state and the hash of what was sent; a CHECK in the schema holds that.

pub mod balance;
pub mod late;
pub mod lease;
pub mod settle;
mod tables;
pub mod take;
#[cfg(test)]
mod tests;

use std::{
    fs::{self, OpenOptions},
    io,
    os::unix::fs::OpenOptionsExt,
    path::Path,
    time::Duration,
};

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

/// A goal older than this has missed Metrika's window of 12 h, with an hour for its delay
/// and our clock.
pub const AGE_SECONDS_MAX: i64 = 11 * 3600;

/// How long counts, settled rows and the hashes of events are kept once nothing depends on
/// them any more, in seconds.
pub const KEEP_SECONDS: i64 = 48 * 3600;

/// Rows that wait, at most, over all sites: a day of a large shop without Metrika. Above it
/// goals are counted as lost instead of filling the disk: 100,000 rows are about 40 MB.
pub const WAITING_MAX: u32 = 100_000;

/// Previews kept per site; the newest.
pub const PREVIEWS_MAX: u32 = 50;

const HOUR_SECONDS: i64 = 3600;

/// Another process only ever looks, as a backup does.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// How a row ends, or waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum State {
    Preview,
    Pending,
    Sending,
    /// Waits for a file of late goals.
    Late,
    /// In a file that is under way.
    Uploading,
    /// In a file that Metrika has and works on.
    Uploaded,
    Accepted,
    Uncertain,
    Rejected,
    Expired,
    Blocked,
}

impl State {
    pub fn name(self) -> &'static str {
        match self {
            State::Preview => "preview",
            State::Pending => "pending",
            State::Sending => "sending",
            State::Late => "late",
            State::Uploading => "uploading",
            State::Uploaded => "uploaded",
            State::Accepted => "accepted",
            State::Uncertain => "uncertain",
            State::Rejected => "rejected",
            State::Expired => "expired",
            State::Blocked => "blocked",
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum OutboxError {
    #[error("could not prepare the outbox's file")]
    File(#[source] io::Error),
    #[error("could not {step} in the outbox")]
    Database { step: &'static str, source: rusqlite::Error },
    #[error("the outbox was written by a newer program (version {found})")]
    TooNew { found: u32 },
}

pub struct Outbox {
    connection: Connection,
    /// Of events' hashes; random, of this file alone.
    key: [u8; 32],
    /// The newest segment that needs no reading again. On the disk stands the newest that
    /// held a note, which is as good.
    cursor: u64,
}

impl Outbox {
    /// Opens the file. What was being sent when the last run ended is ambiguous.
    pub fn open(path: &Path) -> Result<Outbox, OutboxError> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(OutboxError::File)?;
        }
        // Made by us first, so that it is never readable by others.
        OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path)
            .map_err(OutboxError::File)?;
        let at = |step| move |source| OutboxError::Database { step, source };
        let mut connection = Connection::open(path).map_err(at("open the file"))?;
        connection.busy_timeout(BUSY_TIMEOUT).map_err(at("set the time-out"))?;
        connection
            .execute_batch(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; \
                 PRAGMA trusted_schema = OFF;",
            )
            .map_err(at("set the pragmas"))?;
        tables::prepare(&mut connection)?;
        let key = key(&connection).map_err(at("read the key"))?;
        let cursor = meta(&connection, "cursor").map_err(at("read the cursor"))?;
        let cursor = cursor.and_then(|text| text.parse().ok()).unwrap_or(0);
        let mut outbox = Outbox { connection, key, cursor };
        outbox.recover()?;
        Ok(outbox)
    }

    /// The newest segment of the spool that has been read.
    pub fn cursor(&self) -> u64 {
        self.cursor
    }

    /// A segment without notes.
    pub fn pass(&mut self, segment: u64) {
        self.cursor = self.cursor.max(segment);
    }

    pub(super) fn meta(&self, key: &str) -> Result<Option<String>, OutboxError> {
        meta(&self.connection, key).map_err(|source| OutboxError::Database { step: "read a mark", source })
    }

    pub(super) fn write<T>(
        &mut self,
        step: &'static str,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, OutboxError> {
        let run = |connection: &mut Connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let done = work(&transaction)?;
            transaction.commit()?;
            Ok(done)
        };
        run(&mut self.connection).map_err(|source| OutboxError::Database { step, source })
    }

    /// Nobody knows what became of a request that a crash interrupted. A file of late goals
    /// is sent again, whatever the guarantee: the same line twice counts once. What was
    /// withdrawn meanwhile is not sent again in any case.
    fn recover(&mut self) -> Result<(), OutboxError> {
        self.write("recover", |transaction| {
            transaction.execute(
                "UPDATE rows SET state = 'pending' WHERE state = 'sending' AND at_most_once = 0 \
                 AND withdrawn IS NULL",
                [],
            )?;
            transaction.execute(
                "UPDATE rows SET state = 'late', upload = NULL WHERE state = 'uploading' AND withdrawn IS NULL",
                [],
            )?;
            let interrupted: Vec<i64> = transaction
                .prepare("SELECT id FROM rows WHERE state IN ('sending', 'uploading')")?
                .query_map([], |row| row.get(0))?
                .collect::<rusqlite::Result<_>>()?;
            for id in interrupted {
                settle::settle_row(transaction, id, State::Uncertain, "interrupted")?;
            }
            Ok(())
        })
    }

    #[cfg(test)]
    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }
}

pub(super) fn set_meta(transaction: &Transaction<'_>, key: &str, value: &str) -> rusqlite::Result<()> {
    let sql = "INSERT INTO meta VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value";
    transaction.execute(sql, params![key, value]).map(|_| ())
}

/// Adds to the balance of one hour.
fn count(
    transaction: &Transaction<'_>,
    site: u32,
    goal: &str,
    hour: i64,
    state: &str,
    reason: &str,
) -> rusqlite::Result<()> {
    let sql = "INSERT INTO counts (site, goal, hour, state, reason, n) VALUES (?1, ?2, ?3, ?4, ?5, 1) \
               ON CONFLICT DO UPDATE SET n = n + 1, reported = 0";
    transaction.prepare_cached(sql)?.execute(params![site, goal, hour, state, reason]).map(|_| ())
}

fn hour_of(second: i64) -> i64 {
    second - second.rem_euclid(HOUR_SECONDS)
}

fn meta(connection: &Connection, key: &str) -> rusqlite::Result<Option<String>> {
    connection.query_row("SELECT value FROM meta WHERE key = ?1", [key], |row| row.get(0)).optional()
}

fn key(connection: &Connection) -> rusqlite::Result<[u8; 32]> {
    if let Some(text) = meta(connection, "key")? {
        return Ok(blake3::derive_key("mostik 2026-11-25 outbox event hash v1", text.as_bytes()));
    }
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).expect("the system's generator has answered since the process began");
    let text = blake3::Hash::from_bytes(bytes).to_hex().to_string();
    connection.execute("INSERT INTO meta VALUES ('key', ?1)", [&text])?;
    Ok(blake3::derive_key("mostik 2026-11-25 outbox event hash v1", text.as_bytes()))
}
