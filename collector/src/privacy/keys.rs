//! The daily keys: one per (site, site-local day), 32 bytes from the system's
//! generator, in locked memory, never derived from anything, never on a disk.
//!
//! A key is made at the first event of its day and destroyed when the day and its
//! carry are over. Without it no stored number can be tied to a visitor again.
#![expect(unsafe_code, reason = "mlock and madvise keep the key out of swap and core dumps")]

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::Mutex,
};

use zeroize::{Zeroize, Zeroizing};

use super::identity::VisitorKey;

/// Names one key. The day is days since 1970-01-01 in the site's zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyName {
    pub site_uuid: [u8; 16],
    pub day: u16,
}

/// The system's generator gave no bytes. There is no fallback: a guessable key
/// would undo the promise.
#[derive(Debug, thiserror::Error)]
#[error("the system's random generator gave no key")]
pub struct NoKey(#[source] getrandom::Error);

/// All keys alive. Nothing of it can be printed.
#[derive(Default)]
pub struct KeyRing {
    keys: Mutex<Keys>,
}

#[derive(Default)]
struct Keys {
    alive: HashMap<KeyName, Box<LockedKey>>,
    /// Days before this one are over: their keys are never made again, even if
    /// the clock jumps back.
    destroyed_before: HashMap<[u8; 16], u16>,
}

impl KeyRing {
    /// The key under `name`, made if it is the first time. `None`: that day's key
    /// has been destroyed.
    pub fn visitor_key(&self, name: KeyName) -> Result<Option<VisitorKey>, NoKey> {
        let mut keys = self.lock();
        if keys.destroyed_before.get(&name.site_uuid).is_some_and(|&first_alive| name.day < first_alive) {
            return Ok(None);
        }
        let key = match keys.alive.entry(name) {
            Entry::Occupied(alive) => alive.into_mut(),
            Entry::Vacant(place) => place.insert(LockedKey::generate()?),
        };
        Ok(Some(VisitorKey::derive(&key.bytes, name)))
    }

    /// The key under `name` if it is alive; never makes one.
    pub fn living_visitor_key(&self, name: KeyName) -> Option<VisitorKey> {
        self.lock().alive.get(&name).map(|key| VisitorKey::derive(&key.bytes, name))
    }

    /// Destroys the keys of all days of `site_uuid` before `first_alive`.
    pub fn destroy_before(&self, site_uuid: [u8; 16], first_alive: u16) {
        let mut keys = self.lock();
        let mark = keys.destroyed_before.entry(site_uuid).or_insert(first_alive);
        *mark = (*mark).max(first_alive);
        keys.alive.retain(|name, _| name.site_uuid != site_uuid || name.day >= first_alive);
    }

    /// How many keys are alive, for the metric.
    pub fn alive(&self) -> usize {
        self.lock().alive.len()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Keys> {
        self.keys.lock().expect("nothing panics while the ring is held")
    }
}

/// A key on a page of its own memory that is neither swapped nor dumped.
#[repr(align(4096))]
struct LockedKey {
    bytes: [u8; 32],
}

impl LockedKey {
    fn generate() -> Result<Box<LockedKey>, NoKey> {
        let mut fresh = Zeroizing::new([0; 32]);
        getrandom::fill(fresh.as_mut()).map_err(NoKey)?;
        let mut key = Box::new(LockedKey { bytes: [0; 32] });
        let page = (&raw mut *key).cast::<libc::c_void>();
        // SAFETY: `page` is a live allocation of exactly one aligned page. Both calls
        // only advise the kernel; where a limit forbids mlock the key still works,
        // and `doctor` reports swap that is not off.
        unsafe {
            libc::mlock(page, size_of::<LockedKey>());
            libc::madvise(page, size_of::<LockedKey>(), libc::MADV_DONTDUMP);
        }
        key.bytes.copy_from_slice(fresh.as_ref());
        Ok(key)
    }
}

impl Drop for LockedKey {
    fn drop(&mut self) {
        self.bytes.zeroize();
        let page = (&raw mut *self).cast::<libc::c_void>();
        // SAFETY: the page is still ours until this function returns.
        unsafe {
            libc::munlock(page, size_of::<LockedKey>());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SITE: [u8; 16] = [1; 16];

    fn key(ring: &KeyRing, day: u16) -> Option<[u8; 32]> {
        ring.visitor_key(KeyName { site_uuid: SITE, day }).unwrap().map(|key| *key.bytes())
    }

    #[test]
    fn a_day_has_one_key_and_another_day_another() {
        let ring = KeyRing::default();
        assert_eq!(key(&ring, 10), key(&ring, 10));
        assert_ne!(key(&ring, 10), key(&ring, 11));
    }

    #[test]
    fn a_destroyed_key_is_never_made_again() {
        let ring = KeyRing::default();
        key(&ring, 10).unwrap();
        ring.destroy_before(SITE, 11);
        assert_eq!(key(&ring, 10), None);
        assert_eq!(ring.alive(), 0);
        ring.destroy_before(SITE, 5);
        assert_eq!(key(&ring, 10), None, "a clock that jumps back does not bring it back");
    }

    #[test]
    fn sites_have_keys_of_their_own() {
        let ring = KeyRing::default();
        let one = ring.visitor_key(KeyName { site_uuid: [1; 16], day: 1 }).unwrap().unwrap();
        let two = ring.visitor_key(KeyName { site_uuid: [2; 16], day: 1 }).unwrap().unwrap();
        assert_ne!(one.bytes(), two.bytes());
    }
}
