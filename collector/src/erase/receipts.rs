//! Receipts: that something was deleted, when, and how long it took. Append-only, a line
//! of JSON each, sealed by the hash of the line before; says nothing of whose it was.
//!
//! Lines cut off at the end leave a shorter log that is whole: note the last seal elsewhere
//! to notice that.

use std::{
    collections::BTreeSet,
    fs::{self, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Mutex,
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Before the first line.
const START: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// blake3's context for the seals.
const CONTEXT: &str = "mostik deletion receipt v1";

/// What was deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Matter {
    /// One visitor's rows of an open day, at their wish.
    Visitor,
    /// Everything of a site that was removed.
    Site,
    /// A month that is past its time.
    Retention,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// To the hour, UTC: a minute could point at a person.
    pub at: String,
    pub matter: Matter,
    /// Absent: of every site.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<u32>,
    /// A day `2026-11-25` or a month `2026-11`.
    pub of: String,
    pub rows: u64,
    /// From the wish until no statement finds them, in seconds.
    pub removed_after_s: i64,
    /// From the wish until no file holds them, in seconds.
    pub gone_after_s: i64,
}

impl Receipt {
    fn removed_site(&self) -> Option<u32> {
        self.site.filter(|_| self.matter == Matter::Site)
    }
}

/// A line as it stands in the file.
#[derive(Serialize, Deserialize)]
struct Sealed {
    #[serde(flatten)]
    receipt: Receipt,
    seal: String,
}

/// What a look through the whole log finds.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    Whole {
        receipts: usize,
    },
    /// The first line, from 1, whose seal does not fit.
    Broken {
        line: usize,
    },
}

pub struct Receipts {
    path: PathBuf,
    tail: Mutex<Tail>,
}

struct Tail {
    /// The last line's seal.
    seal: String,
    /// Removed sites that have their receipt.
    sites: BTreeSet<u32>,
}

/// The hour of an instant.
pub fn hour(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:00Z").to_string()
}

impl Receipts {
    pub fn open(path: &Path) -> io::Result<Receipts> {
        let lines = read(path)?;
        let sites = lines.iter().filter_map(|line| line.receipt.removed_site()).collect();
        let seal = lines.into_iter().next_back().map_or_else(|| START.to_owned(), |line| line.seal);
        Ok(Receipts { path: path.to_owned(), tail: Mutex::new(Tail { seal, sites }) })
    }

    /// Whether there is a receipt for everything of this site.
    pub fn has_site(&self, site_id: u32) -> bool {
        self.tail.lock().expect("nothing panics while the seal is held").sites.contains(&site_id)
    }

    /// Appends one; it is on stable storage when this returns. Blocks.
    pub fn append(&self, receipt: Receipt) -> io::Result<()> {
        let mut tail = self.tail.lock().expect("nothing panics while the seal is held");
        let seal = seal(&tail.seal, &receipt);
        let site = receipt.removed_site();
        let line = Sealed { receipt, seal: seal.clone() };
        let mut text = serde_json::to_string(&line).map_err(io::Error::other)?;
        text.push('\n');
        let mut file = OpenOptions::new().create(true).append(true).open(&self.path)?;
        file.write_all(text.as_bytes()).and_then(|()| file.sync_all())?;
        tail.seal = seal;
        tail.sites.extend(site);
        Ok(())
    }
}

/// Every receipt, oldest first, and whether the log is whole.
pub fn check(path: &Path) -> io::Result<(Vec<Receipt>, Verdict)> {
    let lines = read(path)?;
    let mut before = START.to_owned();
    let mut verdict = Verdict::Whole { receipts: lines.len() };
    for (at, line) in (1..).zip(&lines) {
        if line.seal != seal(&before, &line.receipt) {
            verdict = Verdict::Broken { line: at };
            break;
        }
        before.clone_from(&line.seal);
    }
    Ok((lines.into_iter().map(|line| line.receipt).collect(), verdict))
}

/// A last line that a crash cut short is left out.
fn read(path: &Path) -> io::Result<Vec<Sealed>> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    text.split_inclusive('\n')
        .filter(|line| line.ends_with('\n'))
        .map(|line| serde_json::from_str(line).map_err(io::Error::other))
        .collect()
}

fn seal(before: &str, receipt: &Receipt) -> String {
    let text = serde_json::to_string(receipt).expect("a receipt is plain data");
    let mut hasher = blake3::Hasher::new_derive_key(CONTEXT);
    hasher.update(before.as_bytes()).update(text.as_bytes());
    hasher.finalize().to_hex().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receipt(rows: u64) -> Receipt {
        Receipt {
            at: hour("2026-11-25T14:59:31Z".parse().unwrap()),
            matter: Matter::Visitor,
            site: Some(1),
            of: "2026-11-25".into(),
            rows,
            removed_after_s: 1,
            gone_after_s: 512,
        }
    }

    fn log_of(receipts: u64) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("receipts");
        for rows in 0..receipts {
            // Opened again each time: the chain goes on over restarts.
            Receipts::open(&path).unwrap().append(receipt(rows)).unwrap();
        }
        (folder, path)
    }

    #[test]
    fn a_receipt_tells_the_hour_and_no_more() {
        assert_eq!(receipt(1).at, "2026-11-25T14:00Z");
    }

    #[test]
    fn the_log_is_whole_and_in_order() {
        let (_folder, path) = log_of(3);
        let (receipts, verdict) = check(&path).unwrap();
        assert_eq!(receipts, [0, 1, 2].map(receipt));
        assert_eq!(verdict, Verdict::Whole { receipts: 3 });
    }

    #[test]
    fn a_removed_sites_receipt_is_known_again_and_a_visitors_stands_for_no_site() {
        let (_folder, path) = log_of(1);
        let receipts = Receipts::open(&path).unwrap();
        assert!(!receipts.has_site(1));
        receipts.append(Receipt { matter: Matter::Site, ..receipt(3) }).unwrap();
        assert!(receipts.has_site(1) && Receipts::open(&path).unwrap().has_site(1));
    }

    #[test]
    fn a_receipt_that_was_changed_or_taken_out_is_found() {
        let (_folder, path) = log_of(3);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text.replace("\"rows\":1", "\"rows\":7")).unwrap();
        assert_eq!(check(&path).unwrap().1, Verdict::Broken { line: 2 });
        let without: Vec<&str> = text.split_inclusive('\n').skip(1).collect();
        fs::write(&path, without.concat()).unwrap();
        assert_eq!(check(&path).unwrap().1, Verdict::Broken { line: 1 });
    }
}
