//! Collector and engine die under load, again and again: what was answered with 2xx is
//! there, once.

use std::collections::BTreeSet;

use e2e::{
    Instance,
    instance::PATIENCE,
    shop::{PART, Shop},
    wait,
};

/// Kills in the short form; `MOSTIK_KILLS` asks for another number.
const KILLS: usize = 6;

/// Views between two kills, at least: the first are those that meet a fresh start.
const VIEWS_BETWEEN: usize = 40;

/// Views that are still going on when the part is killed, and while it is away.
const VIEWS_DURING: usize = 500;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_collector_loses_and_doubles_nothing_it_accepted() {
    kill_under_load("collector").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_engine_killed_at_any_moment_loses_and_doubles_nothing() {
    kill_under_load("engine").await;
}

async fn kill_under_load(part: &str) {
    let mostik = Instance::start().await;
    let shop = Shop::open(&mostik);
    for kill in 0..kills() {
        // Not a round number, so that kills fall into every moment of a segment's life.
        serve(&shop, VIEWS_BETWEEN + kill * 37 % 101).await;
        mostik.lose(part).await;
    }
    serve(&shop, VIEWS_BETWEEN).await;
    let accepted = shop.close().await;
    mostik.until_shipped().await;
    check(&mostik, &accepted).await;
}

/// Waits until so many more views have been accepted.
pub async fn serve(shop: &Shop, views: usize) {
    let enough = shop.accepted() + views;
    shop.allow(views + VIEWS_DURING);
    wait::until("customers to be served", PATIENCE, async || (shop.accepted() >= enough).then_some(())).await;
}

/// Every accepted view is there once; a view whose answer was lost may be there, once.
pub async fn check(mostik: &Instance, accepted: &BTreeSet<u64>) {
    let ids: Vec<u64> = mostik
        .store()
        .reader()
        .query(&format!(
            "SELECT toUInt64(splitByChar('/', path)[3]) * {PART} + toUInt64(splitByChar('/', path)[4]) \
             FROM mostik.events_hot"
        ))
        .fetch_all()
        .await
        .unwrap();
    let there: BTreeSet<u64> = ids.iter().copied().collect();
    assert_eq!(ids.len(), there.len(), "a view is there twice");
    let lost: Vec<_> = accepted.difference(&there).collect();
    assert!(lost.is_empty(), "{} of {} accepted views are lost: {lost:?}", lost.len(), accepted.len());
    assert_eq!(mostik.in_ledger("stored").await, Some(ids.len() as u64), "the ledger counts what is there");
    mostik.assert_balanced().await;
}

fn kills() -> usize {
    #[expect(clippy::disallowed_methods, reason = "tests/soak asks for more")]
    let asked = std::env::var("MOSTIK_KILLS");
    asked.map_or(KILLS, |number| number.parse().unwrap())
}
