//! Segments and annotations: kept, refused, bounded, and on record.

use dashboard::control::{annotations::ANNOTATIONS_MAX, segments::SEGMENTS_MAX};
use hyper::Method;
use serde_json::{Value, json};

use crate::harness::Owner;

const SEGMENTS: &str = "/api/v1/sites/1/segments";
const ANNOTATIONS: &str = "/api/v1/sites/1/annotations";

async fn owner() -> Owner {
    let owner = Owner::signed_in().await;
    owner.add_site("example.ru").await;
    owner
}

fn segment(title: &str, filters: &[&str]) -> Value {
    json!({"title": title, "filters": filters})
}

#[tokio::test]
async fn a_segment_is_filters_a_report_would_take() {
    let owner = owner().await;
    let kept = owner.post(SEGMENTS, &segment(" Phones ", &["device:is:mobile", "source:is:Yandex"])).await;
    assert_eq!(kept.status, 201, "{:?}", kept.body);
    let wanted = json!({"id": 1, "title": "Phones", "filters": ["device:is:mobile", "source:is:Yandex"]});
    assert_eq!(kept.json(), wanted);
    assert_eq!(owner.get(SEGMENTS).await.json(), json!({"segments": [wanted]}));
    for (body, status, code) in [
        (segment("Phones", &["device:is:tablet"]), 409, "title_taken"),
        (segment("", &["device:is:tablet"]), 422, "segment_invalid"),
        (segment("None", &[]), 422, "segment_invalid"),
        (segment("Nonsense", &["visitor:is:1"]), 422, "segment_invalid"),
        (segment("At odds", &["entry:is:/", "exit:is:/"]), 422, "segment_invalid"),
        (segment(&"a".repeat(101), &["device:is:tablet"]), 422, "segment_invalid"),
    ] {
        let answer = owner.post(SEGMENTS, &body).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (status, code), "{body}");
    }
    assert_eq!(owner.post("/api/v1/sites/2/segments", &segment("a", &["os:is:x"])).await.status, 404);
    assert_eq!(owner.send(Method::DELETE, &format!("{SEGMENTS}/1"), &[], None).await.status, 204);
    assert_eq!(owner.send(Method::DELETE, &format!("{SEGMENTS}/1"), &[], None).await.status, 404);
    let log = owner.get("/api/v1/audit").await.json();
    let actions: Vec<&str> =
        log["lines"].as_array().unwrap().iter().map(|line| line["action"].as_str().unwrap()).collect();
    assert!(actions.contains(&"segment_kept") && actions.contains(&"segment_removed"), "{actions:?}");
}

#[tokio::test]
async fn an_annotation_is_a_line_of_a_day_in_the_order_of_days() {
    let owner = owner().await;
    for (day, text) in [("2026-11-20", "Release"), ("2026-11-10", "Campaign")] {
        assert_eq!(owner.post(ANNOTATIONS, &json!({"day": day, "text": text})).await.status, 201);
    }
    let listed = owner.get(ANNOTATIONS).await.json();
    let texts: Vec<&str> =
        listed["annotations"].as_array().unwrap().iter().map(|one| one["text"].as_str().unwrap()).collect();
    assert_eq!(texts, ["Campaign", "Release"]);
    for (day, text) in [("2026-11-31", "a"), ("yesterday", "a"), ("2026-11-20", " ")] {
        let answer = owner.post(ANNOTATIONS, &json!({"day": day, "text": text})).await;
        assert_eq!(answer.code(), "annotation_invalid", "{day} {text}");
    }
    assert_eq!(owner.send(Method::DELETE, &format!("{ANNOTATIONS}/1"), &[], None).await.status, 204);
    assert_eq!(owner.send(Method::DELETE, &format!("{ANNOTATIONS}/x"), &[], None).await.status, 404);
}

#[tokio::test]
async fn a_site_has_so_many_of_each_and_no_more() {
    let owner = owner().await;
    for nth in 0..SEGMENTS_MAX {
        assert_eq!(owner.post(SEGMENTS, &segment(&nth.to_string(), &["os:is:x"])).await.status, 201);
    }
    assert_eq!(owner.post(SEGMENTS, &segment("more", &["os:is:x"])).await.code(), "too_many_segments");
    let note = json!({"day": "2026-11-20", "text": "a"});
    for _ in 0..ANNOTATIONS_MAX {
        assert_eq!(owner.post(ANNOTATIONS, &note).await.status, 201);
    }
    assert_eq!(owner.post(ANNOTATIONS, &note).await.code(), "too_many_annotations");
}
