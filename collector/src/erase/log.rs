//! The log of erasures: appended and synced, read at the start. It holds visitors' numbers
//! of days that are not over, as the spool beside it does, and loses them with the day.
//!
//! ```text
//! ask <id> <site> <day> <visitor> <time>     id, visitor: 16 hex digits; time: seconds since 1970
//! counted <id> <rows>
//! removed <id> <time>
//! gone <id>
//! ```

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, RwLock},
};

use tokio::sync::Notify;

use super::{ERASURES_MAX, EraseError};
use crate::{
    spool::{Header, SpooledEvent, dead::owner::Owner},
    visit::VisitorKey,
};

const FILE: &str = "erasures";

/// Stands for the erasure of a whole site; no erasure of a visitor's has this number.
const OF_SITE: u64 = u64::MAX;

/// How far an erasure has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    Asked,
    /// So many rows, in ClickHouse or on their way there.
    Counted {
        rows: u64,
    },
    /// No statement finds them any more.
    Removed {
        rows: u64,
        at: i64,
    },
    /// Nor do the disk's bytes.
    Gone,
}

/// One wish. Holds a visitor's number: not for printing.
#[derive(Clone, Copy)]
pub struct Erasure {
    /// The greatest batch it is about; never used by a segment, so it names the erasure.
    pub id: u64,
    pub group: VisitorKey,
    /// Seconds since 1970-01-01.
    pub asked: i64,
    pub stage: Stage,
}

/// All erasures that are known, shared by those who ask, ship, close and erase.
pub struct Erasures {
    path: PathBuf,
    known: Mutex<BTreeMap<u64, Erasure>>,
    /// Sites that were removed.
    removed: RwLock<BTreeSet<u32>>,
    asked: Notify,
}

impl Erasures {
    /// Reads the log in the spool's folder.
    pub fn open(spool: &Path) -> Result<Erasures, EraseError> {
        let path = spool.join(FILE);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(EraseError::Log(error)),
        };
        let mut known = BTreeMap::new();
        // A last line cut short by a crash was not answered for.
        for line in text.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n')) {
            read(line, &mut known);
        }
        let erasures =
            Erasures { path, known: Mutex::new(known), removed: RwLock::default(), asked: Notify::new() };
        // Written anew, so that half a line does not swallow the next one.
        erasures.rewrite(&erasures.lock()).map_err(EraseError::Log)?;
        Ok(erasures)
    }

    /// Takes a wish; it is on stable storage when this returns. Blocks.
    pub fn ask(&self, id: u64, group: VisitorKey, now: i64) -> Result<(), EraseError> {
        let mut known = self.lock();
        if known.len() >= ERASURES_MAX {
            return Err(EraseError::TooMany);
        }
        let erasure = Erasure { id, group, asked: now, stage: Stage::Asked };
        self.append(&asking(&erasure)).map_err(EraseError::Log)?;
        known.insert(id, erasure);
        self.asked.notify_one();
        Ok(())
    }

    /// Notes that an erasure has come as far as `stage`. Blocks.
    pub(super) fn reached(&self, id: u64, stage: Stage) -> Result<(), EraseError> {
        let mut known = self.lock();
        if let Some(line) = reaching(id, stage) {
            self.append(&line).map_err(EraseError::Log)?;
        }
        if let Some(erasure) = known.get_mut(&id) {
            erasure.stage = stage;
        }
        Ok(())
    }

    /// Forgets erasures of days whose rows are gone. Blocks.
    pub(super) fn forget(&self, ids: &[u64]) -> Result<(), EraseError> {
        let mut known = self.lock();
        let before = known.len();
        known.retain(|id, _| !ids.contains(id));
        if known.len() == before {
            return Ok(());
        }
        self.rewrite(&known).map_err(EraseError::Log)
    }

    pub fn all(&self) -> Vec<Erasure> {
        self.lock().values().copied().collect()
    }

    /// Erasures whose rows may still be found.
    pub fn unfinished(&self) -> usize {
        self.lock().values().filter(|erasure| erasure.is_pending()).count()
    }

    /// Whether rows of the site's day are about to be erased.
    pub fn is_pending(&self, site_id: u32, day: u16) -> bool {
        let of_day = |erasure: &&Erasure| (erasure.group.site_id, erasure.group.day) == (site_id, day);
        self.lock().values().filter(of_day).any(Erasure::is_pending)
    }

    /// The last batch of which nothing of `group` may be shown any more; 0: nothing erased.
    pub fn bound(&self, group: VisitorKey) -> u64 {
        self.lock().values().rev().find(|erasure| erasure.group == group).map_or(0, |erasure| erasure.id)
    }

    /// The erasure that takes an event of a segment. `owners` tells whose dead rows are.
    pub fn taking(&self, header: &Header, event: &SpooledEvent, owners: &[Owner]) -> Option<u64> {
        if self.is_removed(event.site_id) {
            return Some(OF_SITE);
        }
        let known = self.lock();
        if known.is_empty() {
            return None;
        }
        let group = match header.died {
            None => VisitorKey {
                site_id: event.site_id,
                day: event.day,
                visitor: header.visitor(event).filter(|&visitor| visitor != 0)?,
            },
            Some(_) => owners.iter().find(|owner| owner.is_of(header.batch))?.group,
        };
        known.range(header.batch..).find(|(_, erasure)| erasure.group == group).map(|(&id, _)| id)
    }

    /// Whether the owner has removed the site.
    pub(super) fn is_removed(&self, site_id: u32) -> bool {
        self.removed.read().expect("nothing panics while the set is held").contains(&site_id)
    }

    /// From now on events of these sites are taken too.
    pub(super) fn set_removed(&self, sites: BTreeSet<u32>) {
        *self.removed.write().expect("nothing panics while the set is held") = sites;
    }

    /// Waits until somebody asks.
    pub(super) async fn asked(&self) {
        self.asked.notified().await;
    }

    fn append(&self, line: &str) -> io::Result<()> {
        let mut file = OpenOptions::new().create(true).append(true).open(&self.path)?;
        file.write_all(line.as_bytes())?;
        file.sync_all()
    }

    fn rewrite(&self, known: &BTreeMap<u64, Erasure>) -> io::Result<()> {
        let fresh = self.path.with_extension("new");
        let mut file = File::create(&fresh)?;
        for erasure in known.values() {
            file.write_all(asking(erasure).as_bytes())?;
            if let Some(line) = reaching(erasure.id, erasure.stage) {
                file.write_all(line.as_bytes())?;
            }
        }
        file.sync_all()?;
        fs::rename(&fresh, &self.path)?;
        match self.path.parent() {
            Some(folder) => File::open(folder)?.sync_all(),
            None => Ok(()),
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, Erasure>> {
        self.known.lock().expect("nothing panics while the list is held")
    }
}

impl Erasure {
    pub fn is_pending(&self) -> bool {
        match self.stage {
            Stage::Asked | Stage::Counted { .. } => true,
            Stage::Removed { .. } | Stage::Gone => false,
        }
    }
}

fn asking(erasure: &Erasure) -> String {
    let VisitorKey { site_id, day, visitor } = erasure.group;
    format!("ask {:016x} {site_id} {day} {visitor:016x} {}\n", erasure.id, erasure.asked)
}

fn reaching(id: u64, stage: Stage) -> Option<String> {
    match stage {
        Stage::Asked => None,
        Stage::Counted { rows } => Some(format!("counted {id:016x} {rows}\n")),
        Stage::Removed { rows, at } => Some(format!("removed {id:016x} {rows} {at}\n")),
        Stage::Gone => Some(format!("gone {id:016x}\n")),
    }
}

/// Adds what one line says; a line of another kind says nothing.
fn read(line: &str, known: &mut BTreeMap<u64, Erasure>) -> Option<()> {
    let words: Vec<&str> = line.split(' ').collect();
    let number = |at: usize| u64::from_str_radix(words.get(at)?, 16).ok();
    let id = number(1)?;
    let stage = match (words[0], words.len()) {
        ("ask", 6) => {
            let group = VisitorKey {
                site_id: words[2].parse().ok()?,
                day: words[3].parse().ok()?,
                visitor: number(4)?,
            };
            known.insert(id, Erasure { id, group, asked: words[5].parse().ok()?, stage: Stage::Asked });
            return Some(());
        }
        ("counted", 3) => Stage::Counted { rows: words[2].parse().ok()? },
        ("removed", 4) => Stage::Removed { rows: words[2].parse().ok()?, at: words[3].parse().ok()? },
        ("gone", 2) => Stage::Gone,
        _ => return None,
    };
    known.get_mut(&id)?.stage = stage;
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(visitor: u64) -> VisitorKey {
        VisitorKey { site_id: 1, day: 2, visitor }
    }

    fn event(visitor: u64) -> SpooledEvent {
        let mut row = vec![0; 60];
        row[6..14].copy_from_slice(&visitor.to_le_bytes());
        SpooledEvent { site_id: 1, day: 2, minute: 0, row }
    }

    fn header(batch: u64) -> Header {
        Header { batch, created: 0, columns: store::event::COLUMNS.into(), died: None }
    }

    #[test]
    fn an_erasure_takes_what_came_before_it_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let erasures = Erasures::open(folder.path()).unwrap();
        erasures.ask(10, group(7), 0).unwrap();
        erasures.ask(20, group(7), 0).unwrap();
        let taking = |batch, visitor| erasures.taking(&header(batch), &event(visitor), &[]);
        assert_eq!([taking(9, 7), taking(10, 7), taking(11, 7)], [Some(10), Some(10), Some(20)]);
        assert_eq!([taking(21, 7), taking(9, 8), taking(9, 0)], [None, None, None]);
        assert_eq!((erasures.bound(group(7)), erasures.bound(group(8))), (20, 0));
    }

    #[test]
    fn the_log_is_read_again_with_its_stages_and_without_half_a_line() {
        let folder = tempfile::tempdir().unwrap();
        let erasures = Erasures::open(folder.path()).unwrap();
        for id in [10, 20, 30] {
            erasures.ask(id, group(id), 5).unwrap();
        }
        erasures.reached(10, Stage::Counted { rows: 3 }).unwrap();
        erasures.reached(10, Stage::Removed { rows: 3, at: 9 }).unwrap();
        erasures.reached(20, Stage::Counted { rows: 1 }).unwrap();
        drop(erasures);
        let path = folder.path().join(FILE);
        fs::write(&path, fs::read_to_string(&path).unwrap() + "ask 00000000000000").unwrap();
        let erasures = Erasures::open(folder.path()).unwrap();
        erasures.ask(40, group(4), 5).unwrap();
        let again = Erasures::open(folder.path()).unwrap();
        let stages: Vec<Stage> = again.all().iter().map(|erasure| erasure.stage).collect();
        let want =
            [Stage::Removed { rows: 3, at: 9 }, Stage::Counted { rows: 1 }, Stage::Asked, Stage::Asked];
        assert_eq!(stages, want);
        assert_eq!(again.unfinished(), 3);
        assert!(again.is_pending(1, 2) && !again.is_pending(1, 3));
    }

    #[test]
    fn what_is_forgotten_leaves_the_disk() {
        let folder = tempfile::tempdir().unwrap();
        let erasures = Erasures::open(folder.path()).unwrap();
        erasures.ask(10, group(0x1122_3344_5566_7788), 5).unwrap();
        let text = || fs::read_to_string(folder.path().join(FILE)).unwrap();
        assert!(text().contains("1122334455667788"));
        erasures.forget(&[10]).unwrap();
        assert_eq!(text(), "");
    }

    #[test]
    fn more_erasures_than_the_limit_are_not_taken() {
        let folder = tempfile::tempdir().unwrap();
        let erasures = Erasures::open(folder.path()).unwrap();
        erasures.lock().extend(
            (0..ERASURES_MAX as u64)
                .map(|id| (id, Erasure { id, group: group(id), asked: 0, stage: Stage::Asked })),
        );
        assert!(matches!(erasures.ask(1 << 40, group(1), 0), Err(EraseError::TooMany)));
    }
}
