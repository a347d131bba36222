//! A day that was split by a restart says so, and a part that came back with its keys does not.

use e2e::{Instance, http::pageview, instance::PATIENCE, wait};
use serde_json::{Value, json};

async fn interruptions(mostik: &Instance) -> Vec<Value> {
    let remarks = mostik.get("/api/v1/sites/1/annotations").await;
    remarks["interruptions"].as_array().unwrap().clone()
}

/// What the collector has written down of itself, once it has.
fn alive(mostik: &Instance) -> Option<Value> {
    let file = std::fs::read(mostik.data.path().join("spool/alive")).ok()?;
    Some(serde_json::from_slice(&file).unwrap())
}

#[tokio::test]
async fn a_restart_that_lost_the_days_key_is_on_the_chart_and_one_that_kept_it_is_not() {
    let mostik = Instance::start().await;
    assert_eq!(mostik.send("203.0.113.7", &pageview("/")).await.0, 202);
    // The launcher holds the keys, so another collector finds them. It beats as it starts.
    mostik.lose("collector").await;
    let alive = wait::until("the collector to write itself down", PATIENCE, async || {
        alive(&mostik).filter(|alive| alive["keyed"].as_array().is_some_and(|keyed| keyed.len() == 1))
    })
    .await;
    assert_eq!(alive["untold"], json!([]));
    assert_eq!(interruptions(&mostik).await, Vec::<Value>::new());

    let mostik = mostik.restart().await;
    let told = wait::until("the restart to be told", PATIENCE, async || {
        let told = interruptions(&mostik).await;
        (!told.is_empty()).then_some(told)
    })
    .await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!((&told[0]["gap"], &told[0]["split"]), (&json!(false), &json!(true)));
}
