//! `mostik privacy verify`: green on this program, red on builds that break one promise each.
//! A search that has not been seen red proves nothing.

use std::{path::Path, process::Output};

use e2e::{Instance, forwarding::Forwarding, instance::given};
use fake_metrika::Profile;

/// Sysexits' `EX_DATAERR`: a leak.
const LEAK: i32 = 65;

async fn verify(program: &Path, mostik: &Instance) -> (i32, String) {
    verify_with(program, mostik, &[]).await
}

async fn verify_with(program: &Path, mostik: &Instance, further: &[&str]) -> (i32, String) {
    let (program, data) = (program.to_owned(), mostik.data.path().to_owned());
    let further: Vec<String> = further.iter().map(|&one| one.to_owned()).collect();
    let output: Output = tokio::task::spawn_blocking(move || {
        std::process::Command::new(program)
            .args(["privacy", "verify", "--log", "error", "--data"])
            .arg(data)
            .args(further)
            .output()
            .unwrap()
    })
    .await
    .unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8_lossy(&said).into_owned())
}

#[tokio::test]
async fn an_instance_at_trace_level_is_green_and_every_control_is_found() {
    let mostik = Instance::start_logging("trace").await;
    let (code, said) = verify(&given("MOSTIK_BIN"), &mostik).await;
    assert_eq!(code, 0, "{said}");
    for control in ["tables", "decompressed parts", "spool"] {
        assert!(said.contains(&format!("ok    control in {control}")), "{said}");
    }
    assert!(said.contains("ok    deleted: out of tables and spool"), "{said}");
    assert!(said.contains("mostik.events_hot") && said.ends_with("GREEN: nothing found\n"), "{said}");
}

/// What leaves is searched like what stays: the marked visits consent, and their goals go to a
/// Metrika that writes down every byte it gets.
#[tokio::test]
async fn what_leaves_for_metrika_is_searched_and_green() {
    let forwarding = Forwarding::live(Profile::Strict).await;
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("outgoing");
    forwarding.fake.ledger().log = Some(std::fs::File::create(&log).unwrap());
    let also = ["--also", log.to_str().unwrap()];
    let (code, said) = verify_with(&given("MOSTIK_BIN"), &forwarding.mostik, &also).await;
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("outgoing"), "{said}");
    let left = std::fs::read_to_string(&log).unwrap();
    assert!(left.contains("ea=srv_order") && left.contains("example.test"), "{left}");
}

async fn turns_red(leak: &str, because: &[&str]) {
    let mostik = Instance::start_leaking(leak).await;
    let (code, said) = verify(&given("MOSTIK_LEAKY_BIN"), &mostik).await;
    assert_eq!(code, LEAK, "{said}");
    for reason in because {
        assert!(said.contains(reason), "{reason} not in {said}");
    }
}

#[tokio::test]
async fn a_build_that_logs_the_address_is_red() {
    turns_red("log_address", &["IPv4 address (as it is)", "IPv6 address (as it is)"]).await;
}

#[tokio::test]
async fn a_build_that_stores_the_agent_is_red() {
    turns_red("store_agent", &["RED   table: mostik.events_hot", "user agent (as it is)"]).await;
}

#[tokio::test]
async fn a_build_that_writes_the_key_is_red() {
    turns_red("write_key", &["the key of today is in"]).await;
}

#[tokio::test]
async fn a_build_that_uses_yesterdays_key_again_is_red() {
    turns_red("reuse_key", &["RED   recipe: ids of two days", "come again the next day"]).await;
}

#[tokio::test]
async fn a_build_that_keeps_the_spool_is_red() {
    turns_red("keep_spool", &["RED   deleted: out of tables and spool", "still in spool/"]).await;
}
