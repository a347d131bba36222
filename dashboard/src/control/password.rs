//! Passwords: argon2id, and the same work whether the account exists or not.

use argon2::{
    Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version, password_hash::phc::PasswordHash,
};
use tokio::sync::Semaphore;

use super::ControlError;

/// Memory of one hash, in KiB, with two passes and one lane: OWASP's password
/// storage cheat sheet (2026), the row for 19 MiB.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Hashes made at once. Each takes 19 MiB, and an owner signs in a few times a
/// month; whoever tries thousands waits in line.
const HASHES_AT_ONCE: usize = 2;

/// Fewest characters of a password: NIST SP 800-63B-4 asks for 15 where it is the
/// only factor and 8 at the very least; attempts here are limited and the file is
/// 0600, so 10.
pub const PASSWORD_CHARS_MIN: usize = 10;

/// Longest password, in bytes; enough for a sentence.
pub const PASSWORD_BYTES_MAX: usize = 1024;

/// Hashes passwords, a few at a time, off the server's threads.
pub struct Passwords {
    turns: Semaphore,
    /// The hash of a password nobody has, checked when the account is unknown so
    /// that the answer takes as long.
    nobody: String,
}

impl Passwords {
    /// Takes as long as one hash.
    pub fn new() -> Passwords {
        let mut unguessable = [0; 32];
        crate::token::fill_random(&mut unguessable);
        Passwords { turns: Semaphore::new(HASHES_AT_ONCE), nobody: hash(&crate::token::hex(&unguessable)) }
    }

    /// Whether it is long enough to be taken, and short enough to be hashed.
    pub fn is_acceptable(password: &str) -> bool {
        password.chars().count() >= PASSWORD_CHARS_MIN && password.len() <= PASSWORD_BYTES_MAX
    }

    /// The PHC string to keep.
    pub async fn hash(&self, password: String) -> Result<String, ControlError> {
        self.in_turn("hash a password", move || hash(&password)).await
    }

    /// Whether `password` is the one that `kept` was made from; `None` is an
    /// unknown account, whose password nobody has.
    pub async fn verify(&self, password: String, kept: Option<String>) -> Result<bool, ControlError> {
        let known = kept.is_some();
        let kept = kept.unwrap_or_else(|| self.nobody.clone());
        let matches = self.in_turn("check a password", move || verify(&password, &kept)).await?;
        Ok(known & matches)
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        step: &'static str,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, ControlError> {
        let _turn = self.turns.acquire().await.expect("the semaphore is never closed");
        tokio::task::spawn_blocking(work).await.map_err(|source| ControlError::Lost { step, source })
    }
}

impl Default for Passwords {
    fn default() -> Passwords {
        Passwords::new()
    }
}

fn argon2() -> Argon2<'static> {
    let params =
        Params::new(MEMORY_KIB, PASSES, LANES, None).expect("the constants are within argon2's limits");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn hash(password: &str) -> String {
    let mut salt = [0; 16];
    crate::token::fill_random(&mut salt);
    let hash: PasswordHash = argon2()
        .hash_password_with_salt(password.as_bytes(), &salt)
        .expect("a password of at most 1024 bytes and a salt of 16 can be hashed");
    hash.to_string()
}

fn verify(password: &str, kept: &str) -> bool {
    match PasswordHash::new(kept) {
        Ok(kept) => argon2().verify_password(password.as_bytes(), &kept).is_ok(),
        Err(error) => {
            tracing::error!(%error, "a password hash in control.db cannot be read; its owner cannot sign in");
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_says_it_is_argon2id_with_our_cost() {
        assert!(hash("correct horse").starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    }

    #[tokio::test]
    async fn only_the_same_password_of_a_known_account_passes() {
        let passwords = Passwords::new();
        let kept = passwords.hash("correct horse".to_owned()).await.unwrap();
        assert!(passwords.verify("correct horse".to_owned(), Some(kept.clone())).await.unwrap());
        assert!(!passwords.verify("wrong horse".to_owned(), Some(kept)).await.unwrap());
        assert!(!passwords.verify("correct horse".to_owned(), None).await.unwrap());
    }

    #[test]
    fn a_password_is_counted_in_characters_not_bytes() {
        assert!(!Passwords::is_acceptable("пароль"));
        assert!(Passwords::is_acceptable("парольпароль"));
        assert!(!Passwords::is_acceptable(&"a".repeat(PASSWORD_BYTES_MAX + 1)));
    }
}
