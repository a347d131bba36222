//! Everything of a site as one file, over the real engine.

use std::{collections::BTreeMap, process::Command};

use hyper::Method;
use serde_json::{Value, json};

use crate::{
    engine::{Engine, date},
    harness::Owner,
    reports::half_closed,
    traffic::{FIRST_DAY, Visit},
};

const PATH: &str = "/api/v1/sites/1/exports";

async fn begin(owner: &Owner, format: &str) -> String {
    let answer = owner.post(PATH, &json!({"format": format})).await;
    assert_eq!(answer.status, 202, "{:?}", answer.body);
    answer.json()["id"].as_str().unwrap().to_owned()
}

/// The export once it is over.
async fn over(owner: &Owner, id: &str) -> Value {
    loop {
        let list = owner.get(PATH).await.json();
        let found = list["exports"].as_array().unwrap().iter().find(|one| one["id"] == id).cloned();
        let found = found.expect("it is in the list until it is removed");
        if found["state"] != "running" && found["state"] != "waiting" {
            return found;
        }
    }
}

/// Its files, unpacked by the system's own tar.
async fn files(owner: &Owner, id: &str) -> BTreeMap<String, Vec<u8>> {
    let answer = owner.get(&format!("{PATH}/{id}/file")).await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "application/x-tar"));
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("a.tar");
    std::fs::write(&archive, &answer.body).unwrap();
    assert!(
        Command::new("tar").arg("xf").arg(&archive).current_dir(folder.path()).status().unwrap().success()
    );
    let mut found = BTreeMap::new();
    for place in ["", "events"] {
        for entry in std::fs::read_dir(folder.path().join(place)).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_file() {
                let name = entry.path().strip_prefix(folder.path()).unwrap().display().to_string();
                found.insert(name, std::fs::read(entry.path()).unwrap());
            }
        }
    }
    found
}

/// Rows that the closed week has: views and goals.
fn closed_rows(visits: &[Visit]) -> usize {
    visits.iter().filter(|visit| visit.day < FIRST_DAY + 7).map(|visit| visit.steps.len()).sum()
}

#[tokio::test]
async fn a_csv_holds_every_row_of_closed_days_and_no_visitor() {
    let (_engine, owner, visits) = half_closed().await;
    let id = begin(&owner, "csv").await;
    let done = over(&owner, &id).await;
    let rows = closed_rows(&visits);
    assert_eq!(done["state"], "ready", "{done}");
    assert_eq!((&done["rows_done"], &done["rows_total"]), (&json!(rows), &json!(rows)));
    let files = files(&owner, &id).await;
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    assert_eq!(names, ["README.txt", "a.tar", "events/2026-11.csv", "ledger.csv", "site.json"]);
    let csv = String::from_utf8(files["events/2026-11.csv"].clone()).unwrap();
    let head = csv.lines().next().unwrap();
    assert!(
        head.starts_with("\"site_id\",\"day\",\"hour\",\"kind\"") && head.contains("\"is_visitor\""),
        "{head}"
    );
    assert!(!head.contains("\"visitor\"") && !head.contains("\"visit\""), "{head}");
    assert_eq!(csv.lines().count() - 1, rows);
    let visitors: u64 = {
        let at = head.split(',').position(|name| name == "\"is_visitor\"").unwrap();
        // Columns behind `props` are counted from the end: that one holds commas of its own.
        let from_end = head.split(',').count() - at;
        let flag = |line: &str| line.rsplit(',').nth(from_end - 1).unwrap().parse::<u64>().unwrap();
        csv.lines().skip(1).map(flag).sum()
    };
    let week: Vec<&Visit> = visits.iter().filter(|visit| visit.day < FIRST_DAY + 7).collect();
    assert_eq!(visitors, crate::traffic::visitors(week.into_iter()));
    assert!(!csv.contains(&date(FIRST_DAY + 7)), "an open day is not in it");
    assert_eq!(serde_json::from_slice::<Value>(&files["site.json"]).unwrap()["domain"], "example.ru");
}

#[tokio::test]
async fn a_parquet_is_what_clickhouse_itself_reads() {
    let (engine, owner, visits) = half_closed().await;
    let id = begin(&owner, "parquet").await;
    assert_eq!(over(&owner, &id).await["state"], "ready");
    let files = files(&owner, &id).await;
    let parquet = &files["events/2026-11.parquet"];
    assert!(parquet.starts_with(b"PAR1") && parquet.ends_with(b"PAR1"));
    let table = format!("{}.taken_back", engine.store.database());
    let like = format!("CREATE TABLE {table} AS {}.events", engine.store.database());
    engine.store.execute("make a table in a test", &like).await.unwrap();
    let insert = format!("INSERT INTO {table} ({}) FORMAT Parquet", store::relation::COLUMNS);
    let mut insert = engine.store.writer().insert_formatted_with(insert);
    insert.send(parquet.clone().into()).await.unwrap();
    insert.end().await.unwrap();
    let rows: u64 =
        engine.store.reader().query(&format!("SELECT count() FROM {table}")).fetch_one().await.unwrap();
    assert_eq!(rows, closed_rows(&visits) as u64);
}

#[tokio::test]
async fn an_export_is_cancelled_and_removed_and_the_next_one_goes_on() {
    let (_engine, owner, _) = half_closed().await;
    let (first, second) = (begin(&owner, "csv").await, begin(&owner, "parquet").await);
    assert_eq!(owner.send(Method::DELETE, &format!("{PATH}/{first}"), &[], None).await.status, 204);
    assert_eq!(owner.send(Method::DELETE, &format!("{PATH}/{first}"), &[], None).await.status, 404);
    assert_eq!(over(&owner, &second).await["state"], "ready");
    let files = || -> Vec<String> {
        let folder = std::fs::read_dir(owner.folder.path().join("exports")).unwrap();
        folder.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    };
    assert_eq!(files(), [format!("{second}.tar")]);
    owner.clock.advance(std::time::Duration::from_secs(24 * 60 * 60));
    assert_eq!(owner.get(PATH).await.json(), json!({"exports": []}));
    assert!(files().is_empty(), "a day later it is gone");
}

#[tokio::test]
async fn eight_are_kept_and_nobody_else_takes_one() {
    let owner = Owner::signed_in().await;
    owner.add_site("a.ru").await;
    owner.add_site("b.ru").await;
    let id = begin(&owner, "csv").await;
    assert_eq!(over(&owner, &id).await["state"], "failed", "there is no engine here");
    for _ in 0..7 {
        begin(&owner, "csv").await;
    }
    assert_eq!(owner.post(PATH, &json!({"format": "csv"})).await.code(), "too_many_exports");
    assert_eq!(owner.get("/api/v1/sites/2/exports").await.json(), json!({"exports": []}));
    let other = format!("/api/v1/sites/2/exports/{id}");
    assert_eq!(owner.send(Method::DELETE, &other, &[], None).await.status, 404);
    let reader = owner.make_token("stats:read", None).await;
    assert_eq!(owner.ask_with(&reader, Method::GET, PATH, None).await.status, 403);
}

#[tokio::test]
async fn a_restart_leaves_no_file_behind() {
    let engine = Engine::start().await;
    let owner = engine.owner().await;
    let id = begin(&owner, "csv").await;
    assert_eq!(over(&owner, &id).await["state"], "ready");
    let owner = owner.restart().await;
    assert_eq!(std::fs::read_dir(owner.folder.path().join("exports")).unwrap().count(), 0);
    assert_eq!(owner.get(PATH).await.json(), json!({"exports": []}));
}
