//! The real engine, as `mostik engine` runs it.

use std::{
    env,
    ffi::OsString,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use bytes::Bytes;
use serde_json::Value;
use store::{Address, Store, event, goal::Declared, paths, relation};

use crate::{harness::Owner, traffic::Visit};

/// An engine in a folder of its own; ended when dropped.
pub struct Engine {
    child: Child,
    pub store: Store,
    socket: PathBuf,
    _folder: tempfile::TempDir,
}

impl Engine {
    pub async fn start() -> Engine {
        let library = env::var_os("MOSTIK_LIBCHDB")
            .expect("MOSTIK_LIBCHDB must name libchdb.so: run tests/run, which fetches it and sets this");
        let folder = tempfile::tempdir().unwrap();
        let mut child = Command::new(binary())
            .args(["engine", "--data"])
            .arg(folder.path())
            .env("MOSTIK_LIBCHDB", library)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{:?}: {error}: build it, or set MOSTIK_BIN", binary()));
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{line:?}: {error}"));
        let socket = PathBuf::from(ready["socket"].as_str().expect("the engine names its socket"));
        let store = Store::new(&Address::socket(&socket));
        store.migrate().await.unwrap();
        Engine { child, store, socket, _folder: folder }
    }

    /// A dashboard over this engine, with an owner and one site in Moscow.
    pub async fn owner(&self) -> Owner {
        let mut owner = Owner::with_engine(tempfile::tempdir().unwrap(), self.socket.clone()).await;
        owner.set_up().await;
        owner.add_site("example.ru").await;
        owner
    }

    /// The same, whose Metrika is at `url`.
    pub async fn owner_with_metrika(&self, url: &str) -> Owner {
        let mut owner = Owner::with_engine_and_metrika(self.socket.clone(), url).await;
        owner.set_up().await;
        owner.add_site("example.ru").await;
        owner
    }

    /// Stores a day's visits as the shipper does, one batch a day.
    pub async fn ship(&self, day: u16, visits: &[Visit]) {
        let mut body = Vec::new();
        let events = visits.iter().filter(|visit| visit.day == day).flat_map(Visit::events);
        for (seq, event) in (0_u32..).zip(events) {
            event.encode(&mut body);
            body.extend_from_slice(&seq.to_le_bytes());
            body.extend_from_slice(&u64::from(day).to_le_bytes());
        }
        let id = format!("test-{day}");
        self.store.insert("events_hot", event::COLUMNS, &id, Bytes::from(body)).await.unwrap();
    }

    /// Closes a day as the collector does: the same SELECT, the commit, the end of its hot rows.
    pub async fn close(&self, site: u32, day: u16, declared: &Declared) {
        let db = self.store.database();
        let condition = format!("site_id = {site} AND day = toDate({day})");
        let rows = relation::open_day_rows(db, "Europe/Moscow", &condition, declared);
        let (goals, funnels) = (declared.decided_numbers(), declared.funnel_numbers());
        let columns = relation::COLUMNS;
        let of_paths = paths::COLUMNS;
        let to_goals = paths::open_day_paths(db, &condition, declared).map(|rows| {
            format!("INSERT INTO {db}.goal_paths ({of_paths}, gen) SELECT {of_paths}, 1 FROM ({rows})")
        });
        for statement in to_goals.into_iter().chain([
            format!("INSERT INTO {db}.events ({columns}, gen) SELECT {columns}, 1 FROM ({rows})"),
            format!(
                "INSERT INTO {db}.closed_days (site_id, day, gen, hot_rows, rows, goals, funnels, closed_at) \
                 SELECT {site}, toDate({day}), 1, 0, 0, {goals:?}, {funnels:?}, now()"
            ),
            format!("ALTER TABLE {db}.events_hot DELETE WHERE {condition} SETTINGS mutations_sync = 2"),
        ]) {
            self.store.execute("close a day in a test", &statement).await.unwrap();
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `2026-11-23` of a day's number.
pub fn date(day: u16) -> String {
    jiff::civil::date(1970, 1, 1).saturating_add(jiff::Span::new().days(day)).to_string()
}

fn binary() -> OsString {
    env::var_os("MOSTIK_BIN").unwrap_or_else(|| {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/release/mostik").into_os_string()
    })
}
