//! The spool's disk is full while ClickHouse stands still: 503, nothing accepted is lost,
//! and all goes on by itself once there is room. The balance is exact to the event.

use std::{path::PathBuf, process::Command};

use e2e::{
    Instance, http,
    instance::{PATIENCE, metric},
    wait,
};
use serde_json::{Value, json};

/// Size of the disk, below the spool's smallest limit (32 MiB), so that the disk is what
/// fills up.
const SPOOL_DISK: &str = "size=12m";

/// ClickHouse takes no INSERT on a disk with less than 1 GiB left (`store/sql`).
const DATA_DISK: &str = "size=1200m";

/// Events of a request, as many as one may have; with paths of the greatest length that
/// is stored they stay below a body's 16 KiB.
const EVENTS_PER_REQUEST: usize = 20;

/// Requests at most until the disk must be full.
const REQUESTS_MAX: usize = 4000;

/// A small disk in memory, unmounted when dropped.
struct Disk(PathBuf);

impl Disk {
    fn mount(at: PathBuf, size: &str) -> Disk {
        std::fs::create_dir_all(&at).unwrap();
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", size, "tmpfs"]).arg(&at).status().unwrap();
        assert!(mounted.success(), "a test of a full disk needs to mount one, as root");
        Disk(at)
    }

    /// Writes until there is no room at all.
    fn fill(&self) -> PathBuf {
        let filler = self.0.join("filler");
        let mut file = std::fs::File::create(&filler).unwrap();
        let full = std::io::copy(&mut std::io::repeat(7), &mut file).unwrap_err();
        assert_eq!(full.kind(), std::io::ErrorKind::StorageFull);
        filler
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

fn signal(name: &str, pid: i32) {
    assert!(Command::new("kill").args([name, &pid.to_string()]).status().unwrap().success());
}

async fn post(mostik: &Instance, number: usize) -> reqwest::Response {
    let path = format!("/{}", "shelf/".repeat(40));
    let events: Vec<Value> = (0..EVENTS_PER_REQUEST).map(|_| http::pageview(&path)).collect();
    http::send(&mostik.client, &mostik.ready.public, &format!("203.0.{}.1", number % 200), &json!(events))
        .await
        .unwrap()
}

#[tokio::test]
async fn a_full_disk_refuses_what_it_cannot_keep_and_loses_nothing_else() {
    // Declared first, so that it is unmounted last.
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::mount(folder.path().join("disk"), SPOOL_DISK);
    let mostik =
        Instance::start_on(|data| std::os::unix::fs::symlink(&disk.0, data.join("spool")).unwrap()).await;
    let engine = mostik.child("engine").unwrap();
    signal("-STOP", engine);
    let (mut stored, mut refused) = (0, 0);
    let mut requests = 0;
    while refused == 0 {
        assert!(requests < REQUESTS_MAX, "the disk never filled up");
        let answer = post(&mostik, requests).await;
        requests += 1;
        match answer.status().as_u16() {
            202 => stored += EVENTS_PER_REQUEST,
            503 => {
                assert!(answer.headers().contains_key("retry-after"));
                assert!(answer.headers()["x-dropped"].to_str().unwrap().starts_with("spool_full"));
                refused += EVENTS_PER_REQUEST;
            }
            other => panic!("status {other}"),
        }
    }
    signal("-CONT", engine);
    wait::until("events to be taken again", PATIENCE, async || {
        requests += 1;
        let taken = post(&mostik, requests).await.status() == 202;
        *if taken { &mut stored } else { &mut refused } += EVENTS_PER_REQUEST;
        taken.then_some(())
    })
    .await;
    for (outcome, wanted) in [("stored", stored), ("refused", refused)] {
        wait::until("the ledger to be complete", PATIENCE, async || {
            let n: u64 = mostik.in_ledger(outcome).await?;
            assert!(n <= wanted as u64, "{outcome}: {n} of {wanted}");
            (n == wanted as u64).then_some(())
        })
        .await;
    }
    assert_eq!(mostik.rows_and_distinct().await, (stored as u64, stored as u64));
    mostik.assert_balanced().await;
}

#[tokio::test]
async fn a_full_data_disk_keeps_everything_in_the_spool_until_there_is_room() {
    let mut disk = None;
    let mostik = Instance::start_on(|data| disk = Some(Disk::mount(data.join("engine"), DATA_DISK))).await;
    // Dropped before the instance, whose folder it is in.
    let disk = disk.unwrap();
    let mut stored = 0;
    let mut send = async || {
        assert_eq!(post(&mostik, stored).await.status(), 202);
        stored += EVENTS_PER_REQUEST;
        stored as u64
    };
    send().await;
    mostik.until_shipped().await;
    let filler = disk.fill();
    send().await;
    wait::until("ClickHouse to refuse an INSERT", PATIENCE, async || {
        metric(&mostik.metrics().await?, "collector_ship_failures_total").filter(|&failures| failures > 0)
    })
    .await;
    let stored = send().await;
    std::fs::remove_file(filler).unwrap();
    mostik.until_shipped().await;
    assert_eq!(mostik.rows_and_distinct().await, (stored, stored));
    assert_eq!(mostik.in_ledger("stored").await, Some(stored));
    mostik.assert_balanced().await;
}
