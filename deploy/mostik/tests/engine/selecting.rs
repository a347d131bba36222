//! Answers: streamed or held, whole or broken off.

use std::{
    io::{Read, Write},
    os::unix::net::UnixStream,
    thread,
};

use crate::running::{Running, Setup};

fn engine() -> Running {
    Setup::new().start()
}

/// More rows than one block has, so that blocks have to be joined.
const ROWS: &str = "SELECT number, toString(number) AS \"a \"\"b\"\"\" FROM numbers(200000)";

#[test]
fn a_streamed_answer_is_the_same_document_as_a_held_one() {
    let engine = engine();
    for format in [
        "TSV",
        "TSVWithNames",
        "TSVWithNamesAndTypes",
        "CSV",
        "CSVWithNames",
        "CSVWithNamesAndTypes",
        "JSONEachRow",
        "JSONCompactEachRowWithNamesAndTypes",
        "RowBinary",
        "RowBinaryWithNames",
        "RowBinaryWithNamesAndTypes",
    ] {
        let streamed = engine.post("", format!("{ROWS} FORMAT {format}"));
        let held = engine.post("wait_end_of_query=1", format!("{ROWS} FORMAT {format}"));
        assert_eq!(streamed.status, 200, "{}", streamed.text());
        assert!(
            streamed.body == held.body,
            "{format}: {} bytes against {}",
            streamed.body.len(),
            held.body.len()
        );
        assert!(streamed.body.len() > 1_000_000);
    }
}

#[test]
fn no_row_is_lost_where_blocks_are_empty_sparse_or_uneven() {
    let engine = engine();
    engine.ask("CREATE TABLE t (n UInt64, s String) ENGINE = MergeTree ORDER BY n");
    engine.ask("INSERT INTO t SELECT number, toString(number) FROM numbers(300000)");
    engine.ask("INSERT INTO t SELECT number, '' FROM numbers(300000, 100000)");
    for sql in [
        "SELECT n FROM t ORDER BY n",
        "SELECT s FROM t ORDER BY n",
        "SELECT n FROM t WHERE s LIKE '%99999' ORDER BY n",
        "SELECT number FROM numbers(20000000) WHERE number % 7000000 = 5",
        "SELECT number FROM numbers(20000000) WHERE number > 19999990",
        "SELECT n % 1000 AS k, count() FROM t GROUP BY k ORDER BY k",
        "SELECT DISTINCT n % 100000 AS k FROM t ORDER BY k",
        "SELECT n FROM t ORDER BY n LIMIT 70000 OFFSET 65536",
        "SELECT n FROM t WHERE n < 10 UNION ALL SELECT n FROM t WHERE n < 10 ORDER BY n",
        "SELECT a.n FROM t AS a INNER JOIN t AS b ON a.n = b.n ORDER BY a.n",
        "SELECT n, sum(n) OVER (ORDER BY n) FROM t ORDER BY n",
    ] {
        let streamed = engine.post("", format!("{sql} FORMAT RowBinaryWithNamesAndTypes"));
        let held = engine.post("wait_end_of_query=1", format!("{sql} FORMAT RowBinaryWithNamesAndTypes"));
        assert_eq!(streamed.status, 200, "{sql}: {}", streamed.text());
        assert!(
            streamed.body == held.body,
            "{sql}: {} bytes against {}",
            streamed.body.len(),
            held.body.len()
        );
    }
    assert_eq!(engine.ask("SELECT n FROM t FORMAT Null"), "");
    assert_eq!(engine.ask("SELECT s FROM t ORDER BY n DESC FORMAT RawBLOB").len(), 1_688_890);
}

#[test]
fn formats_with_an_end_arrive_whole() {
    let engine = engine();
    let reply = engine.post("", format!("{ROWS} FORMAT JSON"));
    let json: serde_json::Value = serde_json::from_slice(&reply.body).unwrap();
    assert_eq!(json["rows"], 200_000);
    assert_eq!(json["data"].as_array().unwrap().len(), 200_000);
    let parquet = engine.post("", format!("{ROWS} FORMAT Parquet"));
    assert!(parquet.body.starts_with(b"PAR1") && parquet.body.ends_with(b"PAR1"));
}

#[test]
fn totals_stand_once_at_the_end() {
    let engine = engine();
    let text =
        engine.ask("SELECT number % 2 AS k, count() FROM numbers(200000) GROUP BY k WITH TOTALS ORDER BY k");
    assert_eq!(text, "0\t100000\n1\t100000\n\n0\t200000");
}

#[test]
fn an_empty_answer_keeps_its_header() {
    let engine = engine();
    assert_eq!(engine.ask("SELECT 1 AS a WHERE 0 FORMAT TSVWithNames"), "a");
    assert_eq!(engine.ask("SELECT 1 WHERE 0"), "");
}

#[test]
fn a_failure_before_the_first_block_is_a_status() {
    let engine = engine();
    let reply = engine.post("", "SELECT throwIf(number = 0) FROM numbers(10)");
    assert_eq!((reply.status, reply.code()), (500, Some(395)));
}

#[test]
fn a_failure_after_the_first_block_breaks_the_answer_off_with_its_text() {
    let engine = engine();
    let reply = engine
        .post("max_threads=1&max_block_size=1000", "SELECT throwIf(number = 9999999) FROM numbers(10000000)");
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert!(!reply.is_complete, "half an answer looked whole");
    let tag = reply.header("x-clickhouse-exception-tag").unwrap();
    let text = reply.text();
    let (_, late) = text.split_once("\r\n__exception__\r\n").unwrap();
    assert!(late.starts_with(&format!("{tag}\r\nCode: 395. ")), "{late}");
    assert!(late.ends_with(&format!("{tag}\r\n__exception__\r\n")), "{late}");
}

#[test]
fn a_held_answer_has_a_limit_of_its_own() {
    let engine = engine();
    let sql = "SELECT randomPrintableASCII(1000) FROM numbers(400000) FORMAT JSON";
    assert_eq!(engine.post("max_result_bytes=1000000", sql).code(), Some(396));
    let reply = engine.post("", sql);
    assert!([Some(396), Some(241)].contains(&reply.code()), "{}", reply.status);
}

#[test]
fn a_statement_that_wants_too_much_memory_fails_alone() {
    let engine = Setup::new().ram("256 MiB").start();
    let reply = engine.post(
        "max_bytes_ratio_before_external_group_by=0",
        "SELECT uniqExact(number) FROM numbers(100000000)",
    );
    assert_eq!(reply.code(), Some(241), "{}", reply.text());
    assert_eq!(engine.ask("SELECT uniqExact(number) FROM numbers(100000)"), "100000");
    // A client cannot lift the cap.
    assert_eq!(engine.post("max_memory_usage=0", "SELECT 1").code(), Some(452));
    assert_eq!(engine.refusal("SELECT 1 SETTINGS max_memory_usage = 100000000000"), Some(452));
}

#[test]
fn statements_run_side_by_side() {
    let engine = engine();
    thread::scope(|scope| {
        let answers: Vec<_> = (0..16)
            .map(|n| {
                let engine = &engine;
                scope.spawn(move || engine.ask(&format!("SELECT {n} + count() FROM numbers(1000000)")))
            })
            .collect();
        for (n, answer) in answers.into_iter().enumerate() {
            assert_eq!(answer.join().unwrap(), (1_000_000 + n).to_string());
        }
    });
}

#[test]
fn a_client_that_leaves_takes_its_statement_with_it() {
    let engine = engine();
    let running =
        "SELECT count() FROM system.processes WHERE query LIKE '%endless%' AND query NOT LIKE '%processes%'";
    for endless in [
        "SELECT sum(sipHash64(number)) AS endless FROM numbers(1000000000000)",
        "SELECT number AS endless FROM numbers(1000000000000)",
        "INSERT INTO FUNCTION_IS_NO_TABLE SELECT 1",
    ] {
        let mut stream = UnixStream::connect(&engine.socket).unwrap();
        let length = endless.len();
        write!(stream, "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: {length}\r\n\r\n{endless}").unwrap();
        if endless.starts_with("SELECT") {
            until(|| engine.ask(running) == "1");
        } else {
            stream.read_exact(&mut [0; 12]).unwrap();
        }
        drop(stream);
        until(|| engine.ask(running) == "0");
    }
}

/// Asks until it is so. The test runner's own limit is the bound.
fn until(mut is_so: impl FnMut() -> bool) {
    while !is_so() {
        thread::yield_now();
    }
}

#[test]
fn more_statements_than_slots_wait_and_then_are_told_so() {
    let engine = engine();
    let slow = "SELECT sum(sipHash64(number)) AS endless FROM numbers(1000000000000)";
    let mut streams = Vec::new();
    for _ in 0..8 {
        let mut stream = UnixStream::connect(&engine.socket).unwrap();
        write!(stream, "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n{slow}", slow.len()).unwrap();
        streams.push(stream);
    }
    // All slots are taken once a statement is refused; before that one may slip in.
    until(|| engine.refusal("SELECT 1") == Some(202));
    drop(streams);
    until(|| engine.refusal("SELECT 1").is_none());
}
