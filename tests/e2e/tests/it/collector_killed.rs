//! The collector dies under load, again and again: what was answered with 2xx is there,
//! once.

use std::collections::BTreeSet;

use e2e::{Instance, instance::PATIENCE, shop::Shop, wait};

/// Kills in the short form; `MOSTIK_KILLS` asks for another number.
const KILLS: usize = 6;

/// Views between two kills, at least: the first are those that meet a fresh start.
const VIEWS_BETWEEN: usize = 40;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_collector_loses_and_doubles_nothing_it_accepted() {
    let mostik = Instance::start().await;
    let shop = Shop::open(&mostik);
    let mut collector = mostik.ready.pids.collector;
    for kill in 0..kills() {
        // Not a round number, so that kills fall into every moment of a segment's life.
        let enough = shop.accepted() + VIEWS_BETWEEN + kill * 37 % 101;
        wait::until("customers to be served", PATIENCE, async || (shop.accepted() >= enough).then_some(()))
            .await;
        mostik.kill(collector);
        collector = wait::until("the collector to come back", PATIENCE, async || {
            mostik.child("collector").filter(|&pid| pid != collector)
        })
        .await;
    }
    let enough = shop.accepted() + VIEWS_BETWEEN;
    wait::until("customers to be served again", PATIENCE, async || (shop.accepted() >= enough).then_some(()))
        .await;
    let accepted = shop.close().await;
    mostik.until_shipped().await;
    check(&mostik, &accepted).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_engine_killed_at_any_moment_loses_and_doubles_nothing() {
    let mostik = Instance::start().await;
    let shop = Shop::open(&mostik);
    let mut engine = mostik.ready.pids.engine;
    for kill in 0..kills() {
        let enough = shop.accepted() + VIEWS_BETWEEN + kill * 37 % 101;
        wait::until("customers to be served", PATIENCE, async || (shop.accepted() >= enough).then_some(()))
            .await;
        mostik.kill(engine);
        engine = wait::until("the engine to come back", PATIENCE, async || {
            mostik.child("engine").filter(|&pid| pid != engine)
        })
        .await;
    }
    let accepted = shop.close().await;
    mostik.until_shipped().await;
    check(&mostik, &accepted).await;
}

/// Every accepted view is there once; a view whose answer was lost may be there, once.
async fn check(mostik: &Instance, accepted: &BTreeSet<u64>) {
    let ids: Vec<u64> = mostik
        .store()
        .reader()
        .query("SELECT toUInt64(substring(path, 7)) FROM mostik.events_hot")
        .fetch_all()
        .await
        .unwrap();
    let there: BTreeSet<u64> = ids.iter().copied().collect();
    assert_eq!(ids.len(), there.len(), "a view is there twice");
    let lost: Vec<_> = accepted.difference(&there).collect();
    assert!(lost.is_empty(), "{} of {} accepted views are lost: {lost:?}", lost.len(), accepted.len());
    let stored: u64 = mostik
        .store()
        .reader()
        .query("SELECT sum(n) FROM mostik.ledger WHERE outcome = 'stored'")
        .fetch_one()
        .await
        .unwrap();
    assert_eq!(stored, ids.len() as u64, "the ledger counts what is there");
}

fn kills() -> usize {
    #[expect(clippy::disallowed_methods, reason = "tests/soak asks for more")]
    let asked = std::env::var("MOSTIK_KILLS");
    asked.map_or(KILLS, |number| number.parse().unwrap())
}
