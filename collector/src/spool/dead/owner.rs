//! Whose a dead row is, in a file beside it, for as long as the row's day lasts. It stays
//! when the row is put back, which has no visitor in it: an erasure asks here.
//!
//! ```text
//! dead/<sequence>.who = <site> <day> <visitor, 16 hex digits>
//! ```

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use super::DEAD;
use crate::visit::VisitorKey;

const WHO: &str = "who";

/// A batch's number without the node's.
pub const SEQUENCE_MASK: u64 = (1 << 48) - 1;

/// A dead row, which may have been put back, and its visitor.
#[derive(Clone, Copy)]
pub struct Owner {
    pub sequence: u64,
    pub group: VisitorKey,
}

impl Owner {
    /// Whether this row is the one of `batch`, which holds no other.
    pub fn is_of(&self, batch: u64) -> bool {
        sequence_of(batch) == self.sequence
    }

    /// Whether the row had died when the erasure `id` was asked for.
    pub fn is_below(&self, id: u64) -> bool {
        self.sequence <= sequence_of(id)
    }
}

/// A batch's sequence.
pub fn sequence_of(batch: u64) -> u64 {
    batch & SEQUENCE_MASK
}

pub(super) fn write(spool: &Path, sequence: u64, group: VisitorKey) -> io::Result<()> {
    let mut file = File::create(path(spool, sequence))?;
    writeln!(file, "{} {} {:016x}", group.site_id, group.day, group.visitor)?;
    file.sync_all()
}

/// All that are known. A file cut short by a crash names nobody: its row was not buried.
pub fn all(spool: &Path) -> io::Result<Vec<Owner>> {
    let entries = match fs::read_dir(spool.join(DEAD)) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut owners = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_none_or(|extension| extension != WHO) {
            continue;
        }
        let sequence = path
            .file_stem()
            .and_then(|stem| stem.to_str())
            .and_then(|stem| u64::from_str_radix(stem, 16).ok());
        if let (Some(sequence), Some(group)) = (sequence, read(&fs::read_to_string(&path)?)) {
            owners.push(Owner { sequence, group });
        }
    }
    Ok(owners)
}

/// Forgets whose the row was.
pub fn forget(spool: &Path, sequence: u64) -> io::Result<()> {
    match fs::remove_file(path(spool, sequence)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

fn read(text: &str) -> Option<VisitorKey> {
    let mut words = text.strip_suffix('\n')?.split(' ');
    let group = VisitorKey {
        site_id: words.next()?.parse().ok()?,
        day: words.next()?.parse().ok()?,
        visitor: u64::from_str_radix(words.next()?, 16).ok()?,
    };
    words.next().is_none().then_some(group)
}

fn path(spool: &Path, sequence: u64) -> PathBuf {
    spool.join(DEAD).join(format!("{sequence:016x}.{WHO}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_is_known_until_it_is_forgotten() {
        let spool = tempfile::tempdir().unwrap();
        assert!(all(spool.path()).unwrap().is_empty());
        fs::create_dir(spool.path().join(DEAD)).unwrap();
        write(spool.path(), 9, VisitorKey { site_id: 1, day: 2, visitor: 3 }).unwrap();
        let owner = all(spool.path()).unwrap()[0];
        assert_eq!((owner.sequence, owner.group.day, owner.group.visitor), (9, 2, 3));
        forget(spool.path(), 9).unwrap();
        forget(spool.path(), 9).unwrap();
        assert!(all(spool.path()).unwrap().is_empty());
    }

    #[test]
    fn half_a_file_names_nobody() {
        for text in ["", "1 2", "1 2 03", "1 2 3 4\n", "x 2 3\n"] {
            assert!(read(text).is_none(), "{text:?}");
        }
    }
}
