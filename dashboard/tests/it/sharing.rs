//! Links to a site's figures: who gets through, what they see, and when no longer.

use std::time::Duration;

use hyper::Method;
use serde_json::{Value, json};

use crate::{
    harness::{Answer, Owner},
    reports::half_closed,
};

async fn make(owner: &Owner, body: &Value) -> Value {
    let answer = owner.post("/api/v1/sites/1/links", body).await;
    assert_eq!(answer.status, 201, "{:?}", answer.body);
    answer.json()
}

async fn open(owner: &Owner, link: &Value, key: &Value) -> Answer {
    owner.post(&format!("/api/v1/share/{}", link["id"].as_str().unwrap()), key).await
}

/// The token of an opened link.
fn token(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    answer.json()["token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_secret_opens_one_sites_figures_and_nothing_else() {
    let mut owner = Owner::signed_in().await;
    owner.add_site("a.ru").await;
    owner.add_site("b.ru").await;
    let link = make(&owner, &json!({"name": "press"})).await;
    let secret = link["secret"].as_str().unwrap().to_owned();
    owner.cookie = None;
    for wrong in [json!({}), json!({"secret": ""}), json!({"secret": &secret[1..]})] {
        assert_eq!(open(&owner, &link, &wrong).await.status, 404, "{wrong}");
    }
    let answer = open(&owner, &link, &json!({"secret": secret})).await;
    assert_eq!(answer.json()["site"]["domain"], "a.ru");
    let view = token(&answer);
    let ask = async |method: Method, path: &str| {
        let body = (method != Method::GET).then(|| json!({}));
        owner.ask_with(&view, method, path, body.as_ref()).await.status.as_u16()
    };
    assert_eq!(ask(Method::GET, "/api/v1/sites/1/status").await, 200);
    for (method, path, status) in [
        (Method::GET, "/api/v1/sites/2/status", 404),
        (Method::GET, "/api/v1/sites/1/links", 403),
        (Method::GET, "/api/v1/sites/1/metrika", 403),
        (Method::PATCH, "/api/v1/sites/1", 403),
        (Method::DELETE, "/api/v1/sites/1", 403),
        (Method::POST, "/api/v1/sites", 403),
        (Method::POST, "/api/v1/metrika/stop", 403),
        (Method::GET, "/api/v1/tokens", 401),
    ] {
        assert_eq!(ask(method.clone(), path).await, status, "{method} {path}");
    }
    let sites = owner.ask_with(&view, Method::GET, "/api/v1/sites", None).await.json();
    assert_eq!((sites["sites"].as_array().unwrap().len(), &sites["sites"][0]["role"]), (1, &json!("viewer")));
}

#[tokio::test]
async fn the_secret_and_the_password_are_kept_nowhere() {
    let owner = Owner::signed_in().await;
    owner.add_site("a.ru").await;
    let link = make(&owner, &json!({"name": "press", "password": "correct horse battery 2"})).await;
    let secret = link["secret"].as_str().unwrap();
    let list = owner.get("/api/v1/sites/1/links").await;
    assert_eq!(list.json()["links"][0]["has_password"], true);
    assert!(!String::from_utf8_lossy(&list.body).contains(secret));
    for file in ["control.db", "control.db-wal"] {
        let bytes = std::fs::read(owner.folder.path().join(file)).unwrap();
        for hidden in [secret, "correct horse battery 2"] {
            assert!(!bytes.windows(hidden.len()).any(|window| window == hidden.as_bytes()), "{file}");
        }
    }
}

#[tokio::test]
async fn a_password_is_asked_for_and_cannot_be_tried_out() {
    let owner = Owner::signed_in().await;
    owner.add_site("a.ru").await;
    let link = make(&owner, &json!({"name": "press", "password": "correct horse battery"})).await;
    let secret = link["secret"].as_str().unwrap();
    assert_eq!(open(&owner, &link, &json!({"secret": secret})).await.code(), "password_needed");
    for _ in 0..5 {
        let wrong = json!({"secret": secret, "password": "wrong horse battery"});
        assert_eq!(open(&owner, &link, &wrong).await.code(), "wrong_credentials");
    }
    let right = json!({"secret": secret, "password": "correct horse battery"});
    let refused = open(&owner, &link, &right).await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (429, "too_many_attempts"));
    owner.clock.advance(Duration::from_secs(20));
    token(&open(&owner, &link, &right).await);
    let stranger = json!({"password": "correct horse battery"});
    assert_eq!(open(&owner, &link, &stranger).await.status, 404, "the password alone opens nothing");
}

#[tokio::test]
async fn a_link_that_has_ended_ends_what_it_opened() {
    let owner = Owner::signed_in().await;
    owner.add_site("a.ru").await;
    let ask =
        async |view: &str| owner.ask_with(view, Method::GET, "/api/v1/sites/1/status", None).await.status;

    let week = make(&owner, &json!({"name": "a week", "is_public": true, "life_days": 7})).await;
    let view = token(&open(&owner, &week, &json!({})).await);
    assert_eq!(ask(&view).await, 200);
    owner.clock.advance(Duration::from_secs(12 * 60 * 60));
    assert_eq!(ask(&view).await, 401, "a view lasts for twelve hours");
    let view = token(&open(&owner, &week, &json!({})).await);
    owner.clock.advance(Duration::from_secs(7 * 24 * 60 * 60 - 12 * 60 * 60));
    assert_eq!(ask(&view).await, 401);
    assert_eq!(open(&owner, &week, &json!({})).await.status, 404);

    let public = make(&owner, &json!({"name": "all", "is_public": true})).await;
    let view = token(&open(&owner, &public, &json!({})).await);
    let path = format!("/api/v1/sites/1/links/{}", public["id"].as_str().unwrap());
    assert_eq!(ask(&view).await, 200);
    assert_eq!(owner.send(Method::DELETE, &path, &[], None).await.status, 204);
    assert_eq!(ask(&view).await, 401);
}

#[tokio::test]
async fn leave_cannot_be_forged_or_prolonged() {
    let owner = Owner::signed_in().await;
    owner.add_site("a.ru").await;
    let link = make(&owner, &json!({"name": "all", "is_public": true})).await;
    let view = token(&open(&owner, &link, &json!({})).await);
    let [head, until, seal] = view.split('.').collect::<Vec<_>>()[..] else { panic!("{view}") };
    let later = until.parse::<i64>().unwrap() + 1;
    for forged in [
        format!("{head}.{later}.{seal}"),
        format!("{head}.{until}.{}", "0".repeat(64)),
        format!("{head}.{until}"),
        format!("{view}.x"),
        "msv_".to_owned(),
    ] {
        let answer = owner.ask_with(&forged, Method::GET, "/api/v1/sites/1/status", None).await;
        assert_eq!(answer.status, 401, "{forged}");
    }
}

#[tokio::test]
async fn only_named_sites_may_frame_only_the_page_of_the_link() {
    let owner = Owner::signed_in().await;
    owner.add_site("a.ru").await;
    let body =
        json!({"name": "on our page", "is_public": true, "frames": ["a.ru", "https://www.a.ru/about"]});
    let id = make(&owner, &body).await["id"].as_str().unwrap().to_owned();
    let framed = owner.get(&format!("/embed/{id}")).await;
    let policy = framed.header("content-security-policy");
    assert!(policy.ends_with("frame-ancestors https://a.ru https://www.a.ru"), "{policy}");
    assert!(policy.starts_with("default-src 'self'; ") && !policy.contains("unsafe"), "{policy}");
    assert_eq!(framed.header("x-frame-options"), "");
    for path in [format!("/share/{id}"), "/embed/0000000000000000".to_owned(), "/".to_owned()] {
        let answer = owner.get(&path).await;
        assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"), "{path}");
        assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
    }
}

#[tokio::test]
async fn what_cannot_be_a_link_is_refused_by_field() {
    let owner = Owner::signed_in().await;
    owner.add_site("a.ru").await;
    for (body, code) in [
        (json!({"name": ""}), "name_invalid"),
        (json!({"name": "x", "life_days": 0}), "life_invalid"),
        (json!({"name": "x", "frames": ["https://a.ru; script-src *"]}), "frames_invalid"),
        (json!({"name": "x", "password": "short"}), "password_unfit"),
        (json!({"name": "x", "password": "long enough, this", "is_public": true}), "public_with_password"),
    ] {
        let answer = owner.post("/api/v1/sites/1/links", &body).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (422, code), "{body}");
    }
    for _ in 0..50 {
        make(&owner, &json!({"name": "x"})).await;
    }
    assert_eq!(owner.post("/api/v1/sites/1/links", &json!({"name": "x"})).await.code(), "too_many_links");
}

#[tokio::test]
async fn a_reader_of_a_link_sees_the_owners_figures_with_few_people_hidden() {
    let (_engine, owner, _) = half_closed().await;
    let secret = make(&owner, &json!({"name": "press"})).await;
    let press = token(&open(&owner, &secret, &json!({"secret": secret["secret"]})).await);
    let link = make(&owner, &json!({"name": "all", "is_public": true})).await;
    let view = token(&open(&owner, &link, &json!({})).await);
    let smallest = |overview: &Value| {
        let panels = ["page", "entry", "source", "country", "browser"];
        let rows = panels.iter().filter_map(|panel| overview["panels"][panel]["rows"].as_array()).flatten();
        rows.filter_map(|row| row["visits"].as_u64()).min()
    };
    for filters in ["", "&filter=country:is:ZZ&filter=browser:is:Safari&filter=source:is:Google"] {
        let path = format!("/api/v1/sites/1/overview?period=30d{filters}");
        let own = owner.get(&path).await.json();
        let seen = owner.ask_with(&press, Method::GET, &path, None).await.json();
        assert_eq!(own["metrics"], seen["metrics"]);
        assert_eq!(own["panels"], seen["panels"]);
        // Whoever comes by a public link may be anybody: groups below ten are hidden.
        let public = owner.ask_with(&view, Method::GET, &path, None).await.json();
        assert_eq!(own["metrics"], public["metrics"]);
        if filters.is_empty() {
            assert_eq!(own["panels"], public["panels"]);
        } else {
            assert!(smallest(&own).is_some_and(|visits| (5..10).contains(&visits)), "{own}");
            assert!(smallest(&public).is_some_and(|visits| visits >= 10), "{public}");
        }
    }
    let visitors = owner.get("/api/v1/sites/1/overview?period=30d").await.json();
    let visitors = visitors["metrics"]["visitors"]["value"].as_u64().unwrap();

    let badge = owner.get(&format!("/badge/{}.svg", link["id"].as_str().unwrap())).await;
    assert_eq!((badge.status.as_u16(), badge.header("content-type")), (200, "image/svg+xml"));
    assert_eq!(badge.header("cross-origin-resource-policy"), "cross-origin");
    let svg = String::from_utf8(badge.body.to_vec()).unwrap();
    assert!(svg.contains(&format!(">{visitors} / 30 d<")), "{visitors} in {svg}");
    let hidden = owner.get(&format!("/badge/{}.svg", secret["id"].as_str().unwrap())).await;
    assert_eq!(hidden.status, 404, "a badge is of what is public");
}
