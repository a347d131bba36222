//! The dashboard without ClickHouse.

use crate::harness::{EMAIL, Owner, PASSWORD};

#[tokio::test]
async fn without_the_engine_reports_say_so_and_all_else_works() {
    let owner = Owner::signed_in().await;
    owner.add_site("example.ru").await;
    for path in
        ["/api/v1/sites/1/overview", "/api/v1/sites/1/live", "/api/v1/sites/1/breakdown?dimension=page"]
    {
        let answer = owner.get(path).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (503, "store_unavailable"), "{path}");
    }
    let status = owner.get("/api/v1/sites/1/status").await;
    assert_eq!(status.status, 200, "the script tag is needed before the first event");
    assert_eq!(status.json()["store"], "unavailable");
    assert_eq!(owner.sign_in(EMAIL, PASSWORD).await.status, 201);
}

#[tokio::test]
async fn a_mistake_in_the_question_is_told_even_without_the_engine() {
    let owner = Owner::signed_in().await;
    owner.add_site("example.ru").await;
    for (query, code) in [
        ("period=eternity", "query_invalid"),
        ("perod=7d", "query_invalid"),
        ("filter=page:like:x", "query_invalid"),
        ("period=custom&from=2026-02-01&to=2026-01-01", "query_invalid"),
        ("filter=entry:is:/&filter=exit:is:/", "filters_conflict"),
    ] {
        let answer = owner.get(&format!("/api/v1/sites/1/overview?{query}")).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (422, code), "{query}");
    }
}
