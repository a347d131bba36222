//! What an owner may declare, without an engine: refusals, limits, the settings collectors
//! get, the audit log.

use hyper::Method;
use serde_json::{Value, json};
use store::goal::{FUNNELS_MAX, GOALS_MAX};

use crate::harness::Owner;

const GOALS: &str = "/api/v1/sites/1/goals";
const FUNNELS: &str = "/api/v1/sites/1/funnels";

async fn owner() -> Owner {
    let owner = Owner::signed_in().await;
    owner.add_site("example.ru").await;
    owner
}

fn goal(title: &str, path: &str) -> Value {
    json!({"title": title, "rule": {"what": {"page": path}}})
}

fn funnel(title: &str, steps: usize) -> Value {
    json!({"title": title, "steps": vec![json!({"what": {"page": "/*"}}); steps]})
}

#[tokio::test]
async fn what_cannot_be_a_goal_is_refused_by_its_code() {
    let owner = owner().await;
    assert_eq!(owner.post(GOALS, &goal("Thanks", "/thanks")).await.status, 201);
    for (path, body, status, code) in [
        (GOALS, goal("Thanks", "/other"), 409, "title_taken"),
        (GOALS, goal(" ", "/a"), 422, "title_invalid"),
        (GOALS, goal("a", "thanks"), 422, "rule_invalid"),
        (GOALS, json!({"title": "a", "rule": {"what": {"visitor": "1"}}}), 400, "bad_json"),
        (
            GOALS,
            json!({"title": "a", "rule": {"what": {"event": "x"}}, "value": {"amount_e4": -1, "currency": "RUB"}}),
            422,
            "value_invalid",
        ),
        (FUNNELS, funnel("a", 1), 422, "steps_invalid"),
        (FUNNELS, funnel("a", 9), 422, "steps_invalid"),
        ("/api/v1/sites/2/goals", goal("a", "/a"), 404, "not_found"),
    ] {
        let answer = owner.post(path, &body).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (status, code), "{body}");
    }
    for path in ["/api/v1/sites/1/goals/99", "/api/v1/sites/1/funnels/x"] {
        assert_eq!(owner.send(Method::DELETE, path, &[], None).await.status, 404, "{path}");
    }
    let report = owner.get("/api/v1/sites/1/overview?filter=goal:is:Nothing").await;
    assert_eq!((report.status.as_u16(), report.code().as_str()), (422, "query_invalid"));
}

#[tokio::test]
async fn a_site_has_so_many_goals_and_funnels_and_no_more() {
    let owner = owner().await;
    for (path, count, body) in [
        (GOALS, GOALS_MAX, (|nth| goal(&nth.to_string(), "/a")) as fn(usize) -> Value),
        (FUNNELS, FUNNELS_MAX, |nth| funnel(&nth.to_string(), 2)),
    ] {
        for nth in 0..count {
            assert_eq!(owner.post(path, &body(nth)).await.status, 201, "{path} {nth}");
        }
        let answer = owner.post(path, &body(count)).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (422, "too_many_goals"), "{path}");
    }
}

#[tokio::test]
async fn collectors_get_what_is_declared_and_the_audit_log_tells_who_did() {
    let owner = owner().await;
    let settings = owner.running.dashboard.control().settings();
    let version = settings.borrow().version;
    owner.post(GOALS, &goal("Thanks", "/thanks")).await;
    owner.post(FUNNELS, &funnel("Way", 3)).await;
    let id = owner.get(GOALS).await.json()["goals"][0]["id"].clone();
    let snapshot = settings.borrow().clone();
    let declared = &snapshot.sites[0].declared;
    assert!(snapshot.version > version);
    assert_eq!((declared.goals.len(), declared.funnels[0].0.len()), (1, 3));
    owner.send(Method::DELETE, &format!("{GOALS}/{id}"), &[], None).await;
    assert!(settings.borrow().sites[0].declared.goals.is_empty());
    let connection = rusqlite::Connection::open(owner.folder.path().join("control.db")).unwrap();
    let actions: Vec<String> = connection
        .prepare("SELECT action FROM audit WHERE subject = 'example.ru' AND action LIKE '%\\_%' ESCAPE '\\' ORDER BY id")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    assert_eq!(actions, ["site_created", "goal_set", "funnel_set", "goal_removed"]);
}
