//! INSERTs: what arrives is stored once, as one part, or not at all.
//! Exactly-once rests on these.

use std::{io::Write, thread};

use crate::{
    raw::{self, encoded},
    running::{Running, Setup},
};

const ROWS: usize = 200_000;
const CHUNK_BYTES: usize = 64 << 10;

fn engine_with_table() -> Running {
    let engine = Setup::new().start();
    engine.ask("CREATE TABLE t (n UInt64, s String) ENGINE = MergeTree ORDER BY n");
    engine
}

fn insert_target() -> String {
    format!("/?query={}", encoded("INSERT INTO t (n, s) FORMAT RowBinary"))
}

/// Rows in RowBinary, cut without regard to where a row ends.
fn chunks(rows: usize) -> impl Iterator<Item = Vec<u8>> {
    let mut body = Vec::new();
    for n in 0..rows {
        body.extend_from_slice(&(n as u64).to_le_bytes());
        body.extend_from_slice(b"\x14a string of 20 bytes");
    }
    body.chunks(CHUNK_BYTES).map(<[u8]>::to_vec).collect::<Vec<_>>().into_iter()
}

const PARTS: &str = "SELECT count() FROM system.parts WHERE database = 'mostik' AND table = 't'";

#[test]
fn two_hundred_thousand_rows_in_chunks_make_one_part() {
    let engine = engine_with_table();
    let reply = raw::post_chunked(&engine.socket, &insert_target(), chunks(ROWS));
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert!(reply.header("x-clickhouse-summary").unwrap().contains("\"written_rows\":\"200000\""));
    assert_eq!(engine.ask("SELECT count(), sum(n), uniqExact(s) FROM t"), "200000\t19999900000\t1");
    assert_eq!(engine.ask(PARTS), "1");
}

#[test]
fn an_insert_whose_body_breaks_off_makes_no_part() {
    let engine = engine_with_table();
    for rows in [0, 1, 1000, ROWS] {
        raw::break_off_chunked(&engine.socket, &insert_target(), chunks(rows));
        let body: Vec<u8> = chunks(rows).flatten().collect();
        raw::break_off(&engine.socket, &insert_target(), body.len() + 1, &body);
    }
    // A whole INSERT afterwards waits for a slot, so the broken ones have been settled
    // as far as they could be; and nothing of them runs any more.
    while engine.ask("SELECT count() FROM system.processes WHERE query LIKE 'INSERT%'") != "0" {
        thread::yield_now();
    }
    assert_eq!(engine.ask("SELECT count() FROM t"), "0");
    assert_eq!(engine.ask(PARTS), "0");
    assert_eq!(raw::post_chunked(&engine.socket, &insert_target(), chunks(10)).status, 200);
    assert_eq!(engine.ask("SELECT count() FROM t"), "10");
}

#[test]
fn a_body_that_ends_inside_a_row_stores_nothing() {
    let engine = engine_with_table();
    let mut body: Vec<u8> = chunks(1000).flatten().collect();
    body.pop();
    let reply = engine.request("POST", &insert_target(), &[], &body);
    assert_eq!((reply.code(), reply.status), (Some(33), 500), "{}", reply.text());
    assert_eq!(engine.ask("SELECT count() FROM t"), "0");
}

#[test]
fn a_refused_insert_is_answered_though_the_client_is_still_sending() {
    let engine = engine_with_table();
    let target = format!("/?query={}", encoded("INSERT INTO nowhere FORMAT RowBinary"));
    let reply = raw::post_chunked(&engine.socket, &target, chunks(ROWS));
    assert_eq!((reply.code(), reply.status), (Some(60), 404));
}

#[test]
fn statement_and_data_may_come_together_in_the_body() {
    let engine = engine_with_table();
    engine.ask("INSERT INTO t VALUES (1, 'a'), (1 + 1, concat('b', ';'))");
    engine.ask("INSERT INTO t FORMAT JSONEachRow {\"n\":3,\"s\":\"c\"}\n{\"n\":4,\"s\":\"d\"}");
    engine.ask("INSERT INTO t (s, n) FORMAT CSV\n\"e\",5\n");
    let mut binary = b"INSERT INTO t FORMAT RowBinary\n".to_vec();
    binary.extend_from_slice(b"\x0a\x00\x00\x00\x00\x00\x00\x00\x01f");
    assert_eq!(engine.post("", binary).status, 200);
    assert_eq!(
        engine.ask("SELECT groupArray((n, s)) FROM (SELECT * FROM t ORDER BY n)"),
        "[(1,'a'),(2,'b;'),(3,'c'),(4,'d'),(5,'e'),(10,'f')]"
    );
    assert_eq!(engine.post("", "INSERT INTO t FORMAT CSV SETTINGS async_insert = 0\n1,a").code(), Some(62));
}

#[test]
fn a_large_body_with_the_statement_in_front_is_streamed() {
    let engine = engine_with_table();
    let head = std::iter::once(b"INSERT INTO t (n, s) FORMAT RowBinary\n".to_vec());
    let reply = raw::post_chunked(&engine.socket, "/", head.chain(chunks(ROWS)));
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(engine.ask("SELECT count() FROM t"), ROWS.to_string());
}

#[test]
fn a_compressed_body_is_unpacked_and_one_cut_short_stores_nothing() {
    let engine = engine_with_table();
    let rows: Vec<u8> = chunks(50_000).flatten().collect();
    let gzip = |rows: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(rows).unwrap();
        encoder.finish().unwrap()
    };
    let lz4 = |rows: &[u8]| {
        let mut encoder = lz4_flex::frame::FrameEncoder::new(Vec::new());
        encoder.write_all(rows).unwrap();
        encoder.finish().unwrap()
    };
    // clickhouse-connect makes a frame of every block.
    let in_parts = |pack: &dyn Fn(&[u8]) -> Vec<u8>| rows.chunks(300_000).flat_map(pack).collect::<Vec<u8>>();
    let bodies =
        [("gzip", gzip(&rows)), ("lz4", lz4(&rows)), ("gzip", in_parts(&gzip)), ("lz4", in_parts(&lz4))];
    for (encoding, body) in bodies {
        engine.ask("TRUNCATE TABLE t");
        let headers = [("content-encoding", encoding)];
        for end in [body.len() / 2, body.len() - 1] {
            let reply = engine.request("POST", &insert_target(), &headers, &body[..end]);
            assert_eq!(reply.code(), Some(33), "{encoding} cut at {end}: {}", reply.text());
            assert_eq!(engine.ask("SELECT count() FROM t"), "0", "{encoding} cut at {end}");
        }
        let reply = engine.request("POST", &insert_target(), &headers, &body);
        assert_eq!(reply.status, 200, "{encoding}: {}", reply.text());
        assert_eq!(engine.ask("SELECT count(), sum(n) FROM t"), "50000\t1249975000", "{encoding}");
    }
}

#[test]
fn an_insert_takes_parameters_and_settings() {
    let engine = engine_with_table();
    let reply = engine.post("param_s=x&max_insert_block_size=10", "INSERT INTO t VALUES (7, {s:String})");
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(engine.ask("SELECT s FROM t"), "x");
    let two_days = "INSERT INTO d FORMAT CSV\n2026-01-01\n2026-01-02\n";
    engine.ask("CREATE TABLE d (day Date) ENGINE = MergeTree PARTITION BY day ORDER BY day");
    let refused =
        engine.post("max_partitions_per_insert_block=1&throw_on_max_partitions_per_insert_block=1", two_days);
    assert_eq!(refused.code(), Some(252), "{}", refused.text());
    assert_eq!(engine.ask("SELECT count() FROM d"), "0");
}

#[test]
fn an_insert_from_a_select_runs_to_its_end() {
    let engine = engine_with_table();
    engine.ask("INSERT INTO t SELECT number, 'x' FROM numbers(100000)");
    engine.ask("INSERT INTO t WITH x AS (SELECT 5 AS n) SELECT n, 'y' FROM x");
    assert_eq!(engine.ask("SELECT count() FROM t"), "100001");
}

#[test]
fn inserts_run_side_by_side_and_each_makes_one_part() {
    let engine = engine_with_table();
    engine.ask("SYSTEM STOP MERGES t");
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                assert_eq!(raw::post_chunked(&engine.socket, &insert_target(), chunks(20_000)).status, 200)
            });
        }
    });
    assert_eq!(engine.ask("SELECT count() FROM t"), "160000");
    assert_eq!(engine.ask(PARTS), "8");
}
