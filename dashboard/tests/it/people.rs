//! Roles on a site, and how somebody gets one.

use std::time::Duration;

use hyper::Method;
use serde_json::{Value, json};

use crate::harness::{EMAIL, Owner};

const GUEST: &str = "guest@example.test";
const GUEST_PASSWORD: &str = "guest horse battery";

async fn invite(owner: &Owner, site: u32, email: &str, role: &str) -> Value {
    let body = json!({"email": email, "role": role});
    let answer = owner.post(&format!("/api/v1/sites/{site}/invitations"), &body).await;
    assert_eq!(answer.status, 201, "{:?}", answer.body);
    answer.json()
}

/// A dashboard with two sites, and a guest with a role on the first; the guest's cookie.
async fn with_guest(role: &str) -> (Owner, String) {
    let mut owner = Owner::signed_in().await;
    owner.add_site("a.ru").await;
    owner.add_site("b.ru").await;
    let token = invite(&owner, 1, GUEST, role).await["token"].clone();
    let cookie = owner.cookie.take();
    let opened = owner.post("/api/v1/invitations/open", &json!({"token": token})).await.json();
    assert_eq!(opened, json!({"email": GUEST, "domain": "a.ru", "role": role, "has_account": false}));
    let accepted =
        owner.post("/api/v1/invitations/accept", &json!({"token": token, "password": GUEST_PASSWORD})).await;
    assert_eq!(accepted.status, 204, "{:?}", accepted.body);
    let guest = accepted.cookie();
    let again =
        owner.post("/api/v1/invitations/accept", &json!({"token": token, "password": GUEST_PASSWORD})).await;
    assert_eq!(again.status, 404, "an invitation is good once");
    owner.cookie = cookie;
    (owner, guest)
}

/// What everybody with the role is answered, by what is asked.
async fn check(role: &str, expected: &[(Method, &str, Value, u16)]) {
    let (mut owner, guest) = with_guest(role).await;
    owner.cookie = Some(guest);
    let sites = owner.get("/api/v1/sites").await.json();
    assert_eq!((sites["sites"].as_array().unwrap().len(), &sites["sites"][0]["role"]), (1, &json!(role)));
    for (method, path, body, status) in expected {
        let body = (*method != Method::GET).then_some(body);
        let answer = owner.send(method.clone(), path, &[], body).await;
        assert_eq!(answer.status, *status, "{role}: {method} {path}: {:?}", answer.body);
    }
}

#[tokio::test]
async fn a_viewer_sees_one_site_and_changes_nothing() {
    check(
        "viewer",
        &[
            (Method::GET, "/api/v1/sites/1/status", json!({}), 200),
            (Method::GET, "/api/v1/sites/2/status", json!({}), 404),
            (Method::PATCH, "/api/v1/sites/1", json!({"hosts": ["x.ru"]}), 403),
            (Method::GET, "/api/v1/sites/1/metrika", json!({}), 403),
            (Method::GET, "/api/v1/sites/1/links", json!({}), 403),
            (Method::GET, "/api/v1/sites/1/people", json!({}), 403),
            (Method::POST, "/api/v1/sites", json!({"domain": "c.ru", "time_zone": "UTC"}), 403),
            (Method::GET, "/api/v1/audit", json!({}), 403),
            (Method::POST, "/api/v1/metrika/stop", json!({}), 403),
        ],
    )
    .await;
}

#[tokio::test]
async fn an_editor_changes_the_site_but_neither_shares_nor_removes_it() {
    check(
        "editor",
        &[
            (Method::PATCH, "/api/v1/sites/1", json!({"hosts": ["x.ru"]}), 200),
            (Method::PATCH, "/api/v1/sites/2", json!({"hosts": ["x.ru"]}), 404),
            (Method::GET, "/api/v1/sites/1/metrika", json!({}), 200),
            (Method::POST, "/api/v1/sites/1/links", json!({"name": "x"}), 403),
            (Method::POST, "/api/v1/sites/1/invitations", json!({"email": "x@y.ru", "role": "owner"}), 403),
            (Method::DELETE, "/api/v1/sites/1", json!({"domain": "a.ru"}), 403),
        ],
    )
    .await;
}

#[tokio::test]
async fn an_owner_shares_invites_and_removes_that_site_only() {
    check(
        "owner",
        &[
            (Method::POST, "/api/v1/sites/1/links", json!({"name": "x"}), 201),
            (Method::POST, "/api/v1/sites/2/links", json!({"name": "x"}), 404),
            (Method::POST, "/api/v1/sites/1/invitations", json!({"email": "x@y.ru", "role": "owner"}), 201),
            (Method::POST, "/api/v1/sites", json!({"domain": "c.ru", "time_zone": "UTC"}), 403),
            (Method::GET, "/api/v1/audit/export", json!({}), 403),
            (Method::DELETE, "/api/v1/sites/1/people/1", json!({}), 404),
            (Method::DELETE, "/api/v1/sites/1", json!({"domain": "a.ru"}), 204),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_role_that_is_taken_away_is_gone_at_once_with_its_tokens() {
    let (mut owner, guest) = with_guest("editor").await;
    let admin = owner.cookie.replace(guest.clone());
    let token = owner.make_token("manage", None).await;
    let status = async |owner: &Owner| {
        owner.ask_with(&token, Method::GET, "/api/v1/sites/1/status", None).await.status.as_u16()
    };
    assert_eq!(status(&owner).await, 200);
    owner.cookie = admin;
    let people = owner.get("/api/v1/sites/1/people").await.json();
    let member =
        people["members"].as_array().unwrap().iter().find(|one| one["email"] == GUEST).unwrap().clone();
    let path = format!("/api/v1/sites/1/people/{}", member["user_id"]);
    let lower = json!({"role": "viewer"});
    assert_eq!(owner.send(Method::PATCH, &path, &[], Some(&lower)).await.status, 204);
    let change = json!({"hosts": ["x.ru"]});
    assert_eq!(owner.ask_with(&token, Method::PATCH, "/api/v1/sites/1", Some(&change)).await.status, 403);
    assert_eq!(owner.send(Method::DELETE, &path, &[], None).await.status, 204);
    assert_eq!(status(&owner).await, 404);
    owner.cookie = Some(guest);
    assert_eq!(owner.get("/api/v1/sites").await.json(), json!({"sites": []}));
}

#[tokio::test]
async fn an_invitation_is_for_its_address_and_for_a_week() {
    let (mut owner, guest) = with_guest("viewer").await;
    let admin = owner.cookie.clone();
    let late = invite(&owner, 1, "late@example.test", "viewer").await["token"].clone();
    let other = invite(&owner, 2, GUEST, "editor").await["token"].clone();
    let body = json!({"token": other, "password": "a password of my own"});
    owner.cookie = None;
    let takeover = owner.post("/api/v1/invitations/accept", &body).await;
    assert_eq!((takeover.status.as_u16(), takeover.code().as_str()), (401, "signed_out"));
    owner.cookie = admin.clone();
    let not_theirs = owner.post("/api/v1/invitations/accept", &json!({"token": other})).await;
    assert_eq!(not_theirs.status, 401, "an administrator is not that address either");
    owner.cookie = Some(guest);
    assert_eq!(owner.post("/api/v1/invitations/accept", &json!({"token": other})).await.status, 204);
    assert_eq!(owner.get("/api/v1/sites").await.json()["sites"].as_array().unwrap().len(), 2);
    owner.cookie = admin;
    let member = owner.post("/api/v1/sites/2/invitations", &json!({"email": GUEST, "role": "viewer"})).await;
    assert_eq!((member.status.as_u16(), member.code().as_str()), (409, "is_member"));
    let own = owner.post("/api/v1/sites/2/invitations", &json!({"email": EMAIL, "role": "viewer"})).await;
    assert_eq!(own.code(), "is_member");
    owner.clock.advance(Duration::from_secs(7 * 24 * 60 * 60));
    assert_eq!(owner.post("/api/v1/invitations/open", &json!({"token": late})).await.status, 404);
}

#[tokio::test]
async fn an_invitation_is_taken_back() {
    let owner = Owner::signed_in().await;
    owner.add_site("a.ru").await;
    let made = invite(&owner, 1, GUEST, "viewer").await;
    let path = format!("/api/v1/sites/1/invitations/{}", made["id"]);
    assert_eq!(owner.send(Method::DELETE, &path, &[], None).await.status, 204);
    assert_eq!(owner.post("/api/v1/invitations/open", &json!({"token": made["token"]})).await.status, 404);
    let people = owner.get("/api/v1/sites/1/people").await.json();
    assert_eq!((people["members"].as_array().unwrap().len(), &people["invitations"]), (1, &json!([])));
}
