//! Backups of a running instance with the real engine: proven good before they count, sealed
//! by month, without anything of an open day; what is past its time stays gone.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
};

use collector::{
    clock::Clock,
    erase::{self, Matter, Receipts, Verdict},
    retain::Retainer,
};
use e2e::{
    Instance,
    disk::let_old_parts_go,
    http::pageview,
    instance::{PATIENCE, configuration, given},
    parts::Parts,
    wait,
};

/// Whether it succeeded, and what it said.
async fn mostik(arguments: &[&str], data: &Path) -> (bool, String) {
    let mut command = Command::new(given("MOSTIK_BIN"));
    command.args(arguments).args(["--log", "warn", "--data"]).arg(data);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    (output.status.success(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
}

/// Sixty closed days, from the first of the month before the last whole one.
async fn fill(store: &store::Store) {
    let first = "toStartOfMonth(today()) - INTERVAL 2 MONTH";
    for sql in [
        format!(
            "INSERT INTO mostik.events (site_id, day, gen, hour, kind, path, country, props, is_visit) \
             SELECT 1, {first} + number % 59, 1, 9, 'pageview', concat('/page/', toString(number)), 'RU', \
             map('plan', 'pro'), 1 FROM numbers(5900)"
        ),
        format!(
            "INSERT INTO mostik.closed_days (site_id, day, gen, hot_rows, rows, closed_at, dropped) \
             SELECT 1, {first} + number, 1, 100, 100, now(), 2 FROM numbers(59)"
        ),
        format!(
            "INSERT INTO mostik.ledger (site_id, minute, day, outcome, reason, n, batch) \
             SELECT 1, toDateTime({first} + number, 'UTC'), {first} + number, 'stored', '', 100, number FROM numbers(59)"
        ),
    ] {
        store.execute("fill closed days", &sql).await.unwrap();
    }
}

fn only_backup(data: &Path) -> PathBuf {
    let mut found: Vec<PathBuf> =
        fs::read_dir(data.join("backups")).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

/// A new data folder with the keys of the old one.
fn new_home(old: &Path, collector: &str) -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("mostik.toml"), configuration(collector)).unwrap();
    let keys = home.path().join("secrets/backup");
    fs::create_dir_all(&keys).unwrap();
    for entry in fs::read_dir(old.join("secrets/backup")).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, keys.join(path.file_name().unwrap())).unwrap();
    }
    home
}

#[tokio::test]
async fn a_backup_is_proven_sealed_and_restored_and_what_is_past_its_time_stays_gone() {
    let instance = Instance::start().await;
    instance.until_migrated().await;
    fill(&instance.store()).await;
    let (told, said) = mostik(&["retention", "--dry-run"], instance.data.path()).await;
    assert!(told && said.contains("kept: 13 months"), "{said}");
    instance.send("203.0.113.7", &pageview("/hot-canary")).await;
    instance.until_shipped().await;
    let data = instance.data.path();
    let (good, said) = mostik(&["backup"], data).await;
    assert!(good && said.contains("restored into a scratch database and compared"), "{said}");
    let backup = only_backup(data);
    let names: Vec<String> = fs::read_dir(&backup)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    let months = |table: &str| names.iter().filter(|name| name.starts_with(table)).count();
    // Two months of each, and nothing of today's.
    assert_eq!((months("events-"), months("closed_days-"), months("ledger-")), (2, 2, 2), "{names:?}");
    for name in &names {
        let bytes = fs::read(backup.join(name)).unwrap();
        assert!(!bytes.windows(5).any(|part| part == b"/page"), "{name} is sealed");
    }
    // What waits for Metrika and what opens seals are in no backup, under any name: all there
    // is are sealed months of three tables, control.db, and the list of both.
    for name in &names {
        let kinds = ["events-", "closed_days-", "ledger-", "control.db.sealed", "manifest.json"];
        assert!(kinds.iter().any(|kind| name.starts_with(kind)), "{name}");
    }
    let (again, said) = mostik(&["backup", "--if-due"], data).await;
    assert!(again && said.is_empty(), "not due: {said}");

    let home = new_home(data, "");
    let (restored, said) = mostik(&["restore", backup.to_str().unwrap()], home.path()).await;
    assert!(restored, "{said}");
    let rows: u64 = said
        .lines()
        .filter_map(|line| line.strip_prefix("events-")?.split(": ").nth(1)?.strip_suffix(" rows"))
        .map(|rows| rows.parse::<u64>().unwrap())
        .sum();
    assert_eq!(rows, 5900, "{said}");
    assert!(said.contains("control.db.sealed: restored"), "{said}");
    let (twice, said) = mostik(&["restore", backup.to_str().unwrap()], home.path()).await;
    assert!(!twice && said.contains("is not empty"), "{said}");

    // One month past its time, of the other the key is gone: neither comes back.
    let home = new_home(data, "retention_months = 1");
    let keys = home.path().join("secrets/backup");
    let last = fs::read_dir(&keys).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
    let mut last: Vec<&PathBuf> = last.iter().collect();
    last.sort();
    fs::remove_file(last[1]).unwrap();
    let (_, said) = mostik(&["restore", backup.to_str().unwrap()], home.path()).await;
    let of_events: Vec<&str> = said.lines().filter(|line| line.starts_with("events-")).collect();
    assert!(of_events[0].ends_with("not restored: past its time"), "{said}");
    assert!(of_events[1].ends_with("not restored: the month's key is gone"), "{said}");

    // A changed byte is no backup any more.
    let victim = backup.join(names.iter().find(|name| name.starts_with("events-")).unwrap());
    let mut bytes = fs::read(&victim).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&victim, bytes).unwrap();
    let home = new_home(data, "");
    let (damaged, said) = mostik(&["restore", backup.to_str().unwrap()], home.path()).await;
    assert!(!damaged && said.contains("damaged"), "{said}");
}

#[tokio::test]
async fn a_month_past_its_time_is_dropped_and_receipted_once_its_bytes_are_gone() {
    let parts = Parts::start().await;
    for table in ["events", "ledger"] {
        let_old_parts_go(&parts.store, table).await;
    }
    fill(&parts.store).await;
    let folder = tempfile::tempdir().unwrap();
    let receipts = folder.path().join("receipts");
    let retainer = Retainer {
        store: parts.store.clone(),
        months: 1,
        receipts: Arc::new(Receipts::open(&receipts).unwrap()),
        backup_keys: folder.path().join("keys"),
        clock: Clock::system(),
    };
    let mut waiting = BTreeMap::new();
    retainer.round(&mut waiting).await.unwrap();
    let sql = "SELECT countIf(day < toStartOfMonth(today()) - INTERVAL 1 MONTH), count() FROM mostik.events";
    let (old, kept): (u64, u64) = parts.store.reader().query(sql).fetch_one().await.unwrap();
    assert!(old == 0 && kept > 0, "the month before this one stays: {old} of {kept}");
    assert!(!receipts.exists(), "the bytes are on the disk yet");
    wait::until("the receipt", PATIENCE * 2, async || {
        retainer.round(&mut waiting).await.ok()?;
        let (receipts, verdict) = erase::check(&receipts).ok()?;
        assert_eq!(verdict, Verdict::Whole { receipts: receipts.len() });
        receipts.iter().any(|one| one.matter == Matter::Retention && one.rows > 0).then_some(())
    })
    .await;
}
