//! What a visitor is promised, on a running instance: pages that say what is so, logs
//! that say nothing of anybody, rows that do not know the host, no core file.

use std::{collections::BTreeSet, fs};

use clickhouse::Row;
use e2e::{
    Instance,
    http::pageview,
    instance::{PATIENCE, metric},
    wait,
};
use serde::Deserialize;
use serde_json::{Value, json};

/// Answer of the collector's public side.
async fn get(mostik: &Instance, path: &str, headers: &[(&str, &str)]) -> reqwest::Response {
    let mut request = mostik.client.get(format!("http://{}{path}", mostik.ready.public));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap()
}

#[tokio::test]
async fn the_page_for_visitors_speaks_both_languages_and_runs_nothing() {
    let mostik =
        Instance::start_with("precision = \"strict\"\ncontact = \"mailto:privacy@example.test\"").await;
    let russian = get(&mostik, "/privacy", &[("Accept-Language", "ru-RU,ru;q=0.9,en;q=0.8")]).await;
    assert_eq!(russian.status(), 200);
    assert_eq!(russian.headers()["content-language"], "ru");
    assert!(russian.headers()["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'"));
    assert!(russian.headers().get("set-cookie").is_none());
    let russian = russian.text().await.unwrap();
    assert!(
        russian.contains("<html lang=\"ru\">") && russian.contains("Начало адреса IPv4, бит из 32: 16"),
        "{russian}"
    );
    assert!(!russian.contains("<script") && !russian.contains(" on"), "nothing runs");
    let english = get(&mostik, "/privacy?lang=en", &[("Accept-Language", "ru"), ("Sec-GPC", "1")]).await;
    let english = english.text().await.unwrap();
    assert!(english.contains("Start of an IPv4 address, bits of 32: 16"), "{english}");
    assert!(english.contains("This request carries such a signal"));
    assert!(english.contains("href=\"mailto:privacy@example.test\""));
    let style = get(&mostik, "/privacy/style.css", &[]).await;
    assert_eq!(style.headers()["content-type"], "text/css; charset=utf-8");

    let gpc: Value = get(&mostik, "/.well-known/gpc.json", &[]).await.json().await.unwrap();
    assert_eq!(gpc["gpc"], true);
    let security = get(&mostik, "/.well-known/security.txt", &[]).await.text().await.unwrap();
    assert!(security.starts_with("Contact: mailto:privacy@example.test\nExpires: "), "{security}");
}

#[derive(Row, Deserialize)]
struct Column {
    table: String,
    name: String,
}

#[tokio::test]
async fn the_disclosure_names_exactly_the_columns_there_are_and_the_settings_in_force() {
    let mostik = Instance::start().await;
    let disclosure: Value = get(&mostik, "/privacy/disclosure.json", &[]).await.json().await.unwrap();
    assert_eq!(disclosure["visitor_number"]["precision"], "version");
    assert_eq!(disclosure["visitor_number"]["ipv4_prefix_bits"], 24);
    assert_eq!(disclosure["country_looked_up"], true);
    assert_eq!(disclosure["contact"], Value::Null);
    assert_eq!(get(&mostik, "/.well-known/security.txt", &[]).await.status(), 404, "nobody to name");
    let sql = "SELECT table, name FROM system.columns WHERE database = 'mostik'";
    mostik.until_migrated().await;
    let columns: Vec<Column> = mostik.store().reader().query(sql).fetch_all().await.unwrap();
    for (key, table) in [
        ("open_days", "events_hot"),
        ("closed_days", "events"),
        ("event_counts", "ledger"),
        ("goal_paths", "goal_paths"),
    ] {
        let there: BTreeSet<&str> = columns
            .iter()
            .filter(|column| column.table == table)
            .map(|column| column.name.as_str())
            .collect();
        let told = disclosure["columns"][key].as_object().unwrap();
        assert_eq!(told.keys().map(String::as_str).collect::<BTreeSet<_>>(), there, "{table}");
    }
    // Tables that are not disclosed hold no row about an event or a visitor.
    let tables: BTreeSet<&str> = columns.iter().map(|column| column.table.as_str()).collect();
    assert_eq!(
        tables,
        BTreeSet::from(["closed_days", "events", "events_hot", "goal_paths", "ledger", "schema_versions"])
    );
}

/// With the country looked up in the real file.
#[tokio::test]
async fn stored_rows_do_not_know_the_host_the_minor_version_or_the_screen() {
    let mostik = Instance::start().await;
    let cases = [
        ("77.88.8.7", "138.0.0.0", 1920, "ru"),
        ("77.88.8.250", "138.0.7204.97", 800, "ru-RU,ru;q=0.9"),
        ("::ffff:77.88.8.1", "138.1.2.3", 360, "ru,en;q=0.5"),
        ("2002:4d58:0863::1", "138.9.9.9", 2560, "ru-UA"),
    ];
    for (address, version, width, language) in cases {
        let mut event = pageview("/same");
        event["w"] = json!(width);
        event["x"] = json!("00000000000000aa");
        let answer = mostik
            .client
            .post(format!("http://{}/api/event", mostik.ready.public))
            .header("User-Agent", format!("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{version} Safari/537.36"))
            .header("Accept-Language", language)
            .header("Sec-CH-Viewport-Width", width)
            .header("X-Forwarded-For", address)
            .body(event.to_string())
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 202);
    }
    mostik.until_shipped().await;
    let sql = "SELECT DISTINCT toString(tuple(* EXCEPT (ts, seq, batch))) FROM mostik.events_hot \
               WHERE path = '/same'";
    let rows: Vec<String> = mostik.store().reader().query(sql).fetch_all().await.unwrap();
    assert_eq!(rows.len(), 1, "{rows:#?}");
    assert!(rows[0].contains("'RU'"), "{}", rows[0]);
}

#[tokio::test]
async fn the_collector_leaves_no_core_file() {
    let mostik = Instance::start().await;
    let limits = fs::read_to_string(format!("/proc/{}/limits", mostik.ready.pids.collector)).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    let values: Vec<&str> = core.split_whitespace().rev().skip(1).take(2).collect();
    assert_eq!(values, ["0", "0"], "soft and hard: {core}");
}

/// What the requests below hold, and no log may.
const SECRETS: [&str; 6] =
    ["203.0.113.77", "cb00714d", "AgentCanary", "path-canary", "query-canary", "title-canary"];

#[tokio::test]
async fn at_trace_level_with_the_database_killed_no_log_names_a_visitor() {
    let mostik = Instance::start_logging("trace").await;
    mostik.kill(mostik.ready.pids.engine);
    let url = format!("http://{}/api/event", mostik.ready.public);
    let page = "https://example.test/path-canary?q=query-canary#title-canary";
    let bodies = [
        json!({"n": "pageview", "d": "example.test", "u": page}).to_string(),
        json!({"n": "pageview", "d": "path-canary.test", "u": page}).to_string(),
        json!({"n": 7, "d": "example.test", "u": page, "title": "title-canary"}).to_string(),
        "{\"n\": \"path-canary".to_owned(),
        "path-canary".repeat(64 * 1024),
    ];
    for body in bodies {
        for kind in ["text/plain", "image/path-canary"] {
            let answer = mostik
                .client
                .post(&url)
                .header("Content-Type", kind)
                .header("User-Agent", "Mozilla/5.0 (X11; Linux x86_64) AgentCanary Chrome/138.0.0.0")
                .header("X-Forwarded-For", "203.0.113.77")
                .header("Referer", page)
                .body(body.clone())
                .send()
                .await
                .unwrap();
            assert!(answer.status().as_u16() < 500);
        }
    }
    get(&mostik, "/path-canary?q=query-canary", &[("User-Agent", "AgentCanary")]).await;
    let log = wait::until("the collector to complain and the event to be stored", PATIENCE, async || {
        let metrics = mostik.metrics().await?;
        let stored = metric(&metrics, "collector_spool_segments_pending")? == 0;
        let log = fs::read_to_string(mostik.log()).ok()?;
        (stored && log.contains("engine")).then_some(log)
    })
    .await;
    // The control: the log is the collector's, and at the level asked for.
    assert!(log.contains("\"target\":\"collector::"), "{log}");
    for secret in SECRETS {
        assert!(!log.contains(secret), "{secret} in {log}");
    }
}

/// Two of one /24, one of the same /16, one of another.
const NEIGHBOURS: [&str; 4] = ["203.0.113.7", "203.0.113.200", "203.0.7.9", "198.51.100.7"];

#[tokio::test]
async fn each_profile_keeps_what_it_says_and_shows_it() {
    // Profile, further settings, bits of IPv4, how many visitors the neighbours are.
    for (profile, further, bits, visitors) in [
        ("counter", "", 16, 0),
        ("exempt", "", 16, 2),
        ("default", "", 24, 3),
        ("default", "precision = \"strict\"", 16, 2),
    ] {
        let mostik = Instance::start_with(&format!("profile = {profile:?}\n{further}")).await;
        for address in NEIGHBOURS {
            assert_eq!(mostik.send(address, &pageview("/profile")).await, (202, None), "{profile}");
        }
        let mut engagement = pageview("/profile");
        (engagement["n"], engagement["e"]) = (json!("engagement"), json!(5_000));
        assert_eq!(mostik.send(NEIGHBOURS[0], &engagement).await.0, 202);
        mostik.until_shipped().await;
        let sql = "SELECT uniqExactIf(visitor, visitor != 0), uniqExactIf(visit, visit != 0), count(), \
                   countIf(kind = 'engagement') FROM mostik.events_hot";
        let (found, visits, rows, engaged): (u64, u64, u64, u64) =
            mostik.store().reader().query(sql).fetch_one().await.unwrap();
        let engagements = u64::from(visitors > 0);
        assert_eq!(
            (found, visits, rows, engaged),
            (visitors, visitors, 4 + engagements, engagements),
            "{profile}"
        );
        let disclosure: Value = get(&mostik, "/privacy/disclosure.json", &[]).await.json().await.unwrap();
        assert_eq!(disclosure["profile"], profile);
        assert_eq!(disclosure["visitor_number"]["ipv4_prefix_bits"], bits, "{profile}");
        let mine = e2e::visitor::mine(&mostik, NEIGHBOURS[0]).await;
        if profile == "counter" {
            assert_eq!(mine["told_apart"], false, "{mine}");
        } else {
            let neighbours = if bits == 16 { 4 } else { 3 };
            assert_eq!(
                mine["today"]["events"], neighbours,
                "{profile}: the group's, engagement included: {mine}"
            );
        }
        let notice = get(&mostik, "/privacy/notice.txt?lang=en", &[]).await.text().await.unwrap();
        assert_eq!(notice.contains("Visitors are not told apart"), profile == "counter", "{notice}");
        let keys = metric(&mostik.metrics().await.unwrap(), "collector_keys_alive").unwrap();
        assert_eq!(keys, engagements, "{profile}: a profile without numbers makes no key");
    }
}

/// Sockets of a process: the inodes that its descriptors name.
fn sockets_of(pid: i32) -> BTreeSet<String> {
    let files = fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten();
    files
        .filter_map(|file| fs::read_link(file.path()).ok())
        .filter_map(|link| Some(link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned()))
        .collect()
}

/// TLS is the proxy's: what we open by ourselves faces this machine alone, and ClickHouse no
/// network at all.
#[tokio::test]
async fn every_listening_socket_is_on_loopback_and_the_engines_is_a_file_of_its_owner() {
    use std::os::unix::fs::PermissionsExt;
    /// As `/proc/net/tcp` writes a socket that listens, and 127.0.0.1.
    const LISTENS: &str = "0A";
    const LOOPBACK: &str = "0100007F";
    let mostik = Instance::start().await;
    let mut ours: BTreeSet<String> = mostik.children().iter().flat_map(|&(pid, _)| sockets_of(pid)).collect();
    ours.extend(sockets_of(std::process::id().cast_signed()));
    let mut listening = Vec::new();
    for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
        for line in fs::read_to_string(table).unwrap_or_default().lines().skip(1) {
            let words: Vec<&str> = line.split_whitespace().collect();
            if words[3] == LISTENS && ours.contains(words[9]) {
                listening.push(words[1].to_owned());
            }
        }
    }
    assert_eq!(listening.len(), 3, "visitors, /metrics, dashboard: {listening:?}");
    assert!(listening.iter().all(|address| address.starts_with(LOOPBACK)), "{listening:?}");
    let mode = fs::metadata(&mostik.ready.engine_socket).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}
