//! Everything that is kept of a site, as one file its owner takes away: rows of closed days
//! month by month, the ledger, the settings. ClickHouse itself writes the CSV or Parquet.
//!
//! Promises: one export is made at a time, with its progress, and can be cancelled; a file is
//! there for a day and gone after a restart. Open days are not in it: their rows lie in the
//! order of visitors, so a row's neighbours would say whose it was.

pub mod tar;
mod write;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::Store;
use tokio::sync::{Semaphore, watch};

use crate::{control::sites::Site, token};

/// Exports that are kept or waited for, over all sites: a busy disk is still a disk.
const JOBS_MAX: usize = 8;

/// How long a finished export is kept, in seconds: a day, for whoever starts one in the evening.
const KEEP_SECONDS: i64 = 24 * 60 * 60;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    Csv,
    Parquet,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Waiting,
    Running,
    Ready,
    Failed,
}

/// An export as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Export {
    pub id: String,
    pub format: Format,
    pub state: State,
    /// Of the rows that will be in it, those that are.
    pub rows_done: u64,
    pub rows_total: u64,
    pub bytes: u64,
    /// Seconds since 1970.
    pub created_at: i64,
    pub expires_at: i64,
}

/// Counted while it is written.
#[derive(Debug, Default)]
struct Progress {
    rows_done: AtomicU64,
    rows_total: AtomicU64,
    bytes: AtomicU64,
}

struct Job {
    id: String,
    site_id: u32,
    format: Format,
    created_at: i64,
    progress: Arc<Progress>,
    state: Mutex<State>,
    cancel: watch::Sender<bool>,
}

/// All exports of this dashboard. Cheap to clone.
#[derive(Clone)]
pub struct Exports {
    folder: Arc<PathBuf>,
    jobs: Arc<Mutex<Vec<Arc<Job>>>>,
    turn: Arc<Semaphore>,
}

/// There are as many exports as are kept.
#[derive(Debug, PartialEq, Eq)]
pub struct TooMany;

impl Exports {
    /// What an earlier run left is removed: files of our own naming, nothing else. The folder is
    /// made when it is needed.
    pub fn new(folder: &Path) -> std::io::Result<Exports> {
        let left = match fs::read_dir(folder) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            found => found?.collect::<Result<Vec<_>, _>>()?,
        };
        for file in left.into_iter().filter(|file| is_ours(&file.file_name())) {
            fs::remove_file(file.path())?;
        }
        Ok(Exports {
            folder: Arc::new(folder.to_owned()),
            jobs: Arc::default(),
            turn: Arc::new(Semaphore::new(1)),
        })
    }

    /// Begins one in the background.
    pub fn begin(&self, store: &Store, site: Site, format: Format, now: i64) -> Result<Export, TooMany> {
        self.forget(now);
        let mut bytes = [0; 8];
        token::fill_random(&mut bytes);
        let job = Arc::new(Job {
            id: token::hex(&bytes),
            site_id: site.id,
            format,
            created_at: now,
            progress: Arc::default(),
            state: Mutex::new(State::Waiting),
            cancel: watch::Sender::new(false),
        });
        let mut jobs = self.lock();
        if jobs.len() >= JOBS_MAX {
            return Err(TooMany);
        }
        jobs.push(Arc::clone(&job));
        drop(jobs);
        let (exports, store, seen) = (self.clone(), store.clone(), job.seen());
        tokio::spawn(async move { exports.run(&store, &site, &job).await });
        Ok(seen)
    }

    /// Those of a site, the newest first.
    pub fn of_site(&self, site_id: u32, now: i64) -> Vec<Export> {
        self.forget(now);
        self.lock().iter().rev().filter(|job| job.site_id == site_id).map(|job| job.seen()).collect()
    }

    /// Cancels it, or removes its file. False when there is none.
    pub fn end(&self, site_id: u32, id: &str) -> bool {
        let mut jobs = self.lock();
        let Some(at) = jobs.iter().position(|job| job.site_id == site_id && job.id == id) else {
            return false;
        };
        let job = jobs.remove(at);
        drop(jobs);
        job.cancel.send_replace(true);
        self.remove_file(&job);
        true
    }

    /// The file of a finished one.
    pub fn file(&self, site_id: u32, id: &str, now: i64) -> Option<(PathBuf, Format)> {
        self.forget(now);
        let jobs = self.lock();
        let job = jobs.iter().find(|job| job.site_id == site_id && job.id == id)?;
        (job.state() == State::Ready).then(|| (self.path(job), job.format))
    }

    async fn run(&self, store: &Store, site: &Site, job: &Job) {
        let mut cancelled = job.cancel.subscribe();
        let work = async {
            let _turn = self.turn.acquire().await.expect("the semaphore is never closed");
            job.set(State::Running);
            write::all(store, site, job.format, &self.folder, &self.path(job), &job.progress).await
        };
        // Dropping the work closes its connection, which ends the statement.
        tokio::select! {
            // It is in no list any more.
            _ = cancelled.wait_for(|cancelled| *cancelled) => self.remove_file(job),
            done = work => match done {
                Ok(()) => job.set(State::Ready),
                Err(error) => {
                    tracing::error!(error = format!("{error:#}"), site = site.id, "an export failed");
                    job.set(State::Failed);
                    self.remove_file(job);
                }
            },
        }
    }

    /// Ends those whose time is over.
    fn forget(&self, now: i64) {
        let mut jobs = self.lock();
        let (over, kept) = jobs.drain(..).partition(|job| job.created_at + KEEP_SECONDS <= now);
        *jobs = kept;
        drop(jobs);
        let over: Vec<Arc<Job>> = over;
        for job in over {
            job.cancel.send_replace(true);
            self.remove_file(&job);
        }
    }

    fn path(&self, job: &Job) -> PathBuf {
        self.folder.join(format!("{}.tar", job.id))
    }

    fn remove_file(&self, job: &Job) {
        match fs::remove_file(self.path(job)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                tracing::warn!(%error, "an export's file could not be removed; the next start removes it");
            }
            Ok(()) | Err(_) => {}
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Arc<Job>>> {
        // Nothing below panics half way through a change.
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `0123456789abcdef.tar`.
fn is_ours(name: &std::ffi::OsStr) -> bool {
    let id = name.to_str().and_then(|name| name.strip_suffix(".tar"));
    id.is_some_and(|id| id.len() == 16 && id.bytes().all(|letter| letter.is_ascii_hexdigit()))
}

impl Job {
    fn state(&self) -> State {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, state: State) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
    }

    fn seen(&self) -> Export {
        let count = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Export {
            id: self.id.clone(),
            format: self.format,
            state: self.state(),
            rows_done: count(&self.progress.rows_done),
            rows_total: count(&self.progress.rows_total),
            bytes: count(&self.progress.bytes),
            created_at: self.created_at,
            expires_at: self.created_at + KEEP_SECONDS,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_removes_what_is_ours_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["0123456789abcdef.tar", "mine.tar", "0123456789abcdef.tar.gz"] {
            fs::write(folder.path().join(name), "x").unwrap();
        }
        Exports::new(folder.path()).unwrap();
        let mut left: Vec<_> =
            fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, ["0123456789abcdef.tar.gz", "mine.tar"]);
    }
}
