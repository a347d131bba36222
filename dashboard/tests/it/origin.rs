//! Writes from elsewhere.

use hyper::{
    Method, Request,
    body::Bytes,
    header::{CONTENT_TYPE, COOKIE, HeaderName, ORIGIN},
};
use serde_json::json;

use crate::harness::Owner;

#[tokio::test]
async fn a_write_from_another_origin_is_refused() {
    let owner = Owner::signed_in().await;
    let site = json!({"domain": "example.ru", "time_zone": "UTC"});
    let fetch_site = HeaderName::from_static("sec-fetch-site");
    for headers in [
        vec![(ORIGIN, "https://evil.example")],
        vec![(ORIGIN, "null")],
        vec![(fetch_site.clone(), "cross-site")],
        vec![(fetch_site.clone(), "same-site")],
    ] {
        let answer = owner.send(Method::POST, "/api/v1/sites", &headers, Some(&site)).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (403, "cross_origin"), "{headers:?}");
    }
    let sign_out =
        owner.send(Method::DELETE, "/api/v1/session", &[(ORIGIN, "https://evil.example")], None).await;
    assert_eq!(sign_out.status, 403);
    assert_eq!(owner.get("/api/v1/sites").await.json(), json!({"sites": []}));
}

#[tokio::test]
async fn a_write_of_our_own_page_passes() {
    let owner = Owner::signed_in().await;
    let origin = owner.url("");
    let site = json!({"domain": "example.ru", "time_zone": "UTC"});
    let answer = owner.send(Method::POST, "/api/v1/sites", &[(ORIGIN, &origin)], Some(&site)).await;
    assert_eq!(answer.status, 201);
}

#[tokio::test]
async fn a_form_cannot_write() {
    let owner = Owner::signed_in().await;
    for content_type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"] {
        let request = Request::post(owner.url("/api/v1/sites"))
            .header(CONTENT_TYPE, content_type)
            .header(COOKIE, owner.cookie.as_deref().unwrap())
            .body(Bytes::from_static(b"{\"domain\":\"example.ru\",\"time_zone\":\"UTC\"}").into())
            .unwrap();
        let answer = owner.exchange(request).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (415, "not_json"), "{content_type}");
    }
}
