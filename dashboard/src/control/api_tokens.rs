//! Tokens that programs come with. A token is shown once; only its hash is kept. It does
//! what its account may do, within its scope and its site, and ends with its account.

use rusqlite::{
    Connection, OptionalExtension, params,
    types::{FromSql, FromSqlError, FromSqlResult, ValueRef},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    Control, ControlError,
    audit::{self, Action, Entry},
    roles::{self, Role},
    terms::{Terms, Unfit},
    users::User,
};
use crate::token::{Token, TokenHash};

/// Tokens of one account, at most: a list is still a list.
pub const TOKENS_MAX: u32 = 100;

/// How often use is noted, in seconds: each note is a write with fsync.
const NOTE_EVERY_SECONDS: i64 = 60 * 60;

/// What a token is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Scope {
    /// Reports, nothing else.
    #[serde(rename = "stats:read")]
    Stats,
    /// All that its account may do over the API.
    #[serde(rename = "manage")]
    Manage,
}

impl Scope {
    pub fn name(self) -> &'static str {
        match self {
            Scope::Stats => "stats:read",
            Scope::Manage => "manage",
        }
    }

    /// The most that a token of this scope may do with a site.
    pub fn limit(self) -> Role {
        match self {
            Scope::Stats => Role::Viewer,
            Scope::Manage => Role::Owner,
        }
    }
}

impl FromSql for Scope {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Scope> {
        match value.as_str()? {
            "stats:read" => Ok(Scope::Stats),
            "manage" => Ok(Scope::Manage),
            _ => Err(FromSqlError::InvalidType),
        }
    }
}

/// A token as its owner sees it in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ApiToken {
    pub id: i64,
    pub name: String,
    pub scope: Scope,
    /// Absent: every site of the account.
    pub site_id: Option<u32>,
    /// Seconds since 1970, as are the other times.
    pub created_at: i64,
    pub expires_at: Option<i64>,
    /// To the hour; absent: never.
    pub used_at: Option<i64>,
}

/// What a program that came with a token may do.
#[derive(Debug, Clone)]
pub(crate) struct Bearer {
    pub(crate) token_id: i64,
    /// In whose name; the audit log names the token beside them.
    pub(crate) user: User,
    pub(crate) scope: Scope,
    pub(crate) site_id: Option<u32>,
}

/// What is wrong with a new token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mistake {
    Name,
    Life,
    Site,
    TooMany,
}

/// A token to be made, checked.
pub(crate) struct Draft {
    terms: Terms,
    scope: Scope,
    site_id: Option<u32>,
}

impl From<Unfit> for Mistake {
    fn from(unfit: Unfit) -> Mistake {
        match unfit {
            Unfit::Name => Mistake::Name,
            Unfit::Life => Mistake::Life,
        }
    }
}

impl Draft {
    pub(crate) fn new(
        name: &str,
        scope: Scope,
        site_id: Option<u32>,
        life_days: Option<u32>,
    ) -> Result<Draft, Mistake> {
        Ok(Draft { terms: Terms::new(name, life_days)?, scope, site_id })
    }
}

impl Control {
    pub(crate) async fn api_tokens(&self, user: &User) -> Result<Vec<ApiToken>, ControlError> {
        let user_id = user.id;
        self.read("list the tokens", move |connection| {
            connection
                .prepare(&format!("{COLUMNS} WHERE user_id = ?1 ORDER BY id"))?
                .query_map([user_id], from_row)?
                .collect()
        })
        .await
    }

    /// Makes a token; the only time that it can be read.
    pub(crate) async fn make_api_token(
        &self,
        draft: Draft,
        user: User,
    ) -> Result<Result<(ApiToken, Token), Mistake>, ControlError> {
        let now = self.now();
        self.write("make a token", move |transaction| {
            if let Some(site_id) = draft.site_id {
                // A site that is not theirs is answered like one that is not there.
                let is_there: bool = transaction.query_row(
                    "SELECT EXISTS (SELECT 1 FROM sites WHERE id = ?1)",
                    [site_id],
                    |row| row.get(0),
                )?;
                if !is_there || roles::role(transaction, &user, site_id)?.is_none() {
                    return Ok(Err(Mistake::Site));
                }
            }
            let count: u32 = transaction.query_row(
                "SELECT count(*) FROM api_tokens WHERE user_id = ?1",
                [user.id],
                |row| row.get(0),
            )?;
            if count >= TOKENS_MAX {
                return Ok(Err(Mistake::TooMany));
            }
            let token = Token::api();
            let expires_at = draft.terms.expires_at(now);
            transaction.execute(
                "INSERT INTO api_tokens (token_hash, user_id, name, scope, site_id, created_at, expires_at) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                params![
                    token.hash(),
                    user.id,
                    draft.terms.name,
                    draft.scope.name(),
                    draft.site_id,
                    now,
                    expires_at
                ],
            )?;
            let id = transaction.last_insert_rowid();
            let made = transaction.query_row(&format!("{COLUMNS} WHERE id = ?1"), [id], from_row)?;
            let detail =
                json!({"id": id, "scope": made.scope, "site_id": made.site_id, "expires_at": expires_at});
            note(transaction, &user, Action::TokenMade, &made.name, detail, now)?;
            Ok(Ok((made, token)))
        })
        .await
    }

    /// Ends a token of the account's own. False when there is no such one.
    pub(crate) async fn end_api_token(&self, id: i64, user: User) -> Result<bool, ControlError> {
        let now = self.now();
        self.write("end a token", move |transaction| {
            let name: Option<String> = transaction
                .query_row(
                    "DELETE FROM api_tokens WHERE id = ?1 AND user_id = ?2 RETURNING name",
                    params![id, user.id],
                    |row| row.get(0),
                )
                .optional()?;
            let Some(name) = name else { return Ok(false) };
            note(transaction, &user, Action::TokenEnded, &name, json!({"id": id}), now)?;
            Ok(true)
        })
        .await
    }

    /// What the token is good for, if it has not ended.
    pub(crate) async fn bearer(&self, token: TokenHash) -> Result<Option<Bearer>, ControlError> {
        let now = self.now();
        let found = self.read("look a token up", move |connection| find(connection, &token, now)).await?;
        let Some((bearer, used_at)) = found else { return Ok(None) };
        if used_at.is_none_or(|used_at| now - used_at >= NOTE_EVERY_SECONDS) {
            let id = bearer.token_id;
            self.write("note the use of a token", move |transaction| {
                transaction.execute("UPDATE api_tokens SET used_at = ?2 WHERE id = ?1", params![id, now])
            })
            .await?;
        }
        Ok(Some(bearer))
    }
}

const COLUMNS: &str = "SELECT id, name, scope, site_id, created_at, expires_at, used_at FROM api_tokens";

fn from_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<ApiToken> {
    Ok(ApiToken {
        id: row.get(0)?,
        name: row.get(1)?,
        scope: row.get(2)?,
        site_id: row.get(3)?,
        created_at: row.get(4)?,
        expires_at: row.get(5)?,
        used_at: row.get(6)?,
    })
}

fn find(
    connection: &Connection,
    token: &TokenHash,
    now: i64,
) -> rusqlite::Result<Option<(Bearer, Option<i64>)>> {
    connection
        .query_row(
            "SELECT api_tokens.id, name, scope, site_id, used_at, users.id, email, is_admin \
             FROM api_tokens JOIN users ON users.id = user_id \
             WHERE token_hash = ?1 AND (expires_at IS NULL OR expires_at > ?2)",
            params![token, now],
            |row| {
                let user = User { id: row.get(5)?, email: row.get(6)?, is_admin: row.get(7)? };
                let name: String = row.get(1)?;
                let bearer = Bearer {
                    token_id: row.get(0)?,
                    user: user.by_token(&name),
                    scope: row.get(2)?,
                    site_id: row.get(3)?,
                };
                Ok((bearer, row.get(4)?))
            },
        )
        .optional()
}

fn note(
    connection: &Connection,
    user: &User,
    action: Action,
    subject: &str,
    detail: serde_json::Value,
    now: i64,
) -> rusqlite::Result<()> {
    audit::append(connection, &Entry { at: now, actor: &user.email, action, subject, detail })
}

#[cfg(test)]
mod tests {
    use super::{
        super::terms::{LIFE_DAYS_MAX, NAME_CHARS_MAX},
        *,
    };

    #[test]
    fn a_token_needs_a_name_that_can_be_read_and_a_life_that_ends_within_ten_years() {
        let check = |name: &str, days| Draft::new(name, Scope::Stats, None, days).map(|_| ());
        assert_eq!(check(" Grafana ", None), Ok(()));
        assert_eq!(check("   ", None), Err(Mistake::Name));
        assert_eq!(check("a\nb", None), Err(Mistake::Name));
        assert_eq!(check(&"я".repeat(NAME_CHARS_MAX), Some(LIFE_DAYS_MAX)), Ok(()));
        assert_eq!(check(&"я".repeat(NAME_CHARS_MAX + 1), None), Err(Mistake::Name));
        assert_eq!(check("x", Some(0)), Err(Mistake::Life));
        assert_eq!(check("x", Some(LIFE_DAYS_MAX + 1)), Err(Mistake::Life));
    }
}
