//! An instance whose site forwards goals to a fake Metrika.

use fake_metrika::{Clock, Counter, Fake, Goal, Ledger, Profile};
use serde_json::{Value, json};

use crate::{
    Instance,
    http::{self, pageview},
    instance::{DOMAIN, PATIENCE},
    wait,
};

pub const COUNTER: u64 = 12_345_678;
pub const TOKEN: &str = "7e1a0000-ca9a-4000-8000-00000000ca9a";

/// The goal of the event `Order`, and its number at the fake.
pub const GOAL: &str = "srv_order";
pub const GOAL_ID: u64 = 1;

pub struct Forwarding {
    pub mostik: Instance,
    pub fake: Fake,
}

/// A counter that knows [`GOAL`] and the goal of tests.
pub fn counter() -> Counter {
    let mut counter = Counter::new(COUNTER, TOKEN);
    counter.goals =
        vec![Goal::exact(GOAL_ID, GOAL), Goal::exact(2, "srv_canary"), Goal::exact(3, "srv_sure")];
    counter
}

/// What a fake knows that goes by this machine's clock.
pub fn ledger(profile: Profile) -> Ledger {
    Ledger::new([counter()], profile, Clock::Ahead(0))
}

pub async fn fake(profile: Profile) -> Fake {
    Fake::start(ledger(profile)).await.expect("a fake starts")
}

/// The collector's settings that lead to `fake`.
fn addresses(fake: &Fake) -> String {
    format!("metrika_url = \"http://{0}\"\nmetrika_api_url = \"http://{0}\"", fake.address)
}

/// Rules that send at once: `Order` at most once, `Sure` at least once.
pub fn rules() -> Value {
    json!({
        "consent": "event",
        "goals": [
            {"event": "Order", "goal": GOAL, "value": {"kind": "none"}, "guarantee": "at_most_once"},
            {"event": "Sure", "goal": "srv_sure", "value": {"kind": "none"}, "guarantee": "at_least_once"},
        ],
        "paths": [],
        "delay_seconds": [0, 0],
        "release_at": 1,
        "round_seconds": 60,
        "visit_threshold_seconds": 1800,
    })
}

/// A custom event on the test site, with the visitor's word on forwarding.
pub fn event(name: &str, consent: Option<u8>) -> Value {
    let mut event = pageview("/checkout");
    event["n"] = json!(name);
    if let Some(consent) = consent {
        event["c"] = json!(consent);
    }
    event
}

impl Forwarding {
    /// Not yet configured.
    pub async fn start(profile: Profile) -> Forwarding {
        let fake = fake(profile).await;
        let mostik = Instance::start_with(&addresses(&fake)).await;
        Forwarding { mostik, fake }
    }

    /// Not yet configured, towards a fake that speaks TLS by a certificate of this authority.
    pub async fn trusting(fake: Fake, authority_pem: &str) -> Forwarding {
        let collector = format!("metrika_url = \"https://localhost:{}\"", fake.address.port());
        let mostik = Instance::start_trusting(&collector, authority_pem).await;
        Forwarding { mostik, fake }
    }

    /// Live, with everything that can be logged in a file of the data folder.
    pub async fn live_and_logging(profile: Profile) -> Forwarding {
        let fake = fake(profile).await;
        let mostik = Instance::start_with_logging(&addresses(&fake), "trace").await;
        let forwarding = Forwarding { mostik, fake };
        forwarding.set(&rules()).await;
        forwarding.switch("live").await;
        forwarding
    }

    /// Live, with [`rules`].
    pub async fn live(profile: Profile) -> Forwarding {
        let forwarding = Forwarding::start(profile).await;
        forwarding.set(&rules()).await;
        forwarding.switch("live").await;
        forwarding
    }

    /// Sets counter, token and rules; the collector has them when this returns.
    pub async fn set(&self, rules: &Value) {
        let body = json!({"counter": COUNTER, "token": TOKEN, "rules": rules});
        let answer = self.mostik.put("/api/v1/sites/1/metrika", &body).await;
        assert_eq!(answer["has_token"], true, "{answer}");
        self.until_settings(answer["mode"].as_str().expect("a mode")).await;
    }

    pub async fn switch(&self, mode: &str) {
        let answer = self.mostik.write("/api/v1/sites/1/metrika/mode", &json!({"mode": mode})).await;
        assert_eq!(answer["mode"], mode, "{answer}");
        self.until_settings(mode).await;
    }

    /// Waits until the collector says that it works in this mode; one that is off says nothing.
    async fn until_settings(&self, mode: &str) {
        if mode == "off" {
            return;
        }
        wait::until("the collector to know the mode", PATIENCE, async || {
            (self.page().await["collectors"][0]["state"]["mode"] == mode).then_some(())
        })
        .await;
    }

    /// What the owner's page shows.
    pub async fn page(&self) -> Value {
        self.mostik.get("/api/v1/sites/1/metrika").await
    }

    /// Sends an event from `address`, which is stored.
    pub async fn send(&self, address: &str, event: &Value) {
        let answer = http::send(&self.mostik.client, &self.mostik.ready.public, address, event)
            .await
            .expect("the collector answers");
        assert_eq!(answer.status(), 202);
        assert!(answer.headers().get("x-dropped").is_none(), "{:?}", answer.headers());
    }

    /// Completions that the fake has recorded of a goal.
    pub fn recorded(&self, goal: u64) -> usize {
        self.fake.ledger().reaches_of(COUNTER, goal).count()
    }

    pub async fn until_recorded(&self, goal: u64, n: usize) {
        wait::until("the fake to record goals", PATIENCE, async || (self.recorded(goal) >= n).then_some(()))
            .await;
    }

    /// How many goals of this week ended so, by what the dashboard knows.
    pub async fn balance(&self, goal: &str, state: &str, reason: &str) -> u64 {
        let page = self.page().await;
        page["weeks"]
            .as_array()
            .expect("weeks")
            .iter()
            .filter_map(|week| week["goals"][goal][state][reason].as_u64())
            .sum()
    }

    pub async fn until_balance(&self, goal: &str, state: &str, reason: &str, n: u64) {
        wait::until(&format!("{n} goals to be {state} {reason}"), PATIENCE, async || {
            (self.balance(goal, state, reason).await >= n).then_some(())
        })
        .await;
    }

    /// Appends faults for the requests to come.
    pub fn script(&self, steps: &Value) {
        let order = serde_json::from_value(json!({"steps": steps})).expect("steps");
        self.fake.ledger().script.append(order).expect("a script that can be played");
    }

    /// A number from the collector's outbox, as it stands on the disk.
    pub fn outbox(&self, sql: &str) -> i64 {
        let path = self.mostik.data.path().join("bridge/outbox.db");
        let connection =
            rusqlite::Connection::open_with_flags(path, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY)
                .expect("the outbox is there");
        connection.query_row(sql, [], |row| row.get(0)).expect("a number")
    }

    /// Changes the collector's outbox on the disk, as no program of ours does.
    pub fn change_outbox(&self, sql: &str) {
        let path = self.mostik.data.path().join("bridge/outbox.db");
        let connection = rusqlite::Connection::open(path).expect("the outbox is there");
        connection.busy_timeout(PATIENCE).expect("SQLite waits");
        connection.execute(sql, []).expect("a change");
    }

    /// Waits until this many goals are in `state`.
    pub async fn until_in_state(&self, state: &str, n: i64) {
        let sql = format!("SELECT count(*) FROM rows WHERE state = '{state}' AND goal <> ''");
        wait::until(&format!("{n} goals to be {state}"), PATIENCE, async || {
            (self.outbox(&sql) >= n).then_some(())
        })
        .await;
    }
}

/// A page view of the test site that says whom to forward.
pub fn view(consent: u8) -> Value {
    let mut view = pageview("/");
    view["c"] = json!(consent);
    view["d"] = json!(DOMAIN);
    view
}
