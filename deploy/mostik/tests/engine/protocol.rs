//! ClickHouse's HTTP interface, as its documentation describes it.

use crate::{
    raw::encoded,
    running::{Running, Setup},
};

fn engine() -> Running {
    Setup::new().start()
}

#[test]
fn a_ping_is_answered_without_a_statement() {
    let engine = engine();
    for path in ["/ping", "/", "/replicas_status"] {
        let reply = engine.request("GET", path, &[], b"");
        assert_eq!((reply.status, reply.text().as_str()), (200, "Ok.\n"), "{path}");
    }
    assert_eq!(engine.request("GET", "/play", &[], b"").status, 404);
    assert_eq!(engine.request("PUT", "/", &[], b"SELECT 1").status, 405);
}

#[test]
fn a_statement_may_stand_in_the_url_the_body_or_half_and_half() {
    let engine = engine();
    assert_eq!(engine.request("GET", "/?query=SELECT%201", &[], b"").text(), "1\n");
    assert_eq!(engine.post("", "SELECT 1").text(), "1\n");
    assert_eq!(engine.post("query=SELECT%201%2C", "2").text(), "1\t2\n");
    assert_eq!(engine.post("", "").code(), Some(62));
}

#[test]
fn every_answer_names_its_statement_format_and_zone() {
    let engine = engine();
    let reply = engine.post("query_id=abc-1&default_format=JSONEachRow", "SELECT 1 AS a");
    assert_eq!(reply.text(), "{\"a\":1}\n");
    assert_eq!(reply.header("x-clickhouse-query-id"), Some("abc-1"));
    assert_eq!(reply.header("x-clickhouse-format"), Some("JSONEachRow"));
    assert_eq!(reply.header("content-type"), Some("application/x-ndjson; charset=UTF-8"));
    assert!(reply.header("x-clickhouse-timezone").is_some());
    assert!(reply.header("x-clickhouse-server-display-name").is_some());
    let own = engine.post("", "SELECT 1 FORMAT CSV");
    assert_eq!(own.header("x-clickhouse-query-id").unwrap().len(), 36);
    assert_eq!(own.header("x-clickhouse-format"), Some("CSV"));
}

#[test]
fn parameters_come_in_the_url_or_in_a_form() {
    let engine = engine();
    let reply =
        engine.post("param_a=x%27y&param_b=3", "SELECT {a:String} || 'z', {b:UInt8} + 1 FORMAT TSVRaw");
    assert_eq!(reply.text(), "x'yz\t4\n");
    let form = "--b\r\nContent-Disposition: form-data; name=\"query\"\r\n\r\nSELECT {a:Array(Int8)}\r\n--b\r\n\
                Content-Disposition: form-data; name=\"param_a\"\r\n\r\n[1,2]\r\n--b--\r\n";
    let kind = ("content-type", "multipart/form-data; boundary=b");
    assert_eq!(engine.request("POST", "/", &[kind], form.as_bytes()).text(), "[1,2]\n");
}

#[test]
fn settings_hold_for_one_statement_whatever_its_kind() {
    let engine = engine();
    assert_eq!(engine.post("max_threads=1", "SELECT getSetting('max_threads')").text(), "1\n");
    let default = engine.ask("SELECT getSetting('max_block_size')");
    assert_eq!(engine.post("max_block_size=17", "SELECT getSetting('max_block_size')").text(), "17\n");
    assert_eq!(
        engine.ask("SELECT getSetting('max_block_size')"),
        default,
        "a setting outlived its statement"
    );
    engine.ask("CREATE TABLE t (a Int8) ENGINE = MergeTree ORDER BY a");
    assert_eq!(engine.post("no_such_setting=1", "SELECT 1").code(), Some(115));
    assert_eq!(engine.post("no_such_setting=1", "INSERT INTO t VALUES (1)").code(), Some(115));
    assert_eq!(engine.post("no_such_setting=1", "DROP TABLE t").code(), Some(115));
    assert_eq!(engine.post("max_threads=many", "SELECT 1").code(), Some(27));
    assert_eq!(engine.post("a%3D1%2Cb=1", "SELECT 1").code(), Some(36));
}

#[test]
fn the_database_of_the_working_directory_is_replaced_by_ours() {
    let engine = engine();
    for query in ["", "database=default", "database="] {
        assert_eq!(engine.post(query, "SELECT currentDatabase()").text(), "mostik\n", "{query}");
    }
    engine.ask("CREATE DATABASE other");
    assert_eq!(engine.post("database=other", "SELECT currentDatabase()").text(), "other\n");
    let reply =
        engine.request("POST", "/", &[("x-clickhouse-database", "other")], b"SELECT currentDatabase()");
    assert_eq!(reply.text(), "other\n");
    assert_eq!(engine.post("database=nowhere", "SELECT 1").code(), Some(81));
}

#[test]
fn refusals_carry_the_servers_code_and_status() {
    let engine = engine();
    for (sql, code, status) in [
        ("SELECT FROM WHERE", 62, 400),
        ("CREATE NOTHING", 62, 400),
        ("1", 62, 400),
        ("SELECT * FROM nowhere", 60, 404),
        ("SELECT * FROM nowhere.t", 81, 404),
        ("SELECT nothing", 47, 404),
        ("SELECT 1; SELECT 2", 62, 400),
        ("SELECT nofunction(1)", 46, 404),
        ("SELECT toUInt8('x')", 6, 400),
        ("SELECT 1 FORMAT Nonsense", 73, 404),
        (
            "SELECT sleep(3) SETTINGS max_execution_time = 0.1, function_sleep_max_microseconds_per_block = 3000000",
            159,
            408,
        ),
        ("SET max_threads = 1", 48, 501),
        ("USE system", 48, 501),
        ("CREATE TEMPORARY TABLE t (a Int8)", 48, 501),
    ] {
        let reply = engine.post("", sql);
        assert_eq!((reply.code(), reply.status), (Some(code), status), "{sql}: {}", reply.text());
    }
}

#[test]
fn a_reading_request_cannot_write() {
    let engine = engine();
    engine.ask("CREATE TABLE t (a Int8) ENGINE = MergeTree ORDER BY a");
    for sql in [
        "INSERT INTO t VALUES (1)",
        "INSERT INTO t SELECT 1",
        "DROP TABLE t",
        "CREATE TABLE u (a Int8) ENGINE = Memory",
    ] {
        for readonly in ["readonly=1", "readonly=2"] {
            assert_eq!(engine.post(readonly, sql).code(), Some(164), "{sql} with {readonly}");
        }
        let reply = engine.request("GET", &format!("/?query={}", encoded(sql)), &[], b"");
        assert_eq!(reply.code(), Some(164), "{sql} by GET");
    }
    assert_eq!(engine.post("readonly=1", "SELECT 1 SETTINGS max_threads = 1").code(), Some(164));
    assert_eq!(engine.post("readonly=2", "SELECT 1 SETTINGS max_threads = 1").text(), "1\n");
    assert_eq!(engine.post("readonly=2", "SELECT 1 SETTINGS readonly = 0").code(), Some(164));
    assert_eq!(engine.ask("SELECT count() FROM t"), "0");
}

#[test]
fn what_is_not_spoken_is_refused_clearly() {
    let engine = engine();
    let reply = engine.post("compress=1", "SELECT 1");
    assert_eq!(reply.code(), Some(48));
    assert!(reply.text().contains("turn it off in the client"), "{}", reply.text());
    let zstd = engine.request("POST", "/", &[("content-encoding", "zstd")], b"SELECT 1");
    assert_eq!((zstd.code(), zstd.status), (Some(779), 415));
    assert_eq!(engine.post("session_id=x&session_timeout=60", "SELECT 1").text(), "1\n");
    assert_eq!(engine.post("session_id=x&session_check=1", "SELECT 1").code(), Some(48));
}

#[test]
fn a_statement_beyond_the_limit_is_refused_and_a_long_one_below_it_is_not() {
    let engine = engine();
    let long = |bytes: usize| format!("SELECT length('{}')", "x".repeat(bytes));
    assert_eq!(engine.post("max_query_size=2000000", long(900_000)).text(), "900000\n");
    assert_eq!(engine.post("max_query_size=2000000", long(1_100_000)).code(), Some(229));
    assert_eq!(engine.request("POST", &format!("/?query={}", "x".repeat(70_000)), &[], b"").status, 414);
    // ClickHouse's own limit holds when the client does not raise it.
    assert_eq!(engine.post("", long(300_000)).code(), Some(62));
}

#[test]
fn a_client_that_sends_half_a_header_is_let_go() {
    use std::io::{Read, Write};
    let engine = engine();
    let mut stream = std::os::unix::net::UnixStream::connect(&engine.socket).unwrap();
    stream.write_all(b"POST / HTTP/1.1\r\nhost:").unwrap();
    let mut rest = Vec::new();
    // Returns when the engine closes; the test runner's own limit is the bound.
    stream.read_to_end(&mut rest).unwrap();
    assert_eq!(engine.ask("SELECT 1"), "1");
}
