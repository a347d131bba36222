//! Forwarding, as its owner sets it up; Metrika's API is the fake's.

use fake_metrika::{Clock, Counter, Fake, Goal, Ledger, Profile, Reason, form::Form, setup::Setup};
use hyper::Method;
use serde_json::{Value, json};

use crate::harness::Owner;
use dashboard::metrika::nightly::{Failed, round};

const TOKEN: &str = "7e1a0000-ca9a-4000-8000-00000000ca9a";
const PAGE: &str = "/api/v1/sites/1/metrika";

/// Noon of the harness's Monday.
const NOW: i64 = 1_795_435_200;

fn rules(goal: &str) -> Value {
    json!({
        "consent": "event",
        "goals": [{"event": "Order", "goal": goal, "value": {"kind": "none"}, "guarantee": "at_most_once"}],
        "paths": [], "delay_seconds": [300, 1200], "release_at": 1, "round_seconds": 60,
        "visit_threshold_seconds": 1800,
    })
}

async fn put(owner: &Owner, counter: u64, token: Option<&str>) -> Value {
    let mut body = json!({"counter": counter, "rules": rules("srv_order"), "oauth": "reader-token"});
    if let Some(token) = token {
        body["token"] = json!(token);
    }
    let answer = owner.send(Method::PUT, PAGE, &[], Some(&body)).await;
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    answer.json()
}

async fn with_site() -> Owner {
    let owner = Owner::signed_in().await;
    owner.add_site("example.test").await;
    owner
}

#[tokio::test]
async fn a_new_destination_begins_in_preview_and_shows_no_secret() {
    let owner = with_site().await;
    let shown = put(&owner, 12_345_678, Some(TOKEN)).await;
    assert_eq!((&shown["mode"], &shown["has_token"]), (&json!("preview"), &json!(true)));
    let page = owner.get(PAGE).await;
    assert!(!String::from_utf8_lossy(&page.body).contains(TOKEN));
    for file in ["control.db", "control.db-wal"] {
        let bytes = std::fs::read(owner.folder.path().join(file)).unwrap_or_default();
        assert!(!bytes.windows(TOKEN.len()).any(|window| window == TOKEN.as_bytes()), "{file}");
    }
}

#[tokio::test]
async fn another_counter_forgets_the_token_and_begins_in_preview() {
    let owner = with_site().await;
    put(&owner, 1, Some(TOKEN)).await;
    let live = owner.post(&format!("{PAGE}/mode"), &json!({"mode": "live"})).await;
    assert_eq!(live.json()["mode"], "live");
    assert_eq!(put(&owner, 1, None).await["mode"], "live", "other rules are no other destination");
    let moved = put(&owner, 2, None).await;
    assert_eq!((&moved["mode"], &moved["has_token"]), (&json!("preview"), &json!(false)));
    let refused = owner.post(&format!("{PAGE}/mode"), &json!({"mode": "live"})).await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (409, "metrika_no_token"));
}

#[tokio::test]
async fn late_goals_are_off_and_need_a_token_of_their_own_that_is_never_shown() {
    let owner = with_site().await;
    let shown = put(&owner, 1, Some(TOKEN)).await;
    assert_eq!((&shown["rules"]["late"], &shown["has_upload"]), (&json!(false), &json!(false)));
    let mut rules = rules("srv_order");
    rules["late"] = json!(true);
    let mut body = json!({"counter": 1, "rules": rules});
    let change = async |body: &Value| owner.send(Method::PUT, PAGE, &[], Some(body)).await;
    let refused = change(&body).await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (409, "metrika_no_upload_token"));
    body["upload"] = json!("upload-canary-token");
    assert_eq!(change(&body).await.json()["has_upload"], true);
    body.as_object_mut().unwrap().remove("upload");
    assert_eq!(change(&body).await.json()["has_upload"], true, "what is not said stays");
    let audit = owner.get("/api/v1/audit").await;
    for page in [owner.get(PAGE).await, audit] {
        assert!(!String::from_utf8_lossy(&page.body).contains("canary"));
    }
    for file in ["control.db", "control.db-wal"] {
        let bytes = std::fs::read(owner.folder.path().join(file)).unwrap_or_default();
        assert!(!bytes.windows(6).any(|window| window == b"canary"), "{file}");
    }
    body["counter"] = json!(2);
    assert_eq!(change(&body).await.code(), "metrika_no_upload_token", "another counter forgets it");
}

#[tokio::test]
async fn the_kill_switch_switches_every_site_off() {
    let owner = with_site().await;
    put(&owner, 1, Some(TOKEN)).await;
    assert_eq!(owner.post("/api/v1/metrika/stop", &json!({})).await.json()["stopped"], 1);
    assert_eq!(owner.get(PAGE).await.json()["settings"]["mode"], "off");
    assert_eq!(owner.post("/api/v1/metrika/stop", &json!({})).await.json()["stopped"], 0);
}

#[tokio::test]
async fn only_a_collector_may_report_and_its_word_is_shown() {
    let owner = with_site().await;
    put(&owner, 1, Some(TOKEN)).await;
    let waiting = |site: u32, n: u32| json!({"site": site, "goal": "srv_order", "state": "pending", "held": 0, "n": n, "next_due": NOW});
    let report = json!({
        "node": 1, "at": NOW,
        "sites": [{
            "site": 1, "epoch": 2, "mode": "preview", "breaker": "closed", "until": null, "per_second": null,
            "last": null, "late": null,
        }],
        "waiting": [waiting(1, 3), waiting(2, 9)], "previews": [],
        "forwards": [{"id": 1, "site": 1, "goal": "srv_order", "hour": NOW, "state": "accepted", "reason": "", "hash": "ab"}],
        "counts": [{"site": 1, "goal": "srv_order", "hour": NOW, "state": "accepted", "reason": "", "n": 1}],
    });
    assert_eq!(owner.post("/internal/bridge", &report).await.status, 401);
    let bearer = format!("Bearer {}", owner.settings_secret());
    let taken = owner
        .send(Method::POST, "/internal/bridge", &[(hyper::header::AUTHORIZATION, &bearer)], Some(&report))
        .await;
    assert_eq!(taken.status, 204, "{:?}", taken.body);
    let page = owner.get(PAGE).await.json();
    assert_eq!(page["collectors"][0]["waiting"], json!([waiting(1, 3)]), "of this site only");
    assert_eq!(page["weeks"][0]["goals"]["srv_order"]["accepted"][""], 1);
    let csv = owner.get(&format!("{PAGE}/forwards.csv")).await;
    assert!(String::from_utf8_lossy(&csv.body).contains(",srv_order,accepted,,ab,"), "{:?}", csv.body);
}

async fn with_api() -> (Owner, Fake) {
    let mut counter = Counter::new(7, TOKEN);
    counter.goals = vec![Goal::exact(5, "srv_other")];
    counter.only_mirrors = vec!["example.test".into()];
    let mut ledger = Ledger::new([counter], Profile::Silent, Clock::Still(NOW - 24 * 3600));
    let grants = json!({"grants": {
        "reader-token": {"scopes": ["metrika:read"], "counters": [7]},
        "writer-token": {"scopes": ["metrika:write"], "counters": [7]},
    }});
    Setup::parse(grants.to_string().as_bytes()).unwrap().apply(&mut ledger);
    let fake = Fake::start(ledger).await.unwrap();
    let mut owner = Owner::with_metrika(&format!("http://{}", fake.address)).await;
    owner.set_up().await;
    owner.add_site("example.test").await;
    put(&owner, 7, Some(TOKEN)).await;
    (owner, fake)
}

fn wrong(answer: &Value) -> Vec<&str> {
    let findings = answer["findings"].as_array().unwrap();
    findings.iter().filter(|one| one["is_ok"] == false).map(|one| one["check"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn the_check_finds_what_is_missing_and_makes_goals_with_a_token_it_does_not_keep() {
    let (owner, fake) = with_api().await;
    let check = async || owner.post(&format!("{PAGE}/check"), &json!({})).await.json();
    let found = check().await;
    assert_eq!(wrong(&found), ["goals_exist"], "{found}");
    assert_eq!(found["proposals"][0]["goal"], "srv_other", "an existing goal is proposed");
    let refused = owner.post(&format!("{PAGE}/goals"), &json!({})).await;
    assert_eq!(refused.code(), "metrika_denied", "the kept token only reads");
    let made = owner.post(&format!("{PAGE}/goals"), &json!({"oauth": "writer-token"})).await.json();
    assert_eq!(made["created"], json!(["srv_order"]));
    assert!(wrong(&check().await).is_empty());
    fake.ledger().counters.get_mut(&7).unwrap().measurement_enabled = false;
    fake.ledger().counters.get_mut(&7).unwrap().tokens.clear();
    assert_eq!(wrong(&check().await), ["protocol_enabled", "token_known"]);
}

/// Whatever the profile: what a counter drops without a word is found by its reports alone.
#[tokio::test]
async fn reconciliation_says_ok_short_and_not_judged() {
    for profile in Profile::ALL {
        reconciled_under(profile).await;
    }
}

async fn reconciled_under(profile: Profile) {
    let (owner, fake) = with_api().await;
    fake.ledger().profile = profile;
    owner.post(&format!("{PAGE}/goals"), &json!({"oauth": "writer-token"})).await;
    let on = |dl: &'static str, cid: &'static str, kind: &'static str, ea: &'static str| {
        Form::from([("tid", "7"), ("ms", TOKEN), ("cid", cid), ("dl", dl), ("t", kind), ("ea", ea)])
    };
    let (page, cid) = ("https://example.test/", "1768350268232845118");
    fake.ledger().take(&on(page, cid, "pageview", "")).unwrap();
    for _ in 0..5 {
        fake.ledger().take(&on(page, cid, "event", "srv_order")).unwrap();
    }
    // Four more goals that are answered as the five, where the profile is silent, and lost.
    for _ in 0..2 {
        let no_visit = fake.ledger().take(&on(page, "1768350268232845119", "event", "srv_order"));
        assert_eq!(no_visit, Err(Reason::NoSession), "{profile:?}");
        let elsewhere = fake.ledger().take(&on("https://other.test/", cid, "event", "srv_order"));
        assert_eq!(elsewhere, Err(Reason::ForeignHost), "{profile:?}");
    }
    fake.ledger().clock = Clock::Still(NOW);
    let bearer = format!("Bearer {}", owner.settings_secret());
    let report = async |n: u32| {
        let hour = (NOW - 24 * 3600) / 3600 * 3600;
        let report = json!({
            "node": 1, "at": NOW, "sites": [], "waiting": [], "previews": [], "forwards": [],
            "counts": [{"site": 1, "goal": "srv_order", "hour": hour, "state": "accepted", "reason": "", "n": n}],
        });
        owner
            .send(Method::POST, "/internal/bridge", &[(hyper::header::AUTHORIZATION, &bearer)], Some(&report))
            .await;
    };
    let verdict = async || {
        let answer = owner.post(&format!("{PAGE}/reconcile"), &json!({})).await.json();
        (answer["days"][0]["verdict"].clone(), answer["days"][0]["recorded"].clone())
    };
    report(5).await;
    assert_eq!(verdict().await, (json!("ok"), json!(5)));
    report(9).await;
    assert_eq!(verdict().await, (json!("short"), json!(5)), "the fake dropped some without a word");
    report(1).await;
    assert_eq!(verdict().await, (json!("over"), json!(5)));
    fake.ledger().is_sampled = true;
    assert_eq!(verdict().await, (json!("not_judged"), Value::Null));
}

#[tokio::test]
async fn the_night_compares_only_where_it_was_asked_to_and_once() {
    let (owner, fake) = with_api().await;
    owner.post(&format!("{PAGE}/goals"), &json!({"oauth": "writer-token"})).await;
    let asked = || fake.ledger().api_calls.len();
    let before = asked();
    let mut failed = Failed::new();
    let mut rules = rules("srv_order");
    let nightly =
        |rules: &Value| json!({"counter": 7, "rules": rules, "oauth": "reader-token", "token": TOKEN});
    let dashboard = &owner.running.dashboard;
    owner.post(&format!("{PAGE}/mode"), &json!({"mode": "live"})).await;
    round(dashboard, &mut failed).await;
    assert_eq!(owner.get(PAGE).await.json()["compared"], json!([]), "live is not asked for");
    rules["nightly"] = json!(true);
    owner.post(&format!("{PAGE}/mode"), &json!({"mode": "off"})).await;
    owner.send(Method::PUT, PAGE, &[], Some(&nightly(&rules))).await;
    round(dashboard, &mut failed).await;
    assert_eq!(owner.get(PAGE).await.json()["compared"], json!([]), "off asks nobody");
    assert_eq!(asked(), before);
    owner.post(&format!("{PAGE}/mode"), &json!({"mode": "live"})).await;
    round(dashboard, &mut failed).await;
    let compared = owner.get(PAGE).await.json()["compared"].clone();
    let days: Vec<&str> =
        compared.as_array().unwrap().iter().map(|one| one["day"].as_str().unwrap()).collect();
    assert_eq!(days, ["2026-11-22", "2026-11-20"], "yesterday and the day that is whole: {compared}");
    assert_eq!(compared[0]["verdict"], "ok");
    let received = asked();
    round(dashboard, &mut failed).await;
    assert_eq!(asked(), received, "once a night");
    owner.clock.advance(std::time::Duration::from_secs(24 * 3600));
    round(dashboard, &mut failed).await;
    assert_eq!(owner.get(PAGE).await.json()["compared"].as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn a_night_without_an_answer_is_tried_again_an_hour_later() {
    let (owner, fake) = with_api().await;
    let mut rules = rules("srv_order");
    rules["nightly"] = json!(true);
    let settings = json!({"counter": 7, "rules": rules, "oauth": "nobodys-token"});
    owner.send(Method::PUT, PAGE, &[], Some(&settings)).await;
    owner.post(&format!("{PAGE}/mode"), &json!({"mode": "live"})).await;
    let mut failed = Failed::new();
    round(&owner.running.dashboard, &mut failed).await;
    assert_eq!(failed.len(), 1);
    let asked = fake.ledger().api_calls.len();
    round(&owner.running.dashboard, &mut failed).await;
    assert_eq!(fake.ledger().api_calls.len(), asked, "not yet");
    let settings = json!({"counter": 7, "rules": rules, "oauth": "reader-token"});
    owner.send(Method::PUT, PAGE, &[], Some(&settings)).await;
    owner.clock.advance(std::time::Duration::from_secs(3600));
    round(&owner.running.dashboard, &mut failed).await;
    assert!(failed.is_empty());
}

/// Each failure of the API in words of its own, and none of its text repeated.
#[tokio::test]
async fn failures_of_the_api_are_told_by_what_helps() {
    let (owner, fake) = with_api().await;
    for (status, code) in [
        (401, "metrika_denied"),
        (403, "metrika_denied"),
        (404, "metrika_not_found"),
        (409, "metrika_refused"),
        (420, "metrika_busy"),
        (429, "metrika_busy"),
        (500, "metrika_refused"),
        (503, "metrika_busy"),
        (504, "metrika_refused"),
    ] {
        fake.ledger().api_failures.push_back(status);
        let answer = owner.post(&format!("{PAGE}/check"), &json!({})).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (502, code), "{status}");
        assert!(!String::from_utf8_lossy(&answer.body).contains("scripted"));
    }
}
