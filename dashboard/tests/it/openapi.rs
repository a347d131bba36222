//! The API's description, held against the server that gives it.

use hyper::Method;
use serde_json::{Value, json};

use crate::harness::Owner;

/// Open to whoever comes: signing in and out, the first set-up (with its link's secret),
/// invitations and shared links (with theirs). A further one has to be named here.
const OPEN: [&str; 9] = [
    "DELETE /api/v1/session",
    "GET /api/v1/session",
    "POST /api/v1/invitations/accept",
    "POST /api/v1/invitations/open",
    "POST /api/v1/password",
    "POST /api/v1/password/open",
    "POST /api/v1/session",
    "POST /api/v1/setup",
    "POST /api/v1/share/0123456789abcdef",
];

async fn document(owner: &Owner) -> Value {
    let answer = owner.get("/api/v1/openapi.json").await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "application/json"));
    answer.json()
}

fn calls(document: &Value) -> Vec<(Method, String, Value)> {
    let mut calls = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, call) in methods.as_object().unwrap() {
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let path = path
                .replace("{id}", "1")
                .replace("{token}", "1")
                .replace("{goal}", "1")
                .replace("{funnel}", "1")
                .replace("{user}", "1")
                .replace("{invitation}", "1")
                .replace("{link}", "0123456789abcdef")
                .replace("{session}", "0123456789abcdef")
                .replace("{export}", "0123456789abcdef");
            calls.push((method, path, call.clone()));
        }
    }
    calls
}

#[tokio::test]
async fn whoever_needs_leave_for_a_call_is_refused_without_it() {
    let mut owner = Owner::signed_in().await;
    owner.add_site("example.ru").await;
    owner.cookie = None;
    let document = document(&owner).await;
    assert_eq!(document["openapi"], "3.1.0");
    let mut guarded = 0;
    let mut open = Vec::new();
    for (method, path, call) in calls(&document) {
        let body = (method != Method::GET).then(|| json!({}));
        let answer = owner.send(method.clone(), &path, &[], body.as_ref()).await;
        if call["security"] == json!([]) {
            let is_there = answer.status != 404
                || answer.code() == "not_found"
                    && (path.contains("/share/") || path.contains("/invitations/"));
            assert!(is_there, "{method} {path}");
            open.push(format!("{method} {path}"));
            continue;
        }
        assert_eq!(answer.status, 401, "{method} {path}");
        guarded += 1;
    }
    assert!(guarded >= 20, "{guarded} calls need leave");
    open.sort();
    assert_eq!(open, OPEN);
}

#[tokio::test]
async fn every_schema_that_is_referred_to_is_there() {
    let owner = Owner::signed_in().await;
    let document = document(&owner).await;
    let text = document.to_string();
    let named = text.split("\"#/components/schemas/").skip(1).filter_map(|rest| rest.split('"').next());
    let mut count = 0;
    for name in named {
        assert!(document["components"]["schemas"].get(name).is_some(), "{name}");
        count += 1;
    }
    assert!(count > 100, "{count} references");
}

#[tokio::test]
async fn the_page_for_reading_names_every_call_and_nothing_from_elsewhere() {
    let owner = Owner::signed_in().await;
    let page = owner.get("/api/v1/docs").await;
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    let html = String::from_utf8(page.body.to_vec()).unwrap();
    for path in document(&owner).await["paths"].as_object().unwrap().keys() {
        assert!(html.contains(path.as_str()), "{path}");
    }
    for outside in ["src=", "style=", "<script", "//cdn"] {
        assert!(!html.contains(outside), "{outside}");
    }
    assert_eq!(owner.get("/api/v1/docs.css").await.header("content-type"), "text/css; charset=utf-8");
}

/// A call that says "any JSON" tells nobody what it answers.
#[tokio::test]
async fn every_call_of_forwarding_says_what_it_takes_and_answers() {
    let owner = Owner::signed_in().await;
    let document = document(&owner).await;
    let mut looked_at = 0;
    for (method, path, call) in calls(&document).into_iter().filter(|(_, path, _)| path.contains("/metrika"))
    {
        let kinds = call["responses"]["200"]["content"].as_object().unwrap();
        let schema = kinds.values().next().unwrap()["schema"].clone();
        assert!(schema.get("$ref").is_some() || schema["type"] == "string", "{method} {path}: {schema}");
        let body = &call["requestBody"]["content"]["application/json"]["schema"];
        assert!(body.is_null() || body["properties"].is_object(), "{method} {path}: {body}");
        looked_at += 1;
    }
    assert!(looked_at >= 9, "{looked_at}");
    let page = &document["components"]["schemas"]["MetrikaPage"]["properties"];
    for field in ["now", "settings", "collectors", "weeks", "forwards", "compared"] {
        assert!(page[field].is_object(), "{field}: {page}");
    }
}
