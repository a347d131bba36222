//! The fake over the wire, as a sender meets it.
#![expect(clippy::unwrap_used, reason = "a test ends with its first surprise")]

use fake_metrika::{Counter, Fake, Ledger, Profile, Reason, ledger::INGEST_SECONDS};
use http_body_util::{BodyExt, Full};
use hyper::{Request, body::Bytes, client::conn::http1};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

const NOW: i64 = 1_800_000_000;
const VISIT: &str = "tid=7&ms=secret&cid=1768350268232845118&dl=https%3A%2F%2Fexample.ru%2F";

async fn fake(profile: Profile) -> Fake {
    let counter = Counter {
        id: 7,
        token: "secret".into(),
        is_enabled: true,
        hosts: Vec::new(),
        goals: vec!["srv_order".into()],
        visit_threshold: 1_800,
    };
    Fake::start(Ledger::new(counter, profile, NOW)).await.unwrap()
}

/// Sends one request on a connection of its own and gives status and body.
async fn send(fake: &Fake, method: &str, target: &str, body: String) -> (u16, String) {
    let stream = TcpStream::connect(fake.address).await.unwrap();
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let request = Request::builder()
        .method(method)
        .uri(target)
        .header("host", "mc.yandex.ru")
        .body(Full::new(Bytes::from(body)))
        .unwrap();
    let answer = sender.send_request(request).await.unwrap();
    let status = answer.status().as_u16();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn a_goal_counts_only_after_its_page_view_and_is_seen_20_minutes_later() {
    for profile in Profile::ALL {
        let fake = fake(profile).await;
        let goal = format!("{VISIT}&t=event&ea=srv_order");
        let ok = (200, "<!-- OK -->".to_owned());
        assert_eq!(send(&fake, "POST", "/collect", goal.clone()).await, ok);
        assert_eq!(fake.ledger().received[0].reason, Some(Reason::NoSession));
        assert_eq!(send(&fake, "POST", "/collect", format!("{VISIT}&t=pageview")).await, ok);
        assert_eq!(send(&fake, "POST", "/collect/", goal.clone()).await, ok);
        assert_eq!(send(&fake, "GET", &format!("/collect?{goal}"), String::new()).await, ok);
        assert_eq!(fake.ledger().reaches("srv_order"), 0);
        fake.ledger().now += INGEST_SECONDS;
        assert_eq!(fake.ledger().reaches("srv_order"), 2, "a duplicate counts twice");
        assert_eq!(fake.ledger().visits(), 1);
    }
}

#[tokio::test]
async fn a_wrong_token_is_answered_as_the_profile_says() {
    for (profile, status) in [(Profile::Silent, 200), (Profile::Strict, 403), (Profile::Mixed, 403)] {
        let fake = fake(profile).await;
        let forged = format!("{VISIT}&t=pageview").replace("secret", "guess");
        assert_eq!(send(&fake, "POST", "/collect", forged).await.0, status);
        assert_eq!(fake.ledger().received[0].reason, Some(Reason::BadToken));
        assert_eq!(fake.ledger().visits(), 0);
    }
}

#[tokio::test]
async fn what_is_too_large_is_refused() {
    let fake = fake(Profile::Mixed).await;
    assert_eq!(send(&fake, "POST", "/collect", "a".repeat(64 * 1024)).await.0, 400);
    assert_eq!(send(&fake, "POST", "/collect", "a".repeat(64 * 1024 + 1)).await.0, 413);
    let long = |n| format!("/collect?{}", "a".repeat(n));
    assert_eq!(send(&fake, "GET", &long(8 * 1024), String::new()).await.0, 400);
    assert_eq!(send(&fake, "GET", &long(8 * 1024 + 1), String::new()).await.0, 414);
    assert_eq!(send(&fake, "PUT", "/collect", String::new()).await.0, 405);
}
