//! Signing in, staying signed in, and what a guesser meets.

use std::time::Duration;

use hyper::{Method, header::RETRY_AFTER};

use crate::harness::{EMAIL, Owner, PASSWORD};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

async fn state(owner: &Owner) -> String {
    owner.get("/api/v1/session").await.json()["state"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_session_begins_with_the_password_and_ends_when_the_owner_leaves() {
    let mut owner = Owner::signed_in().await;
    let answer = owner.sign_in(" Owner@Example.Test ", PASSWORD).await;
    assert_eq!(answer.status, 201);
    owner.cookie = Some(answer.cookie());
    assert_eq!(state(&owner).await, "signed_in");
    assert_eq!(owner.send(Method::DELETE, "/api/v1/session", &[], None).await.status, 204);
    assert_eq!(state(&owner).await, "signed_out", "the token itself is dead, not only the cookie");
}

#[tokio::test]
async fn the_cookie_is_out_of_reach_for_scripts_and_other_sites() {
    let owner = Owner::signed_in().await;
    let answer = owner.sign_in(EMAIL, PASSWORD).await;
    let cookie = answer.header("set-cookie");
    for part in ["mostik=", "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=7776000"] {
        assert!(cookie.contains(part), "{part} in {cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_are_answered_alike() {
    let owner = Owner::signed_in().await;
    let wrong = owner.sign_in(EMAIL, "wrong horse battery").await;
    let unknown = owner.sign_in("nobody@example.test", PASSWORD).await;
    assert_eq!(wrong.status, 401);
    assert_eq!((wrong.status, wrong.body), (unknown.status, unknown.body));
}

#[tokio::test]
async fn the_sixth_guess_waits_and_the_owner_gets_in_afterwards() {
    let owner = Owner::signed_in().await;
    for _ in 0..5 {
        assert_eq!(owner.sign_in(EMAIL, "wrong horse battery").await.status, 401);
    }
    let refused = owner.sign_in(EMAIL, PASSWORD).await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (429, "too_many_attempts"));
    let seconds: u64 = refused.headers[RETRY_AFTER].to_str().unwrap().parse().unwrap();
    owner.clock.advance(Duration::from_secs(seconds));
    assert_eq!(owner.sign_in(EMAIL, PASSWORD).await.status, 201);
}

#[tokio::test]
async fn an_idle_session_ends_after_fourteen_days() {
    let owner = Owner::signed_in().await;
    owner.clock.advance(DAY * 13);
    assert_eq!(state(&owner).await, "signed_in");
    owner.clock.advance(DAY * 13);
    assert_eq!(state(&owner).await, "signed_in", "use has begun the idle time anew");
    owner.clock.advance(DAY * 14);
    assert_eq!(state(&owner).await, "signed_out");
}

#[tokio::test]
async fn no_session_outlives_ninety_days() {
    let owner = Owner::signed_in().await;
    for _ in 0..89 {
        owner.clock.advance(DAY);
        assert_eq!(state(&owner).await, "signed_in");
    }
    owner.clock.advance(DAY);
    assert_eq!(state(&owner).await, "signed_out");
}

#[tokio::test]
async fn a_copy_of_the_database_opens_no_session() {
    let owner = Owner::signed_in().await;
    let token = owner.cookie.as_deref().unwrap().split_once('=').unwrap().1.to_owned();
    for file in ["control.db", "control.db-wal"] {
        let bytes = std::fs::read(owner.folder.path().join(file)).unwrap();
        let found = bytes.windows(token.len()).any(|window| window == token.as_bytes());
        assert!(!found, "{file} holds the token");
    }
}

#[tokio::test]
async fn nothing_of_the_owners_is_shown_without_a_session() {
    let mut owner = Owner::signed_in().await;
    owner.add_site("example.ru").await;
    owner.cookie = None;
    for path in [
        "/api/v1/sites",
        "/api/v1/sites/1/status",
        "/api/v1/sites/1/overview",
        "/api/v1/sites/1/live",
        "/api/v1/sites/1/breakdown?dimension=page",
        "/api/v1/sites/999/overview",
    ] {
        let answer = owner.get(path).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (401, "signed_out"), "{path}");
    }
    owner.cookie = Some("mostik=0000".to_owned());
    assert_eq!(owner.get("/api/v1/sites").await.status, 401);
}
