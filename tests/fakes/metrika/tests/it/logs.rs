//! Requests for logs, over their whole life.

use fake_metrika::{
    Fake, Profile,
    api::logs::{PART_LINES, WORKING_SECONDS},
    setup::Setup,
};
use serde_json::{Value, json};

use crate::wire::{NOW, VISIT, exchange, fake, send};

const DAY: i64 = 24 * 3600;

async fn reading() -> Fake {
    let fake = fake(Profile::Mixed).await;
    let grants = json!({"reader": {"scopes": ["metrika:read"], "counters": [7]}});
    Setup::parse(json!({ "grants": grants }).to_string().as_bytes()).unwrap().apply(&mut fake.ledger());
    fake
}

async fn call(fake: &Fake, method: &str, what: &str) -> (u16, String) {
    let target = format!("/management/v1/counter/7/{what}");
    let headers = [("authorization", "OAuth reader")];
    let answer = exchange(fake.address, method, &target, &headers, String::new()).await.unwrap();
    (answer.status, String::from_utf8(answer.body).unwrap())
}

async fn json_of(fake: &Fake, method: &str, what: &str) -> Value {
    let (status, body) = call(fake, method, what).await;
    assert_eq!(status, 200, "{what}: {body}");
    serde_json::from_str(&body).unwrap()
}

fn today(fake: &Fake) -> String {
    let ledger = fake.ledger();
    ledger.counters[&7].day(ledger.clock.now()).to_string()
}

fn query(day: &str, source: &str, fields: &str) -> String {
    format!("date1={day}&date2={day}&source={source}&fields={fields}")
}

#[tokio::test]
async fn a_request_lives_from_evaluation_to_cleaning() {
    let fake = reading().await;
    send(&fake, "POST", "/collect", format!("{VISIT}&t=pageview&et={NOW}")).await;
    send(&fake, "POST", "/collect", format!("{VISIT}&t=event&ea=srv_order&et={NOW}")).await;
    let day = today(&fake);
    fake.ledger().clock.advance(DAY);
    let asked = query(&day, "visits", "ym:s:clientID,ym:s:dateTimeUTC,ym:s:goalsID");
    let evaluated = json_of(&fake, "GET", &format!("logrequests/evaluate?{asked}")).await;
    assert_eq!(evaluated["log_request_evaluation"]["possible"], true);
    let made = json_of(&fake, "POST", &format!("logrequests?{asked}")).await["log_request"].clone();
    assert_eq!(
        (&made["request_id"], &made["status"], &made["parts"]),
        (&json!(1), &json!("created"), &Value::Null)
    );
    let (status, early) = call(&fake, "GET", "logrequest/1/part/0/download").await;
    assert!(status == 400 && early.contains("'processed'"), "{early}");
    fake.ledger().clock.advance(WORKING_SECONDS);
    let processed = json_of(&fake, "GET", "logrequest/1").await["log_request"].clone();
    assert_eq!(
        (&processed["status"], &processed["parts"][0]["part_number"]),
        (&json!("processed"), &json!(0))
    );
    let (_, tsv) = call(&fake, "GET", "logrequest/1/part/0/download").await;
    // What is called UTC there is three hours ahead of it.
    assert_eq!(
        tsv,
        "ym:s:clientID\tym:s:dateTimeUTC\tym:s:goalsID\n1768350268232845118\t2027-01-15 11:00:00\t[1]\n"
    );
    let (status, beyond) = call(&fake, "GET", "logrequest/1/part/1/download").await;
    assert!(status == 400 && beyond.contains("Incorrect part number"), "{beyond}");
    let cleaned = json_of(&fake, "POST", "logrequest/1/clean").await["log_request"].clone();
    assert_eq!(cleaned["status"], "cleaned_by_user");
    assert_eq!(call(&fake, "GET", "logrequest/1/part/0/download").await.0, 400);
    assert_eq!(json_of(&fake, "GET", "logrequests").await["requests"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_request_is_cancelled_only_while_it_is_worked_on() {
    let fake = reading().await;
    let day = today(&fake);
    fake.ledger().clock.advance(DAY);
    let asked = query(&day, "hits", "ym:pv:clientID");
    for _ in 0..2 {
        json_of(&fake, "POST", &format!("logrequests?{asked}")).await;
    }
    assert_eq!(json_of(&fake, "POST", "logrequest/1/cancel").await["log_request"]["status"], "canceled");
    assert_eq!(call(&fake, "POST", "logrequest/2/clean").await.0, 400);
    fake.ledger().clock.advance(WORKING_SECONDS);
    assert_eq!(call(&fake, "POST", "logrequest/2/cancel").await.0, 400);
    assert_eq!(json_of(&fake, "GET", "logrequest/1").await["log_request"]["status"], "canceled");
}

#[tokio::test]
async fn today_and_fields_of_persons_are_refused() {
    let fake = reading().await;
    let today = today(&fake);
    assert_eq!(
        call(&fake, "POST", &format!("logrequests?{}", query(&today, "hits", "ym:pv:URL"))).await.0,
        400
    );
    fake.ledger().clock.advance(DAY);
    for (day, source, fields) in [
        (today.as_str(), "hits", "ym:pv:ipAddress"),
        (today.as_str(), "visits", "ym:pv:URL"),
        (today.as_str(), "clicks", "ym:pv:URL"),
        ("yesterday", "hits", "ym:pv:URL"),
    ] {
        let asked = query(day, source, fields);
        assert_eq!(call(&fake, "POST", &format!("logrequests?{asked}")).await.0, 400, "{asked}");
    }
    let (early, late) = ("2025-01-01", "2026-06-01");
    let long = format!("logrequests?date1={early}&date2={late}&source=hits&fields=ym:pv:URL");
    assert_eq!(call(&fake, "POST", &long).await.0, 400, "a year at most");
}

#[tokio::test]
async fn a_long_log_comes_in_parts_of_recorded_hits_alone() {
    let fake = reading().await;
    let count = PART_LINES + 1;
    for _ in 0..count {
        send(&fake, "POST", "/collect", format!("{VISIT}&t=pageview")).await;
    }
    send(&fake, "POST", "/collect", format!("{VISIT}&t=nonsense")).await;
    let day = today(&fake);
    fake.ledger().clock.advance(DAY);
    json_of(&fake, "POST", &format!("logrequests?{}", query(&day, "hits", "ym:pv:isPageView,ym:pv:URL")))
        .await;
    fake.ledger().clock.advance(WORKING_SECONDS);
    let mut lines = 0;
    for part in 0..2 {
        let (_, tsv) = call(&fake, "GET", &format!("logrequest/1/part/{part}/download")).await;
        assert!(tsv.lines().skip(1).all(|line| line == "1\thttps://example.ru/"), "{tsv}");
        lines += tsv.lines().count() - 1;
    }
    assert_eq!(lines, count);
}
