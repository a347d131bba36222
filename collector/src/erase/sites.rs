//! Erasing everything of a site that the owner has removed, from spool and tables. An id is
//! never used twice, so a removed site may be looked for again and again.

use std::{collections::BTreeSet, sync::Arc};

use clickhouse::Row;
use serde::Deserialize;
use store::{Store, StoreError};
use tracing::info;

use super::{
    EraseError, Eraser,
    receipts::{self, Matter, Receipt},
    removal::Removal,
    run::blocking,
    spooled, tables,
};

impl Eraser {
    /// Erases what is held of removed sites, and writes receipts for those the disk has let go
    /// of. With `verify` those that are done are looked at again: a count that was on its way
    /// may have come in.
    pub(super) async fn remove_sites(self: &Arc<Self>, verify: bool) -> Result<(), EraseError> {
        let removed: BTreeSet<u32> = self.sites.load().removed().iter().map(|site| site.0).collect();
        self.erasures.set_removed(removed.clone());
        let is_waiting = |site: &u32| match self.removals.of(*site) {
            Some(removal) => removal.removed.is_none(),
            None => !self.receipts.has_site(*site),
        };
        let open: Vec<u32> = removed.into_iter().filter(|site| verify || is_waiting(site)).collect();
        if !open.is_empty() {
            let _nothing_is_shipped = self.shipping.lock().await;
            let eraser = self.clone();
            blocking(move || spooled::blank_all(&eraser.directory, &eraser.erasures)).await?;
            let tables = with_sites(&self.store).await?;
            for site_id in open {
                self.remove_site(site_id, &tables).await?;
            }
        }
        let removals = self.removals.all().into_iter();
        let leaving: Vec<_> = removals.filter_map(|(site, one)| Some((site, one, one.removed?))).collect();
        if leaving.is_empty() {
            return Ok(());
        }
        let tables = with_sites(&self.store).await?;
        for (site_id, removal, at) in leaving {
            self.receive_site(site_id, removal, at, &tables).await?;
        }
        Ok(())
    }

    async fn remove_site(&self, site_id: u32, tables: &[String]) -> Result<(), EraseError> {
        let now = self.clock.now().as_second();
        let found = rows(&self.store, tables, site_id).await?;
        let removal = match self.removals.of(site_id) {
            Some(Removal { removed: Some(_), .. }) if found == 0 => return Ok(()),
            Some(done @ Removal { removed: Some(_), .. }) => {
                Removal { rows: done.rows + found, removed: None, ..done }
            }
            // A crash may have come between the deletion and word of it.
            Some(begun) => Removal { rows: begun.rows.max(found), ..begun },
            None if found == 0 && self.receipts.has_site(site_id) => return Ok(()),
            None => {
                let bound = self.directory.next_sequence(now.max(0).unsigned_abs());
                let bound = bound.map_err(EraseError::Spool)?;
                Removal { asked: now, bound, rows: found, removed: None }
            }
        };
        self.removals.set(site_id, removal).map_err(EraseError::Log)?;
        // Counts of refusals in these reach the ledger yet; its rows are to go as well.
        if spooled::is_under_way(&self.directory, removal.bound)? {
            return Ok(());
        }
        delete(&self.store, tables, site_id).await?;
        info!(site = site_id, rows = removal.rows, "erased a removed site");
        let removed = Some(self.clock.now().as_second());
        self.removals.set(site_id, Removal { removed, ..removal }).map_err(EraseError::Log)
    }

    async fn receive_site(
        &self,
        site_id: u32,
        removal: Removal,
        removed: i64,
        tables: &[String],
    ) -> Result<(), EraseError> {
        if !tables::are_gone(&self.store, tables, None, removed).await? {
            return Ok(());
        }
        let now = self.clock.now();
        let receipt = Receipt {
            at: receipts::hour(now),
            matter: Matter::Site,
            site: Some(site_id),
            of: "every day".to_owned(),
            rows: removal.rows,
            removed_after_s: removed - removal.asked,
            gone_after_s: now.as_second() - removal.asked,
        };
        self.receipts.append(receipt).map_err(EraseError::Log)?;
        self.removals.done(site_id).map_err(EraseError::Log)
    }
}

/// Every table of ours that has rows of a site: asked for rather than listed, so that a
/// table of a later version is not forgotten.
async fn with_sites(store: &Store) -> Result<Vec<String>, StoreError> {
    store
        .writer()
        .query("SELECT DISTINCT table FROM system.columns WHERE database = ? AND name = 'site_id' ORDER BY table")
        .bind(store.database())
        .fetch_all()
        .await
        .map_err(StoreError::at("list the tables with rows of a site"))
}

/// How many rows any of the tables has of the site.
async fn rows(store: &Store, tables: &[String], site_id: u32) -> Result<u64, StoreError> {
    let db = store.database();
    // Not a sum of scalar subqueries, whose type is Nullable.
    let counts: Vec<String> = tables
        .iter()
        .map(|table| format!("SELECT count() AS n FROM {db}.{table} WHERE site_id = {site_id}"))
        .collect();
    let Sum { rows } = store
        .writer()
        .query(&format!("SELECT sum(n) AS rows FROM ({})", counts.join(" UNION ALL ")))
        .fetch_one()
        .await
        .map_err(StoreError::at("look for rows of a removed site"))?;
    Ok(rows)
}

#[derive(Row, Deserialize)]
struct Sum {
    rows: u64,
}

/// Deletes them; returns when no statement finds them.
async fn delete(store: &Store, tables: &[String], site_id: u32) -> Result<(), StoreError> {
    let db = store.database();
    for table in tables {
        let sql =
            format!("ALTER TABLE {db}.{table} DELETE WHERE site_id = {site_id} SETTINGS mutations_sync = 2");
        store.execute("delete the rows of a removed site", &sql).await?;
    }
    Ok(())
}
