//! Starting, stopping, dying: what is promised to a supervisor.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use crate::running::{self, Setup};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn sigterm_ends_it_with_code_0_and_the_data_are_there_afterwards() {
    let mut engine = Setup::new().start();
    engine.ask("CREATE TABLE t (a Int8) ENGINE = MergeTree ORDER BY a");
    engine.ask("INSERT INTO t VALUES (1), (2)");
    let socket = engine.socket.clone();
    let (status, said) = engine.stop();
    assert_eq!(status.code(), Some(0), "{said}");
    assert!(!socket.exists(), "the socket's file was left behind");
    assert_eq!(engine.again().ask("SELECT sum(a) FROM t"), "3");
}

#[test]
fn a_running_statement_does_not_hold_up_the_end() {
    use std::io::Write;
    let mut engine = Setup::new().start();
    let endless = "SELECT sum(sipHash64(number)) AS endless FROM numbers(1000000000000)";
    let mut stream = std::os::unix::net::UnixStream::connect(&engine.socket).unwrap();
    write!(stream, "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n{endless}", endless.len())
        .unwrap();
    while engine.ask("SELECT count() FROM system.processes WHERE query LIKE '%endless%'") != "2" {
        std::thread::yield_now();
    }
    let (status, said) = engine.stop();
    assert_eq!(status.code(), Some(0), "{said}");
}

#[test]
fn an_insert_that_stands_still_does_not_hold_up_the_end_and_leaves_nothing() {
    use std::io::Write;
    let mut engine = Setup::new().start();
    engine.ask("CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a");
    let mut stream = std::os::unix::net::UnixStream::connect(&engine.socket).unwrap();
    let target = format!("/?query={}", crate::raw::encoded("INSERT INTO t FORMAT RowBinary"));
    write!(stream, "POST {target} HTTP/1.1\r\nhost: x\r\ncontent-length: 800\r\n\r\n").unwrap();
    stream.write_all(&[1; 80]).unwrap();
    while engine.ask("SELECT count() FROM system.processes WHERE query LIKE 'INSERT INTO t %'") != "1" {
        std::thread::yield_now();
    }
    let (status, said) = engine.stop();
    assert_eq!(status.code(), Some(0), "{said}");
    assert_eq!(engine.again().ask("SELECT count() FROM t"), "0");
}

#[test]
fn socket_and_folders_are_for_their_owner_alone() {
    let engine = Setup::new().start();
    assert_eq!(mode(&engine.socket), 0o600);
    assert_eq!(mode(engine.socket.parent().unwrap()), 0o700);
    let folder = engine.data().join("engine");
    for part in ["", "clickhouse", "empty", "configuration"] {
        assert_eq!(mode(&folder.join(part)), 0o700, "{part}");
    }
    for file in ["users.xml", "server.xml"] {
        assert_eq!(mode(&folder.join("configuration").join(file)), 0o600, "{file}");
    }
}

#[test]
fn a_second_engine_on_the_same_folder_is_told_so_and_the_first_goes_on() {
    let engine = Setup::new().start();
    let (status, said) = running::finish(running::spawn(&engine.data(), Path::new("/")));
    assert_eq!(status.code(), Some(69), "{said}");
    assert!(said.contains("another engine"), "{said}");
    assert_eq!(engine.ask("SELECT 1"), "1");
    assert!(engine.socket.exists());
}

#[test]
fn a_library_that_is_missing_cut_short_or_something_else_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing.so");
    let short = folder.path().join("short.so");
    let text = folder.path().join("text.so");
    let whole = fs::File::open(running::library()).unwrap();
    let mut beginning = Vec::new();
    std::io::Read::read_to_end(&mut std::io::Read::take(whole, 1 << 20), &mut beginning).unwrap();
    fs::write(&short, beginning).unwrap();
    fs::write(&text, "not a library").unwrap();
    for path in [missing, short, text] {
        let (status, said) = Setup::new().library(&path).start_in_vain();
        assert!(status.code().is_some_and(|code| code == 64 || code == 69), "{status} {said}");
        assert!(said.contains(path.to_str().unwrap()), "{said}");
    }
}

#[test]
fn killed_it_leaves_a_socket_that_its_successor_replaces() {
    let mut engine = Setup::new().start();
    engine.ask("CREATE TABLE t (a Int8) ENGINE = MergeTree ORDER BY a SETTINGS fsync_after_insert = 1");
    engine.ask("INSERT INTO t VALUES (5)");
    engine.kill();
    assert!(engine.socket.exists());
    assert_eq!(engine.again().ask("SELECT a FROM t"), "5");
}

#[test]
fn the_log_holds_neither_statements_nor_their_values() {
    let mut engine = Setup::new().start();
    engine.ask("SELECT 'a-secret-value'");
    assert_eq!(engine.refusal("SELECT 'a-secret-value' FROM nowhere"), Some(60));
    assert_eq!(engine.refusal("SELECT throwIf(1, 'a-secret-value')"), Some(395));
    let (_, said) = engine.stop();
    assert!(!said.contains("a-secret-value"), "{said}");
}
