//! The kernel says no: calls of the collector and of ClickHouse fail under load with EIO
//! and ENOSPC. What was answered with 2xx is there, once.

use e2e::{
    Instance,
    faults::{Faults, Target},
    instance::PATIENCE,
    shop::Shop,
    wait,
};

use crate::killed_under_load::{check, serve};

/// Calls that must have failed before the next kind is tried.
const FAILED_MIN: usize = 3;

/// Views that must be served when calls don't fail any more.
const SERVED_AFTERWARDS: usize = 40;

/// The spool's writer alone: what it does to its disk, each call failing now and then.
const SPOOL: &[&str] = &[
    "fdatasync:error=EIO:when=2+5",
    "fdatasync:error=ENOSPC:when=2+5",
    "pwrite64:error=EIO:when=2+5",
    "pwrite64:error=ENOSPC:when=2+5",
    "fallocate:error=ENOSPC:when=1+2",
    "rename:error=EIO:when=1+2",
    "openat:error=EIO:when=1+3",
    "fsync:error=EIO:when=1+3",
];

/// Of all its threads: the shipper renames and removes segments.
const COLLECTOR: &[&str] = &["rename:error=EIO:when=1+2"];

/// ClickHouse: parts are written, synced and renamed into place.
const ENGINE: &[&str] = &[
    "rename,renameat,renameat2:error=EIO:when=1+3",
    "fsync,fdatasync:error=EIO:when=1+3",
    "openat:error=ENOSPC:when=5+7",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_spool_whose_calls_fail_loses_and_doubles_nothing_it_accepted() {
    fail_under_load(SPOOL, |mostik| {
        let pid = mostik.child("collector").expect("the collector runs");
        Target::Thread(pid, "spool")
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shipper_whose_calls_fail_loses_and_doubles_nothing() {
    fail_under_load(COLLECTOR, |mostik| {
        Target::Process(mostik.child("collector").expect("the collector runs"))
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_engine_whose_calls_fail_loses_and_doubles_nothing() {
    fail_under_load(ENGINE, |mostik| Target::Process(mostik.child("engine").expect("the engine runs"))).await;
}

/// The engine dies within a rename, the first, the second and so on: before it records an
/// INSERT, between the record and the part, after both.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_engine_killed_in_a_rename_loses_and_doubles_nothing() {
    let mostik = Instance::start().await;
    let shop = Shop::open(&mostik);
    for rename in 1..=4 {
        let pid = mostik.child("engine").unwrap();
        let rule = format!("rename,renameat,renameat2:error=EIO:signal=SIGKILL:when={rename}");
        let faults = Faults::inject(Target::Process(pid), &rule);
        shop.allow(200);
        wait::until("the engine to die and come back", PATIENCE, async || {
            shop.allow(5);
            mostik.child("engine").filter(|&again| again != pid)
        })
        .await;
        faults.end();
    }
    finish(&mostik, shop).await;
}

async fn fail_under_load(rules: &[&str], target: impl Fn(&Instance) -> Target<'_>) {
    let mostik = Instance::start().await;
    let shop = Shop::open(&mostik);
    serve(&shop, 40).await;
    for rule in rules {
        let faults = Faults::inject(target(&mostik), rule);
        wait::until(&format!("calls to fail: {rule}"), PATIENCE, async || {
            shop.allow(20);
            (faults.injected() >= FAILED_MIN).then_some(())
        })
        .await;
        faults.end();
    }
    finish(&mostik, shop).await;
}

/// Goes on until customers are served again: while the disk rests after a refusal, views
/// are refused, however many there are.
async fn finish(mostik: &Instance, shop: Shop) {
    let enough = shop.accepted() + SERVED_AFTERWARDS;
    wait::until("customers to be served again", PATIENCE, async || {
        shop.allow(20);
        (shop.accepted() >= enough).then_some(())
    })
    .await;
    let accepted = shop.close().await;
    mostik.until_shipped().await;
    check(mostik, &accepted).await;
}
