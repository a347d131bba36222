//! What a counter's tag saw beside what we saw, over the real engine and the fake's reports.

use fake_metrika::{Clock, Counter, Fake, Goal, Ledger, Profile, form::Form, setup::Setup};
use serde_json::{Value, json};

use crate::{
    engine::{Engine, date},
    harness::Owner,
    traffic::{self, FIRST_DAY, LAST_DAY, Visit},
};

/// Seconds of a day, and of the noon that hits of a day come at.
const DAY_SECONDS: i64 = 24 * 3600;
const NOON_SECONDS: i64 = 9 * 3600;

/// Visits that the tag saw every day.
const SEEN: u64 = 3;

/// The days that are compared: seven, ending the day before the test's today.
const DAYS: std::ops::Range<u16> = LAST_DAY - 7..LAST_DAY;

/// A counter in `zone` whose tag saw a few visits a day, each of two pages and one `buy`.
async fn counter(zone: &str) -> Fake {
    let mut counter = Counter::new(7, "secret");
    counter.time_zone_name = zone.to_owned();
    counter.goals = vec![Goal::exact(1, "buy"), Goal::exact(2, "never_here")];
    let mut ledger = Ledger::new([counter], Profile::Silent, Clock::Still(0));
    let grants = json!({"grants": {"reader-token": {"scopes": ["metrika:read"], "counters": [7]}}});
    Setup::parse(grants.to_string().as_bytes()).unwrap().apply(&mut ledger);
    for day in DAYS {
        ledger.clock = Clock::Still(i64::from(day) * DAY_SECONDS + NOON_SECONDS);
        for visit in 0..SEEN {
            let cid = format!("17683502682328451{visit:02}");
            let hit = |kind: &'static str| {
                let page = ("dl", "https://example.ru/");
                Form::from([
                    ("tid", "7"),
                    ("ms", "secret"),
                    ("cid", cid.as_str()),
                    page,
                    ("t", kind),
                    ("ea", "buy"),
                ])
            };
            for kind in ["pageview", "pageview", "event"] {
                ledger.take(&hit(kind)).unwrap();
            }
        }
    }
    ledger.clock = Clock::Still(i64::from(LAST_DAY) * DAY_SECONDS + NOON_SECONDS);
    Fake::start(ledger).await.unwrap()
}

async fn beside(fake: &Fake) -> (Owner, Vec<Visit>, Engine) {
    let engine = Engine::start().await;
    let visits = traffic::fortnight();
    for day in FIRST_DAY..=LAST_DAY {
        engine.ship(day, &visits).await;
    }
    let noon = i64::from(LAST_DAY - 1) * DAY_SECONDS + NOON_SECONDS;
    let refused = format!(
        "INSERT INTO {}.ledger (site_id, minute, outcome, reason, n) \
         VALUES (1, fromUnixTimestamp({noon}), 'refused', 'gpc', 4), (1, fromUnixTimestamp({noon}), 'refused', 'bot', 9)",
        engine.store.database()
    );
    engine.store.execute("note refusals", &refused).await.unwrap();
    let owner = engine.owner_with_metrika(&format!("http://{}", fake.address)).await;
    (owner, visits, engine)
}

async fn asked(owner: &Owner, body: &Value) -> Value {
    let answer = owner.post("/api/v1/sites/1/metrika/tag", body).await;
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    answer.json()
}

#[tokio::test]
async fn each_day_and_goal_stands_beside_the_counters_own_with_what_is_known() {
    let fake = counter("Europe/Moscow").await;
    let (owner, visits, _engine) = beside(&fake).await;
    let ask = json!({"counter": 7, "oauth": "reader-token"});
    let told = asked(&owner, &ask).await;
    assert_eq!(
        (&told["site_zone"], &told["counter_zone"]),
        (&json!("Europe/Moscow"), &json!("Europe/Moscow"))
    );
    let days = told["days"].as_array().unwrap();
    assert_eq!(days.len(), DAYS.len());
    for (told, day) in days.iter().zip(DAYS.rev()) {
        let of_day: Vec<&Visit> = visits.iter().filter(|visit| visit.day == day).collect();
        let views: usize = of_day.iter().map(|visit| visit.views().count()).sum();
        let buys =
            of_day.iter().flat_map(|visit| &visit.steps).filter(|step| step.goal == Some("buy")).count();
        assert_eq!(told["day"], date(day).to_string());
        assert_eq!((&told["ours"]["visits"], &told["ours"]["views"]), (&json!(of_day.len()), &json!(views)));
        assert_eq!(told["theirs"], json!({"visitors": SEEN, "visits": SEEN, "views": 2 * SEEN}));
        let goals = [
            json!({"goal": "buy", "ours": buys, "theirs": SEEN}),
            json!({"goal": "never_here", "ours": 0, "theirs": 0}),
        ];
        assert_eq!(told["goals"], json!(goals), "{day}");
        let refused = if day == LAST_DAY - 1 { json!({"gpc": 4, "bot": 9}) } else { json!({}) };
        assert_eq!(told["refused"], refused, "{day}");
    }
    fake.ledger().is_sampled = true;
    let sampled = asked(&owner, &ask).await;
    assert_eq!(
        (&sampled["days"][0]["theirs"], &sampled["days"][0]["goals"][0]["theirs"]),
        (&Value::Null, &Value::Null)
    );
    assert!(sampled["days"][0]["ours"]["visits"].as_u64().unwrap() > 0, "ours are exact all the same");
}

#[tokio::test]
async fn without_a_token_or_a_counter_it_says_what_is_missing() {
    let fake = counter("Asia/Tokyo").await;
    let (owner, _, _engine) = beside(&fake).await;
    for (body, status, code) in [
        (json!({}), 409, "metrika_not_set"),
        (json!({"counter": 7}), 502, "metrika_no_oauth"),
        (json!({"counter": 8, "oauth": "reader-token"}), 502, "metrika_denied"),
        (json!({"counter": 0, "oauth": "reader-token"}), 422, "counter_invalid"),
    ] {
        let answer = owner.post("/api/v1/sites/1/metrika/tag", &body).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (status, code), "{body}");
    }
    let told = asked(&owner, &json!({"counter": 7, "oauth": "reader-token"})).await;
    assert_eq!((&told["site_zone"], &told["counter_zone"]), (&json!("Europe/Moscow"), &json!("Asia/Tokyo")));
}
