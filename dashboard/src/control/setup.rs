//! The first start: a one-time link makes the first account. Its token is stored
//! hashed, so every start without an owner makes a new link and the old one ends.

use rusqlite::{Connection, OptionalExtension, params};
use serde_json::json;
use subtle::ConstantTimeEq;

use super::{
    Control, ControlError,
    audit::{self, Action, Entry, SYSTEM},
    email::Email,
    sessions,
    users::{self, User},
};
use crate::token::{Token, TokenHash};

/// What became of an attempt to set up.
pub(crate) enum Setup {
    Done {
        user: User,
        session: Token,
    },
    /// Somebody owns this dashboard already.
    OwnerExists,
    WrongToken,
}

/// Whether a set-up could go on, asked before the password is hashed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Open,
    OwnerExists,
    WrongToken,
}

impl Control {
    /// Makes the token of a new set-up link; `None` once an owner exists.
    pub(crate) async fn make_setup_token(&self) -> Result<Option<Token>, ControlError> {
        let now = self.now();
        self.write("make the set-up link", move |transaction| {
            if users::has_owner(transaction)? {
                return Ok(None);
            }
            let token = Token::random();
            transaction.execute(
                "INSERT OR REPLACE INTO setup_token (only, token_hash, created_at) VALUES (1, ?1, ?2)",
                params![token.hash(), now],
            )?;
            let entry = Entry {
                at: now,
                actor: SYSTEM,
                action: Action::SetupLinkMade,
                subject: "",
                detail: json!({}),
            };
            audit::append(transaction, &entry)?;
            Ok(Some(token))
        })
        .await
    }

    /// Whether `token` opens the set-up. Costs no password hash, so a stranger
    /// without the link cannot make us work.
    pub(crate) async fn setup_standing(&self, token: TokenHash) -> Result<Standing, ControlError> {
        self.read("check the set-up link", move |connection| standing(connection, &token)).await
    }

    /// Makes the first account, ends the link and signs the owner in, at once or not at all.
    pub(crate) async fn set_up(
        &self,
        token: TokenHash,
        email: Email,
        password_hash: String,
    ) -> Result<Setup, ControlError> {
        let now = self.now();
        self.write("create the owner", move |transaction| {
            match standing(transaction, &token)? {
                Standing::Open => {}
                Standing::OwnerExists => return Ok(Setup::OwnerExists),
                Standing::WrongToken => return Ok(Setup::WrongToken),
            }
            transaction.execute("DELETE FROM setup_token", [])?;
            let user = users::insert(transaction, &email, &password_hash, true, now)?;
            let entry = Entry {
                at: now,
                actor: &user.email,
                action: Action::OwnerCreated,
                subject: &user.email,
                detail: json!({}),
            };
            audit::append(transaction, &entry)?;
            let session = sessions::begin(transaction, &user, now)?;
            Ok(Setup::Done { user, session })
        })
        .await
    }
}

fn standing(connection: &Connection, token: &TokenHash) -> rusqlite::Result<Standing> {
    if users::has_owner(connection)? {
        return Ok(Standing::OwnerExists);
    }
    let kept: Option<TokenHash> =
        connection.query_row("SELECT token_hash FROM setup_token", [], |row| row.get(0)).optional()?;
    let right = kept.is_some_and(|kept| bool::from(kept.ct_eq(token)));
    Ok(if right { Standing::Open } else { Standing::WrongToken })
}
