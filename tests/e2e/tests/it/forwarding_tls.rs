//! The sender and TLS: a certificate with another's name, and a server that accepts slowly.
//! Nothing was written in either case, so that even what must never be sent twice is tried
//! again.

use e2e::{
    forwarding::{COUNTER, Forwarding, GOAL, GOAL_ID, event, ledger, rules},
    instance::PATIENCE,
    wait,
};
use fake_metrika::{Fake, Profile, tls};
use serde_json::json;

/// Live, towards `https://localhost` with a certificate for `name`, whose authority is trusted.
async fn live_with_certificate(name: &str, profile: Profile) -> Forwarding {
    let certified = tls::certified(name).unwrap();
    let authority = certified.authority_pem.clone();
    let fake = Fake::start_tls(ledger(profile), certified).await.unwrap();
    let forwarding = Forwarding::trusting(fake, &authority).await;
    forwarding.set(&rules()).await;
    forwarding.switch("live").await;
    forwarding
}

#[tokio::test]
async fn a_certificate_with_another_name_gets_no_byte_of_a_goal() {
    for profile in Profile::ALL {
        let forwarding = live_with_certificate("mc.other.example", profile).await;
        forwarding.send("203.0.113.7", &event("Order", Some(1))).await;
        let last = wait::until("a refusal of the certificate", PATIENCE, async || {
            let last = forwarding.page().await["collectors"][0]["state"]["last"].clone();
            last.is_object().then_some(last)
        })
        .await;
        assert_eq!((&last["class"], &last["status"]), (&json!("unreachable"), &json!(null)), "{profile:?}");
        assert!(forwarding.fake.connections() > 0);
        assert!(forwarding.fake.ledger().received.is_empty(), "{profile:?}");
        let waiting = "SELECT count(*) FROM rows WHERE goal <> '' AND state = 'pending'";
        assert_eq!(forwarding.outbox(waiting), 1, "{profile:?}: it is tried again");
    }
}

#[tokio::test]
async fn behind_a_good_certificate_a_slow_accept_costs_time_and_no_goal() {
    for profile in Profile::ALL {
        let forwarding = live_with_certificate("localhost", profile).await;
        // Longer than the sender waits for a connection.
        forwarding.script(&json!([{"fault": "slow_accept", "for_ms": 60_000}]));
        forwarding.send("203.0.113.7", &event("Order", Some(1))).await;
        forwarding.until_balance(GOAL, "accepted", "", 1).await;
        assert_eq!(forwarding.recorded(GOAL_ID), 1, "{profile:?}");
        assert!(forwarding.fake.connections() > 1, "{profile:?}: the first was given up");
        assert_eq!(forwarding.fake.ledger().reaches_of(COUNTER, GOAL_ID).count(), 1);
    }
}
