//! The one way to ClickHouse: the `clickhouse` crate over the engine's socket or
//! a server's URL. Cheap to clone.

use std::time::Duration;

use bytes::Bytes;
use clickhouse::{Client, Compression};
use hyper_util::{client::legacy::Client as HyperClient, rt::TokioExecutor};

use crate::{
    address::{Address, Target},
    connector::SocketConnector,
    error::StoreError,
};

/// An idle connection is dropped before ClickHouse drops it (3 s by default), or
/// a statement would now and then meet a closed one.
const CONNECTION_IDLE_MAX: Duration = Duration::from_secs(2);

/// How long an INSERT may wait for the server to take or answer it. An INSERT of
/// the largest segment takes under a second; past this the outcome is unknown and
/// is settled by counting.
const INSERT_TIMEOUT: Duration = Duration::from_secs(60);

/// Longest a dashboard query may run, in seconds: an owner has left by then.
const READ_SECONDS_MAX: u64 = 20;

/// Longest one month's export may run, in seconds: a hundred million rows take some minutes.
const EXPORT_SECONDS_MAX: u64 = 60 * 60;

/// Rows of an answer, at most: our widest report has a few thousand.
const READ_RESULT_ROWS_MAX: u64 = 1_000_000;

#[derive(Clone)]
pub struct Store {
    writer: Client,
    reader: Client,
    exporter: Client,
    database: String,
}

impl Store {
    /// Prepares the clients. Does not connect: ClickHouse may come later.
    pub fn new(address: &Address) -> Store {
        let base = match &address.target {
            Target::Socket(path) => {
                let http = HyperClient::builder(TokioExecutor::new())
                    .pool_idle_timeout(CONNECTION_IDLE_MAX)
                    .build(SocketConnector { path: path.clone() });
                Client::with_http_client(http).with_url("http://engine")
            }
            Target::Server { url, user, password } => {
                Client::default().with_url(url).with_user(user).with_password(password)
            }
        };
        // No compression: on the socket it costs more than it saves, and the
        // embedded engine does not speak ClickHouse's own framing.
        let base = base.with_compression(Compression::None);
        Store {
            writer: base.clone().with_setting("async_insert", "0"),
            exporter: base
                .clone()
                .with_setting("readonly", "1")
                .with_setting("max_threads", "1")
                .with_setting("max_execution_time", EXPORT_SECONDS_MAX.to_string()),
            reader: base
                .with_setting("readonly", "1")
                .with_setting("max_execution_time", READ_SECONDS_MAX.to_string())
                .with_setting("max_result_rows", READ_RESULT_ROWS_MAX.to_string()),
            database: address.database.clone(),
        }
    }

    /// For the collector, which owns every write.
    pub fn writer(&self) -> &Client {
        &self.writer
    }

    /// For the dashboard: read-only, bounded in time and rows.
    pub fn reader(&self) -> &Client {
        &self.reader
    }

    /// For taking a site away whole: read-only, as long and as many rows as it takes, with one
    /// thread, so that reports go on beside it.
    pub fn exporter(&self) -> &Client {
        &self.exporter
    }

    /// The name of our database, an identifier that needs no quoting.
    pub fn database(&self) -> &str {
        &self.database
    }

    /// Runs one statement that answers nothing.
    pub async fn execute(&self, step: &'static str, sql: &str) -> Result<(), StoreError> {
        self.writer.query_raw(sql).execute().await.map_err(StoreError::at(step))
    }

    /// Whether ClickHouse answers at all.
    pub async fn ping(&self) -> Result<(), StoreError> {
        let one: u8 =
            self.reader.query("SELECT 1").fetch_one().await.map_err(StoreError::at("answer a ping"))?;
        debug_assert_eq!(one, 1);
        Ok(())
    }

    /// Sends `body`, finished RowBinary rows of `columns`, as one INSERT.
    ///
    /// The settings keep it one block in one partition, which is what makes it
    /// atomic; a body of two partitions is refused with code 252. An error of kind
    /// [`StoreError::Unknown`] does not say that nothing was stored.
    pub async fn insert(
        &self,
        table: &str,
        columns: &str,
        query_id: &str,
        body: Bytes,
    ) -> Result<(), StoreError> {
        const STEP: &str = "insert a batch";
        let sql = format!("INSERT INTO {}.{table} ({columns}) FORMAT RowBinary", self.database);
        let mut insert = self
            .writer
            .insert_formatted_with(sql)
            .with_timeouts(Some(INSERT_TIMEOUT), Some(INSERT_TIMEOUT))
            .with_setting("query_id", query_id)
            .with_setting("input_format_parallel_parsing", "0")
            .with_setting("max_insert_threads", "1")
            .with_setting("max_partitions_per_insert_block", "1")
            .with_setting("throw_on_max_partitions_per_insert_block", "1");
        insert.send(body).await.map_err(StoreError::at(STEP))?;
        insert.end().await.map_err(StoreError::at(STEP))
    }
}
