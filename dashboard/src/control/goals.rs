//! The goals and funnels an owner has declared: stored, audited, part of the settings that
//! collectors hold, since it is they who decide them when a day is closed.

use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::goal::{self, Declared, Rule};

use super::{
    Control, ControlError,
    audit::{self, Action, Entry},
    sites::{by_id, raise_version},
    take_out,
    users::User,
};

pub mod draft;

use draft::{FunnelDraft, GoalDraft};

/// A goal as stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Goal {
    pub id: i64,
    /// What reports call it; no two goals of a site have the same.
    pub title: String,
    pub rule: Rule,
    /// What reaching it once is worth; `None`: the events' own revenue.
    pub value: Option<Money>,
}

/// A sum as an owner enters it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// In ten-thousandths of the currency's unit, as revenue is stored.
    pub amount_e4: i64,
    /// ISO 4217.
    pub currency: String,
}

/// A funnel as stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Funnel {
    pub id: i64,
    pub title: String,
    pub steps: goal::Funnel,
}

/// All a site's owner has declared, in the order of titles.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Goals {
    pub goals: Vec<Goal>,
    pub funnels: Vec<Funnel>,
}

/// Why one was not kept.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NotKept {
    TitleTaken,
    TooMany,
    /// No such site, or none of that number on it.
    NotThere,
}

impl Goals {
    pub fn declared(&self) -> Declared {
        Declared {
            goals: self.goals.iter().map(|goal| goal.rule.clone()).collect(),
            funnels: self.funnels.iter().map(|funnel| funnel.steps.clone()).collect(),
        }
    }
}

/// The table a draft goes to, which of its columns says what is declared, and how many rows
/// of a site it may have.
struct Place {
    table: &'static str,
    column: &'static str,
    rows_max: usize,
    set: Action,
    removed: Action,
}

const GOALS: Place = Place {
    table: "goals",
    column: "rule",
    rows_max: goal::GOALS_MAX,
    set: Action::GoalSet,
    removed: Action::GoalRemoved,
};

const FUNNELS: Place = Place {
    table: "funnels",
    column: "steps",
    rows_max: goal::FUNNELS_MAX,
    set: Action::FunnelSet,
    removed: Action::FunnelRemoved,
};

impl Control {
    /// Adds a goal, or changes the one of number `id`.
    pub(crate) async fn set_goal(
        &self,
        site: u32,
        id: Option<i64>,
        draft: GoalDraft,
        actor: User,
    ) -> Result<Result<Goal, NotKept>, ControlError> {
        let now = self.now();
        self.write("keep a goal", move |transaction| {
            let GoalDraft { title, rule, value } = draft;
            let id = match keep(transaction, &GOALS, site, id, &title, &json!(rule).to_string(), now)? {
                Ok(id) => id,
                Err(reason) => return Ok(Err(reason)),
            };
            transaction.execute(
                "UPDATE goals SET value = ?2 WHERE id = ?1",
                params![id, value.as_ref().map(|value| json!(value).to_string())],
            )?;
            let goal = Goal { id, title, rule, value };
            note(transaction, site, GOALS.set, json!(goal), &actor, now)?;
            Ok(Ok(goal))
        })
        .await
    }

    /// Adds a funnel, or changes the one of number `id`.
    pub(crate) async fn set_funnel(
        &self,
        site: u32,
        id: Option<i64>,
        draft: FunnelDraft,
        actor: User,
    ) -> Result<Result<Funnel, NotKept>, ControlError> {
        let now = self.now();
        self.write("keep a funnel", move |transaction| {
            let FunnelDraft { title, steps } = draft;
            let id = match keep(transaction, &FUNNELS, site, id, &title, &json!(steps).to_string(), now)? {
                Ok(id) => id,
                Err(reason) => return Ok(Err(reason)),
            };
            let funnel = Funnel { id, title, steps };
            note(transaction, site, FUNNELS.set, json!(funnel), &actor, now)?;
            Ok(Ok(funnel))
        })
        .await
    }

    /// Whether there was one. Closed days keep what they have decided of it.
    pub(crate) async fn remove_goal(&self, site: u32, id: i64, actor: User) -> Result<bool, ControlError> {
        self.remove(&GOALS, site, id, actor).await
    }

    pub(crate) async fn remove_funnel(&self, site: u32, id: i64, actor: User) -> Result<bool, ControlError> {
        self.remove(&FUNNELS, site, id, actor).await
    }

    async fn remove(
        &self,
        place: &'static Place,
        site: u32,
        id: i64,
        actor: User,
    ) -> Result<bool, ControlError> {
        let now = self.now();
        self.write("remove a goal or funnel", move |transaction| {
            let Some(title) = take_out(transaction, place.table, "title", site, id)? else {
                return Ok(false);
            };
            note(transaction, site, place.removed, json!({"id": id, "title": title}), &actor, now)?;
            Ok(true)
        })
        .await
    }
}

/// Writes a row's title and what it declares; its number.
fn keep(
    transaction: &Transaction<'_>,
    place: &Place,
    site: u32,
    id: Option<i64>,
    title: &str,
    declared: &str,
    now: i64,
) -> rusqlite::Result<Result<i64, NotKept>> {
    let Place { table, column, .. } = place;
    let namesake: Option<i64> = transaction
        .query_row(
            &format!("SELECT id FROM {table} WHERE site_id = ?1 AND title = ?2"),
            params![site, title],
            |row| row.get(0),
        )
        .optional()?;
    if namesake.is_some_and(|namesake| Some(namesake) != id) {
        return Ok(Err(NotKept::TitleTaken));
    }
    if let Some(id) = id {
        let changed = transaction.execute(
            &format!("UPDATE {table} SET title = ?3, {column} = ?4 WHERE id = ?1 AND site_id = ?2"),
            params![id, site, title, declared],
        )?;
        return Ok(if changed == 1 { Ok(id) } else { Err(NotKept::NotThere) });
    }
    if by_id(transaction, site)?.is_none() {
        return Ok(Err(NotKept::NotThere));
    }
    let count: u32 = transaction.query_row(
        &format!("SELECT count(*) FROM {table} WHERE site_id = ?1"),
        [site],
        |row| row.get(0),
    )?;
    if count as usize >= place.rows_max {
        return Ok(Err(NotKept::TooMany));
    }
    transaction.execute(
        &format!("INSERT INTO {table} (site_id, title, {column}, created_at) VALUES (?1, ?2, ?3, ?4)"),
        params![site, title, declared, now],
    )?;
    Ok(Ok(transaction.last_insert_rowid()))
}

/// Notes the change and wakes the collectors.
fn note(
    transaction: &Transaction<'_>,
    site: u32,
    action: Action,
    detail: serde_json::Value,
    actor: &User,
    now: i64,
) -> rusqlite::Result<()> {
    raise_version(transaction)?;
    let domain = by_id(transaction, site)?.map(|site| site.domain).unwrap_or_default();
    audit::append(transaction, &Entry { at: now, actor: &actor.email, action, subject: &domain, detail })
}

/// What a site has declared; called under the connection's lock.
pub(super) fn of_site(connection: &Connection, site: u32) -> rusqlite::Result<Goals> {
    let goals = connection
        .prepare_cached("SELECT id, title, rule, value FROM goals WHERE site_id = ?1 ORDER BY title, id")?
        .query_map([site], |row| {
            let value: Option<String> = row.get(3)?;
            let value = value.map(|value| read(&value, 3)).transpose()?;
            Ok(Goal { id: row.get(0)?, title: row.get(1)?, rule: json_of(row, 2)?, value })
        })?
        .collect::<rusqlite::Result<_>>()?;
    let funnels = connection
        .prepare_cached("SELECT id, title, steps FROM funnels WHERE site_id = ?1 ORDER BY title, id")?
        .query_map([site], |row| Ok(Funnel { id: row.get(0)?, title: row.get(1)?, steps: json_of(row, 2)? }))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(Goals { goals, funnels })
}

fn json_of<T: for<'a> Deserialize<'a>>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    read(&text, column)
}

fn read<T: for<'a> Deserialize<'a>>(text: &str, column: usize) -> rusqlite::Result<T> {
    serde_json::from_str(text).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, Box::new(error))
    })
}
