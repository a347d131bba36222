//! What must hold whatever Metrika answers: nobody knows which of the fake's profiles the
//! real one is, so each of these runs under all.

use e2e::{
    forwarding::{COUNTER, Forwarding, GOAL, GOAL_ID, TOKEN, event, rules, view},
    instance::PATIENCE,
    wait,
};
use fake_metrika::{Counter, Goal, Profile};
use serde_json::{Value, json};

/// The second site's counter, which knows another token than the owner has entered.
const OTHER_COUNTER: u64 = 87_654_321;

/// Words of a page, a browser and a visitor.
const TAINT: [&str; 6] =
    ["203.0.113", "PathTaint", "QueryTaint", "CampaignTaint", "ReferrerTaint", "plan-taint"];

/// A refused token rests its own destination and no other. The silent profile tells nobody:
/// there only the comparison with the reports finds it.
#[tokio::test]
async fn a_refused_token_rests_its_destination_and_no_other() {
    for profile in Profile::ALL {
        let forwarding = Forwarding::live(profile).await;
        let mut stranger = Counter::new(OTHER_COUNTER, "another-token");
        stranger.goals = vec![Goal::exact(1, GOAL)];
        forwarding.fake.ledger().counters.insert(OTHER_COUNTER, stranger);
        let mostik = &forwarding.mostik;
        let site = mostik.write("/api/v1/sites", &json!({"domain": "other.test", "time_zone": "UTC"})).await;
        assert_eq!(site["id"], 2, "{site}");
        let settings = json!({"counter": OTHER_COUNTER, "token": TOKEN, "rules": rules()});
        mostik.put("/api/v1/sites/2/metrika", &settings).await;
        mostik.write("/api/v1/sites/2/metrika/mode", &json!({"mode": "live"})).await;
        let page = async || mostik.get("/api/v1/sites/2/metrika").await;
        wait::until("the collector to know the second site", PATIENCE, async || {
            (page().await["collectors"][0]["state"]["mode"] == "live").then_some(())
        })
        .await;
        let mut order = event("Order", Some(1));
        (order["d"], order["u"]) = (json!("other.test"), json!("https://other.test/"));
        forwarding.send("198.51.100.7", &order).await;
        let standing = wait::until("an answer to the second site", PATIENCE, async || {
            let state = page().await["collectors"][0]["state"].clone();
            (state["last"] != Value::Null).then_some(state)
        })
        .await;
        let is_told = profile != Profile::Silent;
        assert_eq!(standing["last"]["class"] == "denied", is_told, "{profile:?}: {standing}");
        for network in 0..3 {
            forwarding.send(&format!("192.0.{network}.7"), &event("Order", Some(1))).await;
        }
        forwarding.until_recorded(GOAL_ID, 3).await;
        forwarding.until_balance(GOAL, "accepted", "", 3).await;
        let waiting = "SELECT count(*) FROM rows WHERE site = 2 AND goal <> '' AND state = 'pending'";
        if is_told {
            assert_eq!(forwarding.outbox(waiting), 1, "{profile:?}: it waits for another token");
            assert_eq!(page().await["collectors"][0]["state"]["breaker"], "denied", "{profile:?}");
        }
        assert_eq!(forwarding.fake.ledger().reaches_of(OTHER_COUNTER, 1).count(), 0, "{profile:?}");
    }
}

/// An event before its opening page view would be answered with 200 and lost.
#[tokio::test]
async fn every_goal_is_recorded_and_carries_nothing_planted_under_every_profile() {
    let forwarding = Forwarding::live(Profile::Silent).await;
    for (number, profile) in (1_u64..).zip(Profile::ALL) {
        forwarding.fake.ledger().profile = profile;
        let address = format!("203.0.113.{}", number * 7);
        let mut order = event("Order", Some(1));
        order["u"] = json!("https://example.test/PathTaint?q=QueryTaint&utm_campaign=CampaignTaint");
        order["r"] = json!("https://ReferrerTaint.example/");
        order["p"] = json!({"plan": "plan-taint"});
        forwarding.send(&address, &view(1)).await;
        forwarding.send(&address, &json!([order, event("Sure", Some(1))])).await;
        forwarding.until_balance(GOAL, "accepted", "", number).await;
        forwarding.until_balance("srv_sure", "accepted", "", number).await;
        assert_eq!(forwarding.recorded(GOAL_ID) as u64, number, "{profile:?}");
        assert_eq!(forwarding.recorded(3) as u64, number, "{profile:?}");
    }
    for one in &forwarding.fake.ledger().received {
        let bytes =
            format!("{:?}", (&one.method, &one.path, &one.query, &one.headers, &one.body)).to_lowercase();
        for taint in TAINT {
            assert!(!bytes.contains(&taint.to_lowercase()), "{taint} in {bytes}");
        }
    }
}

#[tokio::test]
async fn a_preview_opens_no_connection_under_every_profile() {
    let forwarding = Forwarding::start(Profile::Silent).await;
    forwarding.set(&rules()).await;
    for (number, profile) in (1..).zip(Profile::ALL) {
        forwarding.fake.ledger().profile = profile;
        forwarding.send(&format!("203.0.113.{number}"), &event("Order", Some(1))).await;
        forwarding.until_in_state("preview", number).await;
        assert_eq!(forwarding.fake.connections(), 0, "{profile:?}");
    }
}

/// Only what the owner has written down may go with a goal; what a visitor brings selects it.
#[tokio::test]
async fn only_listed_values_of_tags_and_properties_leave_under_every_profile() {
    let forwarding = Forwarding::start(Profile::Silent).await;
    let mut rules = rules();
    rules["campaign"] = json!([
        {"key": "utm_source", "values": ["vk", "mail"]}, {"key": "utm_medium", "values": ["cpc"]}
    ]);
    rules["params"] = json!([{"key": "plan", "values": ["pro"]}]);
    forwarding.set(&rules).await;
    let order = |campaign: &str, plan: &str| {
        let mut order = event("Order", Some(1));
        order["u"] = json!(format!("https://example.test/?{campaign}"));
        order["p"] = json!({"plan": plan});
        order
    };
    // What is dropped is named in the preview, without its value.
    forwarding
        .send("192.0.2.7", &order("utm_source=vk&utm_medium=MediumTaint&utm_term=TermTaint", "PlanTaint"))
        .await;
    let preview = wait::until("a preview", PATIENCE, async || {
        forwarding.page().await["collectors"][0]["previews"].as_array()?.first().cloned()
    })
    .await;
    let request = preview["requests"][1].as_str().unwrap();
    assert!(request.contains("%3Futm_source%3Dvk&") && !request.contains("params="), "{request}");
    let dropped = [("utm_medium", "other_value"), ("utm_term", "not_listed"), ("plan", "other_value")];
    let dropped: Vec<Value> =
        dropped.iter().map(|(field, why)| json!({"field": field, "why": why})).collect();
    assert_eq!(preview["source"]["dropped"], json!(dropped));
    assert!(!preview.to_string().contains("Taint"), "{preview}");
    forwarding.switch("live").await;
    for (number, profile) in (1_u64..).zip(Profile::ALL) {
        forwarding.fake.ledger().profile = profile;
        let tainted = order("utm_source=SourceTaint&utm_campaign=CampaignTaint", "PlanTaint");
        forwarding
            .send(&format!("203.0.113.{number}"), &order("utm_source=mail&utm_medium=cpc", "pro"))
            .await;
        forwarding.send(&format!("198.51.{number}.7"), &tainted).await;
        forwarding.until_balance(GOAL, "accepted", "", 2 * number).await;
        assert_eq!(forwarding.recorded(GOAL_ID) as u64, 2 * number, "{profile:?}");
    }
    let bodies: Vec<String> = forwarding.fake.ledger().received.iter().map(|one| one.body.clone()).collect();
    assert!(bodies.iter().all(|body| !body.contains("Taint")), "{bodies:?}");
    let listed = |word: &str| bodies.iter().filter(|body| body.contains(word)).count();
    assert_eq!(listed("%2F%3Futm_source%3Dmail%26utm_medium%3Dcpc&"), 6, "three openings, three goals");
    assert_eq!(listed("&params=%7B%22plan%22%3A%22pro%22%7D"), 3);
}

/// Too old when it could leave: the collector was down, or Metrika away, for eleven hours.
#[tokio::test]
async fn a_goal_too_old_for_metrika_expires_and_is_counted_under_every_profile() {
    let forwarding = Forwarding::start(Profile::Silent).await;
    let mut rules = rules();
    rules["delay_seconds"] = json!([600, 600]);
    forwarding.set(&rules).await;
    forwarding.switch("live").await;
    for (number, profile) in (1_u64..).zip(Profile::ALL) {
        forwarding.fake.ledger().profile = profile;
        forwarding.send("203.0.113.7", &event("Order", Some(1))).await;
        forwarding.until_in_state("pending", 1).await;
        // As after eleven hours: SQLite's clock is the row's own time.
        forwarding
            .change_outbox("UPDATE rows SET et = et - 39700, due = due - 39700 WHERE state = 'pending'");
        forwarding.until_balance(GOAL, "expired", "too_old", number).await;
    }
    assert_eq!(forwarding.fake.connections(), 0, "none of them left");
}

/// `mostik metrika canary` asks each question once and shows no token, whatever is answered.
#[tokio::test]
async fn the_canary_asks_its_questions_and_tells_what_it_heard() {
    let folder = tempfile::tempdir().unwrap();
    let token_file = folder.path().join("token");
    std::fs::write(&token_file, format!("{TOKEN}\n")).unwrap();
    for (profile, of_a_wrong_token) in [(Profile::Silent, 200), (Profile::Mixed, 403)] {
        let fake = e2e::forwarding::fake(profile).await;
        for n in 1..=5 {
            let goal = Goal::exact(100 + n, &format!("srv_canary_{n}"));
            fake.ledger().counters.get_mut(&COUNTER).unwrap().goals.push(goal);
        }
        let ask = async |further: &'static [&'static str]| {
            let mut command = std::process::Command::new(e2e::instance::given("MOSTIK_BIN"));
            command
                .args(["metrika", "canary", "--log", "warn", "--host", "example.test"])
                .arg(format!("--counter={COUNTER}"))
                .arg("--token-file")
                .arg(&token_file)
                .arg(format!("--url=http://{}", fake.address))
                .args(further);
            let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            let text = String::from_utf8(output.stdout).unwrap();
            assert!(!text.contains(TOKEN));
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<Value>>()
        };
        let listed = ask(&[]).await;
        assert_eq!(fake.connections(), 0, "without --yes nothing is sent");
        let told = ask(&["--yes", "--pause-ms=0"]).await;
        assert_eq!(told.len(), listed.len());
        assert_eq!(fake.ledger().received.len() + 1, told.len(), "the last line says what to look at");
        let status = |question: &str| {
            told.iter().find(|line| line["question"] == question).unwrap()["answer"]["status"].clone()
        };
        assert_eq!(status("a visit and its goal"), 200);
        assert_eq!(status("a wrong token"), of_a_wrong_token, "{profile:?}");
        // What the reports of the fake will show: it drops an early event and doubles doubles.
        let reaches = |n: u64| fake.ledger().reaches_of(COUNTER, 100 + n).count();
        assert_eq!((1..=5).map(reaches).collect::<Vec<_>>(), [1, 0, 2, 1, 1], "{profile:?}");
    }
}
