//! Few people are not shown where questions are crossed: "visitors of this page from that
//! country" may be one person. Where two or more dimensions meet, a group of too few is
//! hidden, and so many of the next smallest with it that nobody gets it back by subtracting
//! what is shown from the whole. How few are too few, [`Few`] says.
//!
//! One rule for page, list, CSV and API, since all of them are made of the same panels. A
//! single dimension by itself may show small numbers: it is the site's own bookkeeping.

use super::{dimension::Dimension, filter::Filters};

/// Fewest people in a group that is shown where dimensions are crossed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Few(u64);

/// Unless the owner says otherwise.
const DEFAULT: Few = Few(5);

/// What an owner may not go below: of two people, each knows the other.
pub const PEOPLE_MIN: u64 = 3;

/// What an owner may not go above: beyond it nothing but the largest sites would be seen.
pub const PEOPLE_MAX: u64 = 1_000;

/// For whoever comes by a public link, at least: nobody knows who that is.
const PUBLIC: Few = Few(10);

impl Default for Few {
    fn default() -> Few {
        DEFAULT
    }
}

/// The limit that holds where filters, and the dimension the rows are of, are two questions
/// or more.
pub fn of(filters: &Filters, rows_of: Option<Dimension>) -> Option<Few> {
    let mut asked: Vec<Dimension> = filters.iter().map(|filter| filter.dimension).chain(rows_of).collect();
    // An event and a property of it are one question; two properties are two.
    let properties = asked.iter().filter(|dimension| **dimension == Dimension::Property).count();
    asked.sort_unstable();
    asked.dedup();
    if properties > 0 {
        asked.retain(|dimension| !matches!(dimension, Dimension::Event | Dimension::Property));
    }
    (asked.len() + properties >= 2).then_some(filters.few())
}

impl Few {
    /// As an owner may set it; `None` outside of what may be set.
    pub fn new(people_min: u64) -> Option<Few> {
        (PEOPLE_MIN..=PEOPLE_MAX).contains(&people_min).then_some(Few(people_min))
    }

    /// The same, or more, for the public.
    #[must_use]
    pub fn for_the_public(self) -> Few {
        Few(self.0.max(PUBLIC.0))
    }

    /// Takes out the groups that are hidden; how many they are. `unseen` groups are smaller
    /// than all of these and hidden already.
    pub fn take_hidden<T>(self, groups: &mut Vec<T>, unseen: u64, people: impl Fn(&T) -> u64) -> u64 {
        let people: Vec<u64> = groups.iter().map(people).collect();
        let mut hide = self.hidden(&people, unseen).into_iter();
        let before = groups.len();
        groups.retain(|_| !hide.next().expect("one for each"));
        (before - groups.len()) as u64
    }

    /// Which groups are hidden, by their place in `people`.
    fn hidden(self, people: &[u64], unseen: u64) -> Vec<bool> {
        let Few(people_min) = self;
        let mut hide = vec![false; people.len()];
        if people.iter().all(|&people| people >= people_min) {
            return hide;
        }
        let mut smallest_first: Vec<usize> = (0..people.len()).collect();
        smallest_first.sort_by_key(|&at| people[at]);
        let (mut groups, mut sum) = (unseen, unseen);
        for at in smallest_first {
            if people[at] >= people_min && groups >= 2 && sum >= people_min {
                break;
            }
            hide[at] = true;
            groups += 1;
            sum += people[at];
        }
        hide
    }

    /// The same in SQL, over the rows of `inner`; keeps what `outer` keeps of the rest.
    pub fn sql(self, inner: &str, outer: &str, order: &str, limit: &str) -> String {
        let Few(people_min) = self;
        format!(
            "SELECT nth, value, visitors, visits, views, events, count() OVER () AS total FROM (\
             SELECT *, row_number() OVER (ORDER BY visitors, value) AS place, \
             sum(visitors) OVER (ORDER BY visitors, value ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) - visitors AS smaller, \
             min(visitors) OVER () AS least FROM ({inner})) \
             WHERE (least >= {people_min} OR (visitors >= {people_min} AND place > 2 AND smaller >= {people_min})) {outer} \
             ORDER BY {order} {limit}"
        )
    }

    /// Whether a number of people, and what is left of a wider one without it, may be shown.
    pub fn may_show(self, people: u64, wider: Option<u64>) -> bool {
        let is_small = |people: u64| (1..self.0).contains(&people);
        !is_small(people) && !wider.is_some_and(|wider| is_small(wider.saturating_sub(people)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::stats::filter::Filter;

    proptest! {
        #[test]
        fn nothing_small_is_shown_and_nothing_small_follows_from_the_whole(
            people in proptest::collection::vec(1_u64..30, 0..20),
            people_min in PEOPLE_MIN..20
        ) {
            let hide = Few(people_min).hidden(&people, 0);
            let shown: Vec<u64> = people.iter().zip(&hide).filter(|(_, hide)| !**hide).map(|(n, _)| *n).collect();
            prop_assert!(shown.iter().all(|&people| people >= people_min));
            let rest = people.iter().sum::<u64>() - shown.iter().sum::<u64>();
            let hidden = hide.iter().filter(|hide| **hide).count();
            // Either all is shown, or all is hidden, or what is left is two groups or more,
            // and of enough people.
            prop_assert!(hidden == 0 || shown.is_empty() || (hidden >= 2 && rest >= people_min), "{people:?} {shown:?}");
            // No more is hidden than has to be.
            prop_assert!(people.iter().any(|&people| people < people_min) || hidden == 0);
        }

        #[test]
        fn a_narrower_question_never_gives_a_small_difference(
            people in 0_u64..40,
            more in 0_u64..40,
            people_min in PEOPLE_MIN..20
        ) {
            let wider = people + more;
            if Few(people_min).may_show(people, Some(wider)) {
                prop_assert!(people == 0 || people >= people_min);
                prop_assert!(wider - people == 0 || wider - people >= people_min);
            }
        }
    }

    #[test]
    fn two_dimensions_are_crossed_and_one_is_not() {
        let filters = |texts: &[&str]| {
            Filters::new(texts.iter().map(|text| Filter::parse(text).unwrap()).collect()).unwrap()
        };
        assert_eq!(of(&filters(&[]), Some(Dimension::Page)), None);
        assert_eq!(of(&filters(&["page:is:/"]), Some(Dimension::Page)), None);
        assert_eq!(of(&filters(&["page:is:/"]), Some(Dimension::Country)), Some(DEFAULT));
        assert_eq!(of(&filters(&["page:is:/", "country:is:RU"]), None), Some(DEFAULT));
        let property = Some(Dimension::Property);
        assert_eq!(of(&filters(&["event:is:buy"]), property), None);
        assert_eq!(of(&filters(&["event:is:buy", "property:is:plan=pro"]), None), None);
        assert_eq!(of(&filters(&["property:is:plan=pro"]), property), Some(DEFAULT));
        assert_eq!(of(&filters(&["property:is:a=1", "property:is:b=2"]), None), Some(DEFAULT));
        assert_eq!(of(&filters(&["property:is:plan=pro"]), Some(Dimension::Page)), Some(DEFAULT));
        let stricter = filters(&["page:is:/"]).shown_to(Few(20));
        assert_eq!(of(&stricter, Some(Dimension::Country)), Some(Few(20)));
    }

    #[test]
    fn the_public_is_shown_no_more_than_the_owner_and_never_groups_below_ten() {
        assert_eq!(DEFAULT.for_the_public(), Few(10));
        assert_eq!(Few(50).for_the_public(), Few(50));
    }

    #[test]
    fn an_owner_sets_it_within_bounds() {
        let accepted = |people_min| Few::new(people_min).is_some();
        assert!(accepted(PEOPLE_MIN) && accepted(PEOPLE_MAX));
        assert!(!accepted(PEOPLE_MIN - 1) && !accepted(PEOPLE_MAX + 1));
    }
}
