//! From the spool to the real engine over bad roads, with damaged segments and rows
//! that nobody can read.

use std::{path::Path, sync::Arc};

use collector::visit::VisitorKey;
use collector::{
    clock::Clock,
    erase::Erasures,
    metrics::Metrics,
    ship::Shipper,
    spool::{
        Budget, Directory, Entry, Header, Segment, Spool, SpooledEvent, dead, record::Seal, writer::Weight,
    },
};
use e2e::{
    Instance, golden,
    instance::{PATIENCE, given},
    parts::Parts,
    road::{Break, Road},
    wait,
};
use store::Store;

const ROOMY: u64 = 1 << 30;

/// Where `scroll` ends and the row's last two numbers begin, counted from the end.
const LAST_NUMBERS_BYTES: usize = 16;

fn row(id: u64) -> SpooledEvent {
    let mut event = golden::events().remove(0);
    event.event_id = id;
    let mut row = Vec::new();
    event.encode(&mut row);
    SpooledEvent { site_id: 1, day: event.day, minute: event.ts, row }
}

/// Puts each list into a segment of its own.
fn spooled(folder: &Path, segments: &[Vec<SpooledEvent>]) -> (Arc<Directory>, Arc<collector::spool::State>) {
    let directory = Arc::new(Directory::open(folder).unwrap());
    let mut state = None;
    for events in segments {
        let spool = Spool::start(directory.clone(), 1, ROOMY, Clock::system()).unwrap();
        let entries: Vec<Entry> = events.iter().cloned().map(Entry::Event).collect();
        spool.push(entries.iter().collect(), Weight::Full).unwrap().blocking_recv().unwrap().unwrap();
        state = Some(spool.state().clone());
        spool.close();
    }
    (directory, state.unwrap())
}

async fn spooled_aside(
    folder: &Path,
    segments: Vec<Vec<SpooledEvent>>,
) -> (Arc<Directory>, Arc<collector::spool::State>) {
    let folder = folder.to_owned();
    tokio::task::spawn_blocking(move || spooled(&folder, &segments)).await.unwrap()
}

fn shipper(store: Store, directory: &Arc<Directory>, state: &Arc<collector::spool::State>) -> Shipper {
    Shipper {
        store,
        directory: directory.clone(),
        spool: state.clone(),
        budget: Arc::new(Budget::new(directory.path(), ROOMY)),
        node: 1,
        metrics: Arc::new(Metrics::default()),
        erasures: Arc::new(Erasures::open(directory.path()).unwrap()),
        clock: Clock::system(),
        shipping: Arc::default(),
    }
}

async fn ids(parts: &Parts) -> Vec<u64> {
    let sql = "SELECT event_id FROM mostik.events_hot ORDER BY event_id";
    parts.store.reader().query(sql).fetch_all().await.unwrap()
}

async fn stored(parts: &Parts) -> u64 {
    let sql = "SELECT sum(n) FROM mostik.ledger WHERE outcome = 'stored'";
    parts.store.reader().query(sql).fetch_one().await.unwrap()
}

#[tokio::test]
async fn a_road_that_breaks_anywhere_loses_and_doubles_nothing() {
    let parts = Parts::start().await;
    let folder = tempfile::tempdir().unwrap();
    let road = Road::open(folder.path(), &parts.engine_socket);
    let mut next = 1;
    for point in [Break::Before, Break::Middle, Break::After] {
        // Every statement of a shipping is broken once, one more with each round.
        for at in 0.. {
            let events = (next..next + 20).map(row).collect();
            next += 20;
            let (directory, state) = spooled_aside(&folder.path().join("spool"), vec![events]).await;
            road.follow(move |number| (number == at).then_some(point));
            let shipper = shipper(road.store(), &directory, &state);
            let mut look_first = false;
            while shipper.ship_all(look_first).await.is_err() {
                look_first = true;
            }
            let wanted: Vec<u64> = (1..next).collect();
            assert_eq!(ids(&parts).await, wanted, "{point:?} at statement {at}");
            assert_eq!(stored(&parts).await, next - 1, "the ledger, {point:?} at statement {at}");
            // The next round opens the same spool; it ends in order.
            directory.mark_clean().unwrap();
            if road.seen().1 == 0 {
                assert!(at >= 2, "an INSERT each for events and ledger");
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_damaged_record_costs_itself_only() {
    let parts = Parts::start().await;
    let folder = tempfile::tempdir().unwrap();
    let (directory, state) = spooled_aside(folder.path(), vec![(1..=5).map(row).collect()]).await;
    let path = directory.sealed_path(directory.sealed().unwrap()[0]);
    let place = Segment::read(&path).unwrap().records[2].seq as usize;
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[place + 60] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let shipper = shipper(parts.store.clone(), &directory, &state);
    shipper.ship_all(true).await.unwrap();
    assert_eq!(ids(&parts).await, [1, 2, 4, 5]);
    assert_eq!(shipper.metrics.events_lost.get(), 1);
    assert_eq!(shipper.metrics.segments_damaged.get(), 1);
}

#[tokio::test]
async fn a_row_that_cannot_be_read_is_buried_and_its_neighbours_arrive() {
    let parts = Parts::start().await;
    let folder = tempfile::tempdir().unwrap();
    let mut events: Vec<SpooledEvent> = (1..=9).map(row).collect();
    let whole = events[4].row.len();
    events[4].row.truncate(whole - LAST_NUMBERS_BYTES - 40);
    let (directory, state) = spooled_aside(folder.path(), vec![events]).await;
    let shipper = shipper(parts.store.clone(), &directory, &state);
    shipper.ship_all(false).await.unwrap();
    assert_eq!(ids(&parts).await, [1, 2, 3, 4, 6, 7, 8, 9]);
    assert_eq!(stored(&parts).await, 8, "a dead row is not counted as stored");
    assert_eq!(dead::list(folder.path()).unwrap().len(), 1);

    // Looked at again, as after a power failure: nothing is sent, nothing dies twice.
    directory.doubt_kept().unwrap();
    shipper.ship_all(true).await.unwrap();
    assert_eq!((ids(&parts).await.len(), dead::list(folder.path()).unwrap().len()), (8, 1));
}

#[tokio::test]
async fn a_dead_row_comes_back_once_the_cause_is_mended() {
    let parts = Parts::start().await;
    let folder = tempfile::tempdir().unwrap();
    let (directory, state) = spooled_aside(folder.path(), vec![vec![row(1)]]).await;
    let death = collector::spool::segment::Death { batch: 77, seq: 9, code: 33 };
    dead::bury(&directory, store::event::COLUMNS, &row(2), death, 1, 0).unwrap();
    let shipper = shipper(parts.store.clone(), &directory, &state);
    shipper.ship_all(true).await.unwrap();
    assert_eq!(ids(&parts).await, [1]);
    let sequence = dead::list(folder.path()).unwrap()[0].sequence;
    dead::replay(folder.path(), sequence).unwrap();
    shipper.ship_all(true).await.unwrap();
    assert_eq!(ids(&parts).await, [1, 2]);
    let visitor: u64 = parts
        .store
        .reader()
        .query("SELECT visitor + visit FROM mostik.events_hot WHERE event_id = 2")
        .fetch_one()
        .await
        .unwrap();
    assert_eq!(visitor, 0, "it left visitor and visit behind");
}

/// A dead row has left its visitor behind; whose it was is known apart until the day ends.
#[tokio::test]
async fn a_dead_row_of_an_erased_visitor_does_not_come_back() {
    let parts = Parts::start().await;
    let folder = tempfile::tempdir().unwrap();
    let (directory, state) = spooled_aside(folder.path(), vec![vec![row(1)]]).await;
    let death = |seq| collector::spool::segment::Death { batch: 77, seq, code: 33 };
    let event = golden::events().remove(0);
    let mut other = golden::events().remove(0);
    (other.visitor, other.event_id) = (event.visitor + 1, 3);
    let mut others_row = Vec::new();
    other.encode(&mut others_row);
    let others = SpooledEvent { row: others_row, ..row(3) };
    dead::bury(&directory, store::event::COLUMNS, &row(2), death(9), 1, 0).unwrap();
    dead::bury(&directory, store::event::COLUMNS, &others, death(10), 1, 0).unwrap();
    let shipper = shipper(parts.store.clone(), &directory, &state);
    // One is put back before the wish, and has not been shipped when it comes.
    let first = dead::list(folder.path()).unwrap()[0].sequence;
    dead::replay(folder.path(), first).unwrap();
    let id = 1 << 48 | directory.next_sequence(0).unwrap();
    let group = VisitorKey { site_id: 1, day: event.day, visitor: event.visitor };
    shipper.erasures.ask(id, group, 0).unwrap();
    for row in dead::list(folder.path()).unwrap() {
        dead::replay(folder.path(), row.sequence).unwrap();
    }
    shipper.ship_all(true).await.unwrap();
    assert_eq!(ids(&parts).await, [3], "the neighbour's alone");
}

#[tokio::test]
async fn what_clickhouse_lost_in_a_power_failure_comes_back() {
    let parts = Parts::start().await;
    let folder = tempfile::tempdir().unwrap();
    let (directory, state) =
        spooled_aside(folder.path(), vec![(1..=5).map(row).collect(), (6..=9).map(row).collect()]).await;
    let shipper = shipper(parts.store.clone(), &directory, &state);
    shipper.ship_all(false).await.unwrap();
    let kept = directory.kept().unwrap();
    assert_eq!(kept.len(), 2);
    // As if ClickHouse had never written what it acknowledged.
    let sql = "ALTER TABLE mostik.events_hot DELETE WHERE event_id > 5 SETTINGS mutations_sync = 2";
    parts.store.execute("lose rows", sql).await.unwrap();
    assert_eq!(ids(&parts).await.len(), 5);
    drop((shipper, directory));
    // The mark of an orderly end is missing, so the next start looks.
    let directory = Arc::new(Directory::open(folder.path()).unwrap());
    let shipper = self::shipper(parts.store.clone(), &directory, &state);
    shipper.ship_all(true).await.unwrap();
    assert_eq!(ids(&parts).await, (1..=9).collect::<Vec<u64>>());
    assert_eq!(stored(&parts).await, 9, "the ledger was there and is not doubled");
}

/// A segment of a version that did not know `event_id` yet ships by its own columns.
#[tokio::test]
async fn a_segment_of_an_older_schema_ships() {
    let parts = Parts::start().await;
    let folder = tempfile::tempdir().unwrap();
    let mut event = row(1);
    event.row.truncate(event.row.len() - size_of::<u64>());
    let columns = store::event::COLUMNS.replace("event_id, ", "");
    let mut bytes = Header { batch: 1 << 48 | 7, created: 0, columns, died: None }.encode();
    Entry::Event(event).encode(&mut bytes);
    Seal { records: 1, events: 1 }.encode(&mut bytes);
    std::fs::write(folder.path().join("0000000000000007.seg"), bytes).unwrap();
    let directory = Arc::new(Directory::open(folder.path()).unwrap());
    let spool = Spool::start(directory.clone(), 1, ROOMY, Clock::system()).unwrap();
    shipper(parts.store.clone(), &directory, spool.state()).ship_all(true).await.unwrap();
    assert_eq!(ids(&parts).await, [0]);
}

/// The same by the owner's hand, beside a running instance.
#[tokio::test]
async fn mostik_dead_lists_a_row_and_puts_it_back() {
    let death = collector::spool::segment::Death { batch: 77, seq: 9, code: 33 };
    let instance = Instance::start_on(|data| {
        let spool = data.join("spool");
        std::fs::create_dir_all(&spool).unwrap();
        let directory = Directory::open(&spool).unwrap();
        dead::bury(&directory, store::event::COLUMNS, &row(2), death, 1, 0).unwrap();
    })
    .await;
    let dead = async |command: &str| {
        let mut program = std::process::Command::new(given("MOSTIK_BIN"));
        program.args(["dead", command, "--data"]).arg(instance.data.path());
        let output = tokio::task::spawn_blocking(move || program.output().unwrap()).await.unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let listed = dead("list").await;
    assert!(listed.contains("site 1") && listed.contains("code 33"), "{listed}");
    assert!(listed.ends_with("rows that ClickHouse cannot read: 1\n"), "{listed}");
    assert_eq!(dead("replay").await, "rows put back into the spool: 1\n");
    wait::until("the row to be stored", PATIENCE, async || {
        (instance.in_ledger("stored").await? == 1).then_some(())
    })
    .await;
    assert_eq!(dead("list").await, "rows that ClickHouse cannot read: 0\n");
}
