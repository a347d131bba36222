//! Programs with tokens: what they may do, and when they may no longer.

use std::time::Duration;

use hyper::{Method, header::AUTHORIZATION};
use rusqlite::Connection;
use serde_json::json;

use crate::harness::{EMAIL, Owner};

async fn listed(owner: &Owner, token: &str) -> Vec<String> {
    let answer = owner.ask_with(token, Method::GET, "/api/v1/sites", None).await;
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    let sites = answer.json()["sites"].as_array().unwrap().clone();
    sites.iter().map(|site| site["domain"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_token_is_shown_once_and_kept_nowhere() {
    let owner = Owner::signed_in().await;
    let token = owner.make_token("stats:read", None).await;
    assert!(token.starts_with("mst_") && token.len() == 68, "{}", token.len());
    let list = owner.get("/api/v1/tokens").await;
    assert_eq!(list.json()["tokens"][0]["name"], "Grafana");
    assert!(!String::from_utf8_lossy(&list.body).contains(&token));
    for file in ["control.db", "control.db-wal"] {
        let bytes = std::fs::read(owner.folder.path().join(file)).unwrap();
        for secret in [token.as_bytes(), &token.as_bytes()["mst_".len()..]] {
            assert!(!bytes.windows(secret.len()).any(|window| window == secret), "{file} holds the token");
        }
    }
}

#[tokio::test]
async fn a_token_that_reads_changes_nothing() {
    let owner = Owner::signed_in().await;
    owner.add_site("example.ru").await;
    let token = owner.make_token("stats:read", None).await;
    assert_eq!(listed(&owner, &token).await, ["example.ru"]);
    for (method, path, body) in [
        (Method::POST, "/api/v1/sites", json!({"domain": "b.ru", "time_zone": "UTC"})),
        (Method::PATCH, "/api/v1/sites/1", json!({"hosts": ["a.ru"]})),
        (Method::DELETE, "/api/v1/sites/1", json!({"domain": "example.ru"})),
        (Method::POST, "/api/v1/metrika/stop", json!({})),
        (Method::POST, "/api/v1/sites/1/metrika/mode", json!({"mode": "live"})),
    ] {
        let answer = owner.ask_with(&token, method.clone(), path, Some(&body)).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (403, "forbidden"), "{method} {path}");
    }
    assert_eq!(owner.ask_with(&token, Method::GET, "/api/v1/sites/1/metrika", None).await.status, 403);
}

#[tokio::test]
async fn a_token_that_manages_is_named_in_the_audit_log() {
    let owner = Owner::signed_in().await;
    owner.add_site("example.ru").await;
    let token = owner.make_token("manage", None).await;
    let change = json!({"hosts": ["shop.example.ru"]});
    let answer = owner.ask_with(&token, Method::PATCH, "/api/v1/sites/1", Some(&change)).await;
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    let log = Connection::open(owner.folder.path().join("control.db")).unwrap();
    let (actor, action): (String, String) = log
        .query_row("SELECT actor, action FROM audit ORDER BY id DESC LIMIT 1", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .unwrap();
    assert_eq!((actor, action.as_str()), (format!("{EMAIL} (token \"Grafana\")"), "site_changed"));
    let all: String = log
        .query_row("SELECT group_concat(actor || subject || detail) FROM audit", [], |row| row.get(0))
        .unwrap();
    assert!(!all.contains(&token["mst_".len()..]));
}

#[tokio::test]
async fn a_token_of_one_site_does_not_see_another() {
    let owner = Owner::signed_in().await;
    owner.add_site("a.ru").await;
    owner.add_site("b.ru").await;
    let token = owner.make_token("manage", Some(2)).await;
    assert_eq!(listed(&owner, &token).await, ["b.ru"]);
    assert_eq!(owner.ask_with(&token, Method::GET, "/api/v1/sites/2/status", None).await.status, 200);
    let other = owner.ask_with(&token, Method::GET, "/api/v1/sites/1/status", None).await;
    assert_eq!((other.status.as_u16(), other.code().as_str()), (404, "not_found"));
    let new = json!({"domain": "c.ru", "time_zone": "UTC"});
    assert_eq!(owner.ask_with(&token, Method::POST, "/api/v1/sites", Some(&new)).await.status, 403);
    let nowhere = json!({"name": "x", "scope": "manage", "site_id": 99});
    assert_eq!(owner.post("/api/v1/tokens", &nowhere).await.code(), "site_invalid");
}

#[tokio::test]
async fn a_token_ends_when_it_is_ended_or_too_old() {
    let owner = Owner::signed_in().await;
    let kept = owner.make_token("stats:read", None).await;
    let body = json!({"name": "for a week", "scope": "stats:read", "life_days": 7});
    let short = owner.post("/api/v1/tokens", &body).await.json();
    let short_token = short["token"].as_str().unwrap();
    listed(&owner, short_token).await;
    owner.clock.advance(Duration::from_secs(7 * 24 * 60 * 60));
    let late = owner.ask_with(short_token, Method::GET, "/api/v1/sites", None).await;
    assert_eq!((late.status.as_u16(), late.code().as_str()), (401, "signed_out"));
    listed(&owner, &kept).await;
    assert_eq!(owner.send(Method::DELETE, "/api/v1/tokens/1", &[], None).await.status, 204);
    assert_eq!(owner.ask_with(&kept, Method::GET, "/api/v1/sites", None).await.status, 401);
    assert_eq!(owner.send(Method::DELETE, "/api/v1/tokens/1", &[], None).await.status, 404);
}

#[tokio::test]
async fn a_token_cannot_make_a_token_and_a_bad_one_hides_behind_no_cookie() {
    let owner = Owner::signed_in().await;
    let token = owner.make_token("manage", None).await;
    let body = json!({"name": "another", "scope": "manage"});
    assert_eq!(owner.ask_with(&token, Method::POST, "/api/v1/tokens", Some(&body)).await.status, 401);
    for wrong in ["Bearer mst_0000", "Bearer 0000", "Basic b3duZXI6", "mst_"] {
        let answer = owner.send(Method::GET, "/api/v1/sites", &[(AUTHORIZATION, wrong)], None).await;
        assert_eq!(answer.status, 401, "{wrong}: the session beside it does not count");
    }
}

#[tokio::test]
async fn a_program_that_asks_too_often_is_told_when_to_come_back() {
    let owner = Owner::signed_in().await;
    let (token, other) =
        (owner.make_token("stats:read", None).await, owner.make_token("stats:read", None).await);
    let mut refused = None;
    for asked in 0..200 {
        let answer = owner.ask_with(&token, Method::GET, "/api/v1/sites", None).await;
        if answer.status == 429 {
            refused = Some((asked, answer));
            break;
        }
    }
    let (asked, answer) = refused.expect("two hundred requests at once are too many");
    assert_eq!((asked, answer.code().as_str(), answer.header("retry-after")), (90, "too_many_requests", "1"));
    listed(&owner, &other).await;
    owner.clock.advance(Duration::from_secs(1));
    listed(&owner, &token).await;
}

#[tokio::test]
async fn a_hundred_tokens_are_enough() {
    let owner = Owner::signed_in().await;
    for _ in 0..100 {
        owner.make_token("stats:read", None).await;
    }
    let answer = owner.post("/api/v1/tokens", &json!({"name": "x", "scope": "stats:read"})).await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (422, "too_many_tokens"));
}
