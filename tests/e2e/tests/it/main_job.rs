//! A page is visited, the overview shows it.

use std::time::Duration;

use e2e::{Instance, http::pageview, wait};
use serde_json::json;

/// An event must be on the overview this long after its answer.
const SEEN_WITHIN: Duration = Duration::from_secs(5);

#[tokio::test]
async fn visits_of_three_people_are_on_the_overview_within_five_seconds() {
    let mostik = Instance::start().await;
    // Three networks; 203.0.113.0/24 counts once although two hosts of it come.
    for address in ["203.0.113.7", "203.0.113.200", "198.51.100.4", "2001:db8:1::5"] {
        assert_eq!(mostik.send(address, &pageview("/")).await, (202, None));
    }
    assert_eq!(mostik.send("198.51.100.4", &pageview("/about")).await, (202, None));
    let overview = wait::until("the overview to show it", SEEN_WITHIN, async || {
        let overview = mostik.get("/api/v1/sites/1/overview?period=today").await;
        (overview["metrics"]["views"]["value"] == 5).then_some(overview)
    })
    .await;
    let metrics = &overview["metrics"];
    assert_eq!(metrics["visitors"]["value"], 3, "{metrics}");
    assert_eq!(metrics["visits"]["value"], 3, "{metrics}");
    let pages = overview["panels"]["page"]["rows"].as_array().unwrap();
    assert_eq!(pages[0]["value"], "/");
    assert_eq!(pages[0]["visitors"], 3);
    assert_eq!(overview["panels"]["browser"]["rows"][0]["value"], "Chrome");
    assert_eq!(mostik.get("/api/v1/sites/1/live").await["visitors"], 3);
}

#[tokio::test]
async fn an_event_survives_a_restart_of_everything() {
    let mostik = Instance::start().await;
    assert_eq!(mostik.send("203.0.113.7", &pageview("/kept")).await, (202, None));
    let mostik = mostik.restart().await;
    wait::until("the event to be on the overview", e2e::instance::PATIENCE, async || {
        let overview = mostik.get("/api/v1/sites/1/overview?period=today").await;
        (overview["panels"]["page"]["rows"][0]["value"] == "/kept").then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_declared_property_is_kept_and_an_undeclared_one_is_not() {
    let mostik = Instance::start().await;
    let mut order = pageview("/cart");
    order["n"] = json!("Order");
    order["p"] = json!({"plan": "pro", "email": "a@b.example"});
    assert_eq!(mostik.send("203.0.113.7", &order).await, (202, None));
    mostik.until_shipped().await;
    let props: String = mostik
        .store()
        .reader()
        .query("SELECT toString(props) FROM mostik.events_hot WHERE name = 'Order'")
        .fetch_one()
        .await
        .unwrap();
    assert_eq!(props, "{'plan':'pro'}");
}
