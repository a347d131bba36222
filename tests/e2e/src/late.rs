//! Goals that are eleven hours late, for tests whose processes go by this machine's clock.

use std::collections::HashMap;

use fake_metrika::{Clock, Profile, api::Grant, setup::Setup};
use serde_json::{Value, json};

use crate::{
    forwarding::{COUNTER, Forwarding, TOKEN, event, rules},
    instance::PATIENCE,
    wait,
};

/// The OAuth token that uploads.
pub const UPLOAD_TOKEN: &str = "upload-ca9a-4000-8000-00000000ca9a";

/// The goal that opens a visit.
const OPENER: &str = "srv_canary";

/// A little more than eleven hours, in seconds.
const LATE_SECONDS: i64 = 39_700;

impl Forwarding {
    /// Live, with goals that wait ten minutes, and the road of late goals open or closed.
    pub async fn live_with_late(profile: Profile, is_open: bool) -> Forwarding {
        let forwarding = Forwarding::start(profile).await;
        let grant = json!({"scopes": ["metrika:offline_data"], "counters": [COUNTER]});
        let grant: Grant = serde_json::from_value(grant).expect("a grant");
        let grants = HashMap::from([(UPLOAD_TOKEN.to_owned(), grant)]);
        Setup { grants: Some(grants), ..Setup::default() }.apply(&mut forwarding.fake.ledger());
        let mut rules = rules();
        let opener =
            json!({"event": "Open", "goal": OPENER, "value": {"kind": "none"}, "guarantee": "at_most_once"});
        rules["goals"].as_array_mut().expect("goals").push(opener);
        (rules["late"], rules["delay_seconds"]) = (json!(is_open), json!([600, 600]));
        let body = json!({"counter": COUNTER, "token": TOKEN, "upload": UPLOAD_TOKEN, "rules": rules});
        let answer = forwarding.mostik.put("/api/v1/sites/1/metrika", &body).await;
        assert_eq!(
            (&answer["has_upload"], &answer["rules"]["late"]),
            (&json!(true), &json!(is_open)),
            "{answer}"
        );
        forwarding.switch("live").await;
        wait::until("the collector to know the road", PATIENCE, async || {
            let state = forwarding.page().await["collectors"][0]["state"].clone();
            (state["mode"] == "live" && state["late"].is_object() == is_open).then_some(())
        })
        .await;
        forwarding
    }

    /// Sends a goal behind another one, which opens their visit at Metrika, and makes it eleven
    /// hours old.
    pub async fn make_late(&self, address: &str, late: &Value) {
        let waiting = |goal: &str| {
            let sql = format!("SELECT count(*) FROM rows WHERE state IN ('pending', 'sending') AND {goal}");
            self.outbox(&sql)
        };
        // Hits go by this machine's clock.
        self.fake.ledger().clock = Clock::Ahead(0);
        self.send(address, &json!([event("Open", Some(1)), late])).await;
        wait::until("both goals to wait", PATIENCE, async || (waiting("goal <> ''") == 2).then_some(()))
            .await;
        self.change_outbox(&format!("UPDATE rows SET due = 1 WHERE goal = '{OPENER}' AND state = 'pending'"));
        wait::until("the visit to be open", PATIENCE, async || {
            (waiting("goal <> ''") == 1 && waiting("opened IS NOT NULL") == 1).then_some(())
        })
        .await;
        // The visit first: the sender may be quick.
        self.fake.ledger().age_visits(LATE_SECONDS);
        self.change_outbox(&format!(
            "UPDATE rows SET et = et - {LATE_SECONDS}, opened = opened - {LATE_SECONDS} WHERE state = 'pending'"
        ));
    }

    /// Holds files back, as if one had just left, or lets the next one go.
    pub fn hold_files(&self, is_held: bool) {
        self.change_outbox(if is_held {
            "INSERT INTO uploads (site, epoch, at) VALUES (1, 0, unixepoch())"
        } else {
            "UPDATE uploads SET at = at - 700"
        });
    }

    /// Lets two hours pass at the fake, and the collector ask.
    pub async fn until_processed(&self) {
        wait::until("the file to be taken", PATIENCE, async || {
            (self.outbox("SELECT count(*) FROM uploads WHERE ask_at IS NOT NULL") > 0).then_some(())
        })
        .await;
        self.fake.ledger().clock.advance(fake_metrika::offline::PROCESSING_SECONDS);
        self.change_outbox("UPDATE uploads SET ask_at = 1 WHERE ask_at IS NOT NULL");
    }

    /// A goal of this event, of a visitor that agrees.
    pub async fn make_late_order(&self, address: &str) {
        self.make_late(address, &event("Order", Some(1))).await;
    }
}
