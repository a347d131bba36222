//! A collector that dies takes neither its day's keys nor its live visits with it: who
//! comes back is the same visitor, in the same visit.

use e2e::{Instance, http, instance::PATIENCE, wait};

const VISITOR: &str = "203.0.113.7";

/// One that comes only before the collector dies.
const OTHER: &str = "198.51.100.7";

#[tokio::test]
async fn a_visit_goes_on_over_the_collectors_death() {
    let mostik = Instance::start().await;
    view(&mostik, VISITOR, "/in-clickhouse").await;
    mostik.until_shipped().await;
    view(&mostik, OTHER, "/in-the-spool").await;
    mostik.lose("collector").await;
    wait::for_listener(&mostik.ready.public, PATIENCE).await;
    view(&mostik, VISITOR, "/after").await;
    view(&mostik, OTHER, "/after").await;
    mostik.until_shipped().await;
    assert_eq!(visitors_and_visits(&mostik).await, (2, 2));
}

#[tokio::test]
async fn without_a_key_dir_a_restart_of_everything_forgets_everybody() {
    let mostik = Instance::start().await;
    assert_eq!(visitors_and_visits_after_a_restart(mostik).await, (2, 2));
}

#[tokio::test]
async fn with_a_key_dir_in_memory_a_visit_goes_on_over_a_restart_of_everything() {
    let memory = tempfile::tempdir_in("/dev/shm").unwrap();
    let mostik = Instance::start_with(&format!("key_dir = {:?}", memory.path())).await;
    assert_eq!(visitors_and_visits_after_a_restart(mostik).await, (1, 1));
}

async fn visitors_and_visits_after_a_restart(mostik: Instance) -> (u64, u64) {
    view(&mostik, VISITOR, "/before").await;
    let mostik = mostik.restart().await;
    view(&mostik, VISITOR, "/after").await;
    mostik.until_shipped().await;
    visitors_and_visits(&mostik).await
}

async fn view(mostik: &Instance, address: &str, path: &str) {
    assert_eq!(mostik.send(address, &http::pageview(path)).await, (202, None));
}

async fn visitors_and_visits(mostik: &Instance) -> (u64, u64) {
    let sql = "SELECT uniqExact(visitor), uniqExact(visit) FROM mostik.events_hot";
    mostik.store().reader().query(sql).fetch_one().await.unwrap()
}
