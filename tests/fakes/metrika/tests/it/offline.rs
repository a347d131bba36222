//! Offline conversions, as the sender of late goals meets them.

use fake_metrika::{
    Fake, Profile,
    fault::Order,
    offline::{PROCESSING_SECONDS, WINDOW_SECONDS},
    setup::Setup,
};
use serde_json::{Value, json};

use crate::wire::{NOW, VISIT, exchange, fake, send};

const CID: &str = "1768350268232845118";
const UPLOAD: &str = "/management/v1/counter/7/offline_conversions/upload";

/// A fake with one visit, two hours ago, and tokens that upload, write and read.
async fn with_visit() -> Fake {
    let fake = fake(Profile::Mixed).await;
    let grant = |scope: &str| json!({"scopes": [scope], "counters": [7]});
    let grants = json!({
        "uploader": grant("metrika:offline_data"), "writer": grant("metrika:write"), "reader": grant("metrika:read"),
    });
    Setup::parse(json!({ "grants": grants }).to_string().as_bytes()).unwrap().apply(&mut fake.ledger());
    assert_eq!(send(&fake, "POST", "/collect", format!("{VISIT}&t=pageview")).await.0, 200);
    fake.ledger().clock.advance(7_200);
    fake
}

async fn put(fake: &Fake, token: &str, csv: &str) -> (u16, Value) {
    let body = format!(
        "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n{csv}\r\n--b--\r\n"
    );
    let headers =
        [("authorization", &*format!("OAuth {token}")), ("content-type", "multipart/form-data; boundary=b")];
    let answer = exchange(fake.address, "POST", UPLOAD, &headers, body).await.unwrap();
    (answer.status, serde_json::from_slice(&answer.body).unwrap())
}

async fn get(fake: &Fake, what: &str) -> Value {
    let target = format!("/management/v1/counter/7/offline_conversions/{what}");
    let headers = [("authorization", "OAuth uploader")];
    let answer = exchange(fake.address, "GET", &target, &headers, String::new()).await.unwrap();
    serde_json::from_slice(&answer.body).unwrap()
}

fn csv(lines: &[&str]) -> String {
    format!("ClientId,Target,DateTime,Price,Currency\n{}\n", lines.join("\n"))
}

fn row(target: &str, at: i64, price: &str) -> String {
    format!("{CID},{target},{at},{price},RUB")
}

#[tokio::test]
async fn a_row_joins_the_visit_before_it_and_is_seen_when_the_file_is_worked_on() {
    let fake = with_visit().await;
    let (status, answer) = put(&fake, "uploader", &csv(&[&row("srv_order", NOW + 60, "99.5")])).await;
    assert_eq!((status, &answer["uploading"]["status"]), (200, &json!("UPLOADED")));
    assert_eq!(
        (&answer["uploading"]["source_quantity"], &answer["uploading"]["line_quantity"]),
        (&json!(1), &json!(1))
    );
    let mut words = Vec::new();
    for _ in 0..5 {
        words.push(get(&fake, "uploading/1").await["uploading"]["status"].as_str().unwrap().to_owned());
        fake.ledger().clock.advance(PROCESSING_SECONDS / 4);
    }
    assert_eq!(words, ["UPLOADED", "EXPORTED", "MATCHED", "MATCHED", "PROCESSED"]);
    let ledger = fake.ledger();
    assert_eq!(
        ledger.visible(7, 1).map(|reach| (reach.et, reach.visit, reach.value)).collect::<Vec<_>>(),
        [(NOW + 60, NOW, Some(99.5))]
    );
}

#[tokio::test]
async fn what_came_in_a_file_is_not_seen_before_two_hours() {
    let fake = with_visit().await;
    put(&fake, "writer", &csv(&[&row("srv_order", NOW + 60, "1")])).await;
    fake.ledger().clock.advance(PROCESSING_SECONDS - 1);
    assert_eq!(fake.ledger().visible(7, 1).count(), 0);
    fake.ledger().clock.advance(1);
    assert_eq!(fake.ledger().visible(7, 1).count(), 1);
}

#[tokio::test]
async fn a_row_that_comes_again_overwrites_its_price_and_counts_once() {
    let fake = with_visit().await;
    for price in ["10", "25"] {
        put(&fake, "uploader", &csv(&[&row("srv_order", NOW + 60, price)])).await;
    }
    put(&fake, "uploader", &csv(&[&row("srv_order", NOW + 61, "1")])).await;
    let values: Vec<_> = fake.ledger().reaches.iter().map(|reach| reach.value).collect();
    assert_eq!(values, [Some(25.0), Some(1.0)], "another second is another goal");
    assert_eq!(get(&fake, "uploadings?limit=2&offset=1").await["uploadings"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn rows_that_cannot_be_are_refused_although_the_answer_is_200() {
    let fake = with_visit().await;
    let future = fake.ledger().clock.now();
    for bad in [
        row("srv_order", future, "1"),
        format!("{CID},srv_order,soon,1,RUB"),
        format!("{CID},srv_order,{NOW},,"),
        format!(",srv_order,{NOW},1,RUB"),
        format!("{CID},,{NOW},1,RUB"),
        format!("{CID},srv_order,{NOW}"),
    ] {
        let (status, answer) = put(&fake, "uploader", &csv(&[&bad, &row("unknown_goal", NOW, "1")])).await;
        let uploading = &answer["uploading"];
        assert_eq!(
            (status, &uploading["source_quantity"], &uploading["line_quantity"]),
            (200, &json!(2), &json!(1)),
            "{bad}"
        );
    }
    assert_eq!(fake.ledger().reaches.len(), 0, "a target that nobody knows yields nothing");
}

#[tokio::test]
async fn a_file_of_which_no_row_finds_a_visit_ends_as_a_linkage_failure() {
    let fake = with_visit().await;
    let stranger = format!("1768350268232845119,srv_order,{},1,RUB", NOW + 60);
    let early = row("srv_order", NOW - 1, "1");
    put(&fake, "uploader", &csv(&[&stranger, &early])).await;
    fake.ledger().clock.advance(WINDOW_SECONDS);
    put(&fake, "uploader", &csv(&[&row("srv_order", NOW + 60, "1")])).await;
    fake.ledger().clock.advance(PROCESSING_SECONDS);
    for file in ["uploading/1", "uploading/2"] {
        assert_eq!(get(&fake, file).await["uploading"]["status"], "LINKAGE_FAILURE", "{file}");
    }
    assert_eq!(fake.ledger().reaches.len(), 0);
}

#[tokio::test]
async fn who_may_not_write_uploads_nothing_and_no_form_is_no_file() {
    let fake = with_visit().await;
    let good = csv(&[&row("srv_order", NOW, "1")]);
    assert_eq!(put(&fake, "reader", &good).await.0, 403);
    for file in ["", "ClientId,Target\n", "ClientId,Target,DateTime,Email\n1,a,1,x\n"] {
        let (status, answer) = put(&fake, "writer", file).await;
        assert_eq!(
            (status, &answer["errors"][0]["error_type"]),
            (400, &json!("invalid_uploading")),
            "{file:?}"
        );
    }
    let headers = [("authorization", "OAuth writer"), ("content-type", "text/csv")];
    let answer = exchange(fake.address, "POST", UPLOAD, &headers, good).await.unwrap();
    assert_eq!(answer.status, 400);
    assert_eq!(fake.ledger().offline.files.len(), 0);
}

#[tokio::test]
async fn the_script_strikes_files_before_and_after_they_are_taken() {
    for (fault, status, files) in [
        (r#"{"fault": "reset_before_commit"}"#, None, 0),
        (r#"{"fault": "reset_after_commit"}"#, None, 1),
        (r#"{"fault": "status", "status": 503}"#, Some(503), 0),
        (r#"{"fault": "status", "status": 504, "is_committed": true}"#, Some(504), 1),
    ] {
        let fake = with_visit().await;
        let order: Order = serde_json::from_str(&format!("{{\"steps\": [{fault}]}}")).unwrap();
        fake.ledger().script.append(order).unwrap();
        let body = "--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nClientId,Target,DateTime\n\r\n--b--\r\n";
        let headers =
            [("authorization", "OAuth writer"), ("content-type", "multipart/form-data; boundary=b")];
        let answer = exchange(fake.address, "POST", UPLOAD, &headers, body.to_owned()).await;
        assert_eq!(answer.ok().map(|answer| answer.status), status, "{fault}");
        assert_eq!(fake.ledger().offline.files.len(), files, "{fault}");
    }
}
