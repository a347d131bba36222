//! The owner's settings for forwarding to Metrika: stored, audited, put into the snapshot.
//! Tokens come here sealed and leave sealed.

use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::snapshot::metrika::{ConsentRule, Destination, GoalRule, Listed, Mode};

use super::{
    Control, ControlError,
    audit::{self, Action, Entry},
    sites::{by_id, raise_version, version},
    users::User,
};

pub mod compared;
pub mod draft;
pub mod forwards;

/// What may be forwarded and how: everything but counter, secrets and mode.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "MetrikaRules")]
pub struct Rules {
    pub consent: ConsentRule,
    pub goals: Vec<GoalRule>,
    pub paths: Vec<String>,
    pub delay_seconds: [u32; 2],
    pub release_at: u32,
    pub round_seconds: u32,
    pub visit_threshold_seconds: u32,
    /// Whether reports are compared every night, with the OAuth token that is kept.
    #[serde(default)]
    pub nightly: bool,
    /// Whether goals too old for Measurement Protocol go as a file, with the token that uploads.
    #[serde(default)]
    pub late: bool,
    /// Tags of campaigns that may be said, and their values.
    #[serde(default)]
    pub campaign: Vec<Listed>,
    /// Properties of events that may be said, and their values.
    #[serde(default)]
    pub params: Vec<Listed>,
}

/// A site's destination as stored.
#[derive(Clone)]
pub struct Stored {
    pub site_id: u32,
    pub counter: u32,
    pub token: Option<String>,
    pub oauth: Option<String>,
    /// The OAuth token that uploads late goals.
    pub upload: Option<String>,
    pub mode: Mode,
    pub epoch: u64,
    pub test: u64,
    pub rules: Rules,
}

/// A change that has been checked. What is `None` stays.
pub struct Change {
    pub counter: u32,
    pub rules: Rules,
    /// Sealed for this counter; `Some(None)` takes it away.
    pub token: Option<Option<String>>,
    pub oauth: Option<Option<String>>,
    pub upload: Option<Option<String>>,
}

/// Why a mode cannot be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unready {
    NoSettings,
    NoToken,
    NoGoals,
    /// Late goals are wanted, and there is no token that uploads.
    NoUploadToken,
}

impl Control {
    pub(crate) async fn metrika(&self, site: u32) -> Result<Option<Stored>, ControlError> {
        self.read("read the Metrika settings", move |connection| of_site(connection, site)).await
    }

    /// Sets counter and rules. A new destination begins in preview; a token belongs to its
    /// counter and is forgotten with it.
    pub(crate) async fn set_metrika(
        &self,
        site: u32,
        change: Change,
        actor: User,
    ) -> Result<Result<Stored, Unready>, ControlError> {
        let now = self.now();
        self.write("change the Metrika settings", move |transaction| {
            let domain = by_id(transaction, site)?.map(|site| site.domain);
            let Some(domain) = domain else { return Ok(Err(Unready::NoSettings)) };
            let before = of_site(transaction, site)?;
            let is_same_counter = before.as_ref().is_some_and(|before| before.counter == change.counter);
            let kept = before.as_ref().filter(|_| is_same_counter);
            let upload = change.upload.unwrap_or_else(|| kept.and_then(|before| before.upload.clone()));
            if change.rules.late && upload.is_none() {
                return Ok(Err(Unready::NoUploadToken));
            }
            raise_version(transaction)?;
            let after = Stored {
                site_id: site,
                counter: change.counter,
                upload,
                token: change.token.unwrap_or_else(|| kept.and_then(|before| before.token.clone())),
                oauth: change.oauth.unwrap_or_else(|| kept.and_then(|before| before.oauth.clone())),
                // Another counter is another destination: it is looked at before it is used.
                mode: kept.map_or(Mode::Preview, |before| before.mode),
                epoch: kept.map_or(version(transaction)?, |before| before.epoch),
                test: before.as_ref().map_or(0, |before| before.test),
                rules: change.rules,
            };
            put(transaction, &after)?;
            let entry = Entry {
                at: now,
                actor: &actor.email,
                action: Action::MetrikaChanged,
                subject: &domain,
                detail: json!({"before": before.as_ref().map(told), "after": told(&after)}),
            };
            audit::append(transaction, &entry)?;
            Ok(Ok(after))
        })
        .await
    }

    /// Switches a site's forwarding.
    pub(crate) async fn switch_metrika(
        &self,
        site: u32,
        mode: Mode,
        actor: User,
    ) -> Result<Result<Stored, Unready>, ControlError> {
        let now = self.now();
        self.write("switch forwarding", move |transaction| {
            let Some(before) = of_site(transaction, site)? else { return Ok(Err(Unready::NoSettings)) };
            if mode == Mode::Live && before.token.is_none() {
                return Ok(Err(Unready::NoToken));
            }
            if mode == Mode::Live && before.rules.goals.is_empty() {
                return Ok(Err(Unready::NoGoals));
            }
            switch(transaction, before, mode, &actor, now).map(Ok)
        })
        .await
    }

    /// The kill switch: every site's forwarding is off.
    pub(crate) async fn stop_metrika(&self, actor: User) -> Result<usize, ControlError> {
        let now = self.now();
        self.write("stop forwarding", move |transaction| {
            let on: Vec<Stored> =
                all(transaction)?.into_iter().filter(|stored| stored.mode != Mode::Off).collect();
            let count = on.len();
            for stored in on {
                switch(transaction, stored, Mode::Off, &actor, now)?;
            }
            Ok(count)
        })
        .await
    }

    /// Orders a synthetic goal. Only a live destination sends it.
    pub(crate) async fn test_metrika(
        &self,
        site: u32,
        actor: User,
    ) -> Result<Result<Stored, Unready>, ControlError> {
        let now = self.now();
        self.write("order a test", move |transaction| {
            let Some(before) = of_site(transaction, site)? else { return Ok(Err(Unready::NoSettings)) };
            if before.token.is_none() || before.mode != Mode::Live {
                return Ok(Err(Unready::NoToken));
            }
            raise_version(transaction)?;
            let after = Stored { test: version(transaction)?, ..before };
            put(transaction, &after)?;
            note(transaction, &after, Action::MetrikaTested, json!({}), &actor, now)?;
            Ok(Ok(after))
        })
        .await
    }
}

fn switch(
    transaction: &Transaction<'_>,
    before: Stored,
    mode: Mode,
    actor: &User,
    now: i64,
) -> rusqlite::Result<Stored> {
    if before.mode == mode {
        return Ok(before);
    }
    raise_version(transaction)?;
    let from = before.mode;
    let after = Stored { mode, epoch: version(transaction)?, ..before };
    put(transaction, &after)?;
    note(transaction, &after, Action::MetrikaSwitched, json!({"from": from, "to": mode}), actor, now)?;
    Ok(after)
}

fn note(
    transaction: &Transaction<'_>,
    stored: &Stored,
    action: Action,
    detail: serde_json::Value,
    actor: &User,
    now: i64,
) -> rusqlite::Result<()> {
    let domain = by_id(transaction, stored.site_id)?.map(|site| site.domain).unwrap_or_default();
    audit::append(transaction, &Entry { at: now, actor: &actor.email, action, subject: &domain, detail })
}

/// What a site's OAuth token is sealed for. It stays here: collectors need none.
pub fn oauth_place(site: u32, counter: u32) -> String {
    format!("metrika oauth of site {site} for counter {counter}")
}

/// What the audit log says of the settings: everything but the secrets.
fn told(stored: &Stored) -> serde_json::Value {
    json!({
        "counter": stored.counter,
        "has_token": stored.token.is_some(),
        "has_oauth": stored.oauth.is_some(),
        "has_upload": stored.upload.is_some(),
        "mode": stored.mode,
        "rules": stored.rules,
    })
}

/// All destinations for the snapshot; called under the connection's lock.
pub(super) fn snapshot(connection: &Connection) -> rusqlite::Result<Vec<Destination>> {
    let mut destinations = Vec::new();
    for stored in all(connection)? {
        let Some(site) = by_id(connection, stored.site_id)? else { continue };
        let Rules {
            consent,
            goals,
            paths,
            delay_seconds,
            release_at,
            round_seconds,
            visit_threshold_seconds,
            // The dashboard's own matter.
            nightly: _,
            late,
            campaign,
            params,
        } = stored.rules;
        destinations.push(Destination {
            site_id: stored.site_id,
            counter: stored.counter,
            title: site.domain,
            token: stored.token,
            mode: stored.mode,
            epoch: stored.epoch,
            consent,
            goals,
            paths,
            delay_seconds,
            release_at,
            round_seconds,
            visit_threshold_seconds,
            test: stored.test,
            late: stored.upload.filter(|_| late),
            campaign,
            params,
        });
    }
    Ok(destinations)
}

const COLUMNS: &str = "SELECT site_id, counter, token, oauth, mode, epoch, test, rules, upload FROM metrika";

fn all(connection: &Connection) -> rusqlite::Result<Vec<Stored>> {
    connection.prepare(&format!("{COLUMNS} ORDER BY site_id"))?.query_map([], from_row)?.collect()
}

fn of_site(connection: &Connection, site: u32) -> rusqlite::Result<Option<Stored>> {
    connection.query_row(&format!("{COLUMNS} WHERE site_id = ?1"), [site], from_row).optional()
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Stored> {
    Ok(Stored {
        site_id: row.get(0)?,
        counter: row.get(1)?,
        token: row.get(2)?,
        oauth: row.get(3)?,
        mode: read(row, 4, |text: String| serde_json::from_value(json!(text)))?,
        epoch: row.get::<_, i64>(5)?.unsigned_abs(),
        test: row.get::<_, i64>(6)?.unsigned_abs(),
        rules: read(row, 7, |text: String| serde_json::from_str(&text))?,
        upload: row.get(8)?,
    })
}

fn read<T>(
    row: &Row<'_>,
    column: usize,
    parse: impl FnOnce(String) -> serde_json::Result<T>,
) -> rusqlite::Result<T> {
    parse(row.get(column)?).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, Box::new(error))
    })
}

fn put(transaction: &Transaction<'_>, stored: &Stored) -> rusqlite::Result<()> {
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    transaction.execute(
        "INSERT OR REPLACE INTO metrika (site_id, counter, token, oauth, mode, epoch, test, rules, upload) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            stored.site_id,
            stored.counter,
            stored.token,
            stored.oauth,
            text(&json!(stored.mode)),
            stored.epoch.cast_signed(),
            stored.test.cast_signed(),
            json!(stored.rules).to_string(),
            stored.upload
        ],
    )?;
    Ok(())
}
