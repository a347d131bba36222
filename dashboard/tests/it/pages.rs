//! The UI's files, and the headers around everything.

use hyper::{Method, header::IF_NONE_MATCH};

use crate::harness::Owner;

#[tokio::test]
async fn every_route_of_the_ui_is_answered_with_its_page() {
    let owner = Owner::nobody().await;
    let page = owner.get("/").await;
    assert_eq!(page.status, 200);
    assert!(page.header("content-type").starts_with("text/html"));
    assert_eq!(page.header("cache-control"), "no-cache");
    for route in ["/setup", "/sites/1", "/sites/new", "/sites/1/install", "/index.html", "/example.ru"] {
        let answer = owner.get(route).await;
        assert_eq!((answer.status, answer.body), (page.status, page.body.clone()), "{route}");
    }
    let tag = page.header("etag").to_owned();
    assert_eq!(owner.send(Method::GET, "/", &[(IF_NONE_MATCH, &tag)], None).await.status, 304);
}

#[tokio::test]
async fn what_is_missing_is_not_answered_with_the_page() {
    let owner = Owner::nobody().await;
    for path in
        ["/app-OLDHASH1.js", "/favicon.ico", "/api", "/api/v1/nothing", "/api/v2/session", "/internal/x"]
    {
        let answer = owner.get(path).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (404, "not_found"), "{path}");
    }
    let answer = owner.send(Method::DELETE, "/api/v1/sites", &[], None).await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (405, "method_not_allowed"));
}

#[tokio::test]
async fn a_hashed_file_is_kept_for_ever() {
    let owner = Owner::nobody().await;
    let page = String::from_utf8(owner.get("/").await.body.to_vec()).unwrap();
    // The page names what it needs; by hand-made pages without scripts nothing is checked.
    for name in page.split('"').filter(|name| name.starts_with('/') && name.contains('-')) {
        let answer = owner.get(name).await;
        assert_eq!(answer.status, 200, "{name}");
        assert_eq!(answer.header("cache-control"), "public, max-age=31536000, immutable", "{name}");
    }
}

#[tokio::test]
async fn every_answer_carries_the_headers_that_bind_the_browser() {
    let owner = Owner::nobody().await;
    for path in ["/", "/api/v1/session", "/api/v1/sites", "/api/nothing", "/missing.js"] {
        let answer = owner.get(path).await;
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("default-src 'self'") && policy.contains("frame-ancestors 'none'"), "{path}");
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
    }
    assert_eq!(owner.get("/api/v1/session").await.header("cache-control"), "no-store");
}
