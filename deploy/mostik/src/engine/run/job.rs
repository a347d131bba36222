//! One statement on its own thread, which the engine may hold up for as long as it
//! takes.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use hyper::body::Bytes;
use tokio::{
    runtime::Handle,
    sync::{mpsc, oneshot},
};

use super::{Begun, Block, Engine, Piece};
use crate::engine::{
    blocks::Join,
    exception::{Code, Exception},
    forbidden,
    library::{Connection, Effect, Insertion, Progress, Rows},
    limits::{ANSWER_PAUSE_MAX, PIECES_WAITING_MAX},
    settings::{Wishes, identifier},
    statement,
};

type Head = oneshot::Sender<Result<Begun, Exception>>;

/// A statement on its own thread.
pub(super) struct Job {
    pub(super) engine: Arc<Engine>,
    pub(super) wishes: Wishes,
    pub(super) tag: String,
    pub(super) finished: Arc<AtomicBool>,
}

impl Job {
    /// Runs the statement, says how its answer begins, then passes it on.
    pub(super) fn answer(&self, sql: &[u8], format: &str, join: Option<Join>, head: Head) {
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
        let answer = Sending(sender);
        let is_wanted = head.send(Ok(Begun { format: format.to_owned(), progress, blocks })).is_ok();
        if is_wanted && (bytes.is_empty() || answer.send(Block::Data(bytes))) {
            match more {
                None => answer.send(Block::End),
                Some((rows, join)) => answer.pass_on(rows, join),
            };
        }
        self.finished.store(true, Ordering::Release);
    }

    /// Everything of an answer, or its first block.
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

    pub(super) fn insert(
        &self,
        sql: &[u8],
        format: &str,
        mut pieces: mpsc::Receiver<Piece>,
    ) -> Result<Progress, Exception> {
        let mut connection = self.open()?;
        let with_format = [sql, b" FORMAT ", format.as_bytes()].concat();
        forbidden::check_effect(connection.classify(&with_format), Some("INSERT"))?;
        let mut insertion: Insertion = connection.insert(sql, format, &self.wishes.params)?;
        let mut refused = None;
        loop {
            match pieces.blocking_recv() {
                Some(Piece::Data(bytes)) => {
                    if !insertion.append(&bytes) {
                        // The reason comes with the end.
                        refused = Some(bytes);
                        break;
                    }
                }
                Some(Piece::End) => break,
                None => {
                    drop(insertion);
                    return Err(Exception::new(Code::Aborted, "the data broke off, nothing was inserted"));
                }
            }
        }
        let progress = insertion.finish()?.progress();
        if refused.is_some_and(|bytes| !bytes.trim_ascii().is_empty()) {
            return Err(Exception::new(
                Code::CannotReadAllData,
                "data followed after the end of the INSERT's data; what stood before them is stored",
            ));
        }
        Ok(progress)
    }

    /// A connection that carries the request's settings and stands in its database.
    fn open(&self) -> Result<Connection, Exception> {
        let mut connection = self.engine.connect()?;
        let none = Default::default();
        connection.query(self.wishes.set_statement(&self.tag).as_bytes(), "Null", &none)?;
        let database = identifier(self.wishes.database(&self.engine.database));
        connection.query(format!("USE {database}").as_bytes(), "Null", &none)?;
        Ok(connection)
    }
}

enum First {
    All(Bytes, Progress),
    More(Bytes, Progress, Rows, Join),
}

/// The way of an answer to its client.
struct Sending(mpsc::Sender<Block>);

impl Sending {
    /// `false` if the client has left, or has stopped reading for too long.
    fn send(&self, block: Block) -> bool {
        Handle::current().block_on(self.0.send_timeout(block, ANSWER_PAUSE_MAX)).is_ok()
    }

    /// Passes the blocks after the first on.
    fn pass_on(&self, mut rows: Rows, join: Join) -> bool {
        loop {
            let block = match rows.next() {
                Ok(None) => return self.send(Block::End),
                Err(refusal) => return self.send(Block::Failed(refusal.into())),
                Ok(Some(block)) => Bytes::from_owner(block),
            };
            let Some(header) = join.header_bytes(&block) else {
                let what = "the engine's answer has a block without a header";
                return self.send(Block::Failed(Exception::new(Code::Aborted, what)));
            };
            if !self.send(Block::Data(block.slice(header..))) {
                return false;
            }
        }
    }
}
