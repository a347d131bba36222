//! Accounts.

use rusqlite::{Connection, OptionalExtension, params};

use super::{Control, ControlError, email::Email};

/// Who is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    pub id: i64,
    /// What the audit log calls them.
    pub email: String,
    /// Owns every site, and the server itself.
    pub is_admin: bool,
}

impl User {
    /// The same account, acting through a token: the audit log names both.
    pub(crate) fn by_token(self, name: &str) -> User {
        User { email: format!("{} (token {name:?})", self.email), ..self }
    }
}

/// An account and what its password is checked against.
pub(crate) struct Account {
    pub(crate) user: User,
    pub(crate) password_hash: String,
}

impl Control {
    /// Whether anybody can sign in at all.
    pub async fn has_owner(&self) -> Result<bool, ControlError> {
        self.read("look for an owner", has_owner).await
    }

    pub(crate) async fn account(&self, email: Email) -> Result<Option<Account>, ControlError> {
        self.read("look an account up", move |connection| {
            connection
                .query_row(
                    "SELECT id, email, is_admin, password_hash FROM users WHERE email = ?1",
                    [email.as_str()],
                    |row| {
                        Ok(Account {
                            user: User { id: row.get(0)?, email: row.get(1)?, is_admin: row.get(2)? },
                            password_hash: row.get(3)?,
                        })
                    },
                )
                .optional()
        })
        .await
    }
}

pub(super) fn has_owner(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row("SELECT EXISTS (SELECT 1 FROM users)", [], |row| row.get(0))
}

pub(super) fn insert(
    connection: &Connection,
    email: &Email,
    password_hash: &str,
    is_admin: bool,
    now: i64,
) -> rusqlite::Result<User> {
    connection.execute(
        "INSERT INTO users (email, password_hash, is_admin, created_at) VALUES (?1, ?2, ?3, ?4)",
        params![email.as_str(), password_hash, is_admin, now],
    )?;
    Ok(User { id: connection.last_insert_rowid(), email: email.as_str().to_owned(), is_admin })
}
