//! Sites, and the snapshot of them that collectors work by.

use rusqlite::{Connection, OptionalExtension, Row, params};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;
use store::{
    goal::Declared,
    snapshot::{self, Snapshot},
};

use super::{
    Control, ControlError,
    audit::{self, Action, Entry},
    goals::{self, Goals},
    users::User,
};
use crate::token;

pub mod draft;

use draft::{Change, Draft};

/// Sites of one dashboard, at most: the snapshot is read whole by every collector.
pub const SITES_MAX: u32 = 1_000;

/// One site as the owner sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Site {
    pub id: u32,
    /// Part of the visitor key's material: for collectors, not for the browser.
    #[serde(skip)]
    pub uuid: String,
    pub domain: String,
    pub time_zone: String,
    pub hosts: Vec<String>,
    pub props: Vec<String>,
    #[serde(serialize_with = "as_rfc3339")]
    #[schemars(with = "String")]
    pub created_at: i64,
    /// Served by a call of its own.
    #[serde(skip)]
    pub goals: Goals,
}

impl Site {
    /// What its reports and closings decide.
    pub fn declared(&self) -> Declared {
        self.goals.declared()
    }
}

/// What became of an attempt to add a site.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Added {
    Site(Site),
    DomainTaken,
    TooMany,
}

impl Control {
    pub(crate) async fn sites(&self) -> Result<Vec<Site>, ControlError> {
        self.read("list the sites", all).await
    }

    pub(crate) async fn add_site(&self, draft: Draft, actor: User) -> Result<Added, ControlError> {
        let now = self.now();
        self.write("add a site", move |transaction| {
            let taken: bool = transaction.query_row(
                "SELECT EXISTS (SELECT 1 FROM sites WHERE domain = ?1)",
                [&draft.domain],
                |row| row.get(0),
            )?;
            if taken {
                return Ok(Added::DomainTaken);
            }
            let count: u32 = transaction.query_row("SELECT count(*) FROM sites", [], |row| row.get(0))?;
            if count >= SITES_MAX {
                return Ok(Added::TooMany);
            }
            let mut uuid = [0; 16];
            token::fill_random(&mut uuid);
            transaction.execute(
                "INSERT INTO sites (uuid, domain, time_zone, hosts, props, created_at) \
                 VALUES (?1, ?2, ?3, ?4, '[]', ?5)",
                params![
                    token::hex(&uuid),
                    draft.domain,
                    draft.time_zone,
                    json!(draft.hosts).to_string(),
                    now
                ],
            )?;
            let id: u32 = transaction.query_row("SELECT last_insert_rowid()", [], |row| row.get(0))?;
            raise_version(transaction)?;
            let entry = Entry {
                at: now,
                actor: &actor.email,
                action: Action::SiteCreated,
                subject: &draft.domain,
                detail: json!({"id": id, "time_zone": draft.time_zone, "hosts": draft.hosts}),
            };
            audit::append(transaction, &entry)?;
            let site = by_id(transaction, id)?.expect("the row was inserted in this transaction");
            Ok(Added::Site(site))
        })
        .await
    }

    /// `None` when there is no such site.
    pub(crate) async fn change_site(
        &self,
        id: u32,
        change: Change,
        actor: User,
    ) -> Result<Option<Site>, ControlError> {
        let now = self.now();
        self.write("change a site", move |transaction| {
            let Some(before) = by_id(transaction, id)? else { return Ok(None) };
            let after = Site {
                time_zone: change.time_zone.unwrap_or_else(|| before.time_zone.clone()),
                hosts: change.hosts.unwrap_or_else(|| before.hosts.clone()),
                props: change.props.unwrap_or_else(|| before.props.clone()),
                ..before.clone()
            };
            if after == before {
                return Ok(Some(before));
            }
            transaction.execute(
                "UPDATE sites SET time_zone = ?2, hosts = ?3, props = ?4 WHERE id = ?1",
                params![id, after.time_zone, json!(after.hosts).to_string(), json!(after.props).to_string()],
            )?;
            raise_version(transaction)?;
            let entry = Entry {
                at: now,
                actor: &actor.email,
                action: Action::SiteChanged,
                subject: &before.domain,
                detail: json!({
                    "before": {"time_zone": before.time_zone, "hosts": before.hosts, "props": before.props},
                    "after": {"time_zone": after.time_zone, "hosts": after.hosts, "props": after.props},
                }),
            };
            audit::append(transaction, &entry)?;
            Ok(Some(after))
        })
        .await
    }
}

/// What became of an attempt to remove a site.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum RemovedSite {
    Removed,
    /// The domain given is another one's.
    NotThisDomain,
    NoSuchSite,
}

impl Control {
    /// Removes a site for good; `domain` is the owner's proof of knowing which. Collectors
    /// erase its rows once they hear of it.
    pub(crate) async fn remove_site(
        &self,
        id: u32,
        domain: String,
        actor: User,
    ) -> Result<RemovedSite, ControlError> {
        let now = self.now();
        self.write("remove a site", move |transaction| {
            let Some(site) = by_id(transaction, id)? else { return Ok(RemovedSite::NoSuchSite) };
            if site.domain != domain {
                return Ok(RemovedSite::NotThisDomain);
            }
            transaction.execute("DELETE FROM sites WHERE id = ?1", [id])?;
            transaction.execute(
                "INSERT INTO removed_sites (id, uuid, removed_at) VALUES (?1, ?2, ?3)",
                params![id, site.uuid, now],
            )?;
            raise_version(transaction)?;
            let entry = Entry {
                at: now,
                actor: &actor.email,
                action: Action::SiteRemoved,
                subject: &site.domain,
                detail: json!({"id": id}),
            };
            audit::append(transaction, &entry)?;
            Ok(RemovedSite::Removed)
        })
        .await
    }
}

/// The version collectors should hold.
pub(super) fn version(connection: &Connection) -> rusqlite::Result<u64> {
    // Counted up from 1 by the program alone, so never negative.
    connection.query_row("SELECT version FROM settings", [], |row| row.get(0)).map(i64::unsigned_abs)
}

/// All settings of one version; called under the connection's lock.
pub(super) fn snapshot(connection: &Connection) -> rusqlite::Result<Snapshot> {
    let sites = all(connection)?
        .into_iter()
        .map(|site| snapshot::Site {
            id: site.id,
            uuid: site.uuid,
            domain: site.domain,
            hosts: site.hosts,
            time_zone: site.time_zone,
            props: site.props,
            declared: site.goals.declared(),
        })
        .collect();
    let removed = connection
        .prepare("SELECT id, uuid FROM removed_sites ORDER BY id")?
        .query_map([], |row| Ok(snapshot::Removed { id: row.get(0)?, uuid: row.get(1)? }))?
        .collect::<rusqlite::Result<_>>()?;
    let metrika = super::metrika::snapshot(connection)?;
    Ok(Snapshot { version: version(connection)?, sites, removed, metrika })
}

pub(super) fn raise_version(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute("UPDATE settings SET version = version + 1", []).map(|_| ())
}

const COLUMNS: &str = "SELECT id, uuid, domain, time_zone, hosts, props, created_at FROM sites";

pub(super) fn all(connection: &Connection) -> rusqlite::Result<Vec<Site>> {
    let sites: Vec<Site> = connection
        .prepare(&format!("{COLUMNS} ORDER BY domain"))?
        .query_map([], from_row)?
        .collect::<rusqlite::Result<_>>()?;
    sites.into_iter().map(|site| with_goals(connection, site)).collect()
}

pub(super) fn by_id(connection: &Connection, id: u32) -> rusqlite::Result<Option<Site>> {
    connection
        .query_row(&format!("{COLUMNS} WHERE id = ?1"), [id], from_row)
        .optional()?
        .map(|site| with_goals(connection, site))
        .transpose()
}

fn with_goals(connection: &Connection, site: Site) -> rusqlite::Result<Site> {
    Ok(Site { goals: goals::of_site(connection, site.id)?, ..site })
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Site> {
    Ok(Site {
        id: row.get(0)?,
        uuid: row.get(1)?,
        domain: row.get(2)?,
        time_zone: row.get(3)?,
        hosts: list(row, 4)?,
        props: list(row, 5)?,
        created_at: row.get(6)?,
        goals: Goals::default(),
    })
}

pub(super) fn list(row: &Row<'_>, column: usize) -> rusqlite::Result<Vec<String>> {
    let text: String = row.get(column)?;
    serde_json::from_str(&text).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, Box::new(error))
    })
}

fn as_rfc3339<S: serde::Serializer>(seconds: &i64, serializer: S) -> Result<S::Ok, S::Error> {
    let at = jiff::Timestamp::from_second(*seconds).map_err(serde::ser::Error::custom)?;
    serializer.collect_str(&at)
}
