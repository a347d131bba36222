//! `control.db`: the owner's accounts, sites and audit log in SQLite.
//!
//! Promises: every change stands on the disk before it is answered (WAL with
//! `synchronous=FULL`) and in the audit log in the same transaction; a change of
//! settings wakes every waiting collector. It never holds anything about visitors.

pub mod annotations;
pub mod api_tokens;
pub mod audit;
pub mod database;
pub mod demo;
pub mod email;
pub mod goals;
pub mod interruptions;
pub mod metrika;
pub mod password;
pub mod password_links;
pub mod people;
pub mod roles;
pub mod segments;
pub mod sessions;
pub mod setup;
pub mod share_links;
pub mod sites;
mod terms;
pub mod totp;
pub mod two_step;
pub mod users;

use std::{
    path::Path,
    sync::{Arc, Mutex},
};

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use store::snapshot::Snapshot;
use tokio::sync::watch;

use crate::clock::Clock;

/// The control database. Cheap to clone.
///
/// One connection behind a lock: the owner's reads and writes are few and short,
/// and one writer is what SQLite has anyway.
#[derive(Clone)]
pub struct Control {
    connection: Arc<Mutex<Connection>>,
    snapshot: Arc<watch::Sender<Arc<Snapshot>>>,
    clock: Clock,
}

/// A failed step. A mistake of the owner's is never one: it is in the step's answer.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    #[error("could not {step} in control.db")]
    Database { step: &'static str, source: rusqlite::Error },
    #[error("could not prepare the file of control.db")]
    File { source: std::io::Error },
    #[error("control.db has version {found}, this program knows {known}: start the newer version")]
    TooNew { found: u32, known: u32 },
    #[error("the task that had to {step} in control.db was lost")]
    Lost { step: &'static str, source: tokio::task::JoinError },
}

impl Control {
    /// Opens the file, makes or upgrades its tables, and reads the settings. Blocks.
    pub fn open(path: &Path, clock: Clock) -> Result<Control, ControlError> {
        let connection = database::open(path)?;
        let snapshot = sites::snapshot(&connection)
            .map_err(|source| ControlError::Database { step: "read the settings", source })?;
        Ok(Control {
            connection: Arc::new(Mutex::new(connection)),
            snapshot: Arc::new(watch::Sender::new(Arc::new(snapshot))),
            clock,
        })
    }

    /// A copy of the file in a state that was committed, without free pages. Blocks.
    pub fn copy(&self, into: &Path) -> Result<(), ControlError> {
        let connection = self.connection.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        connection
            .execute("VACUUM INTO ?1", [into.to_string_lossy()])
            .map(|_| ())
            .map_err(|source| ControlError::Database { step: "copy the file", source })
    }

    /// The settings as collectors get them, and every later version of them.
    pub fn settings(&self) -> watch::Receiver<Arc<Snapshot>> {
        self.snapshot.subscribe()
    }

    pub(crate) fn now(&self) -> i64 {
        self.clock.seconds()
    }

    /// Runs `work` beside the server's threads.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        step: &'static str,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, ControlError> {
        self.run(step, move |connection, _| work(connection)).await
    }

    /// Runs `work` in a transaction that takes the write lock at once; commits when
    /// it is `Ok`. Then hands the settings on if their version has grown.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        step: &'static str,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, ControlError> {
        self.run(step, move |connection, snapshot| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let answer = work(&transaction)?;
            transaction.commit()?;
            // Still under the lock, so versions reach the collectors in order.
            if sites::version(connection)? != snapshot.borrow().version {
                snapshot.send_replace(Arc::new(sites::snapshot(connection)?));
            }
            Ok(answer)
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        step: &'static str,
        work: impl FnOnce(&mut Connection, &watch::Sender<Arc<Snapshot>>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, ControlError> {
        let control = self.clone();
        tokio::task::spawn_blocking(move || {
            // A panic while the lock was held has rolled its transaction back, so
            // the connection is whole.
            let mut connection = control.connection.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            work(&mut connection, &control.snapshot)
        })
        .await
        .map_err(|source| ControlError::Lost { step, source })?
        .map_err(|source| ControlError::Database { step, source })
    }
}

/// Takes a row of a site out of a table, by its number; one column of what stood there.
fn take_out(
    transaction: &Transaction<'_>,
    table: &str,
    column: &str,
    site_id: u32,
    id: i64,
) -> rusqlite::Result<Option<String>> {
    transaction
        .query_row(
            &format!("DELETE FROM {table} WHERE id = ?1 AND site_id = ?2 RETURNING {column}"),
            params![id, site_id],
            |row| row.get(0),
        )
        .optional()
}
