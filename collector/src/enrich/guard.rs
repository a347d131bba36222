//! The cardinality guard: a site that writes an id, a name or a search into its paths makes
//! new values without end, each of which may be one person's. Above so many new last
//! segments under one parent a day the rest are `:var`; above so many values of a property
//! the rest are `other`.
//!
//! Holds hashes under a key of this process, for the day, in bounded memory.

use std::{
    collections::{HashMap, HashSet},
    hash::{BuildHasher, RandomState},
    sync::Mutex,
};

use store::event::DayNumber;

use super::property::OTHER;

/// Different last segments under one parent of a site a day. A large shop's visitors look
/// at some thousand goods a day; one id for each person passes this within the morning of
/// a site that is large enough for it to matter.
pub const SEGMENTS_MAX: usize = 10_000;

/// Different values of a property of a site a day: a category has fewer.
pub const VALUES_MAX: usize = 100;

/// Hashes held in all, at most: 16 MiB with their table. Above it new values are cut at once.
const HELD_MAX: usize = 1_000_000;

const VARIABLE: &str = ":var";

/// What may grow: a path's parent or a property.
type Place = (u32, DayNumber, u64);

#[derive(Default)]
pub struct Guard {
    seen: Mutex<Seen>,
    hasher: RandomState,
}

#[derive(Default)]
struct Seen {
    places: HashMap<Place, HashSet<u64>>,
    held: usize,
}

impl Guard {
    /// The path, with `:var` for a last segment that is one too many under its parent.
    pub fn path(&self, site_id: u32, day: DayNumber, path: String) -> String {
        let Some((parent, last)) = path.rsplit_once('/') else { return path };
        if last.is_empty() || last.starts_with(':') {
            return path;
        }
        let place = (site_id, day, self.hasher.hash_one(("path", parent)));
        if self.admits(place, last, SEGMENTS_MAX) { path } else { format!("{parent}/{VARIABLE}") }
    }

    /// The value, or `other` where it is one too many.
    pub fn value(&self, site_id: u32, day: DayNumber, name: &str, value: String) -> String {
        let place = (site_id, day, self.hasher.hash_one(("property", name)));
        if self.admits(place, &value, VALUES_MAX) { value } else { OTHER.to_owned() }
    }

    /// Forgets days before `day` of a site.
    pub fn end_before(&self, site_id: u32, day: DayNumber) {
        let mut seen = self.lock();
        seen.places.retain(|place, _| place.0 != site_id || place.1 >= day);
        seen.held = seen.places.values().map(HashSet::len).sum();
    }

    fn admits(&self, place: Place, value: &str, max: usize) -> bool {
        let hash = self.hasher.hash_one(value);
        let mut seen = self.lock();
        let full = seen.held >= HELD_MAX;
        match seen.places.get_mut(&place) {
            Some(values) if values.contains(&hash) => return true,
            Some(values) if full || values.len() >= max => return false,
            Some(values) => {
                values.insert(hash);
            }
            None if full => return false,
            None => {
                seen.places.insert(place, HashSet::from([hash]));
            }
        }
        seen.held += 1;
        true
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().expect("nothing panics while the guard is held")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(guard: &Guard, day: DayNumber, path: &str) -> String {
        guard.path(1, day, path.to_owned())
    }

    #[test]
    fn more_last_segments_than_the_limit_are_one_and_known_ones_stay() {
        let guard = Guard::default();
        for n in 0..SEGMENTS_MAX {
            assert_eq!(path(&guard, 1, &format!("/user/n{n}")), format!("/user/n{n}"));
        }
        assert_eq!(path(&guard, 1, "/user/ivan"), "/user/:var");
        assert_eq!(path(&guard, 1, "/user/n7"), "/user/n7");
        assert_eq!(path(&guard, 1, "/blog/ivan"), "/blog/ivan", "another parent has its own");
        assert_eq!(path(&guard, 2, "/user/ivan"), "/user/ivan", "another day begins anew");
        guard.end_before(1, 2);
        assert_eq!(guard.lock().held, 1);
    }

    #[test]
    fn a_property_has_so_many_values_a_day() {
        let guard = Guard::default();
        for n in 0..VALUES_MAX {
            assert_eq!(guard.value(1, 1, "plan", n.to_string()), n.to_string());
        }
        assert_eq!(guard.value(1, 1, "plan", "one more".into()), "other");
        assert_eq!(guard.value(1, 1, "plan", "7".into()), "7");
    }

    #[test]
    fn memory_is_bounded_over_all_places() {
        let guard = Guard::default();
        guard.lock().held = HELD_MAX;
        assert_eq!(path(&guard, 1, "/a/b"), "/a/:var");
    }

    #[test]
    fn a_path_without_a_last_segment_is_left_alone() {
        let guard = Guard::default();
        for same in ["", "/", "/a/", "/a/:email"] {
            assert_eq!(path(&guard, 1, same), same);
        }
    }
}
