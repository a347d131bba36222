//! The list of sites.

use hyper::Method;
use serde_json::json;

use crate::harness::Owner;

#[tokio::test]
async fn a_site_is_added_changed_and_listed() {
    let owner = Owner::signed_in().await;
    let site = owner.add_site("Пример.рф").await;
    assert_eq!(site["domain"], "xn--e1afmkfd.xn--p1ai");
    assert_eq!(site["created_at"], "2026-11-23T12:00:00Z");
    assert_eq!(site.get("uuid"), None, "the uuid is for collectors");
    let change = json!({"time_zone": "asia/kolkata", "hosts": ["Shop.example.ru"], "props": ["plan"]});
    let changed = owner.send(Method::PATCH, "/api/v1/sites/1", &[], Some(&change)).await;
    assert_eq!(changed.status, 200);
    assert_eq!(changed.json()["time_zone"], "Asia/Kolkata");
    let listed = owner.get("/api/v1/sites").await.json();
    assert_eq!(listed["sites"], json!([changed.json()]));
}

#[tokio::test]
async fn what_cannot_be_a_site_is_refused_by_field() {
    let owner = Owner::signed_in().await;
    owner.add_site("example.ru").await;
    for (site, status, code) in [
        (json!({"domain": "EXAMPLE.ru", "time_zone": "UTC"}), 409, "domain_taken"),
        (json!({"domain": "no domain", "time_zone": "UTC"}), 422, "domain_invalid"),
        (json!({"domain": "a.ru", "time_zone": "Mars/Olympus"}), 422, "time_zone_invalid"),
        (json!({"domain": "a.ru", "time_zone": "UTC", "hosts": ["<"]}), 422, "hosts_invalid"),
        (json!({"domain": "a.ru", "time_zone": "UTC", "id": 7}), 400, "bad_json"),
        (json!({"domain": "a.ru"}), 400, "bad_json"),
    ] {
        let answer = owner.post("/api/v1/sites", &site).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (status, code), "{site}");
    }
}

#[tokio::test]
async fn an_unknown_site_is_not_found() {
    let owner = Owner::signed_in().await;
    for path in [
        "/api/v1/sites/7/overview",
        "/api/v1/sites/0/live",
        "/api/v1/sites/x/status",
        "/api/v1/sites/-1/status",
        "/api/v1/sites/99999999999/status",
        "/api/v1/sites/7/breakdown?dimension=page",
    ] {
        let answer = owner.get(path).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (404, "not_found"), "{path}");
    }
    let change = json!({"hosts": []});
    assert_eq!(owner.send(Method::PATCH, "/api/v1/sites/7", &[], Some(&change)).await.status, 404);
}

#[tokio::test]
async fn a_new_site_is_given_its_script() {
    let owner = Owner::signed_in().await;
    owner.add_site("example.ru").await;
    let status = owner.get("/api/v1/sites/1/status").await.json();
    assert_eq!(status["first_event"], false);
    let script = "<script defer src=\"http://127.0.0.1:8787/i.js\" data-domain=\"example.ru\"></script>";
    assert_eq!(status["script"], script);
}
