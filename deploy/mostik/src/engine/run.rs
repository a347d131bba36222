//! Runs statements: each on a thread of its own, on a connection of its own.
//!
//! A fresh connection costs 0.1 ms (docs/engine.md) and carries nothing over from
//! the statement before, neither settings nor parameters nor a database. Promises:
//! a client that leaves takes its statement with it, and an INSERT whose data break
//! off is cancelled.

mod job;

use std::{
    ffi::CString,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use hyper::body::Bytes;
use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot},
    time::timeout,
};
use tracing::warn;

use self::job::Job;
use super::{
    blocks::{self, Join},
    exception::{Code, Exception},
    forbidden::Forbidden,
    library::{Connection, Library, Progress},
    limits::{HELD_ANSWER_BYTES_MAX, PIECES_WAITING_MAX, SLOT_WAIT_MAX},
    settings::{Wishes, identifier, is_tagged},
    statement,
};

/// The running engine.
pub(super) struct Engine {
    library: Library,
    arguments: Vec<CString>,
    database: String,
    forbidden: Forbidden,
    slots: Arc<Semaphore>,
    slots_max: u32,
    next_tag: AtomicU64,
}

/// The beginning of an answer.
pub(super) struct Begun {
    pub(super) format: String,
    pub(super) progress: Progress,
    pub(super) blocks: mpsc::Receiver<Block>,
}

/// A piece of an answer. Without an `End` it is not whole, whatever the reason.
pub(super) enum Block {
    Data(Bytes),
    Failed(Exception),
    End,
}

/// A piece of an INSERT's body on its way to the engine.
pub(super) enum Piece {
    Data(Bytes),
    /// The body is complete. Without it, nothing is committed.
    End,
}

/// An INSERT that takes its body.
pub(super) struct Inserting {
    pub(super) pieces: mpsc::Sender<Piece>,
    pub(super) outcome: oneshot::Receiver<Result<Progress, Exception>>,
    /// To be kept until the outcome is known.
    pub(super) leash: Leash,
}

impl Engine {
    /// Makes `database` and asks the engine what it knows.
    pub(super) fn new(
        library: Library,
        arguments: Vec<CString>,
        database: &str,
        slots: u32,
    ) -> Result<Engine, Exception> {
        let mut engine = Engine {
            library,
            arguments,
            database: database.to_owned(),
            forbidden: Forbidden::among(std::iter::empty()),
            slots: Arc::new(Semaphore::new(slots as usize)),
            slots_max: slots,
            next_tag: AtomicU64::new(0),
        };
        engine.own(&format!("CREATE DATABASE IF NOT EXISTS {}", identifier(database)))?;
        let table_functions = engine.own("SELECT name FROM system.table_functions")?;
        engine.forbidden = Forbidden::among(table_functions.lines());
        Ok(engine)
    }

    /// Runs a statement that brings no data.
    pub(super) async fn answer(
        self: &Arc<Self>,
        sql: Vec<u8>,
        mut wishes: Wishes,
    ) -> Result<(Begun, Leash), Exception> {
        self.forbidden.check(&sql)?;
        let format = statement::answer_format(&sql).unwrap_or_else(|| wishes.format().to_owned());
        let join = self.join_of(&sql, &format, &wishes);
        if join.is_none() && !wishes.has_setting("max_result_bytes") {
            wishes.add_setting("max_result_bytes", HELD_ANSWER_BYTES_MAX.to_string());
        }
        let (leash, permit) = self.begin().await?;
        let (head, begun) = oneshot::channel();
        let job = Job {
            engine: Arc::clone(self),
            wishes,
            tag: leash.tag.clone(),
            finished: leash.finished.clone(),
        };
        tokio::task::spawn_blocking(move || {
            job.answer(&sql, &format, join, head);
            drop(permit);
        });
        Ok((begun.await.map_err(|_| lost())??, leash))
    }

    /// Begins an INSERT whose data follow.
    pub(super) async fn insert(
        self: &Arc<Self>,
        sql: Vec<u8>,
        format: String,
        wishes: Wishes,
    ) -> Result<Inserting, Exception> {
        self.forbidden.check(&sql)?;
        let (leash, permit) = self.begin().await?;
        let (pieces, waiting) = mpsc::channel(PIECES_WAITING_MAX);
        let (done, outcome) = oneshot::channel();
        let job = Job {
            engine: Arc::clone(self),
            wishes,
            tag: leash.tag.clone(),
            finished: leash.finished.clone(),
        };
        tokio::task::spawn_blocking(move || {
            let result = job.insert(&sql, &format, waiting);
            job.finished.store(true, Ordering::Release);
            drop(permit);
            // The client may have left; then nobody wants to know.
            done.send(result).ok();
        });
        Ok(Inserting { pieces, outcome, leash })
    }

    /// Waits until no statement runs.
    pub(super) async fn idle(&self) {
        // An error says that the semaphore is closed, which nobody does.
        self.slots.acquire_many(self.slots_max).await.ok();
    }

    /// Runs one statement of our own, outside of all limits.
    pub(super) fn own(&self, sql: &str) -> Result<String, Exception> {
        let mut connection = self.connect()?;
        let answer = connection.query(sql.as_bytes(), "TabSeparatedRaw", &Default::default())?;
        Ok(String::from_utf8_lossy(answer.bytes()).trim_end().to_owned())
    }

    fn kill(&self, condition: &str) {
        if let Err(exception) = self.own(&format!("KILL QUERY WHERE {condition} ASYNC")) {
            warn!(exception = exception.text, "a statement could not be killed");
        }
    }

    /// How the answer's blocks are joined; `None` when it must be held whole.
    fn join_of(&self, sql: &[u8], format: &str, wishes: &Wishes) -> Option<Join> {
        let is_select = matches!(statement::first_word(sql).as_deref(), Some("SELECT" | "WITH" | "FROM"));
        let is_plain = !wishes.whole_answer && !statement::changes_blocks(sql) && !wishes.changes_blocks();
        (is_select && is_plain).then(|| blocks::join(format)).flatten()
    }

    async fn begin(self: &Arc<Self>) -> Result<(Leash, OwnedSemaphorePermit), Exception> {
        let permit = timeout(SLOT_WAIT_MAX, Arc::clone(&self.slots).acquire_owned())
            .await
            .ok()
            .and_then(Result::ok)
            .ok_or_else(|| {
                Exception::new(
                    Code::TooManySimultaneousQueries,
                    format!("all {} statements of the embedded engine are taken", self.slots_max),
                )
            })?;
        let tag = format!("mostik-{}", self.next_tag.fetch_add(1, Ordering::Relaxed));
        Ok((Leash { engine: Arc::clone(self), tag, finished: Arc::default() }, permit))
    }

    fn connect(&self) -> Result<Connection, Exception> {
        self.library
            .connect(&self.arguments)
            .ok_or_else(|| Exception::new(Code::Aborted, "the engine takes no more connections"))
    }
}

/// Kills its statement when dropped before that has finished: its client has left.
pub(super) struct Leash {
    engine: Arc<Engine>,
    tag: String,
    finished: Arc<AtomicBool>,
}

impl Drop for Leash {
    fn drop(&mut self) {
        if self.finished.load(Ordering::Acquire) {
            return;
        }
        let engine = Arc::clone(&self.engine);
        let condition = is_tagged(&self.tag);
        // Without a runtime the process is ending, and the statement with it.
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn_blocking(move || engine.kill(&condition));
        }
    }
}

fn lost() -> Exception {
    Exception::new(Code::Aborted, "the statement's thread ended without an answer")
}
