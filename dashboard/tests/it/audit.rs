//! The audit log over a session's life.

use dashboard::control::audit::{Verdict, verify};
use hyper::Method;
use rusqlite::Connection;
use serde_json::json;

use crate::harness::{EMAIL, Owner, PASSWORD};

#[tokio::test]
async fn every_change_is_written_down_and_the_chain_holds() {
    let owner = Owner::signed_in().await;
    owner.add_site("example.ru").await;
    owner.send(Method::PATCH, "/api/v1/sites/1", &[], Some(&json!({"props": ["plan"]}))).await;
    owner.sign_in(EMAIL, "wrong horse battery").await;
    owner.send(Method::DELETE, "/api/v1/session", &[], None).await;
    let log = Connection::open(owner.folder.path().join("control.db")).unwrap();
    let written: Vec<(String, String, String)> = log
        .prepare("SELECT actor, action, subject FROM audit ORDER BY id")
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    let row =
        |actor: &str, action: &str, subject: &str| (actor.to_owned(), action.to_owned(), subject.to_owned());
    assert_eq!(
        written,
        [
            row("system", "setup_link_made", ""),
            row(EMAIL, "owner_created", EMAIL),
            row(EMAIL, "signed_in", EMAIL),
            row(EMAIL, "site_created", "example.ru"),
            row(EMAIL, "site_changed", "example.ru"),
            row(EMAIL, "signed_out", EMAIL),
        ]
    );
    assert_eq!(verify(&log).unwrap(), Verdict::Whole { rows: 6 });
    assert!(log.execute("UPDATE audit SET actor = 'nobody'", []).is_err());
    assert!(log.execute("DELETE FROM audit", []).is_err());
}

#[tokio::test]
async fn no_secret_is_ever_written_down() {
    let owner = Owner::signed_in().await;
    owner.sign_in(EMAIL, PASSWORD).await;
    let log = Connection::open(owner.folder.path().join("control.db")).unwrap();
    let all: String = log
        .query_row("SELECT group_concat(actor || action || subject || detail) FROM audit", [], |row| {
            row.get(0)
        })
        .unwrap();
    for secret in
        [PASSWORD, &owner.setup_token(), owner.cookie.as_deref().unwrap().split_once('=').unwrap().1]
    {
        assert!(!all.contains(secret));
    }
}

#[tokio::test]
async fn the_log_is_read_checked_and_taken_away_by_administrators_only() {
    let mut owner = Owner::signed_in().await;
    owner.add_site("example.ru").await;
    let page = owner.get("/api/v1/audit").await.json();
    let actions: Vec<&str> =
        page["lines"].as_array().unwrap().iter().map(|line| line["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["site_created", "signed_in", "owner_created", "setup_link_made"]);
    let older = owner.get("/api/v1/audit?before=2").await.json();
    assert_eq!(older["lines"].as_array().unwrap().len(), 1);
    assert_eq!(owner.get("/api/v1/audit?before=x").await.code(), "query_invalid");

    let check = owner.get("/api/v1/audit/check").await.json();
    assert_eq!((&check["is_whole"], &check["rows"]), (&json!(true), &json!(4)));

    // Followed by somebody who has only the export and docs/api.md.
    let export = owner.get("/api/v1/audit/export").await;
    let mut before = [0; 32];
    for line in String::from_utf8(export.body.to_vec()).unwrap().lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        let mut hasher = blake3::Hasher::new_derive_key("mostik audit log row v1");
        hasher.update(&before);
        hasher.update(&line["at"].as_i64().unwrap().to_le_bytes());
        for field in ["actor", "action", "subject", "detail"] {
            let text = line[field].as_str().unwrap();
            hasher.update(&(text.len() as u64).to_le_bytes());
            hasher.update(text.as_bytes());
        }
        before = *hasher.finalize().as_bytes();
        assert_eq!(line["hash"], blake3::Hash::from(before).to_hex().as_str());
    }
    assert_eq!(check["head"], blake3::Hash::from(before).to_hex().as_str());

    let around = Connection::open(owner.folder.path().join("control.db")).unwrap();
    around
        .execute_batch(
            "DROP TRIGGER audit_is_never_changed; UPDATE audit SET subject = 'other.ru' WHERE id = 4",
        )
        .unwrap();
    let check = owner.get("/api/v1/audit/check").await.json();
    assert_eq!((&check["is_whole"], &check["broken_at"]), (&json!(false), &json!(4)));

    let reader = owner.make_token("stats:read", None).await;
    assert_eq!(owner.ask_with(&reader, Method::GET, "/api/v1/audit", None).await.status, 403);
    owner.cookie = None;
    assert_eq!(owner.get("/api/v1/audit/export").await.status, 401);
}
