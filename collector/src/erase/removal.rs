//! How far the erasing of removed sites has come: a small file, written anew in one step, so
//! that a receipt outlives a restart between the deletion and the disk's letting go.
//!
//! ```text
//! <site> <asked> <bound> <rows> <removed>     times: seconds since 1970-01-01; removed 0: not yet
//! ```

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard},
};

const FILE: &str = "removals";

/// One site on its way out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Removal {
    pub asked: i64,
    /// Every segment with events of the site has a lower number.
    pub bound: u64,
    /// Rows that tables had of it.
    pub rows: u64,
    /// Since when no statement finds any.
    pub removed: Option<i64>,
}

pub struct Removals {
    path: PathBuf,
    known: Mutex<BTreeMap<u32, Removal>>,
}

impl Removals {
    pub fn open(spool: &Path) -> io::Result<Removals> {
        let path = spool.join(FILE);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(error),
        };
        let known = text
            .lines()
            .map(|line| read(line).ok_or_else(|| io::Error::other("a line of the removals is unreadable")))
            .collect::<io::Result<_>>()?;
        Ok(Removals { path, known: Mutex::new(known) })
    }

    pub fn of(&self, site_id: u32) -> Option<Removal> {
        self.lock().get(&site_id).copied()
    }

    pub fn all(&self) -> Vec<(u32, Removal)> {
        self.lock().iter().map(|(&site, &removal)| (site, removal)).collect()
    }

    /// On stable storage when this returns. Blocks.
    pub fn set(&self, site_id: u32, removal: Removal) -> io::Result<()> {
        let mut known = self.lock();
        known.insert(site_id, removal);
        self.write(&known)
    }

    /// The receipt has been written. Blocks.
    pub fn done(&self, site_id: u32) -> io::Result<()> {
        let mut known = self.lock();
        known.remove(&site_id);
        self.write(&known)
    }

    fn write(&self, known: &BTreeMap<u32, Removal>) -> io::Result<()> {
        let fresh = self.path.with_extension("new");
        let mut file = File::create(&fresh)?;
        for (site, one) in known {
            let removed = one.removed.unwrap_or(0);
            writeln!(file, "{site} {} {} {} {removed}", one.asked, one.bound, one.rows)?;
        }
        file.sync_all()?;
        fs::rename(&fresh, &self.path)?;
        self.path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u32, Removal>> {
        self.known.lock().expect("nothing panics while the list is held")
    }
}

fn read(line: &str) -> Option<(u32, Removal)> {
    let words: Vec<&str> = line.split(' ').collect();
    let [site, asked, bound, rows, removed] = words.as_slice() else { return None };
    let removed = removed.parse().ok()?;
    let removal = Removal {
        asked: asked.parse().ok()?,
        bound: bound.parse().ok()?,
        rows: rows.parse().ok()?,
        removed: (removed != 0).then_some(removed),
    };
    Some((site.parse().ok()?, removal))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_removal_is_read_again_until_its_receipt_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let removal = Removal { asked: 100, bound: 1 << 40, rows: 7, removed: None };
        let gone = Removal { removed: Some(130), ..removal };
        let removals = Removals::open(folder.path()).unwrap();
        removals.set(3, removal).unwrap();
        removals.set(4, gone).unwrap();
        assert_eq!(Removals::open(folder.path()).unwrap().all(), [(3, removal), (4, gone)]);
        removals.done(4).unwrap();
        assert_eq!(Removals::open(folder.path()).unwrap().all(), [(3, removal)]);
    }

    #[test]
    fn a_damaged_list_is_no_empty_list() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(FILE), "3 100\n").unwrap();
        assert!(Removals::open(folder.path()).is_err());
    }
}
