//! Bounds that a stranger meets.

use std::time::{Duration, Instant};

use hyper::{
    Request,
    body::Bytes,
    header::{CONTENT_TYPE, COOKIE},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::harness::Owner;

/// `BODY_BYTES_MAX` of the dashboard.
const BODY_BYTES_MAX: usize = 64 * 1024;

async fn status_of_a_body_of(owner: &Owner, bytes: usize) -> u16 {
    let mut body = b"{\"domain\":\"example.ru\",\"time_zone\":\"UTC\"}".to_vec();
    body.resize(bytes, b' ');
    let request = Request::post(owner.url("/api/v1/sites"))
        .header(CONTENT_TYPE, "application/json")
        .header(COOKIE, owner.cookie.as_deref().unwrap())
        .body(Bytes::from(body).into())
        .unwrap();
    owner.exchange(request).await.status.as_u16()
}

#[tokio::test]
async fn a_body_of_64_kib_passes_and_one_byte_more_does_not() {
    let owner = Owner::signed_in().await;
    assert_eq!(status_of_a_body_of(&owner, BODY_BYTES_MAX + 1).await, 413);
    assert_eq!(status_of_a_body_of(&owner, BODY_BYTES_MAX).await, 201);
}

#[tokio::test]
async fn a_client_that_dawdles_over_its_headers_is_cut_off() {
    let owner = Owner::nobody().await;
    let mut stream = TcpStream::connect(owner.running.address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nx-slow: ").await.unwrap();
    let before = Instant::now();
    let mut rest = Vec::new();
    // Ends only when the server closes; the outer limit is the test's failure.
    tokio::time::timeout(Duration::from_secs(30), stream.read_to_end(&mut rest)).await.unwrap().unwrap();
    assert!(before.elapsed() >= Duration::from_secs(4), "{:?}", before.elapsed());
}

#[tokio::test]
async fn a_longer_password_than_the_longest_is_refused_without_hashing() {
    let owner = Owner::signed_in().await;
    let answer = owner.sign_in(crate::harness::EMAIL, &"a".repeat(2_000)).await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (401, "wrong_credentials"));
}
