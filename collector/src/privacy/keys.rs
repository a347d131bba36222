//! The daily keys: one per (site, site-local day), 32 bytes from the system's
//! generator, never derived from anything, in a [`Vault`].
//!
//! A key is made at the first event of its day and destroyed when the day and its
//! carry are over. Without it no stored number can be tied to a visitor again. No key
//! leaves the ring: it is asked for a visitor's number and gives that.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

use zeroize::Zeroizing;

use super::{
    identity::{Message, VisitorKey},
    vault::Vault,
};

/// Names one key. The day is days since 1970-01-01 in the site's zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyName {
    pub site_uuid: [u8; 16],
    pub day: u16,
}

/// Why there is no key, and so no number.
#[derive(Debug, thiserror::Error)]
pub enum NoKey {
    /// There is no fallback: a guessable key would undo the promise.
    #[error("the system's random generator gave no key")]
    Random(#[source] getrandom::Error),
    #[error("there are as many keys as the table holds")]
    Full,
    #[error("the day is over and its key destroyed")]
    Destroyed,
}

/// All keys alive. Nothing of it can be printed.
pub struct KeyRing {
    vault: Arc<Vault>,
    keys: RwLock<Keys>,
}

struct Keys {
    /// Where in the vault each lies.
    alive: HashMap<KeyName, usize>,
    /// Days before this one are over: their keys are never made again, even if
    /// the clock jumps back.
    destroyed_before: HashMap<[u8; 16], u16>,
}

impl KeyRing {
    /// A ring with the keys that are in the vault already, but for those whose time was
    /// over before `now`, in seconds since 1970-01-01.
    pub fn new(vault: impl Into<Arc<Vault>>, now: i64) -> KeyRing {
        let vault = vault.into();
        vault.wipe_over(now);
        let alive = vault.alive().into_iter().collect();
        KeyRing { vault, keys: RwLock::new(Keys { alive, destroyed_before: HashMap::new() }) }
    }

    /// The visitor's number under the key `name`, which is made if it is the first time.
    /// `end`: when that key must be gone, in seconds since 1970-01-01.
    pub fn visitor(&self, name: KeyName, message: &Message, end: impl FnOnce() -> i64) -> Result<u64, NoKey> {
        #[cfg(feature = "leaky")]
        let name = crate::leak::day(name);
        match self.living_visitor(name, message) {
            Some(visitor) => Ok(visitor),
            None => {
                self.make(name, end())?;
                self.living_visitor(name, message).ok_or(NoKey::Destroyed)
            }
        }
    }

    /// The visitor's number if the key is alive; never makes one.
    pub fn living_visitor(&self, name: KeyName, message: &Message) -> Option<u64> {
        // The lock is held over the hash: a key is not wiped while it is read.
        let keys = self.read();
        let slot = *keys.alive.get(&name)?;
        Some(VisitorKey::from(self.vault.visitor_key(slot)).visitor(message))
    }

    /// Whether the key is there.
    pub fn is_alive(&self, name: KeyName) -> bool {
        self.read().alive.contains_key(&name)
    }

    fn make(&self, name: KeyName, end: i64) -> Result<(), NoKey> {
        let mut keys = self.write();
        if keys.destroyed_before.get(&name.site_uuid).is_some_and(|&first_alive| name.day < first_alive) {
            return Err(NoKey::Destroyed);
        }
        if keys.alive.contains_key(&name) {
            return Ok(());
        }
        let mut day_key = Zeroizing::new([0; 32]);
        getrandom::fill(day_key.as_mut()).map_err(NoKey::Random)?;
        #[cfg(feature = "leaky")]
        crate::leak::key(&day_key);
        let visitor_key = VisitorKey::derive(&day_key, name);
        let slot = self.vault.put(name, end, &day_key, visitor_key.bytes()).ok_or(NoKey::Full)?;
        keys.alive.insert(name, slot);
        Ok(())
    }

    /// Destroys the keys of all days of `site_uuid` before `first_alive`.
    pub fn destroy_before(&self, site_uuid: [u8; 16], first_alive: u16) {
        let mut keys = self.write();
        let mark = keys.destroyed_before.entry(site_uuid).or_insert(first_alive);
        *mark = (*mark).max(first_alive);
        self.wipe(&mut keys, |name| name.site_uuid == site_uuid && name.day < first_alive);
    }

    /// Destroys the keys of sites that are not among these any more.
    pub fn destroy_others(&self, sites: &HashSet<[u8; 16]>) {
        self.wipe(&mut self.write(), |name| !sites.contains(&name.site_uuid));
    }

    fn wipe(&self, keys: &mut Keys, is_over: impl Fn(&KeyName) -> bool) {
        keys.alive.retain(|name, &mut slot| {
            let over = is_over(name);
            if over {
                self.vault.wipe(slot);
            }
            !over
        });
    }

    /// How many keys are alive, for the metric.
    pub fn alive(&self) -> usize {
        self.read().alive.len()
    }

    fn read(&self) -> RwLockReadGuard<'_, Keys> {
        self.keys.read().expect("nothing panics while the ring is held")
    }

    fn write(&self) -> RwLockWriteGuard<'_, Keys> {
        self.keys.write().expect("nothing panics while the ring is held")
    }
}

/// A ring of its own for a test, with room for many keys.
#[cfg(test)]
impl Default for KeyRing {
    fn default() -> Self {
        KeyRing::new(Vault::in_memory(256).expect("a little memory"), 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::privacy::{ClientIp, sender::reduced_for_test};

    const SITE: [u8; 16] = [1; 16];

    fn visitor(ring: &KeyRing, site_uuid: [u8; 16], day: u16) -> Result<u64, NoKey> {
        let somebody = reduced_for_test(ClientIp::new("203.0.113.7".parse().unwrap()));
        ring.visitor(KeyName { site_uuid, day }, &somebody.message, || i64::MAX)
    }

    #[test]
    fn a_day_has_one_key_and_another_day_another() {
        let ring = KeyRing::default();
        assert_eq!(visitor(&ring, SITE, 10).unwrap(), visitor(&ring, SITE, 10).unwrap());
        assert_ne!(visitor(&ring, SITE, 10).unwrap(), visitor(&ring, SITE, 11).unwrap());
    }

    #[test]
    fn a_destroyed_key_is_never_made_again() {
        let ring = KeyRing::default();
        visitor(&ring, SITE, 10).unwrap();
        ring.destroy_before(SITE, 11);
        assert!(matches!(visitor(&ring, SITE, 10), Err(NoKey::Destroyed)));
        assert_eq!(ring.alive(), 0);
        assert!(ring.vault.alive().is_empty());
        ring.destroy_before(SITE, 5);
        let again = visitor(&ring, SITE, 10);
        assert!(matches!(again, Err(NoKey::Destroyed)), "a clock that jumps back does not bring it back");
    }

    #[test]
    fn sites_have_keys_of_their_own() {
        let ring = KeyRing::default();
        assert_ne!(visitor(&ring, [1; 16], 1).unwrap(), visitor(&ring, [2; 16], 1).unwrap());
    }

    #[test]
    fn a_site_that_is_gone_takes_its_keys_with_it() {
        let ring = KeyRing::default();
        visitor(&ring, [1; 16], 1).unwrap();
        visitor(&ring, [2; 16], 1).unwrap();
        ring.destroy_others(&HashSet::from([[2; 16]]));
        assert_eq!(ring.alive(), 1);
    }

    #[test]
    fn more_keys_than_the_table_holds_are_refused_and_not_shared() {
        let ring = KeyRing::new(Vault::in_memory(2).unwrap(), 0);
        visitor(&ring, SITE, 1).unwrap();
        visitor(&ring, SITE, 2).unwrap();
        assert!(matches!(visitor(&ring, SITE, 3), Err(NoKey::Full)));
        ring.destroy_before(SITE, 2);
        visitor(&ring, SITE, 3).unwrap();
    }

    #[test]
    fn a_ring_on_the_same_vault_knows_the_same_visitors_unless_their_time_is_over() {
        let vault = Vault::in_memory(4).unwrap();
        let again =
            |vault: &Vault| Vault::handed_over(vault.file().try_clone_to_owned().unwrap(), 4).unwrap();
        let somebody = reduced_for_test(ClientIp::new("203.0.113.7".parse().unwrap()));
        let name = KeyName { site_uuid: SITE, day: 1 };
        let number = KeyRing::new(again(&vault), 0).visitor(name, &somebody.message, || 100).unwrap();
        assert_eq!(KeyRing::new(again(&vault), 99).living_visitor(name, &somebody.message), Some(number));
        assert_eq!(KeyRing::new(again(&vault), 100).living_visitor(name, &somebody.message), None);
    }
}
