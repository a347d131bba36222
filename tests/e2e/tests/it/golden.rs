//! The same numbers from an open day, a closed day, and a range over both, for every
//! metric; worked out by hand in `e2e::golden`.

use std::{os::unix::process::ExitStatusExt, path::Path, process::Command, sync::Arc};

use arc_swap::ArcSwap;
use collector::{
    clock::Clock,
    close::{Closer, SLICE_ROWS_MAX},
    erase::Erasures,
    spool::{Directory, Spool},
};
use e2e::{
    golden,
    parts::Parts,
    road::{Break, Road},
};
use jiff::Timestamp;
use serde_json::{Value, json};
use store::{
    event::COLUMNS,
    goal::Declared,
    relation::{Of, Relation},
};

/// When both days are open; when the first is over; when it has lain closed long
/// enough to be dropped; when both are over.
const NOON_ONE: &str = "2026-03-10T16:00:00Z";
const NOON_TWO: &str = "2026-03-11T12:00:00Z";
const LATER_ON_TWO: &str = "2026-03-11T13:00:00Z";
const NOON_THREE: &str = "2026-03-12T12:00:00Z";

/// Makes three parts of the first day or more.
const FEW_ROWS: u64 = 5;

pub async fn insert(parts: &Parts, batch: u64, events: &[store::event::HotEvent]) {
    let mut days: std::collections::BTreeMap<u16, Vec<u8>> = Default::default();
    for (seq, event) in (0_u32..).zip(events) {
        let body = days.entry(event.day).or_default();
        event.encode(body);
        body.extend_from_slice(&seq.to_le_bytes());
        body.extend_from_slice(&batch.to_le_bytes());
    }
    for (day, body) in days {
        let id = format!("golden-{batch}-{day}");
        parts.store.insert("events_hot", COLUMNS, &id, body.into()).await.expect("the rows are taken");
    }
}

/// Nothing is on its way, so nothing keeps a day from being closed.
pub fn empty_spool(folder: &Path) -> Spool {
    Spool::start(Arc::new(Directory::open(folder).unwrap()), 1, 1 << 30, Clock::system()).unwrap()
}

pub fn closer(store: &store::Store, spool: &Spool) -> Closer {
    closer_in_parts(store, spool, SLICE_ROWS_MAX)
}

/// One that rewrites a day of more rows part by part.
pub fn closer_in_parts(store: &store::Store, spool: &Spool, slice_rows_max: u64) -> Closer {
    Closer {
        store: store.clone(),
        sites: Arc::new(ArcSwap::from_pointee(golden::sites())),
        spool: spool.state().clone(),
        clock: Clock::system(),
        erasures: Arc::new(Erasures::open(tempfile::tempdir().unwrap().path()).unwrap()),
        shipping: Arc::default(),
        slice_rows_max,
    }
}

/// The overview of a range, reduced to what the table says.
async fn numbers(parts: &Parts, from: &str, to: &str) -> Value {
    let overview =
        parts.get(&format!("/api/v1/sites/1/overview?period=custom&from={from}&to={to}&compare=none")).await;
    let metric = |name: &str| overview["metrics"][name]["value"].clone();
    let panel = |name: &str| -> Value {
        let mut rows: Vec<Value> = overview["panels"][name]["rows"].as_array().expect(name).clone();
        rows.sort_by_key(|row| row["value"].as_str().unwrap_or_default().to_owned());
        rows.into_iter()
            .map(|row| json!([row["value"], row["visitors"], row["visits"], row["views"], row["events"]]))
            .collect()
    };
    json!({
        "visitors": metric("visitors"), "visits": metric("visits"), "views": metric("views"),
        "views_per_visit": metric("views_per_visit"), "bounce_ratio": metric("bounce_ratio"),
        "duration_seconds": metric("duration_seconds"), "engaged_seconds": metric("engaged_seconds"),
        "page": panel("page"), "source": panel("source"), "country": panel("country"),
        "device": panel("device"), "goal": panel("event"), "entry": panel("entry"), "exit": panel("exit"),
    })
}

/// The views that were measured: path and figures.
async fn vitals(parts: &Parts) -> Vec<String> {
    let (from, to) = (golden::DAY_ONE, golden::DAY_ONE + 1);
    let declared = Declared::default();
    let of = Of { site_id: 1, time_zone: "UTC", declared: &declared };
    let relation = Relation::load(&parts.store, of, from, to).await.unwrap();
    let sql =
        format!("SELECT concat(path, ' ', toString(vitals)) FROM {} WHERE notEmpty(vitals)", relation.sql());
    parts.store.reader().query(&sql).fetch_all().await.unwrap()
}

/// Checks everything the table in `e2e::golden` says, on one state of closing.
async fn check(parts: &Parts, state: &str) {
    let one = numbers(parts, "2026-03-10", "2026-03-10").await;
    for (name, want) in [
        ("visitors", json!(4)),
        ("visits", json!(5)),
        ("views", json!(7)),
        ("views_per_visit", json!(1.4)),
        ("bounce_ratio", json!(0.6)),
        ("duration_seconds", json!(152.0)),
        ("engaged_seconds", json!(14.6)),
    ] {
        assert_close(&one[name], &want, &format!("{name}, day one, {state}"));
    }
    check_panels(&one, state);
    assert_eq!(vitals(parts).await, ["/ {'lcp':1200,'cls':34}"], "vitals, {state}");
    let two = numbers(parts, "2026-03-11", "2026-03-11").await;
    for (name, want) in [
        ("visitors", json!(1)),
        ("visits", json!(1)),
        ("views", json!(1)),
        ("bounce_ratio", json!(1.0)),
        ("duration_seconds", json!(0.0)),
    ] {
        assert_close(&two[name], &want, &format!("{name}, day two, {state}"));
    }
    let both = numbers(parts, "2026-03-10", "2026-03-11").await;
    for (name, want) in [
        ("visitors", json!(5)),
        ("visits", json!(6)),
        ("views", json!(8)),
        ("views_per_visit", json!(8.0 / 6.0)),
        ("bounce_ratio", json!(4.0 / 6.0)),
        ("duration_seconds", json!(760.0 / 6.0)),
        ("engaged_seconds", json!(73.0 / 6.0)),
    ] {
        assert_close(&both[name], &want, &format!("{name}, both days, {state}"));
    }
}

/// Rows are value, visitors, visits, views, events; null where a panel has none.
fn check_panels(one: &Value, state: &str) {
    let rows = |name: &str, columns: &[usize]| -> Value {
        one[name]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| columns.iter().map(|&at| row[at].clone()).collect::<Value>())
            .collect()
    };
    let page = json!([["/", 2, 3, 4], ["/about", 1, 1, 1], ["/pricing", 2, 2, 2]]);
    assert_eq!(rows("page", &[0, 1, 2, 3]), page, "pages, {state}");
    let source = json!([["Direct", 3, 3], ["Telegram", 1, 1], ["Yandex", 1, 1]]);
    assert_eq!(rows("source", &[0, 1, 2]), source, "sources, {state}");
    assert_eq!(rows("country", &[0, 1, 2]), json!([["DE", 1, 1], ["RU", 3, 4]]), "countries, {state}");
    assert_eq!(rows("device", &[0, 1, 2]), json!([["desktop", 2, 3], ["mobile", 2, 2]]), "devices, {state}");
    assert_eq!(rows("goal", &[0, 1, 4]), json!([["Call", 1, 1], ["Order", 1, 1]]), "goals, {state}");
    assert_eq!(rows("exit", &[0, 2]), json!([["/", 1], ["/about", 1], ["/pricing", 2]]), "exits, {state}");
    let entry = json!([["/", 3], ["/contacts", 1], ["/pricing", 1]]);
    assert_eq!(rows("entry", &[0, 2]), entry, "entries, {state}");
}

fn assert_close(got: &Value, want: &Value, what: &str) {
    let (got, want) = (got.as_f64().unwrap_or(f64::NAN), want.as_f64().unwrap());
    assert!((got - want).abs() < 1e-6, "{what}: {got}, not {want}");
}

#[tokio::test]
async fn a_day_gives_the_same_numbers_open_closed_and_in_a_range_over_both() {
    open_closed_and_over_both(SLICE_ROWS_MAX).await;
}

#[tokio::test]
async fn a_day_rewritten_in_parts_gives_the_same_numbers() {
    open_closed_and_over_both(FEW_ROWS).await;
}

async fn open_closed_and_over_both(slice_rows_max: u64) {
    let parts = Parts::start().await;
    let folder = tempfile::tempdir().unwrap();
    let spool = empty_spool(folder.path());
    let closer = closer_in_parts(&parts.store, &spool, slice_rows_max);
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    // Two batches in the wrong order, so that no answer rests on the order of arrival.
    let events = golden::events();
    let (first, second) = events.split_at(6);
    insert(&parts, 2, second).await;
    insert(&parts, 1, first).await;

    closer.close_due(at(NOON_ONE)).await.unwrap();
    check(&parts, "both open").await;
    closer.close_due(at(NOON_TWO)).await.unwrap();
    check(&parts, "one closed, its rows not dropped").await;
    closer.close_due(at(LATER_ON_TWO)).await.unwrap();
    let days: Vec<u16> = parts
        .store
        .reader()
        .query("SELECT DISTINCT day FROM mostik.events_hot ORDER BY day")
        .fetch_all()
        .await
        .unwrap();
    assert_eq!(days, [golden::DAY_ONE + 1], "the closed day has no hot rows any more");
    check(&parts, "one closed and dropped").await;
    closer.close_due(at(NOON_THREE)).await.unwrap();
    check(&parts, "both closed").await;
    closer.close_due(at(NOON_THREE)).await.unwrap();
    check(&parts, "closed a second time").await;
}

#[tokio::test]
async fn events_that_come_late_are_in_the_day_when_it_is_closed_again() {
    let parts = Parts::start().await;
    let folder = tempfile::tempdir().unwrap();
    let spool = empty_spool(folder.path());
    let closer = closer(&parts.store, &spool);
    let (early, late): (Vec<_>, Vec<_>) =
        golden::events().into_iter().partition(|event| event.visitor != 103);
    insert(&parts, 1, &early).await;
    closer.close_due(NOON_TWO.parse().unwrap()).await.unwrap();
    insert(&parts, 2, &late).await;
    closer.close_due(NOON_TWO.parse().unwrap()).await.unwrap();
    check(&parts, "closed again").await;
}

#[tokio::test]
async fn rows_that_come_after_the_drop_are_added_to_the_day() {
    let parts = Parts::start().await;
    let folder = tempfile::tempdir().unwrap();
    let spool = empty_spool(folder.path());
    let closer = closer(&parts.store, &spool);
    let (early, late): (Vec<_>, Vec<_>) =
        golden::events().into_iter().partition(|event| event.visitor != 103);
    insert(&parts, 1, &early).await;
    closer.close_due(NOON_TWO.parse().unwrap()).await.unwrap();
    closer.close_due(LATER_ON_TWO.parse().unwrap()).await.unwrap();
    insert(&parts, 2, &late).await;
    closer.close_due(LATER_ON_TWO.parse().unwrap()).await.unwrap();
    check(&parts, "closed with what came late").await;
    closer.close_due(NOON_THREE.parse().unwrap()).await.unwrap();
    closer.close_due(NOON_THREE.parse().unwrap()).await.unwrap();
    check(&parts, "closed and dropped again").await;
}

/// A browser that heard no answer sends its event again, with the same number.
#[tokio::test]
async fn an_event_that_was_sent_twice_counts_once_open_and_closed() {
    let parts = Parts::start().await;
    let folder = tempfile::tempdir().unwrap();
    let spool = empty_spool(folder.path());
    let closer = closer(&parts.store, &spool);
    insert(&parts, 1, &golden::events()).await;
    insert(&parts, 2, &golden::events()).await;
    check(&parts, "both open").await;
    closer.close_due(NOON_THREE.parse().unwrap()).await.unwrap();
    check(&parts, "both closed").await;
}

/// Closing goes on over a road that breaks one statement, at each place in turn, as a
/// kill of either side would break it.
#[tokio::test]
async fn a_closing_cut_short_at_any_step_changes_no_number_and_leaves_no_id() {
    for (point, slice_rows_max) in
        [(Break::Before, SLICE_ROWS_MAX), (Break::After, SLICE_ROWS_MAX), (Break::After, FEW_ROWS)]
    {
        let parts = Parts::start().await;
        let folder = tempfile::tempdir().unwrap();
        let spool = empty_spool(folder.path());
        insert(&parts, 1, &golden::events()).await;
        let road = Road::open(folder.path(), &parts.engine_socket);
        let mut cuts = 0;
        for now in [NOON_TWO, LATER_ON_TWO] {
            // Each round goes one statement further than the last, until nothing breaks.
            for at in 0.. {
                road.follow(move |number| (number == at).then_some(point));
                let closer = closer_in_parts(&road.store(), &spool, slice_rows_max);
                let outcome = closer.close_due(now.parse().unwrap()).await;
                check(&parts, &format!("cut {point:?} statement {at}")).await;
                // The last one's that counts for nothing, and both of one in parts.
                assert!(generations(&parts).await <= 3, "what is cut short piles up");
                if road.seen().1 == 0 {
                    outcome.unwrap();
                    break;
                }
                cuts += 1;
            }
        }
        assert!(cuts >= 8, "only {cuts} statements were cut");
        assert_eq!(hot_rows_of_day_one(&parts).await, 0, "hot rows of the closed day");
        assert_eq!(rows_of_older_closings(&parts).await, 0, "rows of closings that do not count");
    }
}

async fn generations(parts: &Parts) -> u64 {
    parts.store.reader().query("SELECT uniqExact(gen) FROM mostik.events").fetch_one().await.unwrap()
}

async fn rows_of_older_closings(parts: &Parts) -> u64 {
    let sql = "SELECT count() FROM mostik.events WHERE gen < (SELECT max(gen) FROM mostik.closed_days)";
    parts.store.reader().query(sql).fetch_one().await.unwrap()
}

async fn hot_rows_of_day_one(parts: &Parts) -> u64 {
    parts
        .store
        .reader()
        .query("SELECT count() FROM mostik.events_hot WHERE day = toDate(?)")
        .bind(golden::DAY_ONE)
        .fetch_one()
        .await
        .unwrap()
}

/// A process that closes is killed when it is about to send its first statement, its
/// second and so on, and then when it is about to read the first answer, the second and
/// so on; what it had begun is finished by the next one.
#[tokio::test]
async fn a_closing_killed_at_any_step_changes_no_number_and_leaves_no_id() {
    for calls in ["sendto,writev,sendmsg", "recvfrom,readv,recvmsg"] {
        let parts = Parts::start().await;
        let folder = tempfile::tempdir().unwrap();
        insert(&parts, 1, &golden::events()).await;
        let mut kills = 0;
        for now in [NOON_TWO, LATER_ON_TWO] {
            for at in 1.. {
                let rule = format!("{calls}:signal=SIGKILL:when={at}");
                let ended = Command::new("strace")
                    .args([
                        "--quiet=all",
                        &format!("--trace={calls}"),
                        &format!("--inject={rule}"),
                        "-o",
                        "/dev/null",
                    ])
                    .arg(env!("CARGO_BIN_EXE_closing"))
                    .arg(&parts.engine_socket)
                    .args([folder.path().to_str().unwrap(), now])
                    .status()
                    .unwrap();
                check(&parts, &format!("killed at {calls} {at}")).await;
                if ended.success() {
                    break;
                }
                assert_eq!(ended.signal(), Some(9), "{ended}");
                kills += 1;
            }
        }
        assert!(kills >= 8, "only {kills} kills");
        assert_eq!(hot_rows_of_day_one(&parts).await, 0, "hot rows of the closed day");
        assert_eq!(rows_of_older_closings(&parts).await, 0, "rows of closings that do not count");
    }
}

#[tokio::test]
async fn closed_rows_have_no_column_that_names_a_visitor_a_visit_or_a_second() {
    let parts = Parts::start().await;
    let columns: Vec<String> = parts
        .store
        .reader()
        .query("SELECT name FROM system.columns WHERE database = 'mostik' AND table = 'events'")
        .fetch_all()
        .await
        .unwrap();
    assert!(columns.len() > 20);
    for banned in ["visitor", "visit", "ts", "event_id", "page_view", "batch", "seq"] {
        assert!(!columns.iter().any(|column| column == banned), "events has {banned}");
    }
}
