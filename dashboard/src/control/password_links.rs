//! A forgotten password: whoever has the server makes a link, good once and for an hour, by which
//! the account's owner sets another. No mail is sent.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, params};
use serde_json::json;

use super::{
    Control, ControlError,
    audit::{self, Action, Entry, SYSTEM},
    email::Email,
};
use crate::token::{Token, TokenHash};

/// How long a link is good.
pub const PASSWORD_LINK_LIFE: Duration = Duration::from_secs(60 * 60);

impl Control {
    /// Makes a link's token, which ends the one before; `None` where nobody has the address.
    pub(crate) async fn make_password_link(
        &self,
        email: Email,
        ends_two_step: bool,
    ) -> Result<Option<Token>, ControlError> {
        let now = self.now();
        let expires_at = now + i64::try_from(PASSWORD_LINK_LIFE.as_secs()).expect("an hour is a few seconds");
        self.write("make a link for a password", move |transaction| {
            let user: Option<i64> = transaction
                .query_row("SELECT id FROM users WHERE email = ?1", [email.as_str()], |row| row.get(0))
                .optional()?;
            let Some(user) = user else { return Ok(None) };
            let token = Token::random();
            transaction.execute(
                "INSERT INTO password_links (token_hash, user_id, ends_two_step, expires_at) VALUES (?1, ?2, ?3, ?4) \
                 ON CONFLICT (user_id) DO UPDATE SET token_hash = ?1, ends_two_step = ?3, expires_at = ?4",
                params![token.hash(), user, ends_two_step, expires_at],
            )?;
            let detail = json!({"ends_two_step": ends_two_step});
            let (action, subject) = (Action::PasswordLinkMade, email.as_str());
            audit::append(transaction, &Entry { at: now, actor: SYSTEM, action, subject, detail })?;
            Ok(Some(token))
        })
        .await
    }

    /// Whose password a link sets, while it is good.
    pub(crate) async fn password_link(&self, token: TokenHash) -> Result<Option<String>, ControlError> {
        let now = self.now();
        self.read("look a link for a password up", move |connection| {
            Ok(find(connection, &token, now)?.map(|found| found.email))
        })
        .await
    }

    /// Sets the password and ends the link and every session. False when the link is not good.
    pub(crate) async fn redeem_password_link(
        &self,
        token: TokenHash,
        password_hash: String,
    ) -> Result<bool, ControlError> {
        let now = self.now();
        self.write("set a forgotten password", move |transaction| {
            let Some(Found { user, email, ends_two_step }) = find(transaction, &token, now)? else {
                return Ok(false);
            };
            transaction
                .execute("UPDATE users SET password_hash = ?2 WHERE id = ?1", params![user, password_hash])?;
            transaction.execute("DELETE FROM password_links WHERE user_id = ?1", [user])?;
            transaction.execute("DELETE FROM sessions WHERE user_id = ?1", [user])?;
            if ends_two_step {
                transaction
                    .execute("UPDATE users SET totp = NULL, totp_step = NULL WHERE id = ?1", [user])?;
                transaction.execute("DELETE FROM recovery_codes WHERE user_id = ?1", [user])?;
            }
            let actions = [Some(Action::PasswordChanged), ends_two_step.then_some(Action::TwoStepOff)];
            for action in actions.into_iter().flatten() {
                let entry = Entry { at: now, actor: &email, action, subject: &email, detail: json!({}) };
                audit::append(transaction, &entry)?;
            }
            Ok(true)
        })
        .await
    }
}

struct Found {
    user: i64,
    email: String,
    ends_two_step: bool,
}

fn find(connection: &Connection, token: &TokenHash, now: i64) -> rusqlite::Result<Option<Found>> {
    connection
        .query_row(
            "SELECT user_id, email, ends_two_step FROM password_links JOIN users ON users.id = user_id \
             WHERE token_hash = ?1 AND expires_at > ?2",
            params![token, now],
            |row| Ok(Found { user: row.get(0)?, email: row.get(1)?, ends_two_step: row.get(2)? }),
        )
        .optional()
}
