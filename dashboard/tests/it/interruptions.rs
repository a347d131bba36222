//! What collectors missed or counted twice: taken from them alone, shown in the site's own time.

use dashboard::control::interruptions::INTERRUPTIONS_MAX;
use hyper::{Method, header::AUTHORIZATION};
use serde_json::{Value, json};
use store::interruption::INTERRUPTIONS_PATH;

use crate::harness::Owner;

/// 2026-11-23, 12:00 UTC, where the harness's clock stands.
const NOON: i64 = 1_795_435_200;

async fn tell(owner: &Owner, interruptions: &Value) -> u16 {
    let bearer = format!("Bearer {}", owner.settings_secret());
    let told = json!({"node": 1, "interruptions": interruptions});
    owner
        .send(Method::POST, INTERRUPTIONS_PATH, &[(AUTHORIZATION, &bearer)], Some(&told))
        .await
        .status
        .as_u16()
}

async fn shown(owner: &Owner, site: u32) -> Value {
    owner.get(&format!("/api/v1/sites/{site}/annotations")).await.json()["interruptions"].clone()
}

#[tokio::test]
async fn gaps_are_every_sites_and_splits_are_of_those_that_lost_a_key() {
    let owner = Owner::signed_in().await;
    owner.add_site("one.test").await;
    owner.add_site("two.test").await;
    let gap = json!({"from": NOON + 300, "until": NOON + 600, "gap": true, "split": [2, 77]});
    let split = json!({"from": NOON + 900, "until": NOON + 902, "gap": false, "split": [2]});
    // Before the sites were there.
    let old = json!({"from": NOON - 900, "until": NOON - 600, "gap": true, "split": []});
    assert_eq!(owner.post(INTERRUPTIONS_PATH, &json!({"node": 1, "interruptions": []})).await.status, 401);
    for _ in ["told", "told again, since the answer was lost"] {
        assert_eq!(tell(&owner, &json!([old, gap, split])).await, 204);
    }
    let zone = |hour: &str| json!({"from": format!("2026-11-23T{hour}:05"), "until": format!("2026-11-23T{hour}:10"), "gap": true});
    let with = |mut value: Value, split: bool| {
        value["split"] = json!(split);
        value
    };
    assert_eq!(shown(&owner, 1).await, json!([with(zone("15"), false)]), "Moscow is three hours ahead");
    let second =
        json!({"from": "2026-11-23T15:15", "until": "2026-11-23T15:15", "gap": false, "split": true});
    assert_eq!(shown(&owner, 2).await, json!([with(zone("15"), true), second]));
}

#[tokio::test]
async fn more_than_are_kept_push_the_oldest_out() {
    let owner = Owner::signed_in().await;
    owner.add_site("one.test").await;
    let one = |n: i64| json!({"from": NOON + n * 60, "until": NOON + n * 60 + 59, "gap": true, "split": []});
    let all: Vec<Value> = (0..=i64::from(INTERRUPTIONS_MAX)).map(one).collect();
    for some in all.chunks(64) {
        assert_eq!(tell(&owner, &json!(some)).await, 204);
    }
    let shown = shown(&owner, 1).await;
    let shown = shown.as_array().unwrap();
    assert_eq!(shown.len(), INTERRUPTIONS_MAX as usize);
    assert_eq!(shown[0]["from"], "2026-11-23T15:01");
}
