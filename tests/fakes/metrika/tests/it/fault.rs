//! Faults on request: what the sender hears, and what was recorded all the same.

use std::{error::Error, io};

use fake_metrika::{Fake, Profile, Verdict, fault::Order};

use crate::wire::{Answer, VISIT, exchange, fake, send, visits};

async fn with(steps: &str) -> Fake {
    let fake = fake(Profile::Mixed).await;
    let order: Order = serde_json::from_str(&format!("{{\"steps\": [{steps}]}}")).unwrap();
    fake.ledger().script.append(order).unwrap();
    fake
}

async fn pageview(fake: &Fake) -> Result<Answer, hyper::Error> {
    exchange(fake.address, "POST", "/collect", &[], format!("{VISIT}&t=pageview")).await
}

/// Whether the connection was reset rather than closed.
fn is_reset(error: &hyper::Error) -> bool {
    let source = error.source().and_then(|source| source.downcast_ref::<io::Error>());
    source.is_some_and(|error| error.kind() == io::ErrorKind::ConnectionReset)
}

#[tokio::test]
async fn a_reset_before_the_commit_records_nothing_and_one_after_it_does() {
    for (fault, visits_after, verdict) in
        [("reset_before_commit", 0, Verdict::Struck), ("reset_after_commit", 1, Verdict::Recorded)]
    {
        let fake = with(&format!("{{\"fault\": \"{fault}\"}}")).await;
        let error = pageview(&fake).await.err().unwrap();
        assert!(is_reset(&error), "{error:?}");
        assert_eq!((visits(&fake), fake.ledger().received[0].verdict), (visits_after, verdict));
        assert_eq!(pageview(&fake).await.unwrap().status, 200, "the next request is left alone");
    }
}

#[tokio::test]
async fn every_answer_but_the_true_one_records_nothing() {
    for (fault, status, body) in [
        (r#"{"fault": "status", "status": 503}"#, 503, ""),
        (r#"{"fault": "empty_body"}"#, 200, ""),
        (r#"{"fault": "captive_portal"}"#, 200, "<html><body>Please log in</body></html>"),
    ] {
        let fake = with(fault).await;
        let answer = pageview(&fake).await.unwrap();
        assert_eq!((answer.status, answer.body.as_slice()), (status, body.as_bytes()), "{fault}");
        assert_eq!(visits(&fake), 0, "{fault}");
    }
}

#[tokio::test]
async fn a_failure_may_hide_a_recorded_hit() {
    let fake = with(r#"{"fault": "status", "status": 504, "is_committed": true}"#).await;
    assert_eq!(pageview(&fake).await.unwrap().status, 504);
    assert_eq!(visits(&fake), 1);
}

#[tokio::test]
async fn a_busy_server_says_when_to_come_back_and_a_moved_one_where() {
    let fake = with(
        r#"{"fault": "status", "status": 429, "retry_after": "120"},
           {"fault": "status", "status": 302, "location": "https://ya.ru/"}"#,
    )
    .await;
    assert_eq!(pageview(&fake).await.unwrap().headers["retry-after"], "120");
    assert_eq!(pageview(&fake).await.unwrap().headers["location"], "https://ya.ru/");
}

#[tokio::test]
async fn the_true_answer_can_come_compressed_in_chunks_or_byte_by_byte() {
    for (fault, header, value) in [
        (r#"{"fault": "gzip"}"#, "content-encoding", "gzip"),
        (r#"{"fault": "chunked"}"#, "transfer-encoding", "chunked"),
        (r#"{"fault": "drip", "every_ms": 1}"#, "content-length", "11"),
    ] {
        let fake = with(fault).await;
        let answer = pageview(&fake).await.unwrap();
        assert_eq!(answer.headers[header], value, "{fault}");
        if value == "gzip" {
            let mut text = String::new();
            io::Read::read_to_string(&mut flate2::read::GzDecoder::new(answer.body.as_slice()), &mut text)
                .unwrap();
            assert_eq!(text, "<!-- OK -->");
        } else {
            assert_eq!(answer.body, b"<!-- OK -->", "{fault}");
        }
        assert_eq!(visits(&fake), 1, "{fault}");
    }
}

#[tokio::test]
async fn a_withheld_answer_leaves_the_hit_recorded_when_the_sender_gives_up() {
    let fake = with(r#"{"fault": "delay_after_commit", "for_ms": 60000}"#).await;
    let sending = pageview(&fake);
    let recorded = async {
        while visits(&fake) == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        answer = sending => panic!("answered with {}", answer.unwrap().status),
        () = recorded => {}
    }
    assert_eq!(send(&fake, "POST", "/collect", format!("{VISIT}&t=event&ea=srv_order")).await.0, 200);
    assert_eq!(fake.ledger().reaches.len(), 1);
}

#[tokio::test]
async fn a_slow_server_records_nothing_before_its_time_and_everything_after() {
    for fault in ["slow_accept", "delay_before_read"] {
        let fake = with(&format!("{{\"fault\": \"{fault}\", \"for_ms\": 50}}")).await;
        let began = std::time::Instant::now();
        assert_eq!(pageview(&fake).await.unwrap().status, 200);
        assert!(began.elapsed().as_millis() >= 50, "{fault}");
        assert_eq!(visits(&fake), 1, "{fault}");
    }
}
