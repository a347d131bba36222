//! What `/privacy/me` promises, on a running instance with the real engine: counts, a
//! deletion that reaches the bytes, opting out.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use collector::{
    balance,
    erase::{self, Verdict},
};
use e2e::{
    Instance,
    disk::let_old_parts_go,
    http::{CHROME, pageview},
    instance::{PATIENCE, metric},
    visitor::{mine, press},
    wait,
};

const ME: &str = "203.0.113.7";
/// In another network.
const SOMEBODY: &str = "198.51.100.9";

/// Every file below `folder` whose bytes hold `needle`.
fn holding(folder: &Path, needle: &[u8]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        // ClickHouse takes files away while we look.
        for path in fs::read_dir(&folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                folders.push(path);
            } else if fs::read(&path)
                .is_ok_and(|bytes| bytes.windows(needle.len()).any(|part| part == needle))
            {
                found.push(path);
            }
        }
    }
    found
}

async fn paths(mostik: &Instance) -> Vec<String> {
    let sql = "SELECT path FROM mostik.events_hot ORDER BY path";
    mostik.store().reader().query(sql).fetch_all().await.unwrap()
}

async fn run(mostik: &Instance, sql: &str) {
    mostik.store().execute("prepare a test", sql).await.unwrap();
}

/// Rows as they are, so that their bytes can be looked for; old parts go at once.
async fn make_bytes_plain(mostik: &Instance) {
    mostik.until_migrated().await;
    run(mostik, "ALTER TABLE mostik.events_hot MODIFY COLUMN path String CODEC(NONE)").await;
    let_old_parts_go(&mostik.store(), "events_hot").await;
}

#[tokio::test]
async fn a_deletion_reaches_the_bytes_of_tables_and_spool_and_spares_the_others() {
    let mostik = Instance::start().await;
    make_bytes_plain(&mostik).await;
    check_all_days(&mostik).await;
    for path in ["/erase-canary/a", "/erase-canary/b"] {
        assert_eq!(mostik.send(ME, &pageview(path)).await.0, 202);
    }
    assert_eq!(mostik.send(SOMEBODY, &pageview("/somebody")).await.0, 202);
    mostik.until_shipped().await;
    assert_eq!(paths(&mostik).await.len(), 3);
    // The control: the bytes are found where they are, in the kept segment and in a part.
    let spool = mostik.data.path().join("spool");
    let engine = mostik.data.path().join("engine");
    assert!(!holding(&spool, b"/erase-canary").is_empty() && !holding(&engine, b"/erase-canary").is_empty());
    assert_eq!(mine(&mostik, ME).await["today"]["events"], 2);
    assert_eq!(mine(&mostik, SOMEBODY).await["today"]["events"], 1);
    // A neighbour of the same network and browser sees the same counts: it is one group.
    assert_eq!(mine(&mostik, "203.0.113.200").await["today"]["events"], 2);

    // No copy can be put where a deletion does not reach.
    let frozen = mostik.store().execute("freeze", "ALTER TABLE mostik.events_hot FREEZE").await;
    assert_eq!(frozen.unwrap_err().code(), Some(497));

    let after = press(&mostik, ME, "delete").await;
    assert!(after.contains("The deletion has been taken"), "{after}");
    assert_eq!(mine(&mostik, ME).await["today"]["events"], 0, "at once, whatever is still under way");
    wait::until("the bytes to be gone", PATIENCE * 2, async || {
        let metrics = mostik.metrics().await?;
        (metric(&metrics, "collector_erasures_done_total")? == 1).then_some(())
    })
    .await;
    assert_eq!(paths(&mostik).await, ["/somebody"]);
    for folder in [&spool, &engine] {
        assert_eq!(holding(folder, b"/erase-canary"), Vec::<PathBuf>::new());
    }
    let (receipts, verdict) = erase::check(&mostik.data.path().join("receipts")).unwrap();
    assert_eq!(verdict, Verdict::Whole { receipts: 1 });
    assert_eq!((receipts[0].rows, receipts[0].site), (2, Some(1)));
    assert_eq!((mostik.in_ledger("stored").await, mostik.in_ledger("erased").await), (Some(3), Some(2)));

    wait::until("the balance to be checked", PATIENCE * 2, async || {
        unbalanced(&mostik).await.is_empty().then_some(())
    })
    .await;

    // Who comes again is counted again, and an unclean stop brings nothing back.
    assert_eq!(mostik.send(ME, &pageview("/again")).await.0, 202);
    mostik.kill(mostik.ready.pids.collector);
    wait::until("the collector to come back and ship", PATIENCE, async || {
        (paths(&mostik).await == ["/again", "/somebody"]).then_some(())
    })
    .await;
    wait::until("the ledger to have it", PATIENCE, async || {
        (mostik.in_ledger("stored").await? == 4).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_deletion_asked_for_while_the_database_is_away_holds_over_a_restart() {
    let mostik = Instance::start().await;
    make_bytes_plain(&mostik).await;
    mostik.send(ME, &pageview("/erase-canary/shipped")).await;
    mostik.until_shipped().await;
    let engine = mostik.ready.pids.engine;
    let stopped = std::process::Command::new("kill").args(["-STOP", &engine.to_string()]).status().unwrap();
    assert!(stopped.success());
    mostik.send(ME, &pageview("/erase-canary/waiting")).await;
    press(&mostik, ME, "delete").await;
    // The log of erasures was synced before the answer; the collector ends at once.
    mostik.kill(mostik.ready.pids.collector);
    mostik.kill(engine);
    wait::until("both rows to be gone", PATIENCE * 2, async || {
        (mostik.in_ledger("erased").await? == 2).then_some(())
    })
    .await;
    assert_eq!(paths(&mostik).await, Vec::<String>::new());
    assert_eq!(holding(&mostik.data.path().join("spool"), b"/erase-canary"), Vec::<PathBuf>::new());
    wait::until("the ledger to have both", PATIENCE, async || {
        (mostik.in_ledger("stored").await? == 2).then_some(())
    })
    .await;
}

#[tokio::test]
async fn opting_out_ends_counting_for_the_group_and_can_be_undone() {
    let mostik = Instance::start().await;
    assert_eq!(mostik.send(ME, &pageview("/before")).await, (202, None));
    let out = press(&mostik, ME, "opt-out").await;
    assert!(out.contains("are not being counted"), "{out}");
    assert_eq!(mostik.send(ME, &pageview("/objected")).await, (202, None), "answered like anybody");
    assert_eq!(mostik.send(SOMEBODY, &pageview("/somebody")).await, (202, None));
    let back = press(&mostik, ME, "opt-in").await;
    assert!(back.contains("are being counted"), "{back}");
    assert_eq!(mostik.send(ME, &pageview("/after")).await, (202, None));
    mostik.until_shipped().await;
    assert_eq!(paths(&mostik).await, ["/after", "/before", "/somebody"]);
    wait::until("the objection to be counted", PATIENCE, async || {
        (mostik.in_ledger("refused").await? == 1).then_some(())
    })
    .await;
}

#[tokio::test]
async fn an_opt_out_holds_over_the_collectors_death() {
    let mostik = Instance::start().await;
    assert_eq!(mostik.send(SOMEBODY, &pageview("/somebody")).await, (202, None));
    press(&mostik, ME, "opt-out").await;
    mostik.lose("collector").await;
    wait::for_listener(&mostik.ready.public, PATIENCE).await;
    assert_eq!(mine(&mostik, ME).await["opted_out_until_the_key_dies"], true);
    assert_eq!(mine(&mostik, SOMEBODY).await["opted_out_until_the_key_dies"], false);
    assert_eq!(mostik.send(ME, &pageview("/objected")).await, (202, None), "answered like anybody");
    assert_eq!(mostik.send(SOMEBODY, &pageview("/again")).await, (202, None));
    mostik.until_shipped().await;
    assert_eq!(paths(&mostik).await, ["/again", "/somebody"]);
}

#[tokio::test]
async fn another_sites_form_changes_nothing() {
    let mostik = Instance::start().await;
    mostik.send(ME, &pageview("/kept")).await;
    let url = format!("http://{}/privacy/me/delete?site=example.test", mostik.ready.public);
    let answer = mostik
        .client
        .post(url)
        .header("User-Agent", CHROME)
        .header("X-Forwarded-For", ME)
        .header("Origin", "https://evil.test")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 403);
    mostik.until_shipped().await;
    assert_eq!(paths(&mostik).await, ["/kept"]);
}

#[tokio::test]
async fn a_site_that_is_removed_leaves_tables_and_spool_and_its_key_dies() {
    let mostik = Instance::start().await;
    make_bytes_plain(&mostik).await;
    for table in ["events", "ledger", "closed_days"] {
        let_old_parts_go(&mostik.store(), table).await;
    }
    mostik.send(ME, &pageview("/erase-canary/site")).await;
    mostik.until_shipped().await;
    // The control: the bytes are found where they are.
    for folder in ["spool", "engine"] {
        assert!(!holding(&mostik.data.path().join(folder), b"/erase-canary").is_empty());
    }
    run(&mostik, "INSERT INTO mostik.events (site_id, day, gen, path) VALUES (1, '2026-01-01', 1, '/old')")
        .await;
    assert_eq!(mostik.remove("/api/v1/sites/1", &serde_json::json!({"domain": "other.test"})).await, 422);
    assert_eq!(mostik.remove("/api/v1/sites/1", &serde_json::json!({"domain": "example.test"})).await, 204);
    let receipt = wait::until("the receipt", PATIENCE * 2, async || {
        let (receipts, verdict) = erase::check(&mostik.data.path().join("receipts")).ok()?;
        assert_eq!(verdict, Verdict::Whole { receipts: receipts.len() });
        receipts.into_iter().find(|receipt| receipt.matter == erase::Matter::Site)
    })
    .await;
    assert_eq!(receipt.site, Some(1));
    assert!(receipt.rows >= 3, "an event, its count, the old row: {receipt:?}");
    for table in ["events_hot", "events", "ledger", "closed_days", "goal_paths"] {
        let sql = format!("SELECT count() FROM mostik.{table} WHERE site_id = 1");
        let left: u64 = mostik.store().reader().query(&sql).fetch_one().await.unwrap();
        assert_eq!(left, 0, "{table}");
    }
    for folder in ["spool", "engine"] {
        assert_eq!(holding(&mostik.data.path().join(folder), b"/erase-canary"), Vec::<PathBuf>::new());
    }
    wait::until("the key to die", PATIENCE, async || {
        (metric(&mostik.metrics().await?, "collector_keys_alive")? == 0).then_some(())
    })
    .await;
    assert_eq!(mostik.send(ME, &pageview("/late")).await.0, 400, "the site is unknown now");
}

async fn unbalanced(mostik: &Instance) -> Vec<balance::Unbalanced> {
    balance::unbalanced(&mostik.store()).await.unwrap()
}

/// Days are checked from the second after the schema's step on: tests move it back.
async fn check_all_days(mostik: &Instance) {
    // The step that gave the ledger its days.
    wait::until("the schema's steps", PATIENCE, async || {
        let sql = "SELECT count() FROM mostik.schema_versions WHERE version = 3";
        let steps: u64 = mostik.store().reader().query(sql).fetch_one().await.ok()?;
        (steps > 0).then_some(())
    })
    .await;
    run(mostik, "ALTER TABLE mostik.schema_versions UPDATE applied_at = '2020-01-01 00:00:00' WHERE 1 SETTINGS mutations_sync = 2").await;
}

#[tokio::test]
async fn a_row_that_is_missing_or_doubled_is_found_by_the_balance() {
    let mostik = Instance::start().await;
    make_bytes_plain(&mostik).await;
    check_all_days(&mostik).await;
    for path in ["/a", "/b", "/c"] {
        assert_eq!(mostik.send(ME, &pageview(path)).await, (202, None));
        // A batch each.
        mostik.until_shipped().await;
    }
    wait::until("ledger and rows to agree", PATIENCE, async || {
        unbalanced(&mostik).await.is_empty().then_some(())
    })
    .await;
    mostik.assert_balanced().await;
    run(&mostik, "ALTER TABLE mostik.events_hot DELETE WHERE path = '/b' SETTINGS mutations_sync = 2").await;
    let days = unbalanced(&mostik).await;
    assert_eq!((days.len(), days[0].counted, days[0].rows), (1, 3, 2), "{days:?}");
    let imbalance = Arc::new(balance::Imbalance::default());
    let auditor =
        balance::Auditor { store: mostik.store(), imbalance: imbalance.clone(), shipping: Arc::default() };
    assert_eq!(auditor.check().await.unwrap(), days);
    assert_eq!(imbalance.events(), 1, "what the metric says");
    // One missing and one doubled make up for each other in the day, and not in their batches.
    run(&mostik, "INSERT INTO mostik.events_hot SELECT * FROM mostik.events_hot WHERE path = '/a'").await;
    assert!(unbalanced(&mostik).await.is_empty());
    let misplaced = balance::misplaced(&mostik.store()).await.unwrap();
    assert!(!misplaced.is_empty() && misplaced.iter().all(|one| one.counted != one.rows), "{misplaced:?}");
}
