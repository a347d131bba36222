//! The state of a keyed limiter in a table of fixed size.
//!
//! A key has one place and never another, so two keys may share one and then share its
//! rate. What governor brings along keeps every key it has met: rotating addresses
//! would fill the memory (governor's issue 171).

use std::sync::atomic::{AtomicU64, Ordering};

use governor::{nanos::Nanos, state::StateStore};

/// One word a place: when its next event is due, in nanoseconds since the limiter was
/// made; 0 for a place nobody has used.
pub(super) struct Slots(Box<[AtomicU64]>);

impl Slots {
    pub(super) fn new(count: usize) -> Slots {
        assert!(count > 0, "a table has places");
        Slots((0..count).map(|_| AtomicU64::new(0)).collect())
    }

    fn place(&self, key: u64) -> &AtomicU64 {
        &self.0[(key % self.0.len() as u64) as usize]
    }
}

impl StateStore for Slots {
    type Key = u64;

    fn measure_and_replace<T, F, E>(&self, key: &u64, f: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let place = self.place(*key);
        // The word is all there is: nothing else is published with it.
        let mut seen = place.load(Ordering::Relaxed);
        loop {
            let (passed, due) = f((seen != 0).then(|| Nanos::new(seen)))?;
            match place.compare_exchange_weak(seen, due.as_u64(), Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return Ok(passed),
                Err(newer) => seen = newer,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_million_keys_take_the_places_there_are() {
        let slots = Slots::new(64);
        for key in 0..1_000_000 {
            slots.measure_and_replace(&key, |_| Ok::<_, ()>(((), Nanos::new(key + 1)))).unwrap();
        }
        assert_eq!(slots.0.len(), 64);
        let seen = slots.measure_and_replace(&7, |seen| Ok::<_, ()>((seen, Nanos::new(1)))).unwrap();
        assert!(seen.is_some(), "key 7 shares its place with the others of its remainder");
    }

    #[test]
    fn threads_that_meet_in_one_place_lose_no_event() {
        let slots = Slots::new(1);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for key in 0..10_000 {
                        let add = |seen: Option<Nanos>| {
                            Ok::<_, ()>(((), Nanos::new(seen.map_or(0, Nanos::as_u64) + 1)))
                        };
                        slots.measure_and_replace(&key, add).unwrap();
                    }
                });
            }
        });
        assert_eq!(slots.0[0].load(Ordering::Relaxed), 40_000);
    }

    #[test]
    fn a_refused_event_changes_nothing() {
        let slots = Slots::new(1);
        assert_eq!(slots.measure_and_replace(&1, |_| Err::<((), Nanos), _>("full")), Err("full"));
        assert_eq!(slots.0[0].load(Ordering::Relaxed), 0);
    }
}
