//! Limits on attempts to sign in, in memory that never grows.
//!
//! Two limits: one per account, so that a password cannot be tried out; one for
//! all, so that hashing cannot fill the machine. No address of a client is read or
//! kept. The price: whoever knows an owner's e-mail address can keep that account
//! waiting; the owner's open sessions are not touched by it.

use std::sync::atomic::{AtomicI64, Ordering};

use super::rate::{Wait, take};
use crate::{clock::Clock, token};

/// Slots for accounts; two accounts that fall into one share its limit.
const SLOTS: usize = 4096;

/// Attempts at one account at once, then one every [`ACCOUNT_EVERY_MS`].
const ACCOUNT_BURST: i64 = 5;
const ACCOUNT_EVERY_MS: i64 = 20_000;

/// Codes tried at one account's second step at once, then one every [`CODE_EVERY_MS`]: of a
/// million codes three are good at any moment, so whoever has the password hits one in a day
/// with a chance of one in two thousand.
const CODE_BURST: i64 = 5;
const CODE_EVERY_MS: i64 = 600_000;

/// Attempts at all accounts at once, then one every [`ALL_EVERY_MS`]: half of what
/// one core can hash.
const ALL_BURST: i64 = 40;
const ALL_EVERY_MS: i64 = 100;

pub(crate) struct Throttle {
    clock: Clock,
    key: [u8; 32],
    accounts: Box<[AtomicI64]>,
    all: AtomicI64,
}

impl Throttle {
    pub(crate) fn new(clock: Clock) -> Throttle {
        let mut key = [0; 32];
        token::fill_random(&mut key);
        let accounts = (0..SLOTS).map(|_| AtomicI64::new(0)).collect();
        Throttle { clock, key, accounts, all: AtomicI64::new(0) }
    }

    /// Takes one attempt at what is named so, an account or a link, before any work is done for it.
    pub(crate) fn attempt(&self, name: &str) -> Result<(), Wait> {
        let now = self.clock.now().as_millisecond();
        take(&self.all, now, ALL_BURST, ALL_EVERY_MS)?;
        take(self.slot(name), now, ACCOUNT_BURST, ACCOUNT_EVERY_MS)
    }

    /// Takes one try at a second step.
    pub(crate) fn attempt_code(&self, name: &str) -> Result<(), Wait> {
        let now = self.clock.now().as_millisecond();
        take(self.slot(&code_of(name)), now, CODE_BURST, CODE_EVERY_MS)
    }

    /// The password was right: earlier slips are forgotten. Not those of the code, or whoever
    /// has the password could try codes for ever.
    pub(crate) fn forgive(&self, name: &str) {
        self.slot(name).store(0, Ordering::Relaxed);
    }

    /// The code was right as well.
    pub(crate) fn forgive_code(&self, name: &str) {
        self.slot(&code_of(name)).store(0, Ordering::Relaxed);
    }

    fn slot(&self, name: &str) -> &AtomicI64 {
        let hash = blake3::keyed_hash(&self.key, name.as_bytes());
        let [first, second, ..] = *hash.as_bytes();
        &self.accounts[usize::from(u16::from_le_bytes([first, second])) % SLOTS]
    }
}

/// No address and no link is named so.
fn code_of(name: &str) -> String {
    format!("code of {name}")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::Timestamp;

    use super::*;

    fn throttle() -> Throttle {
        Throttle::new(Clock::standing_at(Timestamp::from_second(1_795_000_000).unwrap()))
    }

    #[test]
    fn the_sixth_attempt_at_one_account_waits_for_the_next_slot() {
        let throttle = throttle();
        for _ in 0..ACCOUNT_BURST {
            throttle.attempt("a@b.ru").unwrap();
        }
        assert_eq!(throttle.attempt("a@b.ru"), Err(Wait { seconds: 20 }));
        throttle.clock.advance(Duration::from_secs(20));
        assert_eq!(throttle.attempt("a@b.ru"), Ok(()));
        assert!(throttle.attempt("a@b.ru").is_err());
    }

    #[test]
    fn a_success_forgives_earlier_slips() {
        let throttle = throttle();
        for _ in 0..ACCOUNT_BURST {
            throttle.attempt("a@b.ru").unwrap();
        }
        throttle.forgive("a@b.ru");
        assert_eq!(throttle.attempt("a@b.ru"), Ok(()));
    }

    #[test]
    fn many_accounts_together_meet_the_limit_for_all() {
        let throttle = throttle();
        let passed = (0..1000).filter(|n| throttle.attempt(&format!("u{n}@b.ru")).is_ok()).count();
        assert!(passed as i64 <= ALL_BURST, "{passed}");
    }
}
