//! The only rule by which a batch counts as done.
//!
//! An answer of OK is believed. After anything else, and for a part that may have been
//! sent before, ClickHouse is asked which of the batch's rows it has: what is missing
//! is sent, what is there is left alone. A row that ClickHouse cannot read is found
//! by halving and buried; its neighbours go in.

use std::collections::HashSet;

use store::{Remedy, Store, StoreError};
use tracing::{error, warn};

use super::{
    ShipError,
    part::{Part, Rows},
};
use crate::{
    clock::Clock,
    spool::{Directory, SpooledEvent, dead, segment::Death},
};

/// Where a row goes that ClickHouse will never take.
pub(super) struct Grave<'a> {
    pub directory: &'a Directory,
    pub node: u16,
    pub clock: &'a Clock,
}

/// Brings one part into its table exactly once. Without a grave a row that cannot be
/// read stops shipping.
pub(super) async fn bring(
    store: &Store,
    part: Part<'_>,
    look_first: bool,
    grave: Option<&Grave<'_>>,
) -> Result<(), ShipError> {
    // Parts still to be brought; halves of one that was refused are put back here.
    let mut waiting = Vec::new();
    let first = if look_first { missing(store, part).await? } else { Some(part) };
    waiting.extend(first);
    while let Some(part) = waiting.pop() {
        let Err(failure) = send(store, &part).await else { continue };
        let Some(rest) = missing(store, part).await? else { continue };
        match (failure.remedy(), grave, &rest.rows) {
            (Remedy::Bury, Some(grave), Rows::Events(rows)) => match rows.as_slice() {
                [(seq, event)] => bury(&rest, *seq, event, &failure, grave)?,
                rows => {
                    let (first, second) = rows.split_at(rows.len() / 2);
                    waiting.extend([second, first].map(|half| rest.with(Rows::Events(half.to_vec()))));
                }
            },
            (Remedy::Bury | Remedy::Retry | Remedy::Hold, _, _) => return Err(failure.into()),
        }
    }
    Ok(())
}

async fn send(store: &Store, part: &Part<'_>) -> Result<(), StoreError> {
    store.insert(part.table, part.columns, &query_id(part), part.body()).await
}

fn query_id(part: &Part<'_>) -> String {
    format!("{:016x}-{}-{}", part.batch, part.table, part.partition.replace(' ', ""))
}

fn bury(
    part: &Part<'_>,
    seq: u32,
    event: &SpooledEvent,
    failure: &StoreError,
    grave: &Grave<'_>,
) -> Result<(), ShipError> {
    let code = failure.code().unwrap_or_default();
    error!(batch = part.batch, seq, code, "ClickHouse cannot read a row: see mostik dead list");
    let death = Death { batch: part.batch, seq, code };
    let now = grave.clock.now().as_second();
    Ok(dead::bury(grave.directory, part.columns, event, death, grave.node, now)?)
}

/// What of the part ClickHouse does not have; `None`: it has everything.
async fn missing<'a>(store: &Store, part: Part<'a>) -> Result<Option<Part<'a>>, ShipError> {
    settle(store, &part).await?;
    match &part.rows {
        Rows::Events(rows) => {
            let there = places(store, &part).await?;
            let rest: Vec<_> = rows.iter().filter(|(seq, _)| !there.contains(seq)).copied().collect();
            if rest.is_empty() {
                return Ok(None);
            }
            if rest.len() < rows.len() {
                // Halves of a part with a bad row look so after a crash; otherwise an
                // INSERT was not atomic. Either way the missing rows are the remedy.
                warn!(
                    batch = part.batch,
                    found = rows.len() - rest.len(),
                    of = rows.len(),
                    "a batch is there in part"
                );
            }
            Ok(Some(part.with(Rows::Events(rest))))
        }
        Rows::Counts { rows, .. } => match count(store, &part).await? {
            0 => Ok(Some(part)),
            found if found == *rows => Ok(None),
            found => Err(ShipError::Partial { batch: part.batch, table: part.table, found, expected: *rows }),
        },
    }
}

/// Ends the INSERT if it is still running, so that what is read next is final.
async fn settle(store: &Store, part: &Part<'_>) -> Result<(), StoreError> {
    store
        .writer()
        .query("KILL QUERY WHERE query_id = ? SYNC")
        .bind(query_id(part))
        .execute()
        .await
        .map_err(StoreError::at("end an INSERT of unknown outcome"))
}

/// Places of the batch's rows that are there.
async fn places(store: &Store, part: &Part<'_>) -> Result<HashSet<u32>, ShipError> {
    let places: Vec<u32> = store
        .writer()
        .query(&format!("SELECT seq {}", of_batch(store, part)))
        .bind(part.batch)
        .fetch_all()
        .await
        .map_err(StoreError::at("look which rows of a batch are there"))?;
    let distinct: HashSet<u32> = places.iter().copied().collect();
    if distinct.len() < places.len() {
        return Err(ShipError::Doubled { batch: part.batch, table: part.table });
    }
    Ok(distinct)
}

async fn count(store: &Store, part: &Part<'_>) -> Result<u64, ShipError> {
    store
        .writer()
        .query(&format!("SELECT count() {}", of_batch(store, part)))
        .bind(part.batch)
        .fetch_one()
        .await
        .map_err(|failure| StoreError::at("count a batch")(failure).into())
}

fn of_batch(store: &Store, part: &Part<'_>) -> String {
    format!("FROM {}.{} WHERE batch = ? AND {}", store.database(), part.table, part.partition)
}
