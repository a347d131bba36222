//! Runs statements: each on a thread of its own, on a connection of its own.
//!
//! A fresh connection costs 0.1 ms (docs/engine.md) and carries nothing over from
//! the statement before, neither settings nor parameters nor a database. Promises:
//! a client that leaves takes its statement with it, and an INSERT whose data break
//! off is cancelled.

use std::{
    ffi::CString,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use hyper::body::Bytes;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot},
    time::timeout,
};
use tracing::warn;

use super::{
    blocks::{self, Join},
    exception::{Code, Exception},
    forbidden::{self, Forbidden},
    library::{Connection, Effect, Insertion, Library, Progress, Rows},
    limits::{HELD_ANSWER_BYTES_MAX, PIECES_WAITING_MAX, SLOT_WAIT_MAX},
    settings::{Wishes, identifier, literal},
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

/// The beginning of an answer; what follows comes through `blocks`.
pub(super) struct Answered {
    pub(super) format: String,
    pub(super) progress: Progress,
    pub(super) blocks: mpsc::Receiver<Result<Bytes, Exception>>,
    /// To be kept until the answer has been sent.
    pub(super) leash: Leash,
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
    ) -> Result<Answered, Exception> {
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
        let (format, progress, blocks) = begun.await.map_err(|_| lost())??;
        Ok(Answered { format, progress, blocks, leash })
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

    /// Ends every running statement.
    pub(super) fn kill_all(&self) {
        self.kill("1");
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
        let condition = format!("Settings['log_comment'] = {}", literal(&self.tag));
        tokio::task::spawn_blocking(move || engine.kill(&condition));
    }
}

type Head = oneshot::Sender<Result<(String, Progress, mpsc::Receiver<Result<Bytes, Exception>>), Exception>>;

/// A statement on its own thread.
struct Job {
    engine: Arc<Engine>,
    wishes: Wishes,
    tag: String,
    finished: Arc<AtomicBool>,
}

impl Job {
    fn answer(&self, sql: &[u8], format: &str, join: Option<Join>, head: Head) {
        let first = match self.first_block(sql, join) {
            Ok(first) => first,
            Err(exception) => {
                self.finished.store(true, Ordering::Release);
                // The client may have left; then nobody wants to know.
                head.send(Err(exception)).ok();
                return;
            }
        };
        let (bytes, progress, more) = match first {
            First::All(bytes, progress) => (bytes, progress, None),
            First::More(bytes, progress, rows, join) => (bytes, progress, Some((rows, join))),
        };
        if more.is_none() {
            self.finished.store(true, Ordering::Release);
        }
        let (sender, blocks) = mpsc::channel(PIECES_WAITING_MAX);
        let is_wanted = head.send(Ok((format.to_owned(), progress, blocks))).is_ok();
        if is_wanted
            && (bytes.is_empty() || sender.blocking_send(Ok(bytes)).is_ok())
            && let Some((rows, join)) = more
        {
            pass_on(rows, join, &sender);
        }
        self.finished.store(true, Ordering::Release);
    }

    fn first_block(&self, sql: &[u8], join: Option<Join>) -> Result<First, Exception> {
        let mut connection = self.open()?;
        let analysis = connection.classify(sql);
        forbidden::check_effect(analysis, statement::first_word(sql).as_deref())?;
        let format = self.wishes.format();
        let params = &self.wishes.params;
        match (analysis.effect, join) {
            // What the engine's parser does not vouch for is only given to the SELECT
            // interface, which refuses everything else before it runs.
            (Effect::Unknown, _) => {
                connection.stream(sql, format, params)?;
                Err(Exception::new(
                    Code::AccessDenied,
                    "the embedded engine does not know this kind of statement",
                ))
            }
            (Effect::ReadOnly, Some(join)) => {
                let mut rows = connection.stream(sql, format, params)?;
                match rows.next()? {
                    None => Ok(First::All(Bytes::new(), Progress::default())),
                    Some(block) => {
                        let progress = block.progress();
                        Ok(First::More(Bytes::from_owner(block), progress, rows, join))
                    }
                }
            }
            _ => {
                let answer = connection.query(sql, format, params)?;
                let progress = answer.progress();
                Ok(First::All(Bytes::from_owner(answer), progress))
            }
        }
    }

    fn insert(
        &self,
        sql: &[u8],
        format: &str,
        mut pieces: mpsc::Receiver<Piece>,
    ) -> Result<Progress, Exception> {
        let mut connection = self.open()?;
        let with_format = [sql, b" FORMAT ", format.as_bytes()].concat();
        forbidden::check_effect(connection.classify(&with_format), Some("INSERT"))?;
        let mut insertion: Insertion = connection.insert(sql, format, &self.wishes.params)?;
        loop {
            match pieces.blocking_recv() {
                // A refused piece: the reason comes with the end.
                Some(Piece::Data(bytes)) if !insertion.append(&bytes) => break,
                Some(Piece::Data(_)) => {}
                Some(Piece::End) => break,
                None => {
                    drop(insertion);
                    return Err(Exception::new(Code::Aborted, "the data broke off, nothing was inserted"));
                }
            }
        }
        Ok(insertion.finish()?.progress())
    }

    /// A connection that carries the request's settings and stands in its database.
    fn open(&self) -> Result<Connection, Exception> {
        let mut connection = self.engine.connect()?;
        let none = Default::default();
        // The mark by which the statement can be killed; before the client's own settings,
        // which may forbid further ones.
        connection.query(format!("SET log_comment = {}", literal(&self.tag)).as_bytes(), "Null", &none)?;
        if let Some(set) = self.wishes.set_statement() {
            connection.query(set.as_bytes(), "Null", &none)?;
        }
        let database = identifier(self.wishes.database(&self.engine.database));
        connection.query(format!("USE {database}").as_bytes(), "Null", &none)?;
        Ok(connection)
    }
}

enum First {
    All(Bytes, Progress),
    More(Bytes, Progress, Rows, Join),
}

/// Passes the blocks after the first on until the end, an exception, or the client's leaving.
fn pass_on(mut rows: Rows, join: Join, sender: &mpsc::Sender<Result<Bytes, Exception>>) {
    loop {
        let next = match rows.next() {
            Ok(None) => return,
            Ok(Some(block)) => {
                let bytes = Bytes::from_owner(block);
                match join.header_bytes(&bytes) {
                    Some(header) => Ok(bytes.slice(header..)),
                    None => {
                        Err(Exception::new(Code::Aborted, "the engine's answer has a block without a header"))
                    }
                }
            }
            Err(refusal) => Err(Exception::from(refusal)),
        };
        let is_last = next.is_err();
        if sender.blocking_send(next).is_err() || is_last {
            return;
        }
    }
}

fn lost() -> Exception {
    Exception::new(Code::Aborted, "the statement's thread ended without an answer")
}
