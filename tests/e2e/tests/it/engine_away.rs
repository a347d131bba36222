//! ClickHouse is away until the spool has reached its own limit. Engagement is refused
//! before events, what was accepted is never given up, and when ClickHouse is back the
//! balance of the ledger is exact to the event.

use std::{
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use e2e::{Instance, http, instance::PATIENCE, wait};
use serde_json::{Value, json};

/// The smallest spool that may be set, in bytes.
const SPOOL: &str = "spool_bytes = 33554432";

/// Events of a request, as many as one may have.
const EVENTS_PER_REQUEST: usize = 20;

/// Requests at most until the spool must be full: with paths of the greatest length an
/// event takes some 500 bytes.
const REQUESTS_MAX: usize = 6000;

/// Shorter than ClickHouse takes to start, so that it takes nothing in between.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Kills ClickHouse whenever it comes up, until dropped.
struct Outage {
    over: Arc<AtomicBool>,
    watching: Option<tokio::task::JoinHandle<()>>,
}

impl Outage {
    fn begin(mostik: &Arc<Instance>) -> Outage {
        let over = Arc::new(AtomicBool::new(false));
        let (mostik, ended) = (mostik.clone(), over.clone());
        let watching = tokio::spawn(async move {
            while !ended.load(Ordering::Relaxed) {
                if let Some(pid) = mostik.child("engine") {
                    // It may have ended by itself meanwhile.
                    let _ = Command::new("kill").args(["-9", &pid.to_string()]).status();
                }
                tokio::time::sleep(LOOK_EVERY).await;
            }
        });
        Outage { over, watching: Some(watching) }
    }

    async fn end(mut self) {
        self.over.store(true, Ordering::Relaxed);
        self.watching.take().expect("it is ended once").await.unwrap();
    }
}

/// What the client was told of its events.
#[derive(Default)]
struct Told {
    stored: u64,
    shed: u64,
    full: u64,
}

impl Told {
    async fn send(&mut self, mostik: &Instance, number: usize, event: &Value) {
        let events = json!(vec![event; EVENTS_PER_REQUEST]);
        let address = format!("203.{}.{}.1", number / 200, number % 200);
        let answer = http::send(&mostik.client, &mostik.ready.public, &address, &events).await.unwrap();
        let reason = answer.headers().get("x-dropped").map(|reason| reason.to_str().unwrap().to_owned());
        let count = EVENTS_PER_REQUEST as u64;
        match (answer.status().as_u16(), reason.as_deref().unwrap_or_default()) {
            (202, "") => self.stored += count,
            (503, reason) if reason.starts_with("spool_shedding") => self.shed += count,
            (503, reason) if reason.starts_with("spool_full") => self.full += count,
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_spool_at_its_limit_refuses_in_order_and_drains_to_the_event() {
    let mostik = Arc::new(Instance::start_with(SPOOL).await);
    let outage = Outage::begin(&mostik);
    let view = http::pageview(&format!("/{}", "shelf/".repeat(40)));
    let engagement = json!({"n": "engagement", "d": view["d"], "u": view["u"], "e": 1000});
    let mut told = Told::default();
    let mut requests = 0;
    while told.full == 0 {
        assert!(requests < REQUESTS_MAX, "the spool never filled up: {} stored", told.stored);
        told.send(&mostik, requests, &view).await;
        // Of the same visitor, now and then: it goes first.
        if requests % 50 == 0 {
            told.send(&mostik, requests, &engagement).await;
        }
        requests += 1;
    }
    assert!(told.shed > 0, "engagement was not refused before events");
    outage.end().await;
    wait::until("the ledger to be complete", PATIENCE, async || {
        let (stored, refused) = (mostik.in_ledger("stored").await?, mostik.in_ledger("refused").await?);
        assert!(stored <= told.stored && refused <= told.shed + told.full, "{stored} and {refused}");
        (stored == told.stored && refused == told.shed + told.full).then_some(())
    })
    .await;
    assert_eq!(mostik.rows_and_distinct().await, (told.stored, told.stored));
    mostik.assert_balanced().await;
    // Room again.
    told.send(&mostik, 0, &view).await;
    assert_eq!(told.full, EVENTS_PER_REQUEST as u64);
}
