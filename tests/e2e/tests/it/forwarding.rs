//! Forwarding to Metrika, with real processes and a Metrika that assumes the worst.

use e2e::forwarding::{Forwarding, GOAL, GOAL_ID, event, rules, view};
use fake_metrika::Profile;
use serde_json::json;

#[tokio::test]
async fn a_goal_of_a_consenting_visitor_arrives_and_no_other() {
    let forwarding = Forwarding::live(Profile::Strict).await;
    forwarding.send("203.0.113.7", &view(1)).await;
    forwarding.send("203.0.113.7", &event("Order", Some(1))).await;
    // Other networks, so other visitors.
    forwarding.send("198.51.100.7", &event("Order", None)).await;
    forwarding.send("192.0.2.7", &event("Order", Some(0))).await;
    forwarding.send("203.0.113.7", &event("Else", Some(1))).await;
    forwarding.until_balance(GOAL, "accepted", "", 1).await;
    forwarding.until_balance(GOAL, "blocked", "no_consent", 1).await;
    forwarding.until_balance(GOAL, "blocked", "withdrawn", 1).await;
    assert_eq!(forwarding.balance(GOAL, "eligible", "").await, 3);
    assert_eq!(forwarding.recorded(GOAL_ID), 1);
    let page = forwarding.page().await;
    assert_eq!(page["forwards"].as_array().unwrap().len(), 2, "an opening page view and the goal: {page}");
    assert_eq!(page["collectors"][0]["state"]["last"]["class"], "ok");
}

#[tokio::test]
async fn a_preview_shows_the_exact_requests_and_opens_no_connection() {
    let forwarding = Forwarding::start(Profile::Strict).await;
    let mut rules = rules();
    rules["paths"] = json!(["/checkout"]);
    forwarding.set(&rules).await;
    forwarding.send("203.0.113.7", &event("Order", Some(1))).await;
    let preview = e2e::wait::until("a preview", e2e::instance::PATIENCE, async || {
        let page = forwarding.page().await;
        page["collectors"][0]["previews"].as_array()?.first().cloned()
    })
    .await;
    assert_eq!(preview["source"]["event"], "Order");
    let goal = preview["requests"][1].as_str().unwrap();
    assert!(goal.starts_with("tid=12345678&cid=1") && goal.ends_with("&ms=***"), "{goal}");
    assert!(goal.contains("&ea=srv_order&dl=https%3A%2F%2Fexample.test%2Fcheckout&et="), "{goal}");
    assert_eq!(forwarding.fake.connections(), 0);
    // What was previewed is not sent when it goes live, even if it has not been read yet.
    forwarding.send("203.0.113.7", &event("Order", Some(1))).await;
    forwarding.switch("live").await;
    forwarding.send("198.51.100.7", &event("Order", Some(1))).await;
    forwarding.until_recorded(GOAL_ID, 1).await;
    forwarding.until_balance(GOAL, "accepted", "", 1).await;
    assert_eq!(forwarding.recorded(GOAL_ID), 1);
}
