//! Every place that is searched: tables through SELECT, parts decompressed, every file of
//! the data folder as it is, what the instance answers to others, what the owner names.

use std::{
    collections::BTreeSet,
    fmt,
    fs::{self, File},
    io::Read,
    path::{Path, PathBuf},
};

use super::{Verify, needles::Needles, parts};

/// Files are read in pieces of this many bytes.
const PIECE_BYTES: usize = 4 << 20;

/// Endings of ClickHouse's compressed files: columns, and marks and keys as it has them.
const COMPRESSED: [&str; 4] = ["bin", "cmrk2", "cmrk3", "cidx"];

/// One place, and what was found there.
pub struct Surface {
    pub kind: &'static str,
    pub name: String,
    pub bytes: u64,
    pub hits: BTreeSet<String>,
    /// The word that may be kept was found.
    pub control: bool,
}

impl Surface {
    fn new(kind: &'static str, name: impl Into<String>) -> Surface {
        Surface { kind, name: name.into(), bytes: 0, hits: BTreeSet::new(), control: false }
    }

    pub fn leak(&self) -> Option<String> {
        let hits: Vec<&str> = self.hits.iter().map(String::as_str).collect();
        (!hits.is_empty()).then(|| format!("holds {}", hits.join(", ")))
    }

    fn look(&mut self, needles: &Needles, bytes: &[u8]) {
        needles.find(bytes, |name, is_control| {
            if is_control {
                self.control = true;
            } else {
                self.hits.insert(name.to_owned());
            }
        });
    }
}

impl fmt::Display for Surface {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let control = if self.control { ", control found" } else { "" };
        write!(out, "{}: {} ({} bytes{control})", self.kind, self.name, self.bytes)
    }
}

/// Searches a stream piece by piece; a form that lies across two pieces is found.
struct Stream<'a> {
    needles: &'a Needles,
    surface: Surface,
    tail: Vec<u8>,
}

impl<'a> Stream<'a> {
    fn new(needles: &'a Needles, surface: Surface) -> Stream<'a> {
        Stream { needles, surface, tail: Vec::new() }
    }

    fn take(&mut self, piece: &[u8]) {
        self.surface.bytes += piece.len() as u64;
        self.tail.extend_from_slice(piece);
        self.surface.look(self.needles, &self.tail);
        let kept = self.tail.len().saturating_sub(self.needles.overlap());
        self.tail.drain(..kept);
    }
}

pub async fn all(verify: &Verify<'_>, needles: &Needles) -> anyhow::Result<Vec<Surface>> {
    let mut surfaces = tables(verify, needles).await?;
    surfaces.extend(files(verify, needles)?);
    surfaces.extend(answers(verify, needles).await?);
    Ok(surfaces)
}

/// Ours, and ClickHouse's own logs where it keeps any.
async fn tables(verify: &Verify<'_>, needles: &Needles) -> anyhow::Result<Vec<Surface>> {
    let database = verify.store.database();
    let names: Vec<(String, String)> = verify
        .store
        .reader()
        .query(
            "SELECT database, name FROM system.tables WHERE database = ? \
             OR (database = 'system' AND (name LIKE '%\\_log' OR name IN ('processes', 'mutations', 'errors'))) \
             ORDER BY database, name",
        )
        .bind(database)
        .fetch_all()
        .await?;
    let mut surfaces = Vec::new();
    for (of, name) in names {
        let mut stream = Stream::new(needles, Surface::new("table", format!("{of}.{name}")));
        let sql = format!("SELECT * FROM {of}.{name}");
        // As the writer: a whole table may take longer than a report.
        let mut rows = verify.store.writer().query(&sql).fetch_bytes("RowBinary")?;
        while let Some(piece) = rows.next().await? {
            stream.take(&piece);
        }
        surfaces.push(stream.surface);
    }
    Ok(surfaces)
}

fn files(verify: &Verify<'_>, needles: &Needles) -> anyhow::Result<Vec<Surface>> {
    let root = verify.settings.data.root();
    let mut surfaces = Vec::new();
    let mut parts_found = Surface::new("parts", "engine, decompressed");
    for folder in ["engine", "spool", "secrets", "run", "logs", "backups"] {
        let kind = if folder == "spool" { "spool" } else { "file" };
        let mut surface = Surface::new(kind, format!("{folder}/"));
        for path in below(&root.join(folder)) {
            read(&path, needles, &mut surface);
            if folder == "engine"
                && path.extension().is_some_and(|ending| COMPRESSED.iter().any(|one| ending == *one))
            {
                let raw = fs::read(&path).map(|bytes| parts::decompressed(&bytes)).unwrap_or_default();
                parts_found.bytes += raw.len() as u64;
                parts_found.look(needles, &raw);
            }
        }
        surfaces.push(surface);
    }
    surfaces.push(parts_found);
    let mut backups = Surface::new("backup", "every backup, opened");
    for path in below(&verify.settings.backup.folder) {
        if let Ok(Some(plain)) = crate::backup::opened(&verify.settings.backup, &path) {
            backups.bytes += plain.len() as u64;
            backups.look(needles, &plain);
        }
    }
    surfaces.push(backups);
    // The control database with its log and free pages, the settings, logs kept here.
    let mut own = Surface::new("file", "control.db, its WAL, and the other files of the data folder");
    for path in fs::read_dir(root)?.flatten().map(|entry| entry.path()).filter(|path| path.is_file()) {
        read(&path, needles, &mut own);
    }
    surfaces.push(own);
    for path in &verify.options.also {
        let mut also = Surface::new("file", path.display().to_string());
        for path in below(path) {
            read(&path, needles, &mut also);
        }
        surfaces.push(also);
    }
    Ok(surfaces)
}

/// A file may go away while it is read: ClickHouse takes old parts away all the time. What
/// was there until then has been searched.
fn read(path: &Path, needles: &Needles, surface: &mut Surface) {
    let Ok(mut file) = File::open(path) else { return };
    let mut stream = Stream::new(needles, Surface::new("", ""));
    let mut piece = vec![0; PIECE_BYTES];
    while let Ok(length @ 1..) = file.read(&mut piece) {
        stream.take(&piece[..length]);
    }
    surface.bytes += stream.surface.bytes;
    surface.control |= stream.surface.control;
    surface.hits.append(&mut stream.surface.hits);
    // Names of files are bytes on the disk too.
    surface.look(needles, path.as_os_str().as_encoded_bytes());
}

/// Every file at or below `path`; links are not followed.
pub fn below(path: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut waiting = vec![path.to_owned()];
    while let Some(path) = waiting.pop() {
        match fs::symlink_metadata(&path) {
            Ok(kind) if kind.is_dir() => {
                waiting.extend(fs::read_dir(&path).into_iter().flatten().flatten().map(|entry| entry.path()));
            }
            Ok(kind) if kind.is_file() => found.push(path),
            Ok(_) | Err(_) => {}
        }
    }
    found.sort();
    found
}

/// What anybody, or the operator, gets to read.
async fn answers(verify: &Verify<'_>, needles: &Needles) -> anyhow::Result<Vec<Surface>> {
    let client = super::send::client()?;
    let ready = &verify.ready;
    let mut surfaces = Vec::new();
    for url in [
        format!("http://{}/metrics", ready.ops),
        format!("http://{}/ready", ready.ops),
        format!("http://{}/privacy", ready.public),
        format!("http://{}/privacy/disclosure.json", ready.public),
        format!("http://{}/privacy/me", ready.public),
        format!("http://{}/api/v1/session", ready.dashboard),
    ] {
        let answer = client.get(&url).send().await?;
        let mut surface = Surface::new("answer", url);
        let head = format!("{:?}", answer.headers());
        let body = answer.bytes().await?;
        surface.bytes = (head.len() + body.len()) as u64;
        surface.look(needles, head.as_bytes());
        surface.look(needles, &body);
        surfaces.push(surface);
    }
    Ok(surfaces)
}

#[cfg(test)]
mod tests {
    use super::{super::canary::Canary, *};

    #[test]
    fn a_mark_across_two_pieces_is_found() {
        let canary = Canary::new("example.test").unwrap();
        let needles = Needles::new(&canary).unwrap();
        let (first, second) = canary.query_mark.split_at(9);
        let mut stream = Stream::new(&needles, Surface::new("file", "x"));
        stream.take(&[&[b'.'; 70_000][..], first.as_bytes()].concat());
        assert!(stream.surface.hits.is_empty());
        stream.take(second.as_bytes());
        assert_eq!(stream.surface.hits.len(), 1, "{:?}", stream.surface.hits);
        assert_eq!(stream.surface.bytes, 70_024);
    }

    #[test]
    fn files_are_found_at_any_depth() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("a/b")).unwrap();
        fs::write(folder.path().join("a/b/c"), b"x").unwrap();
        assert_eq!(below(folder.path()), [folder.path().join("a/b/c")]);
        assert!(below(&folder.path().join("none")).is_empty());
    }
}
