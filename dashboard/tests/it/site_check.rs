//! The check of a site, against pages as they are out there.

use axum::{
    Router,
    http::header,
    response::{Html, Redirect},
    routing::get,
};
use serde_json::{Value, json};

use crate::harness::{Answer, Owner};

const TAG: &str = r#"<script defer src="/i.js" data-domain="localhost"></script>"#;

/// A site and its collector behind one address.
struct Site {
    owner: Owner,
    at: String,
}

impl Site {
    /// `route`: how the collector says that requests come.
    async fn start(route: Value) -> Site {
        let script = ([(header::CONTENT_TYPE, "text/javascript")], "window.mostik=1");
        let policy = |text: &'static str| [(header::CONTENT_SECURITY_POLICY, text)];
        let pages = Router::new()
            .route("/i.js", get(move || async move { script }))
            .route("/api/route", get(move || async move { axum::Json(route) }))
            .route("/good", get(|| async { Html(TAG) }))
            .route("/empty", get(|| async { Html("<p>nothing</p>") }))
            .route("/strict", get(move || async move { (policy("default-src 'none'"), Html(TAG)) }))
            .route("/moved", get(|| async { Redirect::permanent("/good") }))
            .route("/loop", get(|| async { Redirect::permanent("/loop") }))
            .route("/away", get(|| async { Redirect::permanent("http://127.0.0.1/secret") }))
            .route("/picture", get(|| async { ([(header::CONTENT_TYPE, "image/png")], "") }))
            .route("/long", get(|| async { Html("a".repeat((4 << 20) + 1)) }))
            .route("/slow", get(std::future::pending::<&'static str>));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move { axum::serve(listener, pages).await });
        let mut owner = Owner::with_collector(&format!("http://localhost:{port}")).await;
        owner.set_up().await;
        owner.add_site("localhost").await;
        Site { owner, at: format!("http://localhost:{port}") }
    }

    async fn check(&self, path: &str) -> Answer {
        self.owner.post("/api/v1/sites/1/check", &json!({"page": format!("{}{path}", self.at)})).await
    }

    /// What was found by one check of a page.
    async fn found(&self, path: &str, check: &str) -> Value {
        let answer = self.check(path).await;
        assert_eq!(answer.status, 200, "{:?}", answer.body);
        let findings = answer.json()["findings"].as_array().unwrap().clone();
        let one = findings.into_iter().find(|one| one["check"] == check).unwrap_or_default();
        assert_eq!(one["is_ok"] == true, one["found"] == json!([]), "{one}");
        one["found"].clone()
    }
}

fn direct() -> Value {
    json!({"told": false, "ignored": false, "local": true})
}

#[tokio::test]
async fn a_site_that_is_in_order_is_said_to_be() {
    let site = Site::start(direct()).await;
    for path in ["/good", "/moved"] {
        let answer = site.check(path).await.json();
        let findings = answer["findings"].as_array().unwrap();
        let checks: Vec<&str> = findings.iter().map(|one| one["check"].as_str().unwrap()).collect();
        let all = [
            "page_read",
            "script_there",
            "over_tls",
            "policy_allows",
            "collector_answers",
            "visitors_told_apart",
        ];
        assert_eq!(checks, all);
        assert!(findings.iter().all(|one| one["is_ok"] == true), "{path}: {answer}");
    }
}

#[tokio::test]
async fn what_keeps_events_from_coming_is_named() {
    let site = Site::start(direct()).await;
    assert_eq!(site.found("/empty", "script_there").await, json!(["missing"]));
    let missing = json!([format!("script-src {}", site.at), format!("connect-src {}", site.at)]);
    assert_eq!(site.found("/strict", "policy_allows").await, missing);
    for (path, found) in [
        ("/none", json!(["status", "404"])),
        ("/away", json!(["elsewhere", "127.0.0.1"])),
        ("/loop", json!(["elsewhere", "localhost"])),
        ("/picture", json!(["not_a_page"])),
        ("/long", json!(["too_large"])),
        ("/slow", json!(["too_slow"])),
    ] {
        assert_eq!(site.found(path, "page_read").await, found, "{path}");
        assert_eq!(
            site.found("/good", "collector_answers").await,
            json!([]),
            "which is looked at all the same"
        );
    }
}

#[tokio::test]
async fn a_proxy_whose_word_is_not_believed_is_found_out() {
    let site = Site::start(json!({"told": false, "ignored": true, "local": true})).await;
    assert_eq!(site.found("/good", "visitors_told_apart").await, json!(["ignored"]));
    let site = Site::start(json!({"told": true, "ignored": false, "local": false})).await;
    assert_eq!(site.found("/good", "visitors_told_apart").await, json!([]));
    let site = Site::start(json!("another server")).await;
    assert_eq!(site.found("/good", "visitors_told_apart").await, json!(["another"]));
}

#[tokio::test]
async fn only_pages_of_the_site_are_fetched() {
    let site = Site::start(direct()).await;
    for page in ["http://127.0.0.1/", "https://example.ru/", "file:///etc/passwd", "localhost"] {
        let answer = site.owner.post("/api/v1/sites/1/check", &json!({"page": page})).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (422, "page_invalid"), "{page}");
    }
}
