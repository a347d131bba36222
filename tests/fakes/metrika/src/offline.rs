//! Offline conversions (metrika.md sections 2 and 10.3): files of goals that are matched with
//! visits afterwards. A row with a time that has not passed, or is none, is refused; of a
//! target that nobody knows nothing comes; a row that comes again overwrites its price.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::{
    ledger::{INGEST_SECONDS, Ledger, Reach},
    session::Session,
};

/// How long a file is worked on, in seconds: "up to 2 hours" (documented), so all of them.
pub const PROCESSING_SECONDS: i64 = 2 * 3600;

/// A conversion this long after its visit is not attached, in seconds (documented).
pub const WINDOW_SECONDS: i64 = 21 * 24 * 3600;

/// Files kept, at most; a test sends a few.
pub const FILES_MAX: usize = 10_000;

/// A file that was taken.
#[derive(Debug, Clone)]
pub struct Uploading {
    pub id: u64,
    pub counter: u64,
    pub at: i64,
    pub comment: String,
    pub source_quantity: usize,
    pub line_quantity: usize,
    is_linked: bool,
}

/// What makes a row the same as another: counter, ClientId, target, time.
type Key = (u64, u64, String, i64);

/// All files, and the rows that became reaches.
#[derive(Debug, Default)]
pub struct Offline {
    pub files: Vec<Uploading>,
    /// Where in the ledger's reaches those of a row stand.
    rows: HashMap<Key, Vec<usize>>,
}

/// The file cannot be read at all.
#[derive(Debug)]
pub struct NotAFile(pub &'static str);

struct Line {
    cid: u64,
    target: String,
    at: i64,
    value: Option<f64>,
}

impl Uploading {
    /// As the API shows it at `now`.
    pub fn shown(&self, now: i64) -> Value {
        let status = match now - self.at {
            age if age < PROCESSING_SECONDS / 4 => "UPLOADED",
            age if age < PROCESSING_SECONDS / 2 => "EXPORTED",
            age if age < PROCESSING_SECONDS => "MATCHED",
            _ if self.is_linked => "PROCESSED",
            _ => "LINKAGE_FAILURE",
        };
        let created = jiff::Timestamp::from_second(self.at).map(|at| at.to_string()).unwrap_or_default();
        json!({
            "id": self.id,
            "create_time": created,
            "source_quantity": self.source_quantity,
            "line_quantity": self.line_quantity,
            "comment": self.comment,
            "client_id_type": "CLIENT_ID",
            "status": status,
        })
    }
}

/// Takes a file for `counter`.
pub fn take(ledger: &mut Ledger, counter: u64, csv: &str, comment: &str) -> Result<Uploading, NotAFile> {
    if ledger.offline.files.len() >= FILES_MAX {
        return Err(NotAFile("the fake keeps no more files"));
    }
    let now = ledger.clock.now();
    let mut lines = csv.lines().filter(|line| !line.is_empty());
    let columns: Vec<&str> = lines.next().ok_or(NotAFile("no columns"))?.split(',').map(str::trim).collect();
    let known = ["ClientId", "UserId", "Yclid", "PurchaseId", "Target", "DateTime", "Price", "Currency"];
    let has = |name: &str| columns.contains(&name);
    if columns.iter().any(|name| !known.contains(name)) || !has("Target") || !has("DateTime") {
        return Err(NotAFile("columns"));
    }
    let source: Vec<&str> = lines.collect();
    let taken: Vec<Line> = source.iter().filter_map(|text| line(&columns, text, now)).collect();
    let mut is_linked = false;
    for line in &taken {
        is_linked |= attach(ledger, counter, line, now);
    }
    let file = Uploading {
        id: 1 + ledger.offline.files.len() as u64,
        counter,
        at: now,
        comment: comment.to_owned(),
        source_quantity: source.len(),
        line_quantity: taken.len(),
        is_linked,
    };
    ledger.offline.files.push(file.clone());
    Ok(file)
}

/// A row that holds; `None`: it is refused. The fake knows ClientIds alone.
fn line(columns: &[&str], text: &str, now: i64) -> Option<Line> {
    let fields: Vec<&str> = text.split(',').map(str::trim).collect();
    let field = |name: &str| {
        let at = columns.iter().position(|column| *column == name)?;
        fields.get(at).copied()
    };
    let at: i64 = field("DateTime")?.parse().ok()?;
    let target = field("Target").filter(|target| !target.is_empty())?;
    // Whether an empty price is taken is not documented, so it is not.
    let value = match field("Price") {
        Some(price) => Some(price.parse().ok()?),
        None => None,
    };
    let is_whole = fields.len() == columns.len() && at < now;
    let cid = field("ClientId")?.parse().ok().filter(|&cid: &u64| cid > 0)?;
    is_whole.then(|| Line { cid, target: target.to_owned(), at, value })
}

/// Attaches a row to the visit before it; false where there is none.
fn attach(ledger: &mut Ledger, counter: u64, line: &Line, now: i64) -> bool {
    let takes = |session: &&Session| session.start <= line.at && now - session.last <= WINDOW_SECONDS;
    let sessions = ledger.sessions().find(|(key, _)| *key == (counter, line.cid));
    let visit = sessions
        .and_then(|(_, sessions)| sessions.0.iter().filter(takes).max_by_key(|one| one.start))
        .map(|session| session.start);
    let Some(visit) = visit else { return false };
    let key = (counter, line.cid, line.target.clone(), line.at);
    if let Some(known) = ledger.offline.rows.get(&key) {
        for &at in known {
            ledger.reaches[at].value = line.value.or(ledger.reaches[at].value);
        }
        return true;
    }
    let goals = ledger.counters[&counter].reached_by(&line.target);
    let reaches: Vec<Reach> = goals
        .map(|goal| Reach {
            counter,
            goal: goal.id,
            cid: line.cid,
            visit,
            et: line.at,
            // Seen when the file has been worked on, and not before.
            arrived: now + PROCESSING_SECONDS - INGEST_SECONDS,
            value: Some(line.value.unwrap_or(goal.default_price)),
        })
        .collect();
    let first = ledger.reaches.len();
    ledger.offline.rows.insert(key, (first..first + reaches.len()).collect());
    ledger.reaches.extend(reaches);
    true
}
