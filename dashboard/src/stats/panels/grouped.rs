//! Many dimensions in one pass: the rows of a year are read once for all attributes
//! (GROUPING SETS) and once for all paths, instead of once a panel.

use super::{By, Measure, measures as measures_of, zero};
use crate::stats::{dimension::Dimension, flag::Scope, statement::Condition};

/// Attributes share their rows and measures but for the visitors' flag.
pub fn attributes(
    relation: &str,
    scope: Scope,
    dimensions: &[Dimension],
    condition: &Condition,
    limit: u32,
) -> String {
    let choose = |name: &str, of: &dyn Fn(usize, &Dimension) -> String| {
        let cases: Vec<String> =
            dimensions.iter().enumerate().map(|(nth, dimension)| of(nth, dimension)).collect();
        format!("multiIf({}) AS {name}", cases.join(", "))
    };
    let last = dimensions.len() - 1;
    let case = |nth: usize, dimension: &Dimension, then: String| {
        if nth == last { then } else { format!("grouping({}) = 0, {then}", dimension.column()) }
    };
    let told =
        |dimension: &Dimension| measures_of(scope, *dimension).expect("only what can be told is asked for");
    let nth = choose("nth", &|nth, dimension| case(nth, dimension, format!("toUInt8({nth})")));
    let value =
        choose("value", &|nth, dimension| case(nth, dimension, format!("toString({})", dimension.column())));
    let visitors = choose("visitors", &|nth, dimension| {
        case(nth, dimension, told(dimension).visitors.map_or_else(zero, Measure::sql))
    });
    let common = told(&dimensions[0]);
    let or_zero = |measure: Option<Measure>| measure.map_or_else(zero, Measure::sql);
    let sets: Vec<String> = dimensions.iter().map(|dimension| format!("({})", dimension.column())).collect();
    let named = named((0..).zip(dimensions.iter().copied()));
    format!(
        "SELECT nth, value, visitors, visits, views, events, count() OVER (PARTITION BY nth) AS total FROM \
         (SELECT {nth}, {value}, {visitors}, {} AS visits, {} AS views, {} AS events FROM {relation} {} \
         GROUP BY GROUPING SETS ({})) WHERE visitors + visits + views + events > 0 {named} \
         ORDER BY nth, {} LIMIT {limit} BY nth",
        or_zero(common.visits),
        or_zero(common.views),
        or_zero(common.events),
        condition.where_clause(),
        sets.join(", "),
        common.by.order(),
    )
}

/// Keeps the empty value out of dimensions that it says nothing of, each by its number.
pub fn named(dimensions: impl Iterator<Item = (usize, Dimension)>) -> String {
    let dropped: Vec<String> = dimensions
        .filter(|(_, dimension)| !dimension.keeps_empty())
        .map(|(nth, _)| nth.to_string())
        .collect();
    if dropped.is_empty() {
        String::new()
    } else {
        format!("AND (value != '' OR nth NOT IN ({}))", dropped.join(", "))
    }
}

/// Pages, entries and exits share one pass over the paths: only whole visits can be
/// asked for all three, so there is no filter on rows here.
pub fn paths(
    relation: &str,
    scope: Scope,
    dimensions: &[Dimension],
    condition: &Condition,
    limit: u32,
) -> String {
    let told =
        |dimension: Dimension| measures_of(scope, dimension).expect("only what can be told is asked for");
    let mut inner = Vec::new();
    let mut outer = Vec::new();
    for (nth, &dimension) in dimensions.iter().enumerate() {
        let measures = told(dimension);
        let rows = measures.rows.expect("each path's dimension names its rows");
        let among = |measure: Option<Measure>| measure.map_or_else(zero, |measure| measure.among(rows));
        for (name, measure) in
            [("visitors", measures.visitors), ("visits", measures.visits), ("views", measures.views)]
        {
            inner.push(format!("{} AS {name}_{nth}", among(measure)));
        }
        outer.push(format!("(toUInt8({nth}), visitors_{nth}, visits_{nth}, views_{nth})"));
    }
    // Pages are ordered by visitors, both ends by visits.
    let first: Vec<String> = dimensions
        .iter()
        .enumerate()
        .map(|(nth, &dimension)| {
            let key = if told(dimension).by == By::Visits { "visits" } else { "visitors" };
            format!("nth = {nth}, {key}")
        })
        .collect();
    format!(
        "SELECT counted.1 AS nth, value, counted.2 AS visitors, counted.3 AS visits, counted.4 AS views, \
         toUInt64(0) AS events, count() OVER (PARTITION BY nth) AS total FROM \
         (SELECT path AS value, {} FROM {relation} {} GROUP BY value) \
         ARRAY JOIN [{}] AS counted WHERE visitors + visits + views > 0 \
         ORDER BY nth, multiIf({}, 0) DESC, visits DESC, views DESC, value LIMIT {limit} BY nth",
        inner.join(", "),
        condition.where_clause(),
        outer.join(", "),
        first.join(", "),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_attributes_are_one_statement() {
        let dimensions = [Dimension::Source, Dimension::UtmSource, Dimension::Country];
        let condition = Condition::default().and(Some("is_visit = 1"));
        insta::assert_snapshot!(attributes("(events)", Scope::Visitor, &dimensions, &condition, 9), @"SELECT nth, value, visitors, visits, views, events, count() OVER (PARTITION BY nth) AS total FROM (SELECT multiIf(grouping(source) = 0, toUInt8(0), grouping(utm_source) = 0, toUInt8(1), toUInt8(2)) AS nth, multiIf(grouping(source) = 0, toString(source), grouping(utm_source) = 0, toString(utm_source), toString(country)) AS value, multiIf(grouping(source) = 0, sum(is_source_visitor), grouping(utm_source) = 0, sum(is_source_visitor), sum(is_visitor)) AS visitors, sum(is_visit) AS visits, sum(visit_views) AS views, toUInt64(0) AS events FROM (events) WHERE is_visit = 1 GROUP BY GROUPING SETS ((source), (utm_source), (country))) WHERE visitors + visits + views + events > 0 AND (value != '' OR nth NOT IN (1)) ORDER BY nth, visitors DESC, visits DESC, events DESC, value LIMIT 9 BY nth");
    }

    #[test]
    fn all_paths_are_one_statement() {
        let dimensions = [Dimension::Page, Dimension::Entry, Dimension::Exit];
        insta::assert_snapshot!(paths("(events)", Scope::Visitor, &dimensions, &Condition::default(), 9), @"SELECT counted.1 AS nth, value, counted.2 AS visitors, counted.3 AS visits, counted.4 AS views, toUInt64(0) AS events, count() OVER (PARTITION BY nth) AS total FROM (SELECT path AS value, sumIf(is_page_visitor, kind = 'pageview') AS visitors_0, sumIf(is_page_visit, kind = 'pageview') AS visits_0, countIf(kind = 'pageview') AS views_0, sumIf(is_page_visitor, is_visit = 1) AS visitors_1, sumIf(is_visit, is_visit = 1) AS visits_1, sumIf(visit_views, is_visit = 1) AS views_1, sumIf(is_page_visitor, is_exit = 1) AS visitors_2, sumIf(is_exit, is_exit = 1) AS visits_2, toUInt64(0) AS views_2 FROM (events)  GROUP BY value) ARRAY JOIN [(toUInt8(0), visitors_0, visits_0, views_0), (toUInt8(1), visitors_1, visits_1, views_1), (toUInt8(2), visitors_2, visits_2, views_2)] AS counted WHERE visitors + visits + views > 0 ORDER BY nth, multiIf(nth = 0, visitors, nth = 1, visits, nth = 2, visits, 0) DESC, visits DESC, views DESC, value LIMIT 9 BY nth");
    }
}
