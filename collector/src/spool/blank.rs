//! Takes events out of segment files, and what is noted of them for the bridge: the row's bytes
//! become zeros under a tag that says so, in a file of the same length, so that the records around keep the places that name
//! them in ClickHouse.
//!
//! Promises: after a crash either the old file is there or the new one; what was blanked
//! is never shipped and stays counted as stored.

use std::{
    collections::HashSet,
    fs::{self, File},
    io::{self, Write},
    path::Path,
};

use super::{
    record::{Entry, ErasedEvent, SpooledEvent},
    segment::{Header, Segment, SegmentError},
};

/// An event that an erasure took: erasure, batch, place in the batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Taken {
    pub erasure: u64,
    pub batch: u64,
    pub seq: u32,
}

/// Blanks the events of the file at `path` for which `erasing` names an erasure; returns
/// every event of it that has been erased, now or before.
pub fn blank(
    path: &Path,
    erasing: impl Fn(&Header, &SpooledEvent) -> Option<u64>,
) -> Result<Vec<Taken>, SegmentError> {
    let failed = |source| SegmentError::Read { path: path.to_owned(), source };
    let mut bytes = fs::read(path).map_err(failed)?;
    let mut segment = Segment::parse(&bytes, path)?;
    let mut fresh = false;
    for (place, before, after) in take(&mut segment, erasing) {
        let (mut old, mut new) = (Vec::new(), Vec::new());
        before.encode(&mut old);
        after.encode(&mut new);
        // A row too short for the mark is of no schema of ours and holds no visitor.
        if old.len() == new.len() {
            bytes[place..place + new.len()].copy_from_slice(&new);
            fresh = true;
        }
    }
    if fresh {
        replace(path, &bytes).map_err(failed)?;
    }
    Ok(taken(&segment))
}

/// The same for a segment in memory. Returns places, old records and new ones.
pub fn take(
    segment: &mut Segment,
    erasing: impl Fn(&Header, &SpooledEvent) -> Option<u64>,
) -> Vec<(usize, Entry, Entry)> {
    let mut changed = Vec::new();
    let mut visits = HashSet::new();
    for record in &mut segment.records {
        let Entry::Event(event) = &record.entry else { continue };
        let Some(erasure) = erasing(&segment.header, event) else { continue };
        visits.extend(segment.header.visit(event).map(|visit| (event.site_id, visit)));
        let erased = Entry::Erased(ErasedEvent {
            site_id: event.site_id,
            day: event.day,
            minute: event.minute,
            erasure,
            row_bytes: event.row.len(),
        });
        let before = std::mem::replace(&mut record.entry, erased.clone());
        changed.push((record.seq as usize, before, erased));
    }
    // What is noted of an event for the bridge stands in the same write, behind it.
    for record in &mut segment.records {
        let Entry::Bridge(note) = &record.entry else { continue };
        if note.visit().is_some_and(|visit| visits.contains(&(note.site_id, visit))) {
            let erased = Entry::Bridge(Box::new(note.erased()));
            let before = std::mem::replace(&mut record.entry, erased.clone());
            changed.push((record.seq as usize, before, erased));
        }
    }
    changed
}

fn taken(segment: &Segment) -> Vec<Taken> {
    let batch = segment.header.batch;
    segment
        .records
        .iter()
        .filter_map(|record| match &record.entry {
            Entry::Erased(event) => Some(Taken { erasure: event.erasure, batch, seq: record.seq }),
            Entry::Event(_) | Entry::Refusals(_) | Entry::Bridge(_) => None,
        })
        .collect()
}

fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let fresh = path.with_extension("blanked");
    let mut file = File::create(&fresh)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&fresh, path)?;
    match path.parent() {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::record::Seal, *};

    fn row(visitor: u64) -> SpooledEvent {
        let mut row = vec![1; 60];
        row[6..14].copy_from_slice(&visitor.to_le_bytes());
        SpooledEvent { site_id: 1, day: 2, minute: 60, row }
    }

    #[test]
    fn what_is_noted_of_an_erased_event_goes_with_it() {
        let goal = |visit: u64| {
            let goal = crate::bridge::note::Goal {
                event: "Order".into(),
                visit,
                cid: 1_768_350_268_232_845_118,
                number: visit,
                host: "example.test".into(),
                path: format!("/page-of-visit-{visit}"),
                revenue_e4: 0,
                currency: String::new(),
                labels: Default::default(),
            };
            let what = crate::bridge::note::What::Goal(goal);
            Entry::Bridge(Box::new(crate::bridge::note::Note { site_id: 1, at: 5, epoch: 9, what }))
        };
        let of = |visitor: u64, visit: u64| {
            let mut event = row(visitor);
            event.row[14..22].copy_from_slice(&visit.to_le_bytes());
            Entry::Event(event)
        };
        let folder = tempfile::tempdir().unwrap();
        let columns = "site_id, day, visitor, visit, ts".into();
        let mut bytes = Header { batch: 7, created: 0, columns, died: None }.encode();
        let entries = [of(5, 50), goal(50), of(6, 60), goal(60)];
        entries.iter().for_each(|entry| entry.encode(&mut bytes));
        Seal { records: 4, events: 2 }.encode(&mut bytes);
        let path = folder.path().join("0000000000000007.seg");
        fs::write(&path, bytes).unwrap();
        let taken = blank(&path, |header, event| (header.visitor(event) == Some(5)).then_some(99)).unwrap();
        assert_eq!(taken.len(), 1);
        let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
        assert!(!text.contains("page-of-visit-50") && text.contains("page-of-visit-60"), "{text}");
        let after = Segment::read(&path).unwrap();
        assert_eq!((after.records.len(), after.events_lost()), (4, 0));
        assert_eq!([&after.records[2].entry, &after.records[3].entry], [&entries[2], &entries[3]]);
    }

    fn segment(folder: &Path, visitors: &[u64]) -> std::path::PathBuf {
        let header =
            Header { batch: 7, created: 0, columns: "site_id, day, visitor, visit, ts".into(), died: None };
        let mut bytes = header.encode();
        for &visitor in visitors {
            Entry::Event(row(visitor)).encode(&mut bytes);
        }
        let n = visitors.len() as u32;
        Seal { records: n, events: n }.encode(&mut bytes);
        let path = folder.join("0000000000000007.seg");
        fs::write(&path, bytes).unwrap();
        path
    }

    #[test]
    fn the_erased_row_is_gone_from_the_file_and_its_neighbours_keep_their_places() {
        let folder = tempfile::tempdir().unwrap();
        let visitor = 0x1122_3344_5566_7788_u64;
        let path = segment(folder.path(), &[5, visitor, 6]);
        let before = Segment::read(&path).unwrap();
        let erasing =
            |header: &Header, event: &SpooledEvent| (header.visitor(event) == Some(visitor)).then_some(99);
        let taken = blank(&path, erasing).unwrap();
        assert_eq!(taken, [Taken { erasure: 99, batch: 7, seq: before.records[1].seq }]);
        let bytes = fs::read(&path).unwrap();
        assert!(!bytes.windows(8).any(|window| window == visitor.to_le_bytes()));
        let after = Segment::read(&path).unwrap();
        assert_eq!((after.records.len(), after.events(), after.events_lost()), (3, 3, 0));
        assert_eq!((&after.records[0], &after.records[2]), (&before.records[0], &before.records[2]));
        assert_eq!(after.records[1].seq, before.records[1].seq);
        assert_eq!(blank(&path, erasing).unwrap(), taken, "a second time it is known and nothing changes");
    }
}
