//! The `clickhouse` crate over the socket, the way collector and dashboard use it.

use std::time::{Duration, Instant};

use clickhouse::Row;
use serde::{Deserialize, Serialize};
use store::{Address, Store, StoreError};

use crate::running::{Running, Setup};

#[derive(Debug, Clone, PartialEq, Row, Serialize, Deserialize)]
struct Visit {
    n: u64,
    path: String,
    tags: Vec<String>,
    note: Option<String>,
}

impl Visit {
    fn number(n: u64) -> Visit {
        Visit {
            n,
            path: format!("/{n}"),
            tags: vec![n.to_string()],
            note: n.is_multiple_of(2).then(|| "even".to_owned()),
        }
    }
}

const TABLE: &str = "CREATE TABLE mostik.visits (n UInt64, path String, tags Array(String), note Nullable(String)) \
                     ENGINE = MergeTree ORDER BY n";

async fn store(engine: &Running) -> Store {
    let store = Store::new(&Address::socket(&engine.socket));
    store.execute("create the table", TABLE).await.unwrap();
    store
}

#[tokio::test]
async fn rows_survive_the_way_there_and_back() {
    let engine = Setup::new().start();
    let store = store(&engine).await;
    let client = store.writer().clone().with_database("mostik");
    let mut insert = client.insert::<Visit>("visits").await.unwrap();
    for n in 0..150_000 {
        insert.write(&Visit::number(n)).await.unwrap();
    }
    insert.end().await.unwrap();
    let rows: Vec<Visit> = client.query("SELECT ?fields FROM visits ORDER BY n").fetch_all().await.unwrap();
    assert_eq!(rows.len(), 150_000);
    assert!(rows.iter().zip(0..).all(|(row, n)| *row == Visit::number(n)));
}

#[tokio::test]
async fn parameters_are_bound_by_both_of_the_crates_ways() {
    let engine = Setup::new().start();
    let store = store(&engine).await;
    let odd = "it's \\ \"odd\"";
    let client = store.reader();
    let bound: String = client.query("SELECT ?").bind(odd).fetch_one().await.unwrap();
    let named: String = client.query("SELECT {x:String}").param("x", odd).fetch_one().await.unwrap();
    assert_eq!((bound.as_str(), named.as_str()), (odd, odd));
}

#[tokio::test]
async fn a_refusal_has_its_code_and_a_reader_cannot_write() {
    let engine = Setup::new().start();
    let store = store(&engine).await;
    let code = |error: StoreError| match error {
        StoreError::Refused { code, .. } => code,
        other => panic!("{other:?}"),
    };
    assert_eq!(code(store.execute("break a rule", "SELECT * FROM nowhere").await.unwrap_err()), 60);
    let refused = store.reader().query("DROP TABLE mostik.visits").execute().await.unwrap_err();
    assert_eq!(code(StoreError::at("write as a reader")(refused)), 164);
}

#[tokio::test]
async fn a_row_of_another_shape_is_noticed() {
    #[derive(Debug, Row, Deserialize)]
    struct Other {
        #[expect(dead_code, reason = "only its type matters")]
        n: String,
    }
    let engine = Setup::new().start();
    let store = store(&engine).await;
    let error =
        store.reader().query("SELECT number AS n FROM numbers(1)").fetch_all::<Other>().await.unwrap_err();
    assert!(matches!(error, clickhouse::error::Error::SchemaMismatch(_)), "{error:?}");
}

#[tokio::test]
async fn a_failure_in_the_middle_of_an_answer_is_an_error() {
    let engine = Setup::new().start();
    let store = store(&engine).await;
    let sql = "SELECT number + throwIf(number = 9999999) AS n FROM numbers(10000000) \
               SETTINGS max_threads = 1, max_block_size = 1000";
    let error = store.writer().query(sql).fetch_all::<u64>().await.unwrap_err();
    assert!(error.to_string().contains("Code: 395"), "{error}");
}

#[tokio::test]
async fn the_schema_can_be_laid_down_and_a_batch_inserted() {
    let engine = Setup::new().start();
    let store = store(&engine).await;
    store.migrate().await.unwrap();
    store.migrate().await.unwrap();
    let mut body = Vec::new();
    for n in 0..1000_u64 {
        body.extend_from_slice(&n.to_le_bytes());
        body.extend_from_slice(b"\x01/");
    }
    store.insert("visits", "n, path", "batch-1", body.into()).await.unwrap();
    let count: u64 = store.reader().query("SELECT count() FROM mostik.visits").fetch_one().await.unwrap();
    assert_eq!(count, 1000);
}

#[tokio::test]
async fn a_trip_there_and_back_takes_milliseconds() {
    let engine = Setup::new().start();
    let store = store(&engine).await;
    store.ping().await.unwrap();
    let begin = Instant::now();
    for _ in 0..50 {
        store.ping().await.unwrap();
    }
    // Measured 3 ms on an idle machine; the bound only catches a stall (Nagle and
    // delayed acknowledgement make 40 ms each).
    assert!(begin.elapsed() < Duration::from_millis(50 * 30), "{:?}", begin.elapsed());
}
