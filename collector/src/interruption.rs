//! Remembers across a stop when this collector last ran and which sites had a key of the day, so
//! that the chart can say where a day has a gap, and where it was split. Tells the dashboard, for
//! as long as it takes.
//!
//! No key lies in the file: only the fact that a site had one.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use arc_swap::ArcSwap;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::{
    event::DayNumber,
    interruption::{INTERRUPTIONS_PATH, Interruption, Interruptions, TOLD_MAX},
};
use tokio::sync::watch;
use tracing::warn;

use crate::{
    clock::Clock,
    dashboard::Dashboard,
    privacy::{KeyName, KeyRing},
    site::Sites,
};

/// In the folder of the spool, which one collector has to itself.
const FILE: &str = "alive";

/// How often the file is written: after a kill, a gap begins up to so much too early.
const BEAT_EVERY: Duration = Duration::from_secs(15);

/// A shorter absence, in seconds, is a restart: pages send again what was not answered.
const GAP_SECONDS_MIN: i64 = 60;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Alive {
    at: i64,
    /// Sites with a key of the day, each with the day.
    keyed: Vec<(u32, DayNumber)>,
    untold: Vec<Interruption>,
}

fn left_by_the_last(path: &Path) -> io::Result<Option<Alive>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes)?)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The file, and what it is written from.
pub struct Heartbeat {
    path: PathBuf,
    sites: Arc<ArcSwap<Sites>>,
    keys: Arc<KeyRing>,
    clock: Clock,
    untold: Vec<Interruption>,
}

impl Heartbeat {
    /// Looks at what the collector before this one left, and takes over from it. A file that cannot be
    /// read or written costs a mark on a chart, and no event. Blocks.
    pub fn start(spool: &Path, sites: Arc<ArcSwap<Sites>>, keys: Arc<KeyRing>, clock: Clock) -> Heartbeat {
        let path = spool.join(FILE);
        let left = left_by_the_last(&path).unwrap_or_else(|failure| {
            warn!(error = %failure, "when a collector last ran here cannot be read; what was missed is not shown");
            None
        });
        let mut heartbeat = Heartbeat { path, sites, keys, clock, untold: Vec::new() };
        if let Some(left) = left {
            let interruption = heartbeat.interruption(&left, heartbeat.clock.now());
            heartbeat.untold = left.untold;
            heartbeat.untold.extend(interruption);
            let over = heartbeat.untold.len().saturating_sub(TOLD_MAX);
            heartbeat.untold.drain(..over);
        }
        heartbeat
    }

    /// `None`: too short to be seen, and no key was lost.
    fn interruption(&self, left: &Alive, now: Timestamp) -> Option<Interruption> {
        let until = now.as_second();
        let gap = until - left.at >= GAP_SECONDS_MIN;
        let had = |site: u32, day: DayNumber| left.keyed.contains(&(site, day));
        let sites = self.sites.load();
        let split: Vec<u32> = sites
            .iter()
            .filter_map(|site| {
                let day = site.day_of(now).today;
                let key = KeyName { site_uuid: site.uuid, day };
                (had(site.id, day) && !self.keys.is_alive(key)).then_some(site.id)
            })
            .collect();
        (gap || !split.is_empty()).then_some(Interruption { from: left.at.min(until), until, gap, split })
    }

    /// Writes that the collector runs, in one step. Blocks.
    fn beat(&self) -> io::Result<()> {
        let now = self.clock.now();
        let sites = self.sites.load();
        let keyed = sites.iter().filter_map(|site| {
            let day = site.day_of(now).today;
            self.keys.is_alive(KeyName { site_uuid: site.uuid, day }).then_some((site.id, day))
        });
        let alive = Alive { at: now.as_second(), keyed: keyed.collect(), untold: self.untold.clone() };
        let fresh = self.path.with_extension("new");
        let mut file = File::create(&fresh)?;
        file.write_all(&serde_json::to_vec(&alive)?)?;
        // The name must not come to stand for a file that a power failure left empty.
        file.sync_data()?;
        fs::rename(&fresh, &self.path)
    }

    /// Beats, and tells, until told to stop; the last beat says when that was.
    pub async fn run(mut self, dashboard: Dashboard, node: u16, mut stop: watch::Receiver<bool>) {
        let mut failing = false;
        loop {
            let stopping = *stop.borrow();
            let beaten = tokio::task::spawn_blocking(move || {
                let beaten = self.beat();
                (self, beaten)
            })
            .await;
            let beaten = match beaten {
                Ok((heartbeat, beaten)) => {
                    self = heartbeat;
                    beaten
                }
                // Without the error: it would repeat what a panic said.
                Err(_) => return,
            };
            if let Err(failure) = &beaten
                && !failing
            {
                warn!(error = %failure, "a gap that begins now will be shown as longer than it was");
            }
            failing = beaten.is_err();
            if stopping {
                return;
            }
            if !self.untold.is_empty() {
                let told = Interruptions { node, interruptions: self.untold.clone() };
                if dashboard.tell(INTERRUPTIONS_PATH, &told).await {
                    self.untold.clear();
                }
            }
            tokio::select! {
                () = tokio::time::sleep(BEAT_EVERY) => {}
                _ = stop.changed() => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use store::snapshot::{self, Snapshot};

    use super::*;
    use crate::privacy::{ClientIp, sender::reduced_for_test};

    const NOON: &str = "2026-11-30T12:00:00Z";

    /// Well beyond the bound: the clock that is moved goes on meanwhile.
    const LONG: i64 = 2 * GAP_SECONDS_MIN;

    struct Machine {
        folder: tempfile::TempDir,
        sites: Arc<ArcSwap<Sites>>,
        clock: Clock,
    }

    impl Machine {
        fn new() -> Machine {
            let site = snapshot::Site {
                id: 7,
                uuid: "0123456789abcdef0123456789abcdef".into(),
                domain: "example.test".into(),
                hosts: vec![],
                time_zone: "Europe/Moscow".into(),
                props: vec![],
                declared: store::goal::Declared::default(),
            };
            let snapshot = Snapshot { version: 1, sites: vec![site], ..Snapshot::empty() };
            let clock = Clock::system();
            clock.set(NOON.parse().unwrap());
            let sites = Arc::new(ArcSwap::from_pointee(Sites::read(&snapshot).unwrap()));
            Machine { folder: tempfile::tempdir().unwrap(), sites, clock }
        }

        fn start(&self, keys: &Arc<KeyRing>) -> Heartbeat {
            let (sites, clock) = (self.sites.clone(), self.clock.clone());
            let heartbeat = Heartbeat::start(self.folder.path(), sites, keys.clone(), clock);
            heartbeat.beat().unwrap();
            heartbeat
        }

        /// An event comes in, which makes the key of its day.
        fn visit(&self, keys: &KeyRing) {
            let site = self.sites.load().iter().next().unwrap().clone();
            let name = KeyName { site_uuid: site.uuid, day: site.day_of(self.clock.now()).today };
            let message = reduced_for_test(ClientIp::new("203.0.113.7".parse().unwrap())).message;
            keys.visitor(name, &message, || i64::MAX).unwrap();
        }

        fn later(&self, seconds: i64) {
            self.clock.set(self.clock.now() + SignedDuration::from_secs(seconds));
        }
    }

    fn ring() -> Arc<KeyRing> {
        Arc::new(KeyRing::default())
    }

    #[test]
    fn a_first_start_and_a_quick_restart_with_its_keys_are_no_interruption() {
        let machine = Machine::new();
        let keys = ring();
        let first = machine.start(&keys);
        assert_eq!(first.untold, []);
        machine.visit(&keys);
        first.beat().unwrap();
        machine.later(GAP_SECONDS_MIN / 2);
        assert_eq!(machine.start(&keys).untold, []);
    }

    #[test]
    fn a_long_absence_is_a_gap_from_the_last_beat_on() {
        let machine = Machine::new();
        let keys = ring();
        machine.visit(&keys);
        machine.start(&keys);
        machine.later(LONG);
        let untold = machine.start(&keys).untold;
        let [one] = untold.as_slice() else { panic!("{untold:?}") };
        assert!(one.gap && one.split.is_empty() && one.until - one.from >= GAP_SECONDS_MIN, "{one:?}");
    }

    #[test]
    fn a_lost_key_splits_the_day_it_was_of_and_no_other() {
        let machine = Machine::new();
        let keys = ring();
        machine.visit(&keys);
        machine.start(&keys);
        machine.later(5);
        let untold = machine.start(&ring()).untold;
        let [one] = untold.as_slice() else { panic!("{untold:?}") };
        assert!(!one.gap && one.split == [7] && one.until - one.from >= 5, "{one:?}");
        // Told to nobody yet, so a start after that knows it as well; it has lost nothing more.
        assert_eq!(machine.start(&ring()).untold, untold);

        let machine = Machine::new();
        machine.visit(&keys);
        machine.start(&keys);
        machine.later(13 * 3600);
        let untold = machine.start(&ring()).untold;
        assert!(untold[0].gap && untold[0].split.is_empty(), "a new day has a new key anyway: {untold:?}");
    }

    #[test]
    fn more_interruptions_than_are_told_push_the_oldest_out() {
        let machine = Machine::new();
        let keys = ring();
        let began = machine.start(&keys).clock.now().as_second();
        for _ in 0..=TOLD_MAX {
            machine.later(LONG);
            machine.start(&keys);
        }
        let untold = machine.start(&keys).untold;
        assert!(untold.len() == TOLD_MAX && untold[0].from > began + GAP_SECONDS_MIN, "{untold:?}");
    }

    #[test]
    fn a_file_that_cannot_be_read_is_replaced() {
        let machine = Machine::new();
        fs::write(machine.folder.path().join(FILE), b"{").unwrap();
        assert_eq!(machine.start(&ring()).untold, []);
        machine.later(LONG);
        assert_eq!(machine.start(&ring()).untold.len(), 1);
    }

    #[test]
    fn without_a_place_to_write_there_is_a_heartbeat_all_the_same() {
        let machine = Machine::new();
        let nowhere = machine.folder.path().join("nowhere");
        let heartbeat = Heartbeat::start(&nowhere, machine.sites.clone(), ring(), machine.clock.clone());
        assert!(heartbeat.beat().is_err());
    }
}
