//! Bad input gets a clear answer, nothing is stored, and every refusal is counted.

use std::time::Duration;

use e2e::{
    Instance,
    http::{CHROME, pageview},
    instance::metric,
    wait,
};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Longest the collector waits for a head or a body, with room for a busy machine.
const CLOSED_WITHIN: Duration = Duration::from_secs(20);

/// Posts raw bytes and gives status, reason and body.
async fn post(mostik: &Instance, content_type: &str, body: Vec<u8>) -> (u16, String, String) {
    let answer = mostik
        .client
        .post(format!("http://{}/api/event", mostik.ready.public))
        .header("Content-Type", content_type)
        .header("User-Agent", CHROME)
        .header("X-Forwarded-For", "203.0.113.7")
        .body(body)
        .send()
        .await
        .expect("the collector answers");
    let reason = answer.headers().get("x-dropped").map_or(String::new(), |v| v.to_str().unwrap().to_owned());
    (answer.status().as_u16(), reason, answer.text().await.unwrap())
}

#[tokio::test]
async fn every_kind_of_bad_body_is_named_and_counted() {
    let mostik = Instance::start().await;
    let good = pageview("/").to_string();
    let many_props: serde_json::Map<_, _> = (0..31).map(|n| (format!("k{n}"), json!(1))).collect();
    let ten_thousand: serde_json::Map<_, _> = (0..10_000).map(|n| (format!("k{n}"), json!(1))).collect();
    let with = |key: &str, value: serde_json::Value| {
        let mut event = pageview("/");
        event[key] = value;
        event.to_string().into_bytes()
    };
    let cases: Vec<(&str, Vec<u8>, u16, &str)> = vec![
        ("text/plain", b"{\"n\":".to_vec(), 400, "not_json"),
        ("text/plain", b"".to_vec(), 400, "not_json"),
        ("text/plain", b"{\"n\":\"\xff\xfe\"}".to_vec(), 400, "not_utf8"),
        ("image/png", good.clone().into_bytes(), 415, "content_type"),
        ("multipart/form-data", good.into_bytes(), 415, "content_type"),
        ("text/plain", with("d", json!("nobody.test")), 400, "unknown_site"),
        ("text/plain", with("u", json!("https://elsewhere.test/")), 400, "unknown_host"),
        ("text/plain", with("u", json!("not a url")), 400, "bad_field"),
        ("text/plain", with("p", many_props.into()), 400, "too_many_props"),
        ("text/plain", with("p", ten_thousand.into()), 413, "body_too_large"),
        ("text/plain", vec![b' '; 64 * 1024], 413, "body_too_large"),
        ("text/plain", with("a", json!(90_000_000)), 400, "too_old"),
    ];
    for (content_type, body, status, reason) in &cases {
        let answer = post(&mostik, content_type, body.clone()).await;
        assert_eq!((answer.0, answer.1.as_str()), (*status, *reason));
        assert!(answer.2.contains("\"message\""), "the answer says what to change: {}", answer.2);
    }
    let store = mostik.store();
    let refused: u64 = wait::until("the refusals to be in the ledger", e2e::instance::PATIENCE, async || {
        let sql = "SELECT sum(n) FROM mostik.ledger WHERE outcome = 'refused'";
        let n: u64 = store.reader().query(sql).fetch_one().await.ok()?;
        (n >= cases.len() as u64).then_some(n)
    })
    .await;
    assert_eq!(refused, cases.len() as u64);
    let rows: u64 = store.reader().query("SELECT count() FROM mostik.events_hot").fetch_one().await.unwrap();
    assert_eq!(rows, 0);
}

#[tokio::test]
async fn whoever_objects_is_answered_like_anybody_and_leaves_a_count() {
    let mostik = Instance::start().await;
    for (header, reason) in [("Sec-GPC", "gpc"), ("DNT", "dnt")] {
        let answer = mostik
            .client
            .post(format!("http://{}/api/event", mostik.ready.public))
            .header("User-Agent", CHROME)
            .header(header, "1")
            .body(pageview("/").to_string())
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 202);
        assert_eq!(answer.headers().get("x-dropped"), None, "{reason} is not told apart");
    }
    let metrics = mostik.metrics().await.unwrap();
    assert_eq!(metric(&metrics, "collector_events_refused_total{reason=\"gpc\"}"), Some(1));
    assert_eq!(metric(&metrics, "collector_keys_alive"), Some(0), "nobody was hashed");
}

/// Writes `bytes` and gives what came back when the collector closed.
async fn raw(mostik: &Instance, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(&mostik.ready.public).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut answer = Vec::new();
    tokio::time::timeout(CLOSED_WITHIN, stream.read_to_end(&mut answer))
        .await
        .expect("the collector closes a connection that sends nothing more")
        .unwrap();
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn slow_heads_and_slow_bodies_are_closed() {
    let mostik = Instance::start().await;
    let (silent, head, body) = tokio::join!(
        raw(&mostik, b""),
        raw(&mostik, b"POST /api/event HTTP/1.1\r\nHost: x\r\n"),
        raw(
            &mostik,
            b"POST /api/event HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 100\r\n\r\n{\"n\":"
        ),
    );
    assert_eq!(silent, "");
    assert!(!head.contains(" 202 "), "{head}");
    assert!(body.starts_with("HTTP/1.1 408 "), "{body}");
    assert!(body.contains("body_timeout"), "{body}");
}

/// A body far above the limit, below what is read and thrown away.
const LARGE_BYTES: usize = 1000 * 1024;

#[tokio::test]
async fn who_sends_far_too_much_is_told_so_and_not_cut_off() {
    let mostik = Instance::start().await;
    for kind in ["text/plain", "image/png"] {
        let mut request = format!(
            "POST /api/event HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: {kind}\r\n\
             Content-Length: {LARGE_BYTES}\r\n\r\n"
        )
        .into_bytes();
        request.resize(request.len() + LARGE_BYTES, b' ');
        let answer = raw(&mostik, &request).await;
        let status = if kind == "text/plain" { "HTTP/1.1 413 " } else { "HTTP/1.1 415 " };
        assert!(answer.starts_with(status), "{answer}");
    }
}

#[tokio::test]
async fn a_visitor_who_leaves_after_the_last_byte_is_counted() {
    let mostik = Instance::start().await;
    let body = pageview("/left").to_string();
    for _ in 0..20 {
        let mut stream = TcpStream::connect(&mostik.ready.public).await.unwrap();
        let request = format!(
            "POST /api/event HTTP/1.1\r\nHost: x\r\nUser-Agent: {CHROME}\r\nX-Forwarded-For: 203.0.113.7\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        drop(stream);
    }
    let store = mostik.store();
    wait::until("all of them to be counted", e2e::instance::PATIENCE, async || {
        let sql = "SELECT count() FROM mostik.events_hot WHERE path = '/left'";
        let rows: u64 = store.reader().query(sql).fetch_one().await.ok()?;
        (rows == 20).then_some(())
    })
    .await;
}

/// Larger than any head that is read.
const HEAD_BYTES: usize = 40 * 1024;

#[tokio::test]
async fn a_head_that_is_too_large_is_refused_and_the_rest_of_the_world_served() {
    let mostik = Instance::start().await;
    let padding = "x".repeat(HEAD_BYTES);
    let request = format!("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Padding: {padding}\r\n\r\n");
    let answer = raw(&mostik, request.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
    assert_eq!(mostik.send("203.0.113.7", &pageview("/")).await, (202, None));
}

/// Connections to `address` that somebody has accepted: one that waits has no inode yet.
fn accepted(address: &str) -> usize {
    let port: u16 = address.rsplit_once(':').unwrap().1.parse().unwrap();
    let (local, established) = (format!(":{port:04X}"), "01");
    std::fs::read_to_string("/proc/net/tcp")
        .unwrap()
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>())
        .filter(|row| row[1].ends_with(&local) && row[3] == established && row[9] != "0")
        .count()
}

#[tokio::test]
async fn above_the_limit_of_connections_clients_wait_and_are_served_in_their_turn() {
    let mostik = Instance::start_with("connections = 2").await;
    let request = b"GET /i.js HTTP/1.1\r\nHost: x\r\n\r\n";
    let mut held = Vec::new();
    for _ in 0..2 {
        let mut stream = TcpStream::connect(&mostik.ready.public).await.unwrap();
        stream.write_all(request).await.unwrap();
        stream.read_exact(&mut [0; 12]).await.unwrap();
        held.push(stream);
    }
    let mut third = TcpStream::connect(&mostik.ready.public).await.unwrap();
    third.write_all(request).await.unwrap();
    // Nobody has taken the request off the kernel's hands: the collector holds as many
    // connections as it may.
    assert_eq!(accepted(&mostik.ready.public), 2);
    drop(held);
    let mut start = [0; 12];
    tokio::time::timeout(CLOSED_WITHIN, third.read_exact(&mut start)).await.expect("it is served").unwrap();
    assert_eq!(&start, b"HTTP/1.1 200");
}
