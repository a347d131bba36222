//! The fake as a process of its own.

use std::{fs, net::SocketAddr, process::Stdio};

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

use crate::wire::{VISIT, exchange};

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fake-metrika"));
    command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

/// Starts it and reads the one line it says.
async fn start(arguments: &[&str]) -> (Child, SocketAddr) {
    let mut child = command(arguments).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).await.unwrap();
    let line: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(line["ready"], "fake-metrika");
    (child, line["address"].as_str().unwrap().parse().unwrap())
}

#[tokio::test]
async fn it_says_where_it_listens_and_ends_when_told() {
    let folder = tempfile::tempdir().unwrap();
    let setup = folder.path().join("setup.json");
    fs::write(&setup, r#"{"counters": [{"id": 7, "tokens": ["secret"]}]}"#).unwrap();
    let (mut child, address) = start(&["--listen", "127.0.0.1:0", "--setup", setup.to_str().unwrap()]).await;
    let hit = format!("{VISIT}&t=pageview");
    assert_eq!(exchange(address, "POST", "/collect", &[], hit).await.unwrap().status, 200);
    let hits = exchange(address, "GET", "/__fake/hits", &[], String::new()).await.unwrap();
    let hits: Value = serde_json::from_slice(&hits.body).unwrap();
    assert_eq!(hits["hits"][0]["verdict"], "recorded");
    let id = child.id().unwrap().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().await.unwrap().success());
    assert!(child.wait().await.unwrap().success());
}

#[tokio::test]
async fn it_listens_where_only_this_machine_can_reach_it() {
    let output = command(&["--listen", "0.0.0.0:0"]).output().await.unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8(output.stderr).unwrap().contains("other machines"));
}
