//! What tests ask of the fake itself, as they ask from another process.

use fake_metrika::{Fake, Profile};
use serde_json::{Value, json};

use crate::wire::{NOW, VISIT, exchange, fake, send};

async fn ask(fake: &Fake, method: &str, what: &str, body: Value) -> (u16, Value) {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let answer = exchange(fake.address, method, &format!("/__fake/{what}"), &[], body).await.unwrap();
    (answer.status, serde_json::from_slice(&answer.body).unwrap())
}

async fn a_goal(fake: &Fake) {
    for hit in ["t=pageview", "t=event&ea=srv_order&ev=9.50"] {
        assert_eq!(send(fake, "POST", "/collect", format!("{VISIT}&{hit}")).await.0, 200);
    }
}

#[tokio::test]
async fn the_log_shows_every_request_of_a_sender_raw_and_none_of_a_test() {
    let fake = fake(Profile::Mixed).await;
    a_goal(&fake).await;
    let (status, answer) = ask(&fake, "GET", "hits", Value::Null).await;
    let hits = answer["hits"].as_array().unwrap();
    assert_eq!((status, hits.len()), (200, 2));
    assert_eq!(hits[0]["body"], format!("{VISIT}&t=pageview"));
    assert_eq!(hits[0]["headers"][0], json!(["host", "mc.yandex.ru"]));
    assert_eq!(hits[0]["verdict"], "recorded");
    assert_eq!(hits[0]["notes"], json!(["doc_required_missing"]));
    assert_eq!(hits[1]["at"], NOW);
}

#[tokio::test]
async fn sessions_show_their_client_ids_whole() {
    let fake = fake(Profile::Mixed).await;
    a_goal(&fake).await;
    let (_, answer) = ask(&fake, "GET", "sessions", Value::Null).await;
    let session = json!({"start": NOW, "last": NOW, "events": 2, "pages": 1, "goals": 1});
    let expected = json!([{"counter": 7, "cid": "1768350268232845118", "sessions": [session]}]);
    assert_eq!(answer["sessions"], expected);
}

#[tokio::test]
async fn goals_tell_the_truth_by_the_day_of_the_counters_zone() {
    let fake = fake(Profile::Mixed).await;
    // 21:30 of the 15th by UTC is half past midnight of the 16th in Moscow.
    ask(&fake, "POST", "clock", json!({"stop": 1_800_048_600})).await;
    a_goal(&fake).await;
    for (day, recorded) in [("2027-01-15", 0), ("2027-01-16", 1)] {
        let (_, answer) = ask(&fake, "GET", &format!("goals?day={day}"), Value::Null).await;
        assert_eq!(answer["goals"][0]["recorded"], recorded, "{day}");
        assert_eq!(answer["goals"][0]["visible"], 0);
    }
    let (_, answer) = ask(&fake, "POST", "clock", json!({"advance": 1200})).await;
    assert_eq!(answer["now"], 1_800_049_800);
    let (_, answer) = ask(&fake, "GET", "goals", Value::Null).await;
    let expected = json!([
        {"counter": 7, "goal": 1, "name": "srv_order", "recorded": 1, "visible": 1, "value": 9.5}
    ]);
    assert_eq!(answer["goals"], expected);
}

#[tokio::test]
async fn a_script_spares_the_tests_own_requests() {
    let fake = fake(Profile::Mixed).await;
    let steps = json!([{"fault": "slow_accept", "for_ms": 60000}, {"fault": "status", "status": 500}]);
    assert_eq!(ask(&fake, "POST", "script", json!({"steps": steps})).await.0, 200);
    assert_eq!(ask(&fake, "GET", "hits", Value::Null).await.0, 200, "not held up");
}

#[tokio::test]
async fn a_new_setup_holds_from_the_next_request_on() {
    let fake = fake(Profile::Mixed).await;
    let counter = json!({"id": 8, "tokens": ["other"], "goals": [
        {"id": 5, "condition": {"type": "start", "url": "srv_"}}
    ]});
    let setup = json!({"profile": "strict", "counters": [counter]});
    assert_eq!(ask(&fake, "POST", "setup", setup).await.0, 200);
    let hit = format!("{VISIT}&t=pageview");
    assert_eq!(send(&fake, "POST", "/collect", hit.clone()).await.0, 400, "counter 7 is gone");
    let hit = hit.replace("tid=7&ms=secret", "tid=8&ms=other");
    assert_eq!(send(&fake, "POST", "/collect", hit).await.0, 200);
}

#[tokio::test]
async fn a_mistake_of_a_test_is_told() {
    let fake = fake(Profile::Mixed).await;
    for (method, what, body) in [
        ("POST", "clock", json!({"stop": -1})),
        ("POST", "clock", json!({"advance": i64::MAX})),
        ("POST", "script", json!({"steps": [{"fault": "earthquake"}]})),
        ("POST", "setup", json!({"profile": "kind"})),
        ("POST", "setup", json!({"name": "x".repeat(1024 * 1024)})),
        ("GET", "goals?day=yesterday", Value::Null),
        ("GET", "secrets", Value::Null),
    ] {
        let (status, answer) = ask(&fake, method, what, body).await;
        assert_eq!(status, 400, "{what}");
        assert!(answer["error"].is_string(), "{what}");
    }
}
