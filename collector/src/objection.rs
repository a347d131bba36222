//! Who has opted out on `/privacy/me`: groups of a site and day, in memory only, until the
//! day's key dies. A restart forgets them, as it forgets the keys.

use std::{
    collections::HashSet,
    sync::{
        RwLock,
        atomic::{AtomicUsize, Ordering},
    },
};

use store::event::DayNumber;

use crate::visit::VisitorKey;

/// Groups held at most: 24 bytes each. Beyond it opting out is answered with "try later".
const GROUPS_MAX: usize = 100_000;

/// There is no room for another group.
#[derive(Debug, PartialEq, Eq)]
pub struct TooMany;

#[derive(Default)]
pub struct Objections {
    groups: RwLock<HashSet<VisitorKey>>,
    /// So that the path of every event need not take the lock for nobody.
    held: AtomicUsize,
}

impl Objections {
    pub fn object(&self, group: VisitorKey) -> Result<(), TooMany> {
        self.change(|groups| {
            if groups.len() >= GROUPS_MAX && !groups.contains(&group) {
                return Err(TooMany);
            }
            groups.insert(group);
            Ok(())
        })
    }

    pub fn withdraw(&self, group: VisitorKey) {
        self.change(|groups| groups.remove(&group));
    }

    pub fn has(&self, group: VisitorKey) -> bool {
        self.held.load(Ordering::Acquire) > 0
            && self.groups.read().expect("nothing panics while the groups are held").contains(&group)
    }

    /// Forgets all groups of `site_id` on days before `day`: their keys are gone.
    pub fn end_before(&self, site_id: u32, day: DayNumber) {
        if self.held.load(Ordering::Acquire) > 0 {
            self.change(|groups| groups.retain(|group| group.site_id != site_id || group.day >= day));
        }
    }

    fn change<T>(&self, work: impl FnOnce(&mut HashSet<VisitorKey>) -> T) -> T {
        let mut groups = self.groups.write().expect("nothing panics while the groups are held");
        let answer = work(&mut groups);
        self.held.store(groups.len(), Ordering::Release);
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(visitor: u64) -> VisitorKey {
        VisitorKey { site_id: 1, day: 5, visitor }
    }

    #[test]
    fn an_objection_holds_for_its_group_until_withdrawn_or_over() {
        let objections = Objections::default();
        assert!(!objections.has(group(1)));
        objections.object(group(1)).unwrap();
        objections.object(group(2)).unwrap();
        assert!(objections.has(group(1)) && !objections.has(group(3)));
        objections.withdraw(group(1));
        assert!(!objections.has(group(1)) && objections.has(group(2)));
        objections.end_before(1, 5);
        assert!(objections.has(group(2)));
        objections.end_before(1, 6);
        assert!(!objections.has(group(2)));
    }

    #[test]
    fn more_groups_than_the_limit_are_refused_and_known_ones_are_not() {
        let objections = Objections::default();
        for visitor in 0..GROUPS_MAX as u64 {
            objections.object(group(visitor)).unwrap();
        }
        assert_eq!(objections.object(group(u64::MAX)), Err(TooMany));
        assert_eq!(objections.object(group(1)), Ok(()));
    }
}
