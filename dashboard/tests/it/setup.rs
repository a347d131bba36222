//! The first account.

use serde_json::json;

use crate::harness::{EMAIL, Owner, PASSWORD};

#[tokio::test]
async fn the_set_up_link_works_once() {
    let owner = Owner::nobody().await;
    assert_eq!(owner.get("/api/v1/session").await.json()["state"], "setup");
    let body = json!({"token": owner.setup_token(), "email": EMAIL, "password": PASSWORD});
    assert_eq!(owner.post("/api/v1/setup", &body).await.status, 201);
    let again = owner.post("/api/v1/setup", &body).await;
    assert_eq!((again.status.as_u16(), again.code().as_str()), (410, "setup_done"));
    assert_eq!(owner.get("/api/v1/session").await.json()["state"], "signed_out");
}

#[tokio::test]
async fn another_token_makes_no_owner() {
    let owner = Owner::nobody().await;
    let wrong = format!("{}0", &owner.setup_token()[1..]);
    for token in ["", "x", &wrong] {
        let body = json!({"token": token, "email": EMAIL, "password": PASSWORD});
        let answer = owner.post("/api/v1/setup", &body).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (403, "token_wrong"), "{token:?}");
    }
    assert_eq!(owner.get("/api/v1/session").await.json()["state"], "setup");
}

#[tokio::test]
async fn a_slip_in_the_form_does_not_spend_the_link() {
    let mut owner = Owner::nobody().await;
    let token = owner.setup_token();
    for (email, password, code) in [("owner", PASSWORD, "email_invalid"), (EMAIL, "short", "password_unfit")]
    {
        let body = json!({"token": token, "email": email, "password": password});
        let answer = owner.post("/api/v1/setup", &body).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (422, code));
    }
    owner.set_up().await;
}

#[tokio::test]
async fn a_restart_ends_the_old_link_and_an_owner_ends_all() {
    let owner = Owner::nobody().await;
    let old = owner.setup_token();
    let mut owner = owner.restart().await;
    let body = json!({"token": old, "email": EMAIL, "password": PASSWORD});
    assert_eq!(owner.post("/api/v1/setup", &body).await.code(), "token_wrong");
    owner.set_up().await;
    let owner = owner.restart().await;
    assert_eq!(owner.running.setup_link, None);
    assert_eq!(owner.get("/api/v1/session").await.json()["state"], "signed_in");
}

#[tokio::test]
async fn two_browsers_with_the_link_make_one_owner() {
    let owner = Owner::nobody().await;
    let token = owner.setup_token();
    let body = |email: &str| json!({"token": token, "email": email, "password": PASSWORD});
    let (one, other) = (body("one@example.test"), body("two@example.test"));
    let (one, other) = tokio::join!(owner.post("/api/v1/setup", &one), owner.post("/api/v1/setup", &other));
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 410]);
}
