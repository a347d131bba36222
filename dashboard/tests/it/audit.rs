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
