//! What collectors are told.

use std::time::Duration;

use hyper::{
    Method,
    header::{AUTHORIZATION, ETAG, HeaderName, IF_NONE_MATCH},
};
use serde_json::json;
use store::snapshot::{SNAPSHOT_PATH, Snapshot};

use crate::harness::{Answer, Owner};

async fn ask(owner: &Owner, held: Option<&str>, wait: Option<&str>) -> Answer {
    let secret = format!("Bearer {}", owner.settings_secret());
    let mut headers = vec![(AUTHORIZATION, secret.as_str())];
    headers.extend(held.map(|tag| (IF_NONE_MATCH, tag)));
    headers.extend(wait.map(|wait| (HeaderName::from_static("prefer"), wait)));
    owner.send(Method::GET, SNAPSHOT_PATH, &headers, None).await
}

fn tag(answer: &Answer) -> String {
    answer.headers[ETAG].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_collector_reads_what_store_defines() {
    let owner = Owner::signed_in().await;
    owner.add_site("example.ru").await;
    let answer = ask(&owner, None, None).await;
    let snapshot: Snapshot = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(tag(&answer), format!("\"{}\"", snapshot.version));
    assert_eq!(snapshot.sites[0].domain, "example.ru");
    assert_eq!(snapshot.sites[0].uuid.len(), 32);
    assert_eq!(ask(&owner, Some(&tag(&answer)), None).await.status, 304);
}

#[tokio::test]
async fn without_the_secret_nothing_is_told() {
    let owner = Owner::signed_in().await;
    for secret in [None, Some("Bearer "), Some("Bearer 0123"), Some("Basic 0123")] {
        let headers: Vec<_> = secret.map(|secret| (AUTHORIZATION, secret)).into_iter().collect();
        let answer = owner.send(Method::GET, SNAPSHOT_PATH, &headers, None).await;
        assert_eq!(answer.status, 401, "{secret:?}");
    }
}

#[tokio::test]
async fn a_change_wakes_a_waiting_collector_at_once() {
    let owner = Owner::signed_in().await;
    let held = tag(&ask(&owner, None, None).await);
    let before = std::time::Instant::now();
    let (woken, _) = tokio::join!(ask(&owner, Some(&held), Some("wait=60")), owner.add_site("example.ru"));
    assert_eq!(woken.status, 200);
    assert_ne!(tag(&woken), held);
    assert!(before.elapsed() < Duration::from_secs(2), "{:?}", before.elapsed());
}

#[tokio::test]
async fn an_unchanged_snapshot_is_answered_when_the_time_is_up() {
    let owner = Owner::signed_in().await;
    let held = tag(&ask(&owner, None, None).await);
    let before = std::time::Instant::now();
    assert_eq!(ask(&owner, Some(&held), Some("wait=1")).await.status, 304);
    assert!(before.elapsed() >= Duration::from_secs(1), "{:?}", before.elapsed());
}

#[tokio::test]
async fn the_version_grows_with_every_change_and_with_nothing_else() {
    let owner = Owner::signed_in().await;
    let first = tag(&ask(&owner, None, None).await);
    owner.add_site("example.ru").await;
    let second = tag(&ask(&owner, None, None).await);
    assert_ne!(first, second);
    let same = json!({"hosts": []});
    owner.send(Method::PATCH, "/api/v1/sites/1", &[], Some(&same)).await;
    assert_eq!(tag(&ask(&owner, None, None).await), second);
    let owner = owner.restart().await;
    assert_eq!(tag(&ask(&owner, None, None).await), second);
}

#[tokio::test]
async fn a_waiting_collector_does_not_hold_up_a_stop() {
    let owner = Owner::signed_in().await;
    let held = tag(&ask(&owner, None, None).await);
    let secret = format!("Bearer {}", owner.settings_secret());
    let mut stream = tokio::net::TcpStream::connect(owner.running.address).await.unwrap();
    let request = format!(
        "GET {SNAPSHOT_PATH} HTTP/1.1\r\nhost: x\r\nauthorization: {secret}\r\nif-none-match: {held}\r\nprefer: wait=60\r\n\r\n"
    );
    tokio::io::AsyncWriteExt::write_all(&mut stream, request.as_bytes()).await.unwrap();
    // A whole exchange later the waiting request has been read as well.
    owner.get("/api/v1/session").await;
    let before = std::time::Instant::now();
    owner.running.stop().await;
    assert!(before.elapsed() < Duration::from_secs(10), "{:?}", before.elapsed());
}
