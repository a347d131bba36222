//! Forwarding to Metrika, with real processes and a Metrika that assumes the worst.

use e2e::{
    forwarding::{Forwarding, GOAL, GOAL_ID, TOKEN, event, rules, view},
    instance::PATIENCE,
    visitor, wait,
};
use fake_metrika::Profile;
use serde_json::json;

#[tokio::test]
async fn a_goal_of_a_consenting_visitor_arrives_and_no_other() {
    let forwarding = Forwarding::live(Profile::Strict).await;
    forwarding.send("203.0.113.7", &view(1)).await;
    forwarding.send("203.0.113.7", &event("Order", Some(1))).await;
    // Other networks, so other visitors.
    forwarding.send("198.51.100.7", &event("Order", None)).await;
    forwarding.send("192.0.2.7", &event("Order", Some(0))).await;
    forwarding.send("203.0.113.7", &event("Else", Some(1))).await;
    forwarding.until_balance(GOAL, "accepted", "", 1).await;
    forwarding.until_balance(GOAL, "blocked", "no_consent", 1).await;
    forwarding.until_balance(GOAL, "blocked", "withdrawn", 1).await;
    assert_eq!(forwarding.balance(GOAL, "eligible", "").await, 3);
    assert_eq!(forwarding.recorded(GOAL_ID), 1);
    let page = forwarding.page().await;
    assert_eq!(page["forwards"].as_array().unwrap().len(), 2, "an opening page view and the goal: {page}");
    assert_eq!(page["collectors"][0]["state"]["last"]["class"], "ok");
}

#[tokio::test]
async fn a_preview_shows_the_exact_requests_and_opens_no_connection() {
    let forwarding = Forwarding::start(Profile::Strict).await;
    let mut rules = rules();
    rules["paths"] = json!(["/checkout"]);
    forwarding.set(&rules).await;
    forwarding.send("203.0.113.7", &event("Order", Some(1))).await;
    let preview = wait::until("a preview", PATIENCE, async || {
        let page = forwarding.page().await;
        page["collectors"][0]["previews"].as_array()?.first().cloned()
    })
    .await;
    assert_eq!(preview["source"]["event"], "Order");
    let goal = preview["requests"][1].as_str().unwrap();
    assert!(goal.starts_with("tid=12345678&cid=1") && goal.ends_with("&ms=***"), "{goal}");
    assert!(goal.contains("&ea=srv_order&dl=https%3A%2F%2Fexample.test%2Fcheckout&et="), "{goal}");
    assert_eq!(forwarding.fake.connections(), 0);
    // What was previewed is not sent when it goes live, even if it has not been read yet.
    forwarding.send("203.0.113.7", &event("Order", Some(1))).await;
    forwarding.switch("live").await;
    forwarding.send("198.51.100.7", &event("Order", Some(1))).await;
    forwarding.until_recorded(GOAL_ID, 1).await;
    forwarding.until_balance(GOAL, "accepted", "", 1).await;
    assert_eq!(forwarding.recorded(GOAL_ID), 1);
}

#[tokio::test]
async fn the_kill_switch_stops_every_request_within_a_second() {
    let forwarding = Forwarding::live(Profile::Silent).await;
    for network in 0..40 {
        forwarding.send(&format!("198.51.{network}.7"), &event("Order", Some(1))).await;
    }
    forwarding.until_recorded(GOAL_ID, 2).await;
    let answer = forwarding.mostik.write("/api/v1/metrika/stop", &json!({})).await;
    let stopped = forwarding.fake.ledger().clock.now();
    assert_eq!(answer["stopped"], 1);
    forwarding.until_balance(GOAL, "eligible", "", 40).await;
    forwarding.until_balance(GOAL, "blocked", "off", 1).await;
    forwarding.send("203.0.113.7", &event("Order", Some(1))).await;
    let last = forwarding.fake.ledger().received.iter().map(|one| one.at).max().unwrap();
    assert!(last <= stopped + 1, "{} s after the switch", last - stopped);
    assert_eq!(forwarding.outbox("SELECT count(*) FROM rows WHERE state IN ('pending', 'sending')"), 0);
    let ended = forwarding.balance(GOAL, "accepted", "").await
        + forwarding.balance(GOAL, "uncertain", "interrupted").await
        + forwarding.balance(GOAL, "blocked", "off").await;
    assert_eq!(ended, 40, "every goal is accounted for");
}

#[tokio::test]
async fn a_withdrawal_purges_what_is_unsent_within_a_second() {
    let forwarding = waiting().await;
    for _ in 0..5 {
        forwarding.send("203.0.113.7", &json!(vec![event("Order", Some(1)); 4])).await;
    }
    forwarding.send("198.51.100.7", &event("Order", Some(1))).await;
    forwarding.until_in_state("pending", 21).await;
    let asked = std::time::Instant::now();
    forwarding.send("203.0.113.7", &view(0)).await;
    wait::until("the rows to be gone", PATIENCE, async || {
        (forwarding.outbox("SELECT count(*) FROM rows WHERE state = 'pending'") == 1).then_some(())
    })
    .await;
    assert!(asked.elapsed() < std::time::Duration::from_secs(1), "{:?}", asked.elapsed());
    forwarding.until_balance(GOAL, "blocked", "withdrawn", 20).await;
    assert_eq!(forwarding.fake.connections(), 0);
}

#[tokio::test]
async fn a_deletion_purges_the_visitors_unsent_goals_and_no_others() {
    let forwarding = waiting().await;
    forwarding.send("203.0.113.7", &json!(vec![event("Order", Some(1)); 4])).await;
    forwarding.send("198.51.100.7", &event("Order", Some(1))).await;
    forwarding.until_in_state("pending", 5).await;
    visitor::press(&forwarding.mostik, "203.0.113.7", "delete").await;
    forwarding.until_balance(GOAL, "blocked", "withdrawn", 4).await;
    assert_eq!(forwarding.outbox("SELECT count(*) FROM rows WHERE state = 'pending'"), 1);
    assert_eq!(forwarding.balance(GOAL, "blocked", "withdrawn").await, 4);
    assert_eq!(forwarding.fake.connections(), 0);
}

/// The outbox knows visits only; whose they are comes from the open day's rows.
#[tokio::test]
async fn after_a_restart_a_withdrawal_reaches_goals_of_earlier_visits_too() {
    const EARLIER: i64 = 77;
    let forwarding = waiting().await;
    let mostik = &forwarding.mostik;
    forwarding.send("203.0.113.7", &event("Order", Some(1))).await;
    forwarding.send("198.51.100.7", &event("Order", Some(1))).await;
    forwarding.until_in_state("pending", 2).await;
    mostik.until_shipped().await;
    // As if the visitor had come in another visit an hour ago, whose goal waits as well.
    let copy = format!(
        "INSERT INTO mostik.events_hot SELECT * REPLACE (ts - 3600 AS ts, {EARLIER} AS visit, 7 AS batch) \
         FROM mostik.events_hot WHERE visitor = (SELECT visitor FROM mostik.events_hot ORDER BY ts, batch, seq LIMIT 1)"
    );
    mostik.store().execute("add a visit", &copy).await.unwrap();
    forwarding.change_outbox(&format!(
        "INSERT INTO rows (site, goal, hour, state, epoch, counter, visit, cid, et, dl, at_most_once, due, held, attempts) \
         SELECT site, goal, hour, state, epoch, counter, {EARLIER}, cid + 1, et, dl, at_most_once, due, held, attempts \
         FROM rows WHERE state = 'pending' AND goal <> '' ORDER BY id LIMIT 1"
    ));
    mostik.lose("collector").await;
    wait::for_listener(&mostik.ready.public, PATIENCE).await;
    forwarding.send("203.0.113.7", &view(0)).await;
    wait::until("the visitor's rows to be gone", PATIENCE, async || {
        (forwarding.outbox("SELECT count(*) FROM rows WHERE state = 'pending' AND goal <> ''") == 1)
            .then_some(())
    })
    .await;
    assert_eq!(forwarding.outbox(&format!("SELECT count(*) FROM rows WHERE visit = {EARLIER}")), 0);
}

#[tokio::test]
async fn visitors_are_told_what_leaves_while_it_does() {
    let forwarding = Forwarding::start(Profile::Strict).await;
    let told = async || {
        let page = |path: &'static str| visitor::page(&forwarding.mostik, "203.0.113.7", path);
        let disclosure = page("/privacy/disclosure.json").await;
        let notice = page("/privacy/notice.txt?lang=en").await;
        let disclosure: serde_json::Value = serde_json::from_str(&disclosure).unwrap();
        (disclosure["third_parties"].clone(), notice + &page("/privacy?lang=en").await)
    };
    let nobody = "sends nothing to third parties";
    let (before, text) = told().await;
    assert!(before == json!([]) && text.contains(nobody) && text.contains("nobody else"), "{text}");
    let mut rules = rules();
    forwarding.set(&rules).await;
    assert_eq!(told().await.0, json!([]), "a preview sends nothing");
    forwarding.switch("live").await;
    let (live, text) = told().await;
    assert_eq!(live[0]["forwarding_now"], true, "{live}");
    assert!(text.contains("Yandex LLC") && !text.contains(nobody) && !text.contains("nobody else"), "{text}");
    // Each setting that the texts speak of.
    rules["delay_seconds"] = json!([60, 120]);
    forwarding.set(&rules).await;
    wait::until("the texts to say the new delay", PATIENCE, async || {
        let (now, text) = told().await;
        (now[0]["delay_seconds"] == json!([60, 120]) && text.contains("after 1 to 2 minutes")).then_some(())
    })
    .await;
    forwarding.switch("off").await;
    wait::until("the texts to say that nobody gets anything", PATIENCE, async || {
        let (now, text) = told().await;
        (now == before && text.contains(nobody)).then_some(())
    })
    .await;
}

/// Live, with goals that wait ten minutes.
async fn waiting() -> Forwarding {
    let forwarding = Forwarding::start(Profile::Silent).await;
    let mut rules = rules();
    rules["delay_seconds"] = json!([600, 600]);
    forwarding.set(&rules).await;
    forwarding.switch("live").await;
    forwarding
}

/// What a page, a browser and a visitor say. None of it may be in what leaves.
const TAINT: [&str; 12] = [
    "203.0.113.77",
    "PathTaint",
    "QueryTaint",
    "FragmentTaint",
    "TitleTaint",
    "KeyTaint",
    "ValueTaint",
    "ReferrerTaint",
    "CampaignTaint",
    "AgentTaint",
    "CookieTaint",
    "xx-taint",
];

/// Every parameter of metrika.md section 11 that this bridge uses.
const ALLOWED: [&str; 11] = ["tid", "cid", "t", "ea", "dl", "dr", "dt", "et", "ev", "cu", "ms"];

#[tokio::test]
async fn nothing_that_was_planted_leaves_and_the_token_is_nowhere_to_be_read() {
    for profile in Profile::ALL {
        nothing_planted_leaves(&Forwarding::live_and_logging(profile).await).await;
    }
}

async fn nothing_planted_leaves(forwarding: &Forwarding) {
    let mut order = event("Order", Some(1));
    order["u"] =
        json!("https://shop.example.test/PathTaint/a?q=QueryTaint&utm_campaign=CampaignTaint#FragmentTaint");
    order["r"] = json!("https://ReferrerTaint.example/ReferrerTaint");
    order["p"] = json!({"title": "TitleTaint", "KeyTaint": "x", "plan": "ValueTaint"});
    order["x"] = json!("00000000000000ee");
    let answer = forwarding
        .mostik
        .client
        .post(format!("http://{}/api/event", forwarding.mostik.ready.public))
        .header("User-Agent", "Mozilla/5.0 (Windows NT 10.0) AgentTaint Chrome/138.0.0.0")
        .header("Accept-Language", "xx-taint")
        .header("Cookie", "_ym_uid=CookieTaint")
        .header("Referer", "https://example.test/ReferrerTaint")
        .header("X-Forwarded-For", "203.0.113.77")
        .body(order.to_string())
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 202);
    forwarding.until_balance(GOAL, "accepted", "", 1).await;
    let received = forwarding.fake.ledger().received.clone();
    assert_eq!(received.len(), 2);
    for one in &received {
        let names: Vec<&str> = one.headers.iter().map(|(name, _)| name.as_str()).collect();
        for name in &names {
            assert!(
                ["host", "user-agent", "accept", "content-type", "content-length"].contains(name),
                "{name}"
            );
        }
        let agent = one.headers.iter().find(|(name, _)| name == "user-agent").unwrap();
        assert!(agent.1.starts_with("Mostik/"), "{agent:?}");
        assert!(one.query.is_empty() && one.path == "/collect", "the token is never in an address");
        for pair in one.body.split('&') {
            let key = pair.split('=').next().unwrap();
            assert!(ALLOWED.contains(&key), "{pair}");
        }
        let bytes =
            format!("{:?}", (&one.method, &one.path, &one.query, &one.headers, &one.body)).to_lowercase();
        for taint in TAINT {
            assert!(!bytes.contains(&taint.to_lowercase()), "{taint} in {bytes}");
        }
    }
    // In no file, sealed or not, of a running instance: settings, outbox, control.db, logs, spool.
    let mut folders = vec![forwarding.mostik.data.path().to_owned()];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(bytes) = std::fs::read(&path) {
                files += 1;
                let found = bytes.windows(TOKEN.len()).any(|window| window == TOKEN.as_bytes());
                assert!(!found, "the token stands in {}", path.display());
            }
        }
    }
    assert!(files > 5);
    let page = forwarding.page().await.to_string() + &forwarding.mostik.metrics().await.unwrap();
    assert!(!page.contains(TOKEN));
}

/// A namespace of its own, whose only name server is nobody: every query is seen as a
/// datagram sent.
#[tokio::test]
async fn with_every_switch_off_there_is_no_connection_and_no_dns_query() {
    const INSIDE: &str = "MOSTIK_TEST_NETNS";
    if std::env::var_os(INSIDE).is_none() {
        let folder = tempfile::tempdir().unwrap();
        let resolver = folder.path().join("resolv.conf");
        std::fs::write(&resolver, "nameserver 127.0.0.1\noptions attempts:1 timeout:1\n").unwrap();
        let name = "forwarding::with_every_switch_off_there_is_no_connection_and_no_dns_query";
        let script =
            "ip link set lo up && mount --bind \"$1\" /etc/resolv.conf && exec \"$2\" --exact \"$3\"";
        let output = std::process::Command::new("unshare")
            .args(["--user", "--map-root-user", "--net", "--mount", "sh", "-c", script, "sh"])
            .arg(&resolver)
            .arg(std::env::current_exe().unwrap())
            .arg(name)
            .env(INSIDE, "1")
            .output()
            .expect("unshare of util-linux");
        let said =
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && said.contains("1 passed"), "{said}");
        return;
    }
    let datagrams = || {
        let snmp = std::fs::read_to_string("/proc/net/snmp").unwrap();
        let mut udp = snmp.lines().filter_map(|line| line.strip_prefix("Udp: "));
        let place = udp.next().unwrap().split(' ').position(|name| name == "OutDatagrams").unwrap();
        udp.next().unwrap().split(' ').nth(place).unwrap().parse::<u64>().unwrap()
    };
    let fake = e2e::forwarding::fake(Profile::Silent).await;
    // No `metrika_url`: the real name, which nobody here can resolve.
    let mostik = e2e::Instance::start().await;
    let forwarding = Forwarding { mostik, fake };
    forwarding.set(&rules()).await;
    forwarding.send("203.0.113.7", &event("Order", Some(1))).await;
    wait::until("a preview", PATIENCE, async || {
        (forwarding.outbox("SELECT count(*) FROM rows WHERE state = 'preview'") == 1).then_some(())
    })
    .await;
    forwarding.switch("off").await;
    forwarding.send("203.0.113.7", &event("Order", Some(1))).await;
    wait::until("the preview to be gone", PATIENCE, async || {
        (forwarding.outbox("SELECT count(*) FROM rows") == 0).then_some(())
    })
    .await;
    assert_eq!(datagrams(), 0, "somebody asked a name server");
    // The control: switched on, it does ask.
    forwarding.switch("live").await;
    forwarding.send("203.0.113.7", &event("Order", Some(1))).await;
    wait::until("a DNS query", PATIENCE, async || (datagrams() > 0).then_some(())).await;
}
