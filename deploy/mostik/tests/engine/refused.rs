//! Everything by which SQL could reach files, other machines or programs is refused
//! to every client. The lists come from the engine itself, so that whatever a new
//! version brings is tried as well.

use crate::running::{Running, Setup};

/// Table functions that stay inside of the database; the same list as in
/// `engine/forbidden.rs`, so that a change there is a change here.
const HARMLESS: &[&str] = &[
    "SQLStandardValues",
    "format",
    "generateRandom",
    "generateSeries",
    "generate_series",
    "loop",
    "merge",
    "mergeTreeAnalyzeIndexes",
    "mergeTreeAnalyzeIndexesUUID",
    "mergeTreeIndex",
    "mergeTreeProjection",
    "mergeTreeTextIndex",
    "null",
    "numbers",
    "numbers_mt",
    "primes",
    "values",
    "view",
    "viewExplain",
    "viewIfPermitted",
    "zeros",
    "zeros_mt",
];

/// ACCESS_DENIED.
const DENIED: Option<u32> = Some(497);

fn engine() -> Running {
    Setup::new().start()
}

#[test]
fn every_table_function_but_the_harmless_ones_is_refused() {
    let engine = engine();
    let all = engine.ask("SELECT name FROM system.table_functions ORDER BY name");
    let mut wrong = Vec::new();
    for name in all.lines().filter(|name| !HARMLESS.contains(name)) {
        for sql in [
            format!("SELECT * FROM {name}('http://127.0.0.1:1/x')"),
            format!("select * from /* x */ `{name}` ('/etc/passwd', 'CSV', 'a String')"),
            format!("DESCRIBE TABLE {name}('http://127.0.0.1:1/x')"),
            format!("CREATE TABLE made AS {name}('http://127.0.0.1:1/x')"),
            format!("CREATE TABLE made ENGINE = Memory AS SELECT * FROM {name}('http://127.0.0.1:1/x')"),
            format!("CREATE VIEW made AS SELECT * FROM {name}('http://127.0.0.1:1/x')"),
            format!("INSERT INTO FUNCTION {name}('http://127.0.0.1:1/x') SELECT 1"),
        ] {
            let reply = engine.post("", &sql);
            if reply.code() != DENIED {
                wrong.push(format!("{sql}: {}", reply.text()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(all.lines().count() > 80, "the list looks cut: {all}");
}

#[test]
fn every_table_engine_but_those_that_keep_their_data_is_refused() {
    const ALLOWED: &[&str] = &[
        "MergeTree",
        "ReplacingMergeTree",
        "CoalescingMergeTree",
        "SummingMergeTree",
        "AggregatingMergeTree",
        "CollapsingMergeTree",
        "VersionedCollapsingMergeTree",
        "Memory",
        "Null",
        "Log",
        "TinyLog",
        "StripeLog",
        "Set",
        "Join",
        "Merge",
        "Buffer",
        "GenerateRandom",
    ];
    let engine = engine();
    let all = engine.ask("SELECT name FROM system.table_engines ORDER BY name");
    let mut wrong = Vec::new();
    for name in all.lines().filter(|name| !ALLOWED.contains(name)) {
        for arguments in ["", "()", "('http://127.0.0.1:1/x')", "('/etc/passwd', 'CSV')"] {
            let reply = engine.post("", format!("CREATE TABLE made (a Int8) ENGINE = {name}{arguments}"));
            if reply.code() != DENIED {
                wrong.push(format!("{name}{arguments}: {}", reply.text()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(all.lines().count() > 40, "the list looks cut: {all}");
}

#[test]
fn every_database_engine_but_the_ordinary_ones_is_refused() {
    const ORDINARY: &[&str] = &["Atomic", "Memory"];
    let engine = engine();
    let all = engine.ask("SELECT name FROM system.database_engines ORDER BY name");
    for name in all.lines().filter(|name| !ORDINARY.contains(name)) {
        for arguments in ["", "('/etc')", "('127.0.0.1:1', 'd', 'u', 'p')"] {
            let reply = engine.post("", format!("CREATE DATABASE made ENGINE = {name}{arguments}"));
            assert_eq!(reply.code(), DENIED, "{name}{arguments}: {}", reply.text());
        }
    }
    assert_eq!(engine.ask("SELECT count() FROM system.databases WHERE name = 'made'"), "0");
}

/// The words of a statement are checked first; this is the wall behind that.
#[test]
fn the_engines_own_privileges_hold_no_source() {
    let engine = engine();
    let grants = engine.ask("SHOW GRANTS");
    for source in [
        "FILE",
        "URL",
        "REMOTE",
        "S3",
        "SOURCES",
        "READ ON",
        "WRITE ON",
        "CREATE DICTIONARY",
        "CREATE FUNCTION",
        "BACKUP",
        "CREATE USER",
    ] {
        assert!(!grants.contains(source), "{source} is granted: {grants}");
    }
    assert!(grants.contains("REVOKE") && grants.contains("default.*"), "{grants}");
}

#[test]
fn a_secret_file_cannot_be_read_by_any_statement() {
    let engine = engine();
    let secret = engine.data().join("secret.csv");
    std::fs::write(&secret, "tell-nobody\n").unwrap();
    let path = secret.to_str().unwrap();
    engine.ask("CREATE TABLE t (a String) ENGINE = MergeTree ORDER BY a");
    for sql in [
        format!("SELECT file('{path}')"),
        format!("SELECT `file`/**/ ('{path}')"),
        format!("SELECT * APPLY file FROM (SELECT '{path}' AS a)"),
        format!("SELECT * APPLY(file) FROM (SELECT '{path}' AS a)"),
        format!("SELECT * FROM file('{path}', 'LineAsString')"),
        format!("SELECT * FROM `{path}`"),
        format!("SELECT * FROM default.`{path}`"),
        format!("SELECT * FROM '{path}'"),
        format!(
            "SELECT * FROM eval('SELECT fi' || 'le(''{path}'')') SETTINGS allow_experimental_eval_table_function = 1"
        ),
        format!("SELECT * FROM filesystem('{path}')"),
        format!("SELECT dictGet('d', 'a', 1) SETTINGS format_schema = '{path}'"),
        format!("INSERT INTO t FROM INFILE '{path}' FORMAT CSV"),
        format!("INSERT INTO t FROM INFILE '{path}'"),
        format!("INSERT INTO t SELECT file('{path}')"),
        format!("CREATE VIEW v AS SELECT file('{path}')"),
        format!("CREATE TABLE u (a String DEFAULT file('{path}')) ENGINE = Memory"),
        format!("ALTER TABLE t ADD COLUMN b String DEFAULT file('{path}')"),
        format!("CREATE TABLE u (a String) ENGINE = File(CSV, '{path}')"),
        format!(
            "CREATE DICTIONARY d (a UInt64, b String) PRIMARY KEY a SOURCE(FILE(PATH '{path}' FORMAT CSV)) LAYOUT(FLAT()) LIFETIME(1)"
        ),
        format!(
            "CREATE TABLE u (a String) ENGINE = MergeTree ORDER BY a SETTINGS disk = disk(type = local, path = '{path}/')"
        ),
        format!("ATTACH TABLE u FROM '{path}' (a String) ENGINE = MergeTree ORDER BY a"),
        format!("RESTORE TABLE t FROM File('{path}')"),
        format!("SELECT catboostEvaluate('{path}', 1)"),
    ] {
        let reply = engine.post("", &sql);
        assert!(reply.code().is_some(), "{sql}: {} {}", reply.status, reply.text());
        assert!(!reply.text().contains("tell-nobody"), "{sql}");
    }
    assert_eq!(engine.ask("SELECT count() FROM t"), "0");
}

#[test]
fn no_statement_leaves_a_file_behind() {
    let engine = engine();
    let path = engine.data().join("written");
    let path = path.to_str().unwrap();
    engine.ask("CREATE TABLE t (a String) ENGINE = MergeTree ORDER BY a");
    for sql in [
        format!("SELECT 1 INTO OUTFILE '{path}'"),
        format!("SELECT 1 UNION ALL SELECT 2 INTO OUTFILE '{path}' FORMAT CSV"),
        format!("EXPLAIN SELECT 1 INTO OUTFILE '{path}'"),
        format!("SHOW TABLES INTO OUTFILE '{path}'"),
        format!("SELECT 1 into -- x\n outfile '{path}' TRUNCATE"),
        format!("CREATE TABLE u ENGINE = Memory AS SELECT 1 INTO OUTFILE '{path}'"),
        format!("INSERT INTO FUNCTION file('{path}', 'CSV', 'a Int8') VALUES (1)"),
        format!("INSERT INTO TABLE FUNCTION file('{path}', 'CSV', 'a Int8') SELECT 1"),
        format!("BACKUP TABLE t TO File('{path}')"),
        format!("BACKUP DATABASE mostik TO Disk('default', '{path}')"),
    ] {
        let reply = engine.post("", &sql);
        assert!(reply.code().is_some(), "{sql}: {} {}", reply.status, reply.text());
        assert!(!std::path::Path::new(path).exists(), "{sql}");
    }
}

#[test]
fn the_server_itself_is_not_for_clients_to_change() {
    let engine = engine();
    for sql in [
        "SYSTEM SHUTDOWN",
        "SYSTEM KILL",
        "SYSTEM RELOAD CONFIG",
        "SYSTEM STOP LISTEN HTTP",
        "CREATE USER u",
        "ALTER USER default IDENTIFIED BY 'x'",
        "CREATE ROLE r",
        "GRANT ALL ON *.* TO default",
        "CREATE FUNCTION f AS (x) -> x",
        "CREATE NAMED COLLECTION c AS a = 1",
        "CREATE SETTINGS PROFILE p",
        "CREATE ROW POLICY p ON t TO default",
        "CREATE QUOTA q",
        "CREATE WORKLOAD w",
        "SET PASSWORD 'x'",
    ] {
        let reply = engine.post("", sql);
        assert!(reply.code().is_some(), "{sql}: {} {}", reply.status, reply.text());
    }
    assert_eq!(engine.ask("SELECT 1"), "1");
}

#[test]
fn what_an_analytics_database_needs_is_allowed() {
    let engine = engine();
    for sql in [
        "CREATE DATABASE IF NOT EXISTS mine",
        "CREATE TABLE mine.t (day Date, a UInt32, s LowCardinality(String)) ENGINE = MergeTree PARTITION BY day ORDER BY a",
        "ALTER TABLE mine.t ADD COLUMN b UInt8 DEFAULT 1",
        "INSERT INTO mine.t (day, a, s) VALUES ('2026-01-01', 1, 'x'), ('2026-01-01', 2, 'y')",
        "CREATE VIEW mine.v AS SELECT a FROM mine.t",
        "SELECT count() FROM mine.v",
        "SELECT * FROM merge('mine', '^t$')",
        "SELECT * FROM numbers(3) AS n CROSS JOIN view(SELECT 1 AS b) AS v",
        "ALTER TABLE mine.t DELETE WHERE a = 1 SETTINGS mutations_sync = 2",
        "ALTER TABLE mine.t UPDATE b = 2 WHERE a = 2 SETTINGS mutations_sync = 2",
        "DELETE FROM mine.t WHERE a = 5",
        "OPTIMIZE TABLE mine.t FINAL",
        "ALTER TABLE mine.t DROP PARTITION '2026-01-01'",
        "SYSTEM STOP MERGES mine.t",
        "SYSTEM START MERGES mine.t",
        "SHOW TABLES FROM mine",
        "SHOW CREATE TABLE mine.t",
        "DESCRIBE TABLE mine.t",
        "EXPLAIN SELECT * FROM mine.t",
        "EXISTS TABLE mine.t",
        "CHECK TABLE mine.t",
        "SELECT * FROM system.parts",
        "RENAME TABLE mine.t TO mine.u",
        "EXCHANGE TABLES mine.u AND mine.v",
        "TRUNCATE TABLE mine.v",
        "DROP DATABASE mine",
    ] {
        let reply = engine.post("", sql);
        assert_eq!(reply.status, 200, "{sql}: {}", reply.text());
    }
}
