//! The TCP port for other ClickHouse clients on the machine.

use crate::running::{PASSWORD, Running, Setup, USER};

/// `reader:correct horse` in Base64.
const BASIC: &str = "Basic cmVhZGVyOmNvcnJlY3QgaG9yc2U=";

fn ask(engine: &Running, target: &str, headers: &[(&str, &str)], sql: &str) -> (u16, Option<u32>) {
    let reply = engine.request_by_port("POST", target, headers, sql.as_bytes());
    (reply.status, reply.code())
}

#[test]
fn the_port_asks_for_user_and_password_in_any_of_three_ways() {
    let engine = Setup::new().port(false).start();
    let own = [("x-clickhouse-user", USER), ("x-clickhouse-key", PASSWORD)];
    assert_eq!(ask(&engine, "/", &[("authorization", BASIC)], "SELECT 1"), (200, None));
    assert_eq!(ask(&engine, "/", &own, "SELECT 1"), (200, None));
    assert_eq!(ask(&engine, "/?user=reader&password=correct%20horse", &[], "SELECT 1"), (200, None));
    assert_eq!(ask(&engine, "/", &[], "SELECT 1"), (401, Some(194)));
    assert_eq!(ask(&engine, "/?user=reader&password=wrong", &[], "SELECT 1"), (403, Some(516)));
    assert_eq!(ask(&engine, "/?user=default", &[], "SELECT 1"), (403, Some(516)));
    assert_eq!(ask(&engine, "/?user=&password=", &[], "SELECT 1"), (403, Some(516)));
    assert_eq!(engine.request_by_port("GET", "/ping", &[], b"").status, 200);
    assert!(engine.port.unwrap().ip().is_loopback());
}

#[test]
fn clients_of_the_port_read_unless_the_owner_lets_them_write() {
    let auth = [("authorization", BASIC)];
    let reading = Setup::new().port(false).start();
    reading.ask("CREATE TABLE t (a Int8) ENGINE = MergeTree ORDER BY a");
    for target in ["/", "/?readonly=0"] {
        assert_eq!(ask(&reading, target, &auth, "INSERT INTO t VALUES (1)"), (500, Some(164)), "{target}");
        assert_eq!(ask(&reading, target, &auth, "DROP TABLE t"), (500, Some(164)), "{target}");
    }
    assert_eq!(ask(&reading, "/?max_threads=1", &auth, "SELECT a FROM t"), (200, None));
    let writing = Setup::new().port(true).start();
    assert_eq!(
        ask(&writing, "/", &auth, "CREATE TABLE t (a Int8) ENGINE = MergeTree ORDER BY a"),
        (200, None)
    );
    assert_eq!(ask(&writing, "/", &auth, "INSERT INTO t VALUES (1)"), (200, None));
}

#[test]
fn the_password_is_nowhere_in_the_log() {
    let mut engine = Setup::new().port(false).start();
    assert_eq!(ask(&engine, "/", &[("authorization", BASIC)], "SELECT 1"), (200, None));
    assert_eq!(ask(&engine, "/?user=reader&password=wrong-guess", &[], "SELECT 1"), (403, Some(516)));
    let (_, said) = engine.stop();
    assert!(!said.contains(PASSWORD) && !said.contains("wrong-guess"), "{said}");
}
