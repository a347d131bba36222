//! `kill -9` in every state of the outbox, under every profile of the fake (metrika.md section
//! 10.5, test 4): nothing doubled at most once, nothing missing at least once.

use e2e::{
    forwarding::{Forwarding, GOAL, GOAL_ID, event, rules},
    instance::PATIENCE,
    wait,
};
use fake_metrika::Profile;
use serde_json::{Value, json};

const SURE: &str = "srv_sure";

/// What is under way when the collector dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Struck {
    /// Acknowledged, and perhaps not yet in the outbox.
    Noted,
    /// Waits for its time.
    Pending,
    Page,
    Goal,
}

/// Each under an instance of its own: a part that dies often is started again ever later.
#[tokio::test]
async fn a_collector_killed_in_any_state_doubles_nothing_and_misses_nothing_under_silent() {
    killed_in_every_state(Profile::Silent).await;
}

#[tokio::test]
async fn a_collector_killed_in_any_state_doubles_nothing_and_misses_nothing_under_strict() {
    killed_in_every_state(Profile::Strict).await;
}

#[tokio::test]
async fn a_collector_killed_in_any_state_doubles_nothing_and_misses_nothing_under_mixed() {
    killed_in_every_state(Profile::Mixed).await;
}

async fn killed_in_every_state(profile: Profile) {
    let forwarding = Forwarding::start(profile).await;
    let mut rules = rules();
    rules["delay_seconds"] = json!([600, 600]);
    forwarding.set(&rules).await;
    forwarding.switch("live").await;
    let kill = async || {
        forwarding.mostik.kill(forwarding.mostik.child("collector").expect("a collector runs"));
        wait::until("the collector to be back", PATIENCE, async || forwarding.mostik.metrics().await).await;
        // An acceptance needs settings and a key, which the next event waits for.
        wait::until("the collector to take events", PATIENCE, async || {
            forwarding.mostik.send("192.0.2.1", &e2e::http::pageview("/")).await.1.is_none().then_some(())
        })
        .await;
    };
    let due = |goal: &str| {
        let sql = format!("UPDATE rows SET due = 1 WHERE state = 'pending' AND goal = '{goal}'");
        forwarding.change_outbox(&sql);
    };
    let hang = |fault: &str| json!({"fault": fault, "for_ms": 60_000});
    let rounds: [(Struck, Value); 6] = [
        (Struck::Noted, json!([])),
        (Struck::Pending, json!([])),
        (Struck::Page, json!([hang("delay_before_read")])),
        (Struck::Page, json!([hang("delay_after_commit")])),
        (Struck::Goal, json!([{"fault": "pass"}, hang("delay_before_read")])),
        (Struck::Goal, json!([{"fault": "pass"}, hang("delay_after_commit")])),
    ];
    let (mut orders, mut sure, mut uncertain) = (0, 0, 0);
    for (network, (struck, steps)) in (1..).zip(&rounds) {
        // One after the other until each hangs, so that one death strikes both.
        for (n, (name, goal, net)) in (1..).zip([("Order", GOAL, "198.51"), ("Sure", SURE, "203.0")]) {
            forwarding.send(&format!("{net}.{network}.7"), &event(name, Some(1))).await;
            if *struck == Struck::Noted {
                continue;
            }
            forwarding.until_in_state("pending", if *struck == Struck::Goal { 1 } else { n }).await;
            let under_way = match struck {
                Struck::Noted | Struck::Pending => continue,
                Struck::Page => "SELECT count(*) FROM rows WHERE goal = '' AND state = 'sending'",
                Struck::Goal => "SELECT count(*) FROM rows WHERE goal <> '' AND state = 'sending'",
            };
            forwarding.script(steps);
            due(goal);
            wait::until("the request to hang", PATIENCE, async || {
                (forwarding.outbox(under_way) == n).then_some(())
            })
            .await;
        }
        kill().await;
        if matches!(struck, Struck::Noted | Struck::Pending) {
            forwarding.until_in_state("pending", 2).await;
        }
        due(GOAL);
        due(SURE);
        (orders, sure) = (orders + 1, sure + 1);
        uncertain += u64::from(*struck == Struck::Goal);
        forwarding.until_balance(SURE, "accepted", "", sure).await;
        forwarding.until_balance(GOAL, "accepted", "", orders - uncertain).await;
        if uncertain > 0 {
            forwarding.until_balance(GOAL, "uncertain", "interrupted", uncertain).await;
        }
        let place = format!("{profile:?}, {struck:?}, {steps}");
        let recorded = forwarding.recorded(GOAL_ID) as u64;
        assert!((orders - uncertain..=orders).contains(&recorded), "{place}: {recorded} of {orders} orders");
        assert!(forwarding.recorded(3) as u64 >= sure, "{place}: a goal is missing");
        assert_eq!(forwarding.balance(GOAL, "eligible", "").await, orders, "{place}");
    }
    // One hanging order was recorded and one was not.
    assert_eq!(forwarding.recorded(GOAL_ID) as u64, orders - uncertain / 2);
}
