//! The one thread that writes segments: group commit, seal, recover from a disk
//! that fails.

use std::{
    fs::{File, OpenOptions},
    io,
    os::unix::fs::FileExt,
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use tokio::sync::oneshot;
use tracing::{error, warn};

use super::{
    budget::{self, Budget, Level},
    directory::Directory,
    frames::Frames,
    record::Seal,
    segment::Header,
    state::{Kept, State},
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

/// Bytes of one commit, at most, and one group: a segment grows over its limit by no more.
const COMMIT_BYTES_MAX: usize = 4 << 20;

/// After the disk refused a write, new groups are refused at once for this long
/// instead of each trying it.
const DISK_REST: Duration = Duration::from_millis(500);

/// Between the beginnings of two commits under load. An fsync of a good disk is much
/// shorter, and costs its processor time however few events it holds: without a pause a
/// busy collector spends a third of a core on commits of seven events each
/// (docs/performance.md). An event that comes alone is committed at once.
const COMMIT_EVERY: Duration = Duration::from_millis(4);

/// How long the writer sleeps when there is nothing to seal.
const IDLE_WAIT: Duration = Duration::from_secs(3600);

/// Space is reserved on the disk in steps of this many bytes, so that a full disk is
/// met before anything is written and most appends change no metadata but the length.
const RESERVE_STEP: u64 = 1 << 20;

/// A handle for those who push. Cheap to share.
pub struct Spool {
    queue: SyncSender<Group>,
    state: Arc<State>,
    budget: Arc<Budget>,
    thread: JoinHandle<()>,
}

struct Group {
    frames: Frames,
    done: oneshot::Sender<Result<(), WriteFailed>>,
}

/// Resolves when the pushed entries are on stable storage.
pub type Receipt = oneshot::Receiver<Result<(), WriteFailed>>;

/// The disk did not take the entries: nothing of them is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WriteFailed;

/// Whether entries can do without a place when the spool is nearly full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// Engagement: refines what is there.
    Light,
    /// Every other event.
    Full,
    /// Counts of what was refused: a few bytes a second, taken even when events are
    /// not, since the balance needs them most then.
    Count,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PushError {
    #[error("the spool is nearly full and takes no engagement")]
    Shedding,
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
        let state = Arc::new(State::default());
        state.grew(directory.bytes()?);
        let now = clock.now().as_second();
        for sequence in directory.sealed()? {
            // An unreadable one is reported by the shipper; until then it counts as
            // the oldest there is, so that no day is closed over it.
            let created = Header::peek(&directory.sealed_path(sequence)).map_or(0, |header| header.created);
            state.wait_for(sequence, created);
        }
        for sequence in directory.kept()? {
            let path = directory.kept_path(sequence);
            let created = Header::peek(&path).map_or(0, |header| header.created);
            // When it was shipped is not known any more: its time begins again.
            state.keep(sequence, Kept { created, shipped: now, bytes: path.metadata()?.len() });
        }
        let budget = Arc::new(Budget::new(directory.path(), bytes_max));
        if let Err(failure) = budget.load_ballast() {
            warn!(error = %failure, "the spool has no ballast");
        }
        let (queue, groups) = sync_channel(QUEUE_ENTRIES_MAX);
        let mut writer = Writer {
            directory,
            node,
            clock,
            state: state.clone(),
            budget: budget.clone(),
            open: None,
            gathered: Vec::new(),
            resting_until: None,
        };
        let thread = std::thread::Builder::new().name("spool".into()).spawn(move || writer.run(&groups))?;
        Ok(Spool { queue, state, budget, thread })
    }

    /// Hands records to the writer without waiting. They are stored together or not
    /// at all, whether or not anybody waits for the receipt.
    pub fn push(&self, frames: Frames, weight: Weight) -> Result<Receipt, PushError> {
        match (self.level(), weight) {
            (Level::Full, Weight::Light | Weight::Full) => return Err(PushError::Full),
            (Level::Shedding, Weight::Light) => return Err(PushError::Shedding),
            (Level::Full, Weight::Count) | (Level::Shedding | Level::Tight | Level::Roomy, _) => {}
        }
        let (done, receipt) = oneshot::channel();
        self.queue.try_send(Group { frames, done }).map_err(|error| match error {
            TrySendError::Full(_) => PushError::Busy,
            TrySendError::Disconnected(_) => PushError::Stopped,
        })?;
        Ok(receipt)
    }

    /// Whether records have reached stable storage. Waits for it.
    pub async fn store(&self, frames: Frames, weight: Weight) -> bool {
        match self.push(frames, weight) {
            Ok(receipt) => matches!(receipt.await, Ok(Ok(()))),
            Err(_) => false,
        }
    }

    pub fn state(&self) -> &Arc<State> {
        &self.state
    }

    pub fn budget(&self) -> &Arc<Budget> {
        &self.budget
    }

    /// How full it is.
    pub fn level(&self) -> Level {
        self.budget.level(self.state.bytes())
    }

    /// Writes what waits, seals the open segment and ends the thread.
    pub fn close(self) {
        drop(self.queue);
        if self.thread.join().is_err() {
            error!("the spool's writer ended in a panic");
        }
    }
}

struct Writer {
    directory: Arc<Directory>,
    node: u16,
    clock: Clock,
    state: Arc<State>,
    budget: Arc<Budget>,
    open: Option<OpenSegment>,
    /// The bytes of the commit under way; kept for its room.
    gathered: Vec<u8>,
    resting_until: Option<Instant>,
}

struct OpenSegment {
    sequence: u64,
    file: File,
    /// Bytes known to be on stable storage.
    committed: u64,
    /// Bytes the disk has promised.
    reserved: u64,
    held: Seal,
    since: Instant,
}

impl Writer {
    fn run(&mut self, groups: &Receiver<Group>) {
        let mut waiting = Vec::new();
        let mut last_commit: Option<Instant> = None;
        loop {
            let patience = self
                .open
                .as_ref()
                .map_or(IDLE_WAIT, |open| SEGMENT_AGE_MAX.saturating_sub(open.since.elapsed()));
            match groups.recv_timeout(patience) {
                Ok(first) => {
                    let early = last_commit.and_then(|last| COMMIT_EVERY.checked_sub(last.elapsed()));
                    if let Some(early) = early {
                        std::thread::sleep(early);
                    }
                    last_commit = Some(Instant::now());
                    gather(first, groups, &mut waiting);
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
                self.give_room(&failure);
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
        self.gathered.clear();
        waiting.iter().for_each(|group| self.gathered.extend_from_slice(&group.frames.bytes));
        match open.append(&self.gathered) {
            Ok(()) => {
                open.held.events += waiting.iter().map(|group| group.frames.events).sum::<u32>();
                open.held.records += waiting.iter().map(|group| group.frames.records).sum::<u32>();
                self.state.grew(self.gathered.len() as u64);
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
        let file = OpenOptions::new().create_new(true).write(true).open(&path)?;
        let header = Header {
            batch: u64::from(self.node) << 48 | sequence,
            created: now,
            columns: store::event::COLUMNS.to_owned(),
            died: None,
        }
        .encode();
        let written =
            file.write_all_at(&header, 0).and_then(|()| file.sync_all()).and_then(|()| self.directory.sync());
        if let Err(failure) = written {
            // Without a whole header the file says nothing; the next start removes
            // it too, if this fails.
            let _ = std::fs::remove_file(&path);
            return Err(failure);
        }
        self.state.grew(header.len() as u64);
        self.state.begun(sequence, now);
        let committed = header.len() as u64;
        let held = Seal::default();
        Ok(OpenSegment { sequence, file, committed, reserved: 0, held, since: Instant::now() })
    }

    /// After a failed write or fsync the file's tail is anybody's guess and an fsync
    /// is never tried twice on it: what was committed is cut out and sealed, and the
    /// next group gets a new file.
    fn abandon(&mut self, open: OpenSegment) {
        if let Err(failure) = open.file.set_len(open.committed) {
            warn!(error = %failure, "could not cut a segment back; its torn tail is never read");
        }
        self.open = Some(open);
        self.rename();
    }

    /// Ends the open segment with its seal. A disk that refuses the seal leaves a
    /// segment without one, which ships as well.
    fn seal(&mut self) {
        let Some(open) = self.open.as_mut() else { return };
        if let Err(failure) = open.end() {
            warn!(error = %failure, "a segment ends without its seal");
            if let Err(failure) = open.file.set_len(open.committed) {
                warn!(error = %failure, "could not cut a segment back; its torn tail is never read");
            }
        }
        self.rename();
    }

    fn rename(&mut self) {
        let Some(open) = self.open.take() else { return };
        match self.directory.seal(open.sequence) {
            Ok(()) => self.state.was_sealed(),
            Err(failure) => {
                // Kept open: sealing is tried again at the next tick, and the later seal
                // counts for everything before it.
                error!(error = %failure, "could not seal a segment");
                self.open = Some(OpenSegment { since: Instant::now(), ..open });
            }
        }
    }

    /// A full disk gets the ballast's room, so that what is acknowledged can be
    /// sealed and shipped, which makes more.
    fn give_room(&mut self, failure: &io::Error) {
        if failure.kind() != io::ErrorKind::StorageFull {
            return;
        }
        match self.budget.drop_ballast() {
            Ok(true) => {
                warn!("the disk is full: the spool's ballast has been given up");
            }
            Ok(false) => {}
            Err(failure) => warn!(error = %failure, "the spool's ballast could not be given up"),
        }
    }
}

/// Everything that waits, up to a commit's limit.
fn gather(first: Group, groups: &Receiver<Group>, waiting: &mut Vec<Group>) {
    let mut bytes = first.frames.bytes.len();
    waiting.push(first);
    while bytes < COMMIT_BYTES_MAX
        && let Ok(next) = groups.try_recv()
    {
        bytes += next.frames.bytes.len();
        waiting.push(next);
    }
}

impl OpenSegment {
    fn append(&mut self, frames: &[u8]) -> io::Result<()> {
        let end = self.committed + frames.len() as u64;
        if end > self.reserved {
            let reserved = end.next_multiple_of(RESERVE_STEP);
            budget::reserve(&self.file, reserved)?;
            self.reserved = reserved;
        }
        // At a place of our own: what an earlier attempt left there is written over.
        self.file.write_all_at(frames, self.committed)?;
        self.file.sync_data()?;
        self.committed = end;
        Ok(())
    }

    /// Appends the seal and gives back what was reserved and not used.
    fn end(&mut self) -> io::Result<()> {
        let mut seal = Vec::new();
        self.held.encode(&mut seal);
        self.append(&seal)?;
        self.file.set_len(self.committed)
    }

    fn is_due(&self) -> bool {
        self.since.elapsed() >= SEGMENT_AGE_MAX
            || self.committed >= SEGMENT_BYTES_MAX
            || self.held.events >= SEGMENT_EVENTS_MAX
    }
}

#[cfg(test)]
mod tests;
