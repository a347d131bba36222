//! Few people are not shown where questions are crossed: "visitors of this page from that
//! country" may be one person. Where two or more dimensions meet, a group of fewer than
//! [`PEOPLE_MIN`] is hidden, and so many of the next smallest with it that nobody gets it
//! back by subtracting what is shown from the whole.
//!
//! One rule for page, list, CSV and API, since all of them are made of the same panels. A
//! single dimension by itself may show small numbers: it is the site's own bookkeeping.

use super::{dimension::Dimension, filter::Filters};

/// Fewest people in a group that is shown where dimensions are crossed.
pub const PEOPLE_MIN: u64 = 5;

/// Whether filters, and the dimension the rows are of, are two questions or more.
pub fn is_crossed(filters: &Filters, rows_of: Option<Dimension>) -> bool {
    let mut asked: Vec<Dimension> = filters.iter().map(|filter| filter.dimension).chain(rows_of).collect();
    asked.sort_unstable();
    asked.dedup();
    asked.len() >= 2
}

/// Which groups are hidden, by their place in `people`. `unseen` groups are smaller than
/// all of these and hidden already.
pub fn hidden(people: &[u64], unseen: u64) -> Vec<bool> {
    let mut hide = vec![false; people.len()];
    if people.iter().all(|&people| people >= PEOPLE_MIN) {
        return hide;
    }
    let mut smallest_first: Vec<usize> = (0..people.len()).collect();
    smallest_first.sort_by_key(|&at| people[at]);
    let (mut groups, mut sum) = (unseen, unseen);
    for at in smallest_first {
        if people[at] >= PEOPLE_MIN && groups >= 2 && sum >= PEOPLE_MIN {
            break;
        }
        hide[at] = true;
        groups += 1;
        sum += people[at];
    }
    hide
}

/// The same in SQL, over the rows of `inner` whose people are the column `people`; keeps
/// what `outer` keeps of the rest.
pub fn sql(inner: &str, people: &str, outer: &str, order: &str, limit: &str) -> String {
    format!(
        "SELECT nth, value, visitors, visits, views, events, count() OVER () AS total FROM (\
         SELECT *, row_number() OVER (ORDER BY {people}, value) AS place, \
         sum({people}) OVER (ORDER BY {people}, value ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) - {people} AS smaller, \
         min({people}) OVER () AS least FROM ({inner})) \
         WHERE (least >= {PEOPLE_MIN} OR ({people} >= {PEOPLE_MIN} AND place > 2 AND smaller >= {PEOPLE_MIN})) {outer} \
         ORDER BY {order} {limit}"
    )
}

/// Whether a number of people, and what is left of a wider one without it, may be shown.
pub fn may_show(people: u64, wider: Option<u64>) -> bool {
    let is_small = |people: u64| (1..PEOPLE_MIN).contains(&people);
    !is_small(people) && !wider.is_some_and(|wider| is_small(wider.saturating_sub(people)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::stats::filter::Filter;

    proptest! {
        #[test]
        fn nothing_small_is_shown_and_nothing_small_follows_from_the_whole(
            people in proptest::collection::vec(1_u64..30, 0..20)
        ) {
            let hide = hidden(&people, 0);
            let shown: Vec<u64> = people.iter().zip(&hide).filter(|(_, hide)| !**hide).map(|(n, _)| *n).collect();
            prop_assert!(shown.iter().all(|&people| people >= PEOPLE_MIN));
            let rest = people.iter().sum::<u64>() - shown.iter().sum::<u64>();
            let hidden = hide.iter().filter(|hide| **hide).count();
            // Either all is shown, or all is hidden, or what is left is two groups or more,
            // and of enough people.
            prop_assert!(hidden == 0 || shown.is_empty() || (hidden >= 2 && rest >= PEOPLE_MIN), "{people:?} {shown:?}");
            // No more is hidden than has to be.
            prop_assert!(people.iter().any(|&people| people < PEOPLE_MIN) || hidden == 0);
        }

        #[test]
        fn a_narrower_question_never_gives_a_small_difference(people in 0_u64..40, more in 0_u64..40) {
            let wider = people + more;
            if may_show(people, Some(wider)) {
                prop_assert!(people == 0 || people >= PEOPLE_MIN);
                prop_assert!(wider - people == 0 || wider - people >= PEOPLE_MIN);
            }
        }
    }

    #[test]
    fn two_dimensions_are_crossed_and_one_is_not() {
        let filters = |texts: &[&str]| {
            Filters::new(texts.iter().map(|text| Filter::parse(text).unwrap()).collect()).unwrap()
        };
        assert!(!is_crossed(&filters(&[]), Some(Dimension::Page)));
        assert!(!is_crossed(&filters(&["page:is:/"]), Some(Dimension::Page)));
        assert!(is_crossed(&filters(&["page:is:/"]), Some(Dimension::Country)));
        assert!(is_crossed(&filters(&["page:is:/", "country:is:RU"]), None));
    }
}
