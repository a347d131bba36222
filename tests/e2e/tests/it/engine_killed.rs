//! The engine dies under traffic: the collector goes on, and nothing is lost or
//! doubled.

use e2e::{Instance, http::pageview, wait};

/// Events sent, over the life and the death of the engine.
const EVENTS: usize = 600;
/// The engine is killed after these.
const KILLS_AT: [usize; 3] = [100, 250, 400];

#[tokio::test]
async fn a_killed_engine_costs_no_event_and_doubles_none() {
    let mostik = Instance::start().await;
    let mut engine = mostik.ready.pids.engine;
    for n in 0..EVENTS {
        if KILLS_AT.contains(&n) {
            mostik.kill(engine);
            engine = wait::until("the engine to come back", e2e::instance::PATIENCE, async || {
                mostik.child("engine").filter(|&pid| pid != engine)
            })
            .await;
        }
        let address = format!("203.{}.{}.1", n / 200, n % 200);
        assert_eq!(mostik.send(&address, &pageview(&format!("/page-{n}"))).await, (202, None));
    }
    mostik.until_shipped().await;
    assert_eq!(mostik.rows_and_distinct().await, (EVENTS as u64, EVENTS as u64));
    assert_eq!(mostik.in_ledger("stored").await, Some(EVENTS as u64), "the ledger counts what is stored");
    mostik.assert_balanced().await;
}
