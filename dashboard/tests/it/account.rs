//! One's own account: password, second step, sessions.

use std::time::Duration;

use dashboard::{Config, RawConfig, control::totp::TotpSecret};
use hyper::Method;
use serde_json::{Value, json};

use crate::harness::{Answer, EMAIL, Owner, PASSWORD};

const PATH: &str = "/api/v1/account/two-step";

/// Links are made by another process, by the system's clock: later than an hour after that, years
/// after the test's own.
const LONG_AFTER: Duration = Duration::from_secs(20 * 365 * 24 * 3600);

fn code(owner: &Owner, secret: &TotpSecret) -> String {
    secret.code(owner.clock.now().as_second().div_euclid(30))
}

/// Switches the second step on; the secret and the recovery codes.
async fn begin(owner: &Owner) -> (TotpSecret, Vec<String>) {
    let offer = owner.post(PATH, &json!({})).await.json();
    let secret = TotpSecret::from_base32(offer["secret"].as_str().unwrap()).unwrap();
    assert!(
        offer["address"].as_str().unwrap().starts_with("otpauth://totp/Mostik:owner%40example.test?secret=")
    );
    assert!(offer["qr"]["size"].as_u64().unwrap() >= 29);
    let proof = json!({"password": PASSWORD, "secret": offer["secret"], "code": code(owner, &secret)});
    let answer = owner.send(Method::PUT, PATH, &[], Some(&proof)).await;
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    let codes = answer.json()["recovery_codes"].as_array().unwrap().clone();
    (secret, codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect())
}

async fn sign_in(owner: &Owner, code: Option<&str>) -> Answer {
    owner.post("/api/v1/session", &json!({"email": EMAIL, "password": PASSWORD, "code": code})).await
}

#[tokio::test]
async fn a_stolen_password_does_not_pass_the_second_step() {
    let mut owner = Owner::signed_in().await;
    let (secret, recovery) = begin(&owner).await;
    assert_eq!(sign_in(&owner, None).await.code(), "code_needed");
    assert_eq!(sign_in(&owner, Some("000000")).await.code(), "code_wrong");
    let used = code(&owner, &secret);
    assert_eq!(sign_in(&owner, Some(&used)).await.code(), "code_wrong", "it proved the secret already");
    owner.clock.advance(Duration::from_secs(60));
    let fresh = code(&owner, &secret);
    assert_eq!(sign_in(&owner, Some(&fresh)).await.status, 201);
    assert_eq!(sign_in(&owner, Some(&fresh)).await.code(), "code_wrong", "a code opens the door once");
    let entered = sign_in(&owner, Some(&recovery[0].to_uppercase())).await;
    assert_eq!(entered.status, 201);
    owner.cookie = Some(entered.cookie());
    assert_eq!(sign_in(&owner, Some(&recovery[0])).await.code(), "code_wrong");
    let account = owner.get("/api/v1/account").await.json();
    assert_eq!((&account["two_step"], &account["recovery_codes_left"]), (&json!(true), &json!(9)));
}

#[tokio::test]
async fn who_does_not_know_the_password_learns_nothing_of_the_second_step() {
    let owner = Owner::signed_in().await;
    begin(&owner).await;
    let wrong = owner.sign_in(EMAIL, "wrong horse battery").await;
    let unknown = owner.sign_in("nobody@example.test", PASSWORD).await;
    assert_eq!((wrong.status, wrong.body), (unknown.status, unknown.body));
}

#[tokio::test]
async fn codes_cannot_be_tried_out() {
    let owner = Owner::signed_in().await;
    begin(&owner).await;
    let mut codes = Vec::new();
    for _ in 0..6 {
        codes.push(sign_in(&owner, Some("123456")).await.code());
    }
    assert_eq!(codes[4..], ["code_wrong", "too_many_attempts"]);
    owner.clock.advance(Duration::from_secs(60));
    let refused = sign_in(&owner, Some("123456")).await;
    assert_eq!(refused.code(), "too_many_attempts", "three passwords a minute, but no code");
    assert_eq!(refused.header("retry-after"), "540");
    owner.clock.advance(Duration::from_secs(540));
    assert_eq!(sign_in(&owner, Some("123456")).await.code(), "code_wrong");
}

#[tokio::test]
async fn codes_cannot_be_tried_out_by_switching_the_second_step_off() {
    let owner = Owner::signed_in().await;
    begin(&owner).await;
    let off = json!({"password": PASSWORD, "code": "123456"});
    let mut codes = Vec::new();
    for _ in 0..6 {
        codes.push(owner.send(Method::DELETE, PATH, &[], Some(&off)).await.code());
    }
    assert_eq!(codes[4..], ["code_wrong", "too_many_attempts"]);
    assert_eq!(sign_in(&owner, Some("123456")).await.code(), "too_many_attempts", "one limit for both");
}

#[tokio::test]
async fn the_second_step_goes_off_with_password_and_code_only_and_survives_a_restart() {
    let owner = Owner::signed_in().await;
    let (secret, recovery) = begin(&owner).await;
    let wrong = json!({"password": "wrong horse battery", "code": recovery[0]});
    assert_eq!(owner.send(Method::DELETE, PATH, &[], Some(&wrong)).await.code(), "password_wrong");
    let wrong = json!({"password": PASSWORD, "code": "000000"});
    assert_eq!(owner.send(Method::DELETE, PATH, &[], Some(&wrong)).await.code(), "code_wrong");
    let again = json!({"password": PASSWORD, "secret": secret.base32(), "code": code(&owner, &secret)});
    assert_eq!(owner.send(Method::PUT, PATH, &[], Some(&again)).await.code(), "two_step_is_on");
    let owner = owner.restart().await;
    assert_eq!(sign_in(&owner, None).await.code(), "code_needed");
    let right = json!({"password": PASSWORD, "code": recovery[0]});
    assert_eq!(owner.send(Method::DELETE, PATH, &[], Some(&right)).await.status, 204);
    assert_eq!(sign_in(&owner, None).await.status, 201);
}

#[tokio::test]
async fn neither_secret_nor_recovery_codes_stand_in_the_database() {
    let owner = Owner::signed_in().await;
    let (secret, recovery) = begin(&owner).await;
    for file in ["control.db", "control.db-wal"] {
        let bytes = std::fs::read(owner.folder.path().join(file)).unwrap();
        for hidden in [secret.base32(), recovery[0].clone(), recovery[0].replace('-', "")] {
            assert!(!bytes.windows(hidden.len()).any(|window| window == hidden.as_bytes()), "{file}");
        }
    }
}

async fn sessions(owner: &Owner) -> Vec<Value> {
    owner.get("/api/v1/account/sessions").await.json()["sessions"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_session_on_a_lost_laptop_is_ended_from_another() {
    let mut owner = Owner::signed_in().await;
    let laptop = owner.cookie.clone();
    owner.clock.advance(Duration::from_secs(60));
    owner.cookie = None;
    owner.cookie = Some(owner.sign_in(EMAIL, PASSWORD).await.cookie());
    let listed = sessions(&owner).await;
    let current: Vec<bool> = listed.iter().map(|line| line["is_current"].as_bool().unwrap()).collect();
    assert_eq!(current, [true, false]);
    let path = format!("/api/v1/account/sessions/{}", listed[1]["id"].as_str().unwrap());
    assert_eq!(owner.send(Method::DELETE, &path, &[], None).await.status, 204);
    assert_eq!(owner.send(Method::DELETE, &path, &[], None).await.status, 404);
    assert_eq!(sessions(&owner).await.len(), 1);
    owner.cookie = laptop;
    assert_eq!(owner.get("/api/v1/sites").await.status, 401);
}

#[tokio::test]
async fn another_password_ends_every_other_session() {
    let mut owner = Owner::signed_in().await;
    let other = owner.cookie.clone();
    owner.cookie = None;
    owner.cookie = Some(owner.sign_in(EMAIL, PASSWORD).await.cookie());
    let path = "/api/v1/account/password";
    let wrong = json!({"password": "wrong horse battery", "new": "another horse battery"});
    assert_eq!(owner.send(Method::PUT, path, &[], Some(&wrong)).await.code(), "password_wrong");
    let short = json!({"password": PASSWORD, "new": "short"});
    assert_eq!(owner.send(Method::PUT, path, &[], Some(&short)).await.code(), "password_unfit");
    let right = json!({"password": PASSWORD, "new": "another horse battery"});
    assert_eq!(owner.send(Method::PUT, path, &[], Some(&right)).await.status, 204);
    assert_eq!(owner.get("/api/v1/sites").await.status, 200, "the one that changed it goes on");
    assert_eq!(owner.sign_in(EMAIL, PASSWORD).await.status, 401);
    assert_eq!(owner.sign_in(EMAIL, "another horse battery").await.status, 201);
    owner.cookie = other;
    assert_eq!(owner.get("/api/v1/sites").await.status, 401);
}

/// A link as `mostik password-link` makes it.
async fn password_link(owner: &Owner, email: &str, ends_two_step: bool) -> Option<String> {
    let socket = owner.folder.path().join("engine.sock");
    let config = Config::from_raw(RawConfig::default(), owner.folder.path(), &socket).ok().unwrap();
    let link =
        dashboard::new_password_link(&config, owner.running.address, email, ends_two_step).await.unwrap()?;
    Some(link.strip_prefix(&format!("http://{}/password#", owner.running.address)).unwrap().to_owned())
}

#[tokio::test]
async fn a_forgotten_password_is_set_by_a_link_that_is_good_once_and_for_an_hour() {
    const NEXT: &str = "another battery of horses";
    let mut owner = Owner::signed_in().await;
    let (secret, _) = begin(&owner).await;
    assert_eq!(password_link(&owner, "nobody@example.test", false).await, None);
    let replaced = password_link(&owner, EMAIL, false).await.unwrap();
    let token = password_link(&owner, &EMAIL.to_uppercase(), false).await.unwrap();

    let session = owner.cookie.take();
    let open = async |token: &str| owner.post("/api/v1/password/open", &json!({"token": token})).await;
    let set = async |token: &str, password: &str| {
        owner.post("/api/v1/password", &json!({"token": token, "password": password})).await
    };
    assert_eq!(open(&replaced).await.code(), "not_found", "a newer link ends it");
    assert_eq!(open(&token).await.json()["email"], EMAIL);
    assert_eq!(set(&token, "short").await.code(), "password_unfit");
    assert_eq!(set(&replaced, NEXT).await.code(), "not_found");
    assert_eq!(set(&token, NEXT).await.status, 204);
    assert_eq!(set(&token, NEXT).await.code(), "not_found", "once");

    // Who was signed in is signed out; the second step is asked for as before.
    owner.cookie = session;
    assert_eq!(owner.get("/api/v1/account").await.status, 401);
    assert_eq!(owner.sign_in(EMAIL, PASSWORD).await.code(), "wrong_credentials");
    assert_eq!(owner.sign_in(EMAIL, NEXT).await.code(), "code_needed");
    owner.clock.advance(Duration::from_secs(60));
    let fresh = code(&owner, &secret);
    let entered =
        owner.post("/api/v1/session", &json!({"email": EMAIL, "password": NEXT, "code": fresh})).await;
    assert_eq!(entered.status, 201);

    // For whoever lost the second step as well; an hour later it is good for nothing.
    let token = password_link(&owner, EMAIL, true).await.unwrap();
    assert_eq!(
        owner.post("/api/v1/password", &json!({"token": token, "password": PASSWORD})).await.status,
        204
    );
    assert_eq!(owner.sign_in(EMAIL, PASSWORD).await.status, 201);
    let late = password_link(&owner, EMAIL, false).await.unwrap();
    owner.clock.advance(LONG_AFTER);
    assert_eq!(owner.post("/api/v1/password/open", &json!({"token": late})).await.code(), "not_found");
}
