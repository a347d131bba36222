//! The API that wants an OAuth token, as the doctor and the reconciliation meet it.

use fake_metrika::{Fake, Profile, api::quota, ledger::INGEST_SECONDS, setup::Setup};
use serde_json::{Value, json};

use crate::wire::{VISIT, exchange, fake, send};

/// A fake whose counter 7 may be read by `reader` and written by `writer`.
async fn granting() -> Fake {
    let fake = fake(Profile::Mixed).await;
    let grant = |scope: &str, counter: u64| json!({"scopes": [scope], "counters": [counter]});
    let grants = json!({
        "reader": grant("metrika:read", 7), "writer": grant("metrika:write", 7), "stranger": grant("metrika:write", 8)
    });
    Setup::parse(json!({ "grants": grants }).to_string().as_bytes()).unwrap().apply(&mut fake.ledger());
    fake
}

async fn ask(fake: &Fake, token: &str, method: &str, target: &str, body: Value) -> (u16, Value) {
    let authorization = format!("OAuth {token}");
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let headers = [("authorization", authorization.as_str())];
    let answer = exchange(fake.address, method, target, &headers, body).await.unwrap();
    (answer.status, serde_json::from_slice(&answer.body).unwrap())
}

async fn get(fake: &Fake, token: &str, target: &str) -> (u16, Value) {
    ask(fake, token, "GET", target, Value::Null).await
}

#[tokio::test]
async fn a_token_opens_what_it_was_granted_and_nothing_else() {
    let fake = granting().await;
    let counter = "/management/v1/counter/7";
    for headers in [&[][..], &[("authorization", "Bearer reader")]] {
        let answer = exchange(fake.address, "GET", counter, headers, String::new()).await.unwrap();
        let body: Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!((answer.status, &body["errors"][0]["error_type"]), (401, &json!("unauthorized")));
    }
    let on = json!({"counter": {"counter_flags": {"measurement_enabled": false}}});
    for (token, method, body, error) in [
        ("unknown", "GET", Value::Null, "invalid_token"),
        ("stranger", "GET", Value::Null, "access_denied"),
        ("reader", "PUT", on, "access_denied"),
    ] {
        let (status, answer) = ask(&fake, token, method, counter, body).await;
        assert_eq!((status, &answer["errors"][0]["error_type"]), (403, &json!(error)), "{token}");
    }
    assert!(fake.ledger().counters[&7].measurement_enabled);
    assert_eq!(get(&fake, "reader", counter).await.0, 200);
}

#[tokio::test]
async fn a_counter_shows_the_fields_asked_for_and_takes_changes() {
    let fake = granting().await;
    fake.ledger().counters.get_mut(&7).unwrap().only_mirrors = vec!["a.ru".into(), "b.ru".into()];
    let (_, plain) = get(&fake, "reader", "/management/v1/counters").await;
    assert_eq!((&plain["rows"], &plain["counters"][0]["permission"]), (&json!(1), &json!("view")));
    assert_eq!(plain["counters"][0]["goals"], Value::Null);
    let target = "/management/v1/counter/7?field=goals,mirrors,filters,counter_flags,measurement_tokens";
    let off = json!({"counter": {"counter_flags": {"measurement_enabled": false}}});
    assert_eq!(ask(&fake, "writer", "PUT", target, off).await.0, 200);
    let counter = get(&fake, "writer", target).await.1["counter"].clone();
    assert_eq!(counter["counter_flags"]["measurement_enabled"], false);
    assert_eq!(counter["measurement_tokens"], json!(["secret"]));
    assert_eq!(counter["mirrors2"], json!([{"site": "b.ru"}]));
    assert_eq!(counter["filters"][0]["type"], "only_mirrors");
    assert_eq!(counter["goals"][0]["conditions"], json!([{"type": "exact", "url": "srv_order"}]));
    let short = json!({"counter": {"visit_threshold": 1799}});
    assert_eq!(ask(&fake, "writer", "PUT", target, short).await.0, 400);
}

#[tokio::test]
async fn a_goal_is_made_changed_and_deleted_and_collects_while_it_lives() {
    let fake = granting().await;
    let goal = |ea: &str| {
        let conditions = json!([{"type": "exact", "url": ea}]);
        json!({"goal": {"name": "Paid", "type": "action", "conditions": conditions}})
    };
    let (status, made) =
        ask(&fake, "writer", "POST", "/management/v1/counter/7/goals", goal("srv_paid")).await;
    assert_eq!((status, &made["goal"]["id"]), (200, &json!(2)));
    let one = "/management/v1/counter/7/goal/2";
    assert_eq!(ask(&fake, "writer", "PUT", one, goal("srv_bought")).await.0, 200);
    send(&fake, "POST", "/collect", format!("{VISIT}&t=pageview")).await;
    send(&fake, "POST", "/collect", format!("{VISIT}&t=event&ea=srv_bought")).await;
    assert_eq!(ask(&fake, "writer", "DELETE", one, Value::Null).await.1, json!({"success": true}));
    send(&fake, "POST", "/collect", format!("{VISIT}&t=event&ea=srv_bought")).await;
    assert_eq!(fake.ledger().reaches_of(7, 2).count(), 1);
    assert_eq!(get(&fake, "writer", one).await.0, 404);
    let (_, goals) = get(&fake, "reader", "/management/v1/counter/7/goals?useDeleted=true").await;
    assert_eq!(goals["goals"][1]["status"], "Deleted");
}

#[tokio::test]
async fn goals_of_a_counter_have_a_limit() {
    let fake = granting().await;
    let goal = json!({"goal": {"name": "", "type": "action", "conditions": [{"type": "exact", "url": "x"}]}});
    for _ in 1..fake_metrika::api::GOALS_MAX {
        let target = "/management/v1/counter/7/goals";
        assert_eq!(ask(&fake, "writer", "POST", target, goal.clone()).await.0, 200);
    }
    let (status, answer) = ask(&fake, "writer", "POST", "/management/v1/counter/7/goals", goal).await;
    assert_eq!((status, &answer["errors"][0]["error_type"]), (400, &json!("limit_exceeded")));
}

#[tokio::test]
async fn a_sixth_token_is_refused_with_the_documented_words() {
    let fake = granting().await;
    let generate = "/management/v1/counter/7/measurement/generate";
    let mut tokens = Vec::new();
    for _ in 0..4 {
        let (_, answer) = get(&fake, "writer", generate).await;
        tokens.push(answer["response"].as_str().unwrap().to_owned());
    }
    let message = "the limit of active tokens for the following counters has been reached: [7]";
    let error = json!({"error_type": "invalid_parameter", "message": message});
    let told = json!({"errors": [error], "code": 400, "message": message});
    assert_eq!(get(&fake, "writer", generate).await, (400, told));
    let hit = format!("{VISIT}&t=pageview").replace("secret", &tokens[0]);
    assert_eq!(send(&fake, "POST", "/collect", hit.clone()).await.0, 200);
    let delete = format!("/management/v1/counter/7/measurement/delete?token={}", tokens[0]);
    assert_eq!(ask(&fake, "writer", "POST", &delete, Value::Null).await.1, json!({"success": true}));
    assert_eq!(send(&fake, "POST", "/collect", hit).await.0, 403);
}

#[tokio::test]
async fn reports_count_reaches_and_visits_after_the_ingest_delay() {
    let fake = granting().await;
    for hit in ["t=pageview", "t=event&ea=srv_order", "t=event&ea=srv_order"] {
        send(&fake, "POST", "/collect", format!("{VISIT}&{hit}")).await;
    }
    let metrics = "ids=7&metrics=ym:s:goal1reaches,ym:s:goal1visits&accuracy=full";
    let data = format!("/stat/v1/data?{metrics}&date1=today&date2=today");
    assert_eq!(get(&fake, "reader", &data).await.1["totals"], json!([0, 0]));
    fake.ledger().clock.advance(INGEST_SECONDS);
    let (_, answer) = get(&fake, "reader", &data).await;
    assert_eq!(answer["totals"], json!([2, 1]));
    assert_eq!((&answer["sampled"], &answer["data_lag"]), (&json!(false), &json!(0)));
    fake.ledger().is_sampled = true;
    let by_time = format!("/stat/v1/data/bytime?{metrics}&date1=2027-01-14&date2=2027-01-15&group=day");
    let (_, answer) = get(&fake, "reader", &by_time).await;
    assert_eq!(answer["totals"], json!([[0, 2], [0, 1]]));
    assert_eq!(answer["data"][0]["metrics"], answer["totals"]);
    assert_eq!(answer["sampled"], true);
}

#[tokio::test]
async fn what_a_report_cannot_answer_is_told() {
    let fake = granting().await;
    let many = vec!["ym:s:goal1reaches"; 21].join(",");
    let (status, answer) = get(&fake, "reader", &format!("/stat/v1/data?ids=7&metrics={many}")).await;
    assert_eq!(status, 400);
    assert_eq!(
        answer["message"],
        "Exceeded number of metrics in request, value: 21, limit: 20, error code: 4015"
    );
    for query in [
        "metrics=ym:s:goal1reaches",
        "ids=7",
        "ids=7&metrics=ym:s:goal9reaches",
        "ids=7&metrics=ym:s:goal1",
        "ids=7&metrics=ym:s:goal1reaches&date1=soon",
        "ids=7&metrics=ym:s:goal1reaches&date1=today&date2=yesterday",
        "ids=7&metrics=ym:s:goal1reaches&date1=2000-01-01",
    ] {
        assert_eq!(get(&fake, "reader", &format!("/stat/v1/data?{query}")).await.0, 400, "{query}");
    }
}

#[tokio::test]
async fn too_many_reports_are_answered_with_429_or_420() {
    let fake = granting().await;
    let data = "/stat/v1/data?ids=7&metrics=ym:s:goal1reaches";
    for _ in 0..quota::REPORTS_MAX {
        assert_eq!(get(&fake, "reader", data).await.0, 200);
    }
    let (status, answer) = get(&fake, "reader", data).await;
    assert_eq!((status, &answer["errors"][0]["error_type"]), (429, &json!("quota_requests_by_uid")));
    fake.ledger().is_quota_420 = true;
    assert_eq!(get(&fake, "reader", data).await.0, 420);
}

#[tokio::test]
async fn a_fourth_request_at_once_is_refused_and_the_three_go_on() {
    for (is_420, status) in [(false, 429), (true, 420)] {
        let fake = granting().await;
        fake.ledger().is_quota_420 = is_420;
        fake.ledger().api_delay_ms = 60_000;
        let counter = "/management/v1/counter/7";
        let headers = [("authorization", "OAuth reader")];
        let begin = || exchange(fake.address, "GET", counter, &headers, String::new());
        let three = async { tokio::join!(begin(), begin(), begin()) };
        tokio::pin!(three);
        // Until three run, a request joins them and is answered by no one yet.
        let refused = loop {
            tokio::select! {
                _ = &mut three => panic!("answered before their time"),
                _ = tokio::task::yield_now() => {}
            }
            if fake.ledger().quotas.get("reader").is_some_and(|quota| quota.running() == 3) {
                break get(&fake, "reader", counter).await;
            }
        };
        assert_eq!(
            (refused.0, &refused.1["errors"][0]["error_type"]),
            (status, &json!("quota_parallel_requests"))
        );
        fake.ledger().api_delay_ms = 0;
        assert_eq!(get(&fake, "writer", counter).await.0, 200, "another user has a quota of their own");
    }
}
