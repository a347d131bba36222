//! Goals too old for Measurement Protocol, with real processes: the second road, off and on.

use e2e::{
    forwarding::{Forwarding, GOAL, GOAL_ID, TOKEN, event, view},
    instance::PATIENCE,
    late::UPLOAD_TOKEN,
    wait,
};
use fake_metrika::Profile;
use serde_json::json;

/// Words of a page, a browser and a visitor.
const TAINT: [&str; 6] =
    ["203.0.113", "PathTaint", "QueryTaint", "CampaignTaint", "ReferrerTaint", "plan-taint"];

#[tokio::test]
async fn a_late_goal_goes_as_one_line_of_a_file_and_nothing_else_leaves() {
    for profile in Profile::ALL {
        let forwarding = Forwarding::live_with_late(profile, true).await;
        let mut order = event("Order", Some(1));
        order["u"] = json!("https://example.test/PathTaint?q=QueryTaint&utm_campaign=CampaignTaint");
        order["r"] = json!("https://ReferrerTaint.example/");
        order["p"] = json!({"plan": "plan-taint"});
        forwarding.make_late("203.0.113.7", &order).await;
        forwarding.until_processed().await;
        forwarding.until_balance(GOAL, "accepted", "late", 1).await;
        assert_eq!(forwarding.recorded(GOAL_ID), 1, "{profile:?}");
        let uploads = forwarding.fake.ledger().uploads.clone();
        let [upload] = uploads.as_slice() else { panic!("{uploads:?}") };
        assert_eq!(
            upload.target,
            "/management/v1/counter/12345678/offline_conversions/upload?client_id_type=CLIENT_ID"
        );
        for (name, value) in &upload.headers {
            let known = ["host", "user-agent", "accept", "authorization", "content-type", "content-length"];
            assert!(known.contains(&name.as_str()), "{name}: {value}");
        }
        let (_, file) = upload.body.split_once("\r\n\r\n").unwrap();
        let lines: Vec<&str> = file.lines().collect();
        assert_eq!(lines[0], "ClientId,Target,DateTime");
        let fields: Vec<&str> = lines[1].split(',').collect();
        assert!(fields.len() == 3 && fields[0].len() == 19 && fields[1] == GOAL, "{file}");
        let bytes = format!("{upload:?}").to_lowercase();
        for taint in TAINT {
            assert!(!bytes.contains(&taint.to_lowercase()), "{taint} in {bytes}");
        }
        // The token is in no file and on no page, and once the file is taken neither is the cid.
        let page = forwarding.page().await.to_string() + &forwarding.mostik.metrics().await.unwrap();
        assert!(!page.contains(UPLOAD_TOKEN) && !page.contains(TOKEN));
        assert!(!is_in_a_file(&forwarding, UPLOAD_TOKEN), "{profile:?}");
        assert_eq!(forwarding.outbox("SELECT count(*) FROM rows WHERE cid IS NOT NULL"), 0);
    }
}

#[tokio::test]
async fn with_the_road_closed_a_late_goal_expires_and_not_one_byte_goes_to_the_api() {
    for profile in Profile::ALL {
        let forwarding = Forwarding::live_with_late(profile, false).await;
        forwarding.make_late_order("203.0.113.7").await;
        forwarding.until_balance(GOAL, "expired", "too_old", 1).await;
        assert_eq!(forwarding.fake.ledger().api_calls, [""; 0], "{profile:?}");
        assert_eq!(forwarding.recorded(GOAL_ID), 0, "{profile:?}");
    }
}

#[tokio::test]
async fn without_the_visit_at_metrika_a_late_goal_expires() {
    let forwarding = Forwarding::live_with_late(Profile::Silent, true).await;
    forwarding.send("203.0.113.7", &event("Order", Some(1))).await;
    forwarding.until_in_state("pending", 1).await;
    forwarding.change_outbox("UPDATE rows SET et = et - 39700 WHERE state = 'pending'");
    forwarding.until_balance(GOAL, "expired", "too_old", 1).await;
    assert_eq!(forwarding.fake.connections(), 0);
}

/// Killed while the goal waits for its file, and while Metrika works on it. Here and below it is
/// recorded once, by either guarantee. The API answers alike under every profile, so that each
/// way of dying is under one.
#[tokio::test]
async fn a_collector_killed_while_late_goals_wait_doubles_nothing_and_misses_nothing() {
    killed(Profile::Silent, None).await;
}

#[tokio::test]
async fn a_collector_killed_before_metrika_has_the_file_doubles_nothing_and_misses_nothing() {
    killed(Profile::Strict, Some("delay_before_read")).await;
}

#[tokio::test]
async fn a_collector_killed_when_metrika_has_the_file_doubles_nothing_and_misses_nothing() {
    killed(Profile::Mixed, Some("delay_after_commit")).await;
}

async fn killed(profile: Profile, hangs: Option<&str>) {
    let forwarding = Forwarding::live_with_late(profile, true).await;
    let kill = async || {
        forwarding.mostik.kill(forwarding.mostik.child("collector").expect("a collector runs"));
        wait::until("the collector to be back", PATIENCE, async || forwarding.mostik.metrics().await).await;
        wait::until("the collector to take events", PATIENCE, async || {
            forwarding.mostik.send("192.0.2.1", &e2e::http::pageview("/")).await.1.is_none().then_some(())
        })
        .await;
    };
    for (host, name, goal) in [(7, "Order", GOAL), (8, "Sure", "srv_sure")] {
        forwarding.hold_files(true);
        forwarding.make_late(&format!("198.51.100.{host}"), &event(name, Some(1))).await;
        forwarding.until_in_state("late", 1).await;
        if let Some(fault) = hangs {
            forwarding.script(&json!([{"fault": fault, "for_ms": 60_000}]));
            forwarding.hold_files(false);
            forwarding.until_in_state("uploading", 1).await;
        }
        kill().await;
        forwarding.until_in_state("late", 1).await;
        forwarding.hold_files(false);
        forwarding.until_in_state("uploaded", 1).await;
        kill().await;
        forwarding.until_processed().await;
        forwarding.until_balance(goal, "accepted", "late", 1).await;
    }
    assert_eq!((forwarding.recorded(GOAL_ID), forwarding.recorded(3)), (1, 1));
}

#[tokio::test]
async fn withdrawal_and_kill_switch_purge_late_goals() {
    let forwarding = Forwarding::live_with_late(Profile::Silent, true).await;
    forwarding.hold_files(true);
    forwarding.make_late_order("203.0.113.7").await;
    forwarding.until_in_state("late", 1).await;
    forwarding.send("203.0.113.7", &view(0)).await;
    forwarding.until_balance(GOAL, "blocked", "withdrawn", 1).await;
    forwarding.make_late_order("198.51.100.7").await;
    forwarding.until_in_state("late", 1).await;
    forwarding.mostik.write("/api/v1/metrika/stop", &json!({})).await;
    forwarding.until_balance(GOAL, "blocked", "off", 1).await;
    forwarding.hold_files(false);
    assert_eq!(forwarding.outbox("SELECT count(*) FROM rows WHERE cid IS NOT NULL"), 0);
    assert_eq!(forwarding.fake.ledger().api_calls, [""; 0]);
}

/// In no file, sealed or not, of a running instance.
fn is_in_a_file(forwarding: &Forwarding, word: &str) -> bool {
    let mut folders = vec![forwarding.mostik.data.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(bytes) = std::fs::read(&path)
                && bytes.windows(word.len()).any(|window| window == word.as_bytes())
            {
                return true;
            }
        }
    }
    false
}
