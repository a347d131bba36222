//! The second step at the door: a one-time code, or one of ten recovery codes. The secret is
//! sealed with a key that is not in control.db; of a recovery code only the hash is kept.

use rusqlite::{Connection, OptionalExtension, params};
use serde_json::json;

use super::{
    Control, ControlError,
    audit::{self, Action, Entry},
    totp::TotpSecret,
    users::User,
};
use crate::{
    secret::Secret,
    token::{self, TokenHash},
};

/// Recovery codes of an account.
const CODES: usize = 10;

/// Bytes of a recovery code: 80 bits cannot be guessed, and 16 letters can be typed.
const CODE_BYTES: usize = 10;

/// How a code was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taken {
    /// The account asks for none.
    NotAsked,
    ByClock,
    /// It is gone now.
    ByRecovery,
    Wrong,
}

/// Where an account's secret is sealed for.
fn place(user: &User) -> String {
    format!("totp of account {}", user.id)
}

impl Control {
    /// Whether the account asks for a code, and how many recovery codes are left.
    pub(crate) async fn two_step(&self, user: &User) -> Result<(bool, u32), ControlError> {
        let id = user.id;
        self.read("look at the second step", move |connection| {
            let is_on =
                connection
                    .query_row("SELECT totp IS NOT NULL FROM users WHERE id = ?1", [id], |row| row.get(0))?;
            let left = connection.query_row(
                "SELECT count(*) FROM recovery_codes WHERE user_id = ?1",
                [id],
                |row| row.get(0),
            )?;
            Ok((is_on, left))
        })
        .await
    }

    /// Switches it on; the recovery codes are readable this once. The code that proved the
    /// secret is not taken again.
    pub(crate) async fn begin_two_step(
        &self,
        user: User,
        secret: &TotpSecret,
        step: i64,
        seal: &Secret,
    ) -> Result<Vec<String>, ControlError> {
        let now = self.now();
        let sealed = seal.seal(&place(&user), &secret.base32());
        self.write("switch the second step on", move |transaction| {
            transaction.execute(
                "UPDATE users SET totp = ?2, totp_step = ?3 WHERE id = ?1",
                params![user.id, sealed, step],
            )?;
            transaction.execute("DELETE FROM recovery_codes WHERE user_id = ?1", [user.id])?;
            let mut codes = Vec::with_capacity(CODES);
            for _ in 0..CODES {
                let mut bytes = [0; CODE_BYTES];
                token::fill_random(&mut bytes);
                let code = written(&bytes);
                transaction.execute(
                    "INSERT INTO recovery_codes (user_id, code_hash) VALUES (?1, ?2)",
                    params![user.id, hash(&code)],
                )?;
                codes.push(code);
            }
            note(transaction, &user, Action::TwoStepOn, now)?;
            Ok(codes)
        })
        .await
    }

    pub(crate) async fn end_two_step(&self, user: User) -> Result<(), ControlError> {
        let now = self.now();
        self.write("switch the second step off", move |transaction| {
            transaction.execute("UPDATE users SET totp = NULL, totp_step = NULL WHERE id = ?1", [user.id])?;
            transaction.execute("DELETE FROM recovery_codes WHERE user_id = ?1", [user.id])?;
            note(transaction, &user, Action::TwoStepOff, now)
        })
        .await
    }

    /// Takes a code, so that it cannot be taken again.
    pub(crate) async fn take_code(
        &self,
        user: &User,
        code: &str,
        seal: &Secret,
    ) -> Result<Taken, ControlError> {
        let now = self.now();
        let id = user.id;
        let sealed: Option<String> = self
            .read("look the second step up", move |connection| {
                connection.query_row("SELECT totp FROM users WHERE id = ?1", [id], |row| row.get(0))
            })
            .await?;
        let Some(sealed) = sealed else { return Ok(Taken::NotAsked) };
        let opened = seal.open(&place(user), &sealed).ok();
        if opened.is_none() {
            tracing::error!(
                user = user.id,
                "the secret of a second step cannot be opened; recovery codes still work"
            );
        }
        let secret = opened.and_then(|opened| TotpSecret::from_base32(opened.expose()));
        let (user, code) = (user.clone(), code.to_owned());
        self.write("take a code", move |transaction| {
            if let Some(secret) = secret {
                let used: Option<i64> =
                    transaction
                        .query_row("SELECT totp_step FROM users WHERE id = ?1", [id], |row| row.get(0))?;
                if let Some(step) = secret.step_of(&code, now, used) {
                    transaction
                        .execute("UPDATE users SET totp_step = ?2 WHERE id = ?1", params![id, step])?;
                    return Ok(Taken::ByClock);
                }
            }
            if !take_recovery(transaction, id, &code)? {
                return Ok(Taken::Wrong);
            }
            note(transaction, &user, Action::RecoveryCodeUsed, now)?;
            Ok(Taken::ByRecovery)
        })
        .await
    }
}

fn take_recovery(connection: &Connection, user_id: i64, code: &str) -> rusqlite::Result<bool> {
    // By hash of 80 random bits: how long the look-up takes says nothing of the code.
    let gone: Option<i64> = connection
        .query_row(
            "DELETE FROM recovery_codes WHERE user_id = ?1 AND code_hash = ?2 RETURNING user_id",
            params![user_id, hash(code)],
            |row| row.get(0),
        )
        .optional()?;
    Ok(gone.is_some())
}

/// Letters and digits that cannot be mistaken for each other, in four groups.
fn written(bytes: &[u8; CODE_BYTES]) -> String {
    const ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";
    let number = bytes.iter().fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
    let letter = |place: usize| char::from(ALPHABET[(number >> (5 * place) & 31) as usize]);
    let letters: Vec<char> = (0..16).map(letter).collect();
    letters.chunks(4).map(|four| four.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

/// However it is typed.
fn hash(code: &str) -> TokenHash {
    let letters: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
    blake3::derive_key("mostik recovery code v1", letters.to_ascii_lowercase().as_bytes())
}

fn note(connection: &Connection, user: &User, action: Action, now: i64) -> rusqlite::Result<()> {
    let entry = Entry { at: now, actor: &user.email, action, subject: &user.email, detail: json!({}) };
    audit::append(connection, &entry)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recovery_code_is_known_however_it_is_typed() {
        let code = written(&[7; CODE_BYTES]);
        assert_eq!(code.len(), 19, "{code}");
        assert_eq!(hash(&code), hash(&code.replace('-', " ").to_uppercase()));
        assert_ne!(hash(&code), hash(&code[..18]));
    }
}
