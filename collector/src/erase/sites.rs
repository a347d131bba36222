//! Erasing everything of a site that the owner has removed, from spool and tables. An id is
//! never used twice, so a removed site may be looked for again and again.

use store::{Store, StoreError};

/// Tables with rows of a site.
pub const TABLES: [&str; 4] = ["events_hot", "events", "closed_days", "ledger"];

/// How many rows any of the tables has of the site.
pub async fn rows(store: &Store, site_id: u32) -> Result<u64, StoreError> {
    let db = store.database();
    let counts: Vec<String> = TABLES
        .iter()
        .map(|table| format!("(SELECT count() FROM {db}.{table} WHERE site_id = {site_id})"))
        .collect();
    store
        .writer()
        .query(&format!("SELECT {}", counts.join(" + ")))
        .fetch_one()
        .await
        .map_err(StoreError::at("look for rows of a removed site"))
}

/// Deletes them; returns when no statement finds them.
pub async fn delete(store: &Store, site_id: u32) -> Result<(), StoreError> {
    let db = store.database();
    for table in TABLES {
        let sql =
            format!("ALTER TABLE {db}.{table} DELETE WHERE site_id = {site_id} SETTINGS mutations_sync = 2");
        store.execute("delete the rows of a removed site", &sql).await?;
    }
    Ok(())
}
