//! The check of a site asks the real collector the way a visitor's browser would.

use e2e::Instance;
use serde_json::{Value, json};

#[tokio::test]
async fn the_collector_is_found_where_the_tag_says_and_its_word_is_understood() {
    let mostik = Instance::start().await;
    let answer = mostik.write("/api/v1/sites/1/check", &json!({})).await;
    let found = |check: &str| -> Value {
        let findings = answer["findings"].as_array().unwrap();
        findings.iter().find(|one| one["check"] == check).unwrap()["found"].clone()
    };
    // The test's site is nowhere, which is known without asking anybody.
    assert_eq!(found("page_read"), json!(["unreachable"]));
    assert_eq!(found("collector_answers"), json!([]));
    assert_eq!(found("visitors_told_apart"), json!([]));
}

#[tokio::test]
async fn a_proxy_that_writes_addresses_elsewhere_is_told_from_one_that_is_believed() {
    for (line, ignored) in [("address_header = \"x-real-ip\"", true), ("", false)] {
        let mostik = Instance::start_with(line).await;
        let url = format!("http://{}/api/route", mostik.ready.public);
        let answer = mostik.client.get(url).header("X-Forwarded-For", "203.0.113.7").send().await.unwrap();
        let route: Value = answer.json().await.unwrap();
        assert_eq!(route, json!({"told": !ignored, "ignored": ignored, "local": ignored}), "{line}");
    }
}
