//! The one thread that writes segments: group commit, seal, recover from a disk
//! that fails.

use std::{
    collections::BTreeMap,
    fs::{File, OpenOptions},
    io::{self, Write},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use tokio::sync::{Notify, oneshot};
use tracing::{error, warn};

use super::{
    directory::Directory,
    record::Entry,
    segment::{Header, Segment},
};
use crate::clock::Clock;

/// Groups waiting for the writer, at most. At 50,000 requests a second and an
/// fsync of 10 ms some 500 wait; beyond this many the disk stands still and 503 is
/// the honest answer.
pub const QUEUE_ENTRIES_MAX: usize = 16_384;

/// A segment is sealed at this size, so that its INSERT stays one small block.
pub const SEGMENT_BYTES_MAX: u64 = 8 << 20;

/// A segment is sealed at this many events: ClickHouse keeps an INSERT of up to
/// about a million rows in one block; this is well below.
pub const SEGMENT_EVENTS_MAX: u32 = 100_000;

/// A segment is sealed this long after its first record, which bounds how late an
/// event is seen on the dashboard.
pub const SEGMENT_AGE_MAX: Duration = Duration::from_millis(1000);

/// After the disk refused a write, new groups are refused at once for this long
/// instead of each trying it.
const DISK_REST: Duration = Duration::from_millis(500);

/// How long the writer sleeps when there is nothing to seal.
const IDLE_WAIT: Duration = Duration::from_secs(3600);

/// A handle for those who push. Cheap to share.
pub struct Spool {
    queue: SyncSender<Group>,
    state: Arc<State>,
    bytes_max: u64,
    thread: JoinHandle<()>,
}

/// What others may know of the spool.
pub struct State {
    bytes: AtomicU64,
    /// Segments not yet shipped: sequence → when created, seconds since 1970-01-01.
    pending: Mutex<BTreeMap<u64, i64>>,
    sealed: Notify,
}

struct Group {
    /// Finished frames.
    frames: Vec<u8>,
    events: u32,
    done: oneshot::Sender<Result<(), WriteFailed>>,
}

/// Resolves when the pushed entries are on stable storage.
pub type Receipt = oneshot::Receiver<Result<(), WriteFailed>>;

/// The disk did not take the entries: nothing of them is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WriteFailed;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PushError {
    #[error("the spool has reached its limit")]
    Full,
    #[error("the writer's queue is full")]
    Busy,
    #[error("the writer has stopped")]
    Stopped,
}

impl Spool {
    /// Starts the writer on `directory`. `node` goes into the batch numbers.
    pub fn start(directory: Arc<Directory>, node: u16, bytes_max: u64, clock: Clock) -> io::Result<Spool> {
        let mut pending = BTreeMap::new();
        for sequence in directory.sealed()? {
            // An unreadable one is reported by the shipper; until then it counts as
            // the oldest there is, so that no day is closed over it.
            let created = Segment::read(&directory.sealed_path(sequence)).map_or(0, |s| s.header.created);
            pending.insert(sequence, created);
        }
        let state = Arc::new(State {
            bytes: AtomicU64::new(directory.bytes()?),
            pending: Mutex::new(pending),
            sealed: Notify::new(),
        });
        let (queue, groups) = sync_channel(QUEUE_ENTRIES_MAX);
        let mut writer =
            Writer { directory, node, clock, state: state.clone(), open: None, resting_until: None };
        let thread = std::thread::Builder::new().name("spool".into()).spawn(move || writer.run(&groups))?;
        Ok(Spool { queue, state, bytes_max, thread })
    }

    /// Hands entries to the writer without waiting. They are stored together or not
    /// at all, whether or not anybody waits for the receipt.
    pub fn push(&self, entries: &[Entry]) -> Result<Receipt, PushError> {
        if self.state.bytes.load(Ordering::Relaxed) >= self.bytes_max {
            return Err(PushError::Full);
        }
        let mut frames = Vec::with_capacity(512);
        let mut events = 0;
        for entry in entries {
            events += u32::from(matches!(entry, Entry::Event(_)));
            entry.encode(&mut frames);
        }
        let (done, receipt) = oneshot::channel();
        self.queue.try_send(Group { frames, events, done }).map_err(|error| match error {
            TrySendError::Full(_) => PushError::Busy,
            TrySendError::Disconnected(_) => PushError::Stopped,
        })?;
        Ok(receipt)
    }

    pub fn state(&self) -> &Arc<State> {
        &self.state
    }

    /// Writes what waits, seals the open segment and ends the thread.
    pub fn close(self) {
        drop(self.queue);
        if self.thread.join().is_err() {
            error!("the spool's writer ended in a panic");
        }
    }
}

impl State {
    /// Bytes in the spool's folder.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Segments not yet shipped.
    pub fn pending(&self) -> usize {
        self.lock().len()
    }

    /// When the oldest segment not yet shipped was begun.
    pub fn pending_since(&self) -> Option<i64> {
        self.lock().values().min().copied()
    }

    /// Waits until a segment is sealed.
    pub async fn sealed(&self) {
        self.sealed.notified().await;
    }

    /// The shipper has removed a segment of this size.
    pub fn shipped(&self, sequence: u64, bytes: u64) {
        self.lock().remove(&sequence);
        self.bytes.fetch_sub(bytes.min(self.bytes()), Ordering::Relaxed);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<u64, i64>> {
        self.pending.lock().expect("nothing panics while the list is held")
    }
}

struct Writer {
    directory: Arc<Directory>,
    node: u16,
    clock: Clock,
    state: Arc<State>,
    open: Option<OpenSegment>,
    resting_until: Option<Instant>,
}

struct OpenSegment {
    sequence: u64,
    file: File,
    /// Bytes known to be on stable storage.
    committed: u64,
    events: u32,
    since: Instant,
}

impl Writer {
    fn run(&mut self, groups: &Receiver<Group>) {
        let mut waiting = Vec::new();
        loop {
            let patience = self
                .open
                .as_ref()
                .map_or(IDLE_WAIT, |open| SEGMENT_AGE_MAX.saturating_sub(open.since.elapsed()));
            match groups.recv_timeout(patience) {
                Ok(first) => {
                    waiting.push(first);
                    waiting.extend(groups.try_iter().take(QUEUE_ENTRIES_MAX));
                    self.commit(&mut waiting);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    self.seal();
                    return;
                }
            }
            if self.open.as_ref().is_some_and(OpenSegment::is_due) {
                self.seal();
            }
        }
    }

    /// Writes all waiting groups with one fsync and answers each.
    fn commit(&mut self, waiting: &mut Vec<Group>) {
        let outcome = if self.resting_until.is_some_and(|until| Instant::now() < until) {
            Err(WriteFailed)
        } else {
            self.write(waiting).map_err(|failure| {
                error!(error = %failure, "the spool's disk refused a write; answering 503");
                self.resting_until = Some(Instant::now() + DISK_REST);
                WriteFailed
            })
        };
        for group in waiting.drain(..) {
            // Nobody waits for a visitor who left; the event is stored all the same.
            let _ = group.done.send(outcome);
        }
    }

    fn write(&mut self, waiting: &[Group]) -> io::Result<()> {
        let mut open = match self.open.take() {
            Some(open) => open,
            None => self.create()?,
        };
        let frames: Vec<u8> = waiting.iter().flat_map(|group| group.frames.iter().copied()).collect();
        match open.append(&frames) {
            Ok(()) => {
                open.events += waiting.iter().map(|group| group.events).sum::<u32>();
                self.state.bytes.fetch_add(frames.len() as u64, Ordering::Relaxed);
                self.open = Some(open);
                Ok(())
            }
            Err(failure) => {
                self.abandon(open);
                Err(failure)
            }
        }
    }

    fn create(&self) -> io::Result<OpenSegment> {
        let now = self.clock.now().as_second();
        let sequence = self.directory.next_sequence(now.max(0).unsigned_abs())?;
        let path = self.directory.open_path(sequence);
        let mut file = OpenOptions::new().create_new(true).append(true).open(&path)?;
        let header = Header {
            batch: u64::from(self.node) << 48 | sequence,
            created: now,
            columns: store::event::COLUMNS.to_owned(),
        }
        .encode();
        let written =
            file.write_all(&header).and_then(|()| file.sync_all()).and_then(|()| self.directory.sync());
        if let Err(failure) = written {
            // Without a whole header the file says nothing; the next start removes
            // it too, if this fails.
            let _ = std::fs::remove_file(&path);
            return Err(failure);
        }
        self.state.bytes.fetch_add(header.len() as u64, Ordering::Relaxed);
        self.state.lock().insert(sequence, now);
        Ok(OpenSegment { sequence, file, committed: header.len() as u64, events: 0, since: Instant::now() })
    }

    /// After a failed write or fsync the file's tail is anybody's guess and an fsync
    /// is never tried twice on it: what was committed is cut out and sealed, and the
    /// next group gets a new file.
    fn abandon(&mut self, open: OpenSegment) {
        if let Err(failure) = open.file.set_len(open.committed) {
            warn!(error = %failure, "could not cut a segment back; its torn tail is cut at the next start");
        }
        self.open = Some(open);
        self.seal();
    }

    fn seal(&mut self) {
        let Some(open) = self.open.take() else { return };
        match self.directory.seal(open.sequence) {
            Ok(()) => self.state.sealed.notify_one(),
            Err(failure) => {
                // Kept open: sealing is tried again with the next event or tick.
                error!(error = %failure, "could not seal a segment");
                self.open = Some(OpenSegment { since: Instant::now(), ..open });
            }
        }
    }
}

impl OpenSegment {
    fn append(&mut self, frames: &[u8]) -> io::Result<()> {
        self.file.write_all(frames)?;
        self.file.sync_data()?;
        self.committed += frames.len() as u64;
        Ok(())
    }

    fn is_due(&self) -> bool {
        self.since.elapsed() >= SEGMENT_AGE_MAX
            || self.committed >= SEGMENT_BYTES_MAX
            || self.events >= SEGMENT_EVENTS_MAX
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::record::{RefusalCount, SpooledEvent},
        *,
    };

    const ROOMY: u64 = 1 << 30;

    fn start(folder: &std::path::Path, bytes_max: u64) -> (Arc<Directory>, Spool) {
        let directory = Arc::new(Directory::open(folder).unwrap());
        let spool = Spool::start(directory.clone(), 1, bytes_max, Clock::system()).unwrap();
        (directory, spool)
    }

    fn event(n: u8) -> Entry {
        Entry::Event(SpooledEvent { site_id: 1, day: 2, minute: 60, row: vec![n; 100] })
    }

    #[test]
    fn what_was_acknowledged_is_in_the_sealed_segments_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let (directory, spool) = start(folder.path(), ROOMY);
        let receipts: Vec<_> = (0..50).map(|n| spool.push(&[event(n)]).unwrap()).collect();
        for receipt in receipts {
            assert_eq!(receipt.blocking_recv().unwrap(), Ok(()));
        }
        spool.close();
        let mut rows = Vec::new();
        for sequence in directory.sealed().unwrap() {
            let segment = Segment::read(&directory.sealed_path(sequence)).unwrap();
            assert_eq!(segment.header.batch, 1 << 48 | sequence);
            rows.extend(segment.entries);
        }
        assert_eq!(rows, (0..50).map(event).collect::<Vec<_>>());
    }

    #[test]
    fn an_entry_is_stored_even_if_nobody_waits_for_the_receipt() {
        let folder = tempfile::tempdir().unwrap();
        let (directory, spool) = start(folder.path(), ROOMY);
        drop(spool.push(&[event(1)]).unwrap());
        spool.close();
        assert_eq!(directory.sealed().unwrap().len(), 1);
    }

    #[test]
    fn a_spool_at_its_limit_refuses_until_something_is_shipped() {
        let folder = tempfile::tempdir().unwrap();
        let (_directory, spool) = start(folder.path(), 2_000);
        let mut pushed = 0;
        let refused = loop {
            match spool.push(&[event(0)]) {
                Ok(receipt) => {
                    receipt.blocking_recv().unwrap().unwrap();
                    pushed += 1;
                }
                Err(error) => break error,
            }
            assert!(pushed < 100, "the limit was never reached");
        };
        assert_eq!(refused, PushError::Full);
        spool.state().shipped(0, 1_000_000);
        assert!(spool.push(&[event(0)]).is_ok());
    }

    #[test]
    fn a_group_is_stored_whole() {
        let folder = tempfile::tempdir().unwrap();
        let (directory, spool) = start(folder.path(), ROOMY);
        let refusals =
            Entry::Refusals(RefusalCount { site_id: 0, minute: 0, n: 3, reason: "not_json".into() });
        spool.push(&[event(1), refusals.clone()]).unwrap().blocking_recv().unwrap().unwrap();
        spool.close();
        let sequence = directory.sealed().unwrap()[0];
        assert_eq!(Segment::read(&directory.sealed_path(sequence)).unwrap().entries, [event(1), refusals]);
    }
}
