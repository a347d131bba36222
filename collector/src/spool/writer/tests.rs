//! The writer alone, on folders of its own.

use super::{
    super::{
        record::{Entry, RefusalCount, SpooledEvent},
        segment::Segment,
    },
    *,
};

const ROOMY: u64 = 1 << 30;

fn start(folder: &std::path::Path, bytes_max: u64) -> (Arc<Directory>, Spool) {
    let directory = Arc::new(Directory::open(folder).unwrap());
    let spool = Spool::start(directory.clone(), 1, bytes_max, Clock::system()).unwrap();
    (directory, spool)
}

fn push<const N: usize>(spool: &Spool, entries: [Entry; N], weight: Weight) -> Result<Receipt, PushError> {
    spool.push(entries.iter().collect(), weight)
}

fn event(n: u8) -> Entry {
    Entry::Event(SpooledEvent { site_id: 1, day: 2, minute: 60, row: vec![n; 100] })
}

#[test]
fn what_was_acknowledged_is_in_the_sealed_segments_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let (directory, spool) = start(folder.path(), ROOMY);
    let receipts: Vec<_> = (0..50).map(|n| push(&spool, [event(n)], Weight::Full).unwrap()).collect();
    for receipt in receipts {
        assert_eq!(receipt.blocking_recv().unwrap(), Ok(()));
    }
    spool.close();
    let mut rows = Vec::new();
    for sequence in directory.sealed().unwrap() {
        let segment = Segment::read(&directory.sealed_path(sequence)).unwrap();
        assert_eq!(segment.header.batch, 1 << 48 | sequence);
        assert_eq!(segment.seal.unwrap().events, segment.events());
        assert_eq!((segment.torn_bytes, segment.events_lost()), (0, 0));
        rows.extend(segment.records.into_iter().map(|record| record.entry));
    }
    assert_eq!(rows, (0..50).map(event).collect::<Vec<_>>());
}

#[test]
fn an_entry_is_stored_even_if_nobody_waits_for_the_receipt() {
    let folder = tempfile::tempdir().unwrap();
    let (directory, spool) = start(folder.path(), ROOMY);
    drop(push(&spool, [event(1)], Weight::Full).unwrap());
    spool.close();
    assert_eq!(directory.sealed().unwrap().len(), 1);
}

#[test]
fn a_spool_at_its_limit_refuses_until_something_is_shipped() {
    let folder = tempfile::tempdir().unwrap();
    let (_directory, spool) = start(folder.path(), 2_000);
    let mut pushed = 0;
    let refused = loop {
        match push(&spool, [event(0)], Weight::Full) {
            Ok(receipt) => {
                receipt.blocking_recv().unwrap().unwrap();
                pushed += 1;
            }
            Err(error) => break error,
        }
        assert!(pushed < 100, "the limit was never reached");
    };
    assert_eq!(refused, PushError::Full);
    spool.state().gone(0, 1_000_000);
    assert!(push(&spool, [event(0)], Weight::Full).is_ok());
}

#[test]
fn a_group_is_stored_whole() {
    let folder = tempfile::tempdir().unwrap();
    let (directory, spool) = start(folder.path(), ROOMY);
    let refusals = Entry::Refusals(RefusalCount { site_id: 0, minute: 0, n: 3, reason: "not_json".into() });
    push(&spool, [event(1), refusals.clone()], Weight::Full).unwrap().blocking_recv().unwrap().unwrap();
    spool.close();
    let sequence = directory.sealed().unwrap()[0];
    let segment = Segment::read(&directory.sealed_path(sequence)).unwrap();
    let entries: Vec<Entry> = segment.records.into_iter().map(|record| record.entry).collect();
    assert_eq!(entries, [event(1), refusals]);
}

#[test]
fn a_spool_that_is_nearly_full_takes_events_but_no_engagement() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("0000000000000001.seg"), vec![0; 960]).unwrap();
    let (_directory, spool) = start(folder.path(), 1_000);
    assert_eq!(push(&spool, [event(0)], Weight::Light).unwrap_err(), PushError::Shedding);
    assert!(push(&spool, [event(0)], Weight::Full).is_ok());
}

#[test]
fn segments_that_are_kept_stay_known_over_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("0000000000000001.kept"), b"x").unwrap();
    let directory = Directory::open(folder.path()).unwrap();
    directory.keep(1).unwrap();
    directory.mark_clean().unwrap();
    drop(directory);
    let (_directory, spool) = start(folder.path(), ROOMY);
    assert_eq!(spool.state().oldest_kept().unwrap().0, 1);
    assert_eq!(spool.state().held_since(), Some(0), "no day is closed over what cannot be read");
}

#[test]
fn a_queue_that_nobody_empties_refuses_at_its_limit() {
    let (queue, _groups) = sync_channel(QUEUE_ENTRIES_MAX);
    let budget = Arc::new(Budget::new(std::path::Path::new("."), ROOMY));
    let spool = Spool { queue, state: Arc::default(), budget, thread: std::thread::spawn(|| {}) };
    for _ in 0..QUEUE_ENTRIES_MAX {
        push(&spool, [], Weight::Full).unwrap();
    }
    assert_eq!(push(&spool, [], Weight::Full).unwrap_err(), PushError::Busy);
}

#[test]
fn a_segment_grows_over_neither_of_its_limits_by_more_than_a_commit() {
    let folder = tempfile::tempdir().unwrap();
    let (directory, spool) = start(folder.path(), ROOMY);
    let large = Entry::Event(SpooledEvent { site_id: 1, day: 2, minute: 60, row: vec![7; 200_000] });
    let receipts: Vec<_> =
        (0..100).map(|_| spool.push(std::iter::once(&large).collect(), Weight::Full).unwrap()).collect();
    for receipt in receipts {
        receipt.blocking_recv().unwrap().unwrap();
    }
    spool.close();
    let sealed = directory.sealed().unwrap();
    let sizes = sealed.iter().map(|&number| directory.sealed_path(number).metadata().unwrap().len());
    let largest = sizes.max().unwrap();
    assert!(sealed.len() >= 2 && largest < SEGMENT_BYTES_MAX + 2 * COMMIT_BYTES_MAX as u64, "{largest}");
}

#[test]
fn a_commit_takes_its_fill_and_leaves_the_rest_waiting() {
    let (queue, groups) = sync_channel(100);
    let group = || Group {
        frames: Frames { bytes: vec![0; COMMIT_BYTES_MAX / 4], records: 1, events: 1 },
        done: oneshot::channel().0,
    };
    (0..10).for_each(|_| queue.try_send(group()).unwrap());
    let mut waiting = Vec::new();
    gather(groups.try_recv().unwrap(), &groups, &mut waiting);
    assert_eq!((waiting.len(), groups.try_iter().count()), (4, 6));
}
