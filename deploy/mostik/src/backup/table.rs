//! One table's rows of one month, out of ClickHouse and into it, in its own Native format.

use std::io::{Read, Write};

use bytes::Bytes;
use store::Store;

use super::sealed::{Opener, Sealer};

/// Tables that are backed up; each has a column `day`.
pub const TABLES: [&str; 4] = ["closed_days", "events", "goal_paths", "ledger"];

/// Rows and their checksum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sum {
    pub rows: u64,
    pub checksum: u64,
}

/// The first day that is not in a backup: the oldest one that still has open rows.
pub async fn first_open(store: &Store) -> anyhow::Result<u16> {
    let sql = format!("SELECT min(day) FROM {}.events_hot", store.database());
    let day: u16 = store.writer().query(&sql).fetch_one().await?;
    // Of no rows, ClickHouse's minimum is the first day there is.
    Ok(if day == 0 { u16::MAX } else { day })
}

/// Months with rows of days before `first_open`.
pub async fn months(store: &Store, table: &str, first_open: u16) -> anyhow::Result<Vec<u32>> {
    let sql = format!(
        "SELECT DISTINCT toUInt32(toYYYYMM(day)) AS month FROM {}.{table} WHERE day < toDate({first_open}) ORDER BY month",
        store.database()
    );
    Ok(store.writer().query(&sql).fetch_all().await?)
}

pub async fn sum(store: &Store, table: &str, month: u32, first_open: u16) -> anyhow::Result<Sum> {
    let sql = format!(
        "SELECT count(), sum(cityHash64(toString(tuple(*)))) FROM {}.{table} WHERE {}",
        store.database(),
        condition(month, first_open)
    );
    let (rows, checksum) = store.writer().query(&sql).fetch_one::<(u64, u64)>().await?;
    Ok(Sum { rows, checksum })
}

/// Writes the rows into `out`.
pub async fn export<W: Write>(
    store: &Store,
    table: &str,
    month: u32,
    first_open: u16,
    out: &mut Sealer<W>,
) -> anyhow::Result<()> {
    let sql = format!("SELECT * FROM {}.{table} WHERE {}", store.database(), condition(month, first_open));
    let mut rows = store.writer().query(&sql).fetch_bytes("Native")?;
    while let Some(piece) = rows.next().await? {
        out.write_all(&piece)?;
    }
    Ok(())
}

/// Inserts rows as they were exported.
pub async fn import<R: Read>(store: &Store, table: &str, from: &mut Opener<R>) -> anyhow::Result<()> {
    let sql = format!("INSERT INTO {}.{table} FORMAT Native", store.database());
    let mut insert = store.writer().insert_formatted_with(sql);
    while let Some(chunk) = from.chunk()? {
        insert.send(Bytes::from(chunk)).await?;
    }
    insert.end().await?;
    Ok(())
}

fn condition(month: u32, first_open: u16) -> String {
    format!("toYYYYMM(day) = {month} AND day < toDate({first_open})")
}
