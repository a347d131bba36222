//! Who has opted out on `/privacy/me`: groups of a site and day, in memory only, until the
//! day's key dies. They lie beside the keys and share their fate: where the launcher holds
//! the keys, a collector that comes back still knows who has objected.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{
        Arc, RwLock,
        atomic::{AtomicUsize, Ordering},
    },
};

use store::event::DayNumber;

use crate::{privacy::Vault, visit::VisitorKey};

/// There is no room for another group.
#[derive(Debug, PartialEq, Eq)]
pub struct TooMany;

pub struct Objections {
    vault: Arc<Vault>,
    /// Where in the vault each stands.
    groups: RwLock<HashMap<VisitorKey, usize>>,
    /// So that the path of every event need not take the lock for nobody.
    held: AtomicUsize,
}

impl Objections {
    /// With those that are in the vault already. What is over has been taken out of it, by
    /// whoever opened it.
    pub fn new(vault: Arc<Vault>) -> Objections {
        let groups: HashMap<_, _> = vault.objected().into_iter().collect();
        let held = AtomicUsize::new(groups.len());
        Objections { vault, groups: RwLock::new(groups), held }
    }

    /// `end`: when the key of the group's day must be gone, in seconds since 1970-01-01.
    pub fn object(&self, group: VisitorKey, end: i64) -> Result<(), TooMany> {
        self.change(|groups| {
            if let Entry::Vacant(vacant) = groups.entry(group) {
                vacant.insert(self.vault.object(group, end).ok_or(TooMany)?);
            }
            Ok(())
        })
    }

    pub fn withdraw(&self, group: VisitorKey) {
        self.change(|groups| {
            if let Some(place) = groups.remove(&group) {
                self.vault.withdraw(place, group);
            }
        });
    }

    pub fn has(&self, group: VisitorKey) -> bool {
        self.held.load(Ordering::Acquire) > 0
            && self.groups.read().expect("nothing panics while the groups are held").contains_key(&group)
    }

    /// Forgets all groups of `site_id` on days before `day`: their keys are gone.
    pub fn end_before(&self, site_id: u32, day: DayNumber) {
        if self.held.load(Ordering::Acquire) > 0 {
            self.change(|groups| {
                groups.retain(|group, &mut place| {
                    let over = group.site_id == site_id && group.day < day;
                    if over {
                        self.vault.withdraw(place, *group);
                    }
                    !over
                });
            });
        }
    }

    fn change<T>(&self, work: impl FnOnce(&mut HashMap<VisitorKey, usize>) -> T) -> T {
        let mut groups = self.groups.write().expect("nothing panics while the groups are held");
        let answer = work(&mut groups);
        self.held.store(groups.len(), Ordering::Release);
        answer
    }
}

#[cfg(test)]
impl Default for Objections {
    fn default() -> Self {
        Objections::new(Arc::new(Vault::in_memory(1).expect("a little memory")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::privacy::vault::objected::OBJECTIONS_MAX;

    fn group(visitor: u64) -> VisitorKey {
        VisitorKey { site_id: 1, day: 5, visitor }
    }

    /// What a collector finds that comes after this one.
    fn after_a_restart(objections: &Objections, now: i64) -> Objections {
        let file = objections.vault.file().try_clone_to_owned().unwrap();
        let vault = Vault::handed_over(file, 1).unwrap();
        vault.wipe_over(now);
        Objections::new(Arc::new(vault))
    }

    #[test]
    fn an_objection_holds_for_its_group_until_withdrawn_or_over() {
        let objections = Objections::default();
        assert!(!objections.has(group(1)));
        objections.object(group(1), 100).unwrap();
        objections.object(group(2), 100).unwrap();
        assert!(objections.has(group(1)) && !objections.has(group(3)));
        objections.withdraw(group(1));
        assert!(!objections.has(group(1)) && objections.has(group(2)));
        objections.end_before(1, 5);
        assert!(objections.has(group(2)));
        objections.end_before(1, 6);
        assert!(!objections.has(group(2)));
        assert!(objections.vault.objected().is_empty());
    }

    #[test]
    fn an_objection_outlives_the_collector_and_not_its_day() {
        let objections = Objections::default();
        objections.object(group(1), 100).unwrap();
        objections.object(group(2), 200).unwrap();
        objections.object(group(3), 200).unwrap();
        objections.withdraw(group(3));
        let again = after_a_restart(&objections, 100);
        assert!(!again.has(group(1)) && again.has(group(2)) && !again.has(group(3)));
        again.object(group(4), 200).unwrap();
        assert!(after_a_restart(&again, 199).has(group(4)));
    }

    #[test]
    fn more_groups_than_the_limit_are_refused_and_known_ones_are_not() {
        let objections = Objections::default();
        for visitor in 0..OBJECTIONS_MAX as u64 {
            objections.object(group(visitor), 100).unwrap();
        }
        assert_eq!(objections.object(group(u64::MAX), 100), Err(TooMany));
        assert_eq!(objections.object(group(1), 100), Ok(()));
        objections.withdraw(group(1));
        assert_eq!(objections.object(group(u64::MAX), 100), Ok(()));
    }
}
