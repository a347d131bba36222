//! Sessions: a random token in the browser's cookie, its hash here. A session ends
//! when it was idle too long, when it is too old, or when the owner signs out.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, params};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use super::{
    Control, ControlError,
    audit::{self, Action, Entry},
    users::User,
};
use crate::token::{self, Token, TokenHash};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Longest a session lasts unused: an owner who looks in once a week stays signed in.
pub const IDLE_MAX: Duration = DAY.saturating_mul(14);

/// Longest a session lasts at all.
pub const AGE_MAX: Duration = DAY.saturating_mul(90);

/// How often use is noted: each note is a write with fsync, and a page of the
/// dashboard makes several requests.
const NOTE_EVERY: Duration = Duration::from_secs(60 * 60);

/// Sessions of one account, at most; the least used one ends first.
const SESSIONS_MAX: u32 = 50;

/// Bytes of a session's hash that name it in the list; the rest stays here.
const ID_BYTES: u8 = 8;

/// An open session as its account sees it. From where it was opened is not kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SessionLine {
    pub id: String,
    /// Seconds since 1970.
    pub created_at: i64,
    /// To the hour.
    pub seen_at: i64,
    /// The one that asks.
    pub is_current: bool,
}

impl Control {
    /// Signs `user` in.
    pub(crate) async fn begin_session(&self, user: User) -> Result<Token, ControlError> {
        let now = self.now();
        self.write("begin a session", move |transaction| begin(transaction, &user, now)).await
    }

    /// Whose session it is, if it has not ended.
    pub(crate) async fn session(&self, token: TokenHash) -> Result<Option<User>, ControlError> {
        let now = self.now();
        let found = self.read("look a session up", move |connection| find(connection, &token, now)).await?;
        let Some((user, seen_at)) = found else { return Ok(None) };
        if now - seen_at >= seconds(NOTE_EVERY) {
            self.write("note the use of a session", move |transaction| {
                transaction
                    .execute("UPDATE sessions SET seen_at = ?2 WHERE token_hash = ?1", params![token, now])
            })
            .await?;
        }
        Ok(Some(user))
    }

    /// The account's open sessions, the one last used first.
    pub(crate) async fn sessions_of(
        &self,
        user: &User,
        current: Option<TokenHash>,
    ) -> Result<Vec<SessionLine>, ControlError> {
        let (id, now) = (user.id, self.now());
        self.read("list the sessions", move |connection| {
            connection
                .prepare(
                    "SELECT token_hash, created_at, seen_at FROM sessions \
                     WHERE user_id = ?1 AND seen_at > ?2 AND created_at > ?3 ORDER BY seen_at DESC, created_at DESC",
                )?
                .query_map(params![id, now - seconds(IDLE_MAX), now - seconds(AGE_MAX)], |row| {
                    let hash: TokenHash = row.get(0)?;
                    Ok(SessionLine {
                        id: token::hex(&hash[..usize::from(ID_BYTES)]),
                        created_at: row.get(1)?,
                        seen_at: row.get(2)?,
                        is_current: current == Some(hash),
                    })
                })?
                .collect()
        })
        .await
    }

    /// Ends a session of the account's by its name in the list. False when there is none.
    pub(crate) async fn revoke_session(&self, user: User, id: String) -> Result<bool, ControlError> {
        let now = self.now();
        self.write("end a session", move |transaction| {
            let ended = transaction.execute(
                "DELETE FROM sessions WHERE user_id = ?1 AND lower(hex(substr(token_hash, 1, ?3))) = ?2",
                params![user.id, id, ID_BYTES],
            )?;
            if ended == 0 {
                return Ok(false);
            }
            note(transaction, &user, Action::SessionEnded, now)?;
            Ok(true)
        })
        .await
    }

    /// Another password; every session but the current one ends.
    pub(crate) async fn change_password(
        &self,
        user: User,
        password_hash: String,
        current: Option<TokenHash>,
    ) -> Result<(), ControlError> {
        let now = self.now();
        self.write("change a password", move |transaction| {
            transaction.execute(
                "UPDATE users SET password_hash = ?2 WHERE id = ?1",
                params![user.id, password_hash],
            )?;
            transaction.execute(
                "DELETE FROM sessions WHERE user_id = ?1 AND token_hash IS NOT ?2",
                params![user.id, current],
            )?;
            note(transaction, &user, Action::PasswordChanged, now)
        })
        .await
    }

    /// Signs out. A session that has ended already is no error.
    pub(crate) async fn end_session(&self, token: TokenHash) -> Result<(), ControlError> {
        let now = self.now();
        self.write("end a session", move |transaction| {
            let Some((user, _)) = find(transaction, &token, now)? else { return Ok(()) };
            transaction.execute("DELETE FROM sessions WHERE token_hash = ?1", params![token])?;
            note(transaction, &user, Action::SignedOut, now)
        })
        .await
    }
}

pub(super) fn begin(connection: &Connection, user: &User, now: i64) -> rusqlite::Result<Token> {
    connection.execute(
        "DELETE FROM sessions WHERE seen_at <= ?1 OR created_at <= ?2",
        params![now - seconds(IDLE_MAX), now - seconds(AGE_MAX)],
    )?;
    connection.execute(
        "DELETE FROM sessions WHERE token_hash IN (SELECT token_hash FROM sessions WHERE user_id = ?1 \
         ORDER BY seen_at DESC LIMIT -1 OFFSET ?2)",
        params![user.id, SESSIONS_MAX - 1],
    )?;
    let token = Token::random();
    connection.execute(
        "INSERT INTO sessions (token_hash, user_id, created_at, seen_at) VALUES (?1, ?2, ?3, ?3)",
        params![token.hash(), user.id, now],
    )?;
    note(connection, user, Action::SignedIn, now)?;
    Ok(token)
}

fn find(connection: &Connection, token: &TokenHash, now: i64) -> rusqlite::Result<Option<(User, i64)>> {
    connection
        .query_row(
            "SELECT user_id, email, is_admin, seen_at FROM sessions JOIN users ON users.id = user_id \
             WHERE token_hash = ?1 AND seen_at > ?2 AND sessions.created_at > ?3",
            params![token, now - seconds(IDLE_MAX), now - seconds(AGE_MAX)],
            |row| Ok((User { id: row.get(0)?, email: row.get(1)?, is_admin: row.get(2)? }, row.get(3)?)),
        )
        .optional()
}

fn note(connection: &Connection, user: &User, action: Action, now: i64) -> rusqlite::Result<()> {
    let entry = Entry { at: now, actor: &user.email, action, subject: &user.email, detail: json!({}) };
    audit::append(connection, &entry)
}

fn seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).expect("the constants above are far below 2^63 seconds")
}
