//! One dimension in full: searched, a page of it at a time, or all of it for a file.

use store::{Store, StoreError};

use super::{
    dimension::Dimension,
    flag::Scope,
    goals, overview,
    panels::{self, Answer, Measures, Panel, goals::Reached},
    period::Range,
    query::Slice,
    statement::Condition,
    table::{Cell, Table},
    threshold::{self, Few},
};
use crate::{control::sites::Site, stats::filter::Filters};

/// The rows of a slice. `Ok` with `unavailable` when nothing can be told.
pub async fn load(
    store: &Store,
    site: &Site,
    range: Range,
    filters: &Filters,
    slice: &Slice,
) -> Result<Panel, StoreError> {
    let Some(measures) = panels::measures(Scope::of(filters), slice.dimension) else {
        return Ok(Panel { unavailable: true, ..Panel::default() });
    };
    let declared = site.declared();
    let relation = overview::relation(store, site, &declared, range).await?;
    if slice.dimension == Dimension::Goal {
        let reached = Reached::load(store, &relation, &declared, filters).await?;
        return Ok(goals::panel(&reached, &site.goals.goals, filters, &measures).sliced(slice));
    }
    let mut condition = Condition::of(filters).and(measures.rows).with_text("search", &slice.search);
    if let Some(property) = &slice.property {
        condition = condition.with_text("property", &format!("{property}="));
    }
    let few = threshold::of(filters, Some(slice.dimension));
    let sql = sql(relation.sql(), slice, &measures, &condition, few);
    let answers: Vec<Answer> = condition.fetch(store, "break the numbers down", &sql).await?;
    let total = answers.first().map_or(0, |answer| answer.total);
    Ok(Panel {
        rows: answers.into_iter().map(|answer| measures.row(answer)).collect(),
        total,
        hidden: 0,
        unavailable: false,
    })
}

fn sql(
    relation: &str,
    slice: &Slice,
    measures: &Measures,
    condition: &Condition,
    few: Option<Few>,
) -> String {
    // Which property is part of the question.
    let of_it = slice.property.as_ref().map_or("", |_| "AND startsWith(value, {property:String})");
    let having = if slice.search.is_empty() {
        ""
    } else {
        "AND positionCaseInsensitiveUTF8(value, {search:String}) > 0"
    };
    let limit = format!("LIMIT {} OFFSET {}", slice.limit, slice.offset);
    if let Some(few) = few {
        // The search comes last: what is hidden must not depend on it.
        let inner = panels::sql(relation, slice.dimension, measures, condition, of_it, "");
        return few.sql(&inner, having, measures.by.order(), &limit);
    }
    panels::sql(relation, slice.dimension, measures, condition, &format!("{of_it} {having}"), &limit)
}

impl Panel {
    /// The part of a whole panel that is asked for.
    fn sliced(mut self, slice: &Slice) -> Panel {
        let search = slice.search.to_lowercase();
        self.rows.retain(|row| row.value.to_lowercase().contains(&search));
        self.total = self.rows.len() as u64;
        self.rows = self.rows.into_iter().skip(slice.offset as usize).take(slice.limit as usize).collect();
        self
    }
}

/// One of a row's numbers.
type Count = fn(&panels::Row) -> Option<u64>;

/// The numbers that a panel's rows have, with their names.
fn columns(panel: &Panel) -> Vec<(&'static str, Count)> {
    let known = |of: Count| panel.rows.iter().any(|row| of(row).is_some());
    let all: [(&str, Count); 4] = [
        ("visitors", |row| row.visitors),
        ("visits", |row| row.visits),
        ("views", |row| row.views),
        ("events", |row| row.events),
    ];
    all.into_iter().filter(|&(_, of)| known(of)).collect()
}

/// The same for a file.
pub fn table(dimension: Dimension, panel: &Panel) -> Table<'_> {
    let columns = columns(panel);
    let names = columns.iter().map(|(name, _)| Cell::text(*name));
    let head = std::iter::once(Cell::text(dimension.name())).chain(names).collect();
    let rows = panel.rows.iter().map(|row| {
        let counts = columns.iter().map(|(_, of)| Cell::count(of(row)));
        std::iter::once(Cell::text(row.value.as_str())).chain(counts).collect()
    });
    std::iter::once(head).chain(rows).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::table::csv;

    #[test]
    fn a_measure_that_cannot_be_told_is_no_column() {
        let row =
            |value: &str| panels::Row { value: value.to_owned(), visits: Some(3), ..panels::Row::default() };
        let panel = Panel { rows: vec![row("/a"), row("")], total: 2, hidden: 0, unavailable: false };
        assert_eq!(csv(&table(Dimension::Exit, &panel)), "exit,visits\r\n/a,3\r\n,3\r\n");
    }

    #[test]
    fn a_search_is_a_parameter() {
        let slice = Slice {
            dimension: Dimension::Event,
            property: None,
            search: "x'y".into(),
            limit: 50,
            offset: 100,
            file: None,
        };
        let measures = panels::measures(Scope::Visitor, Dimension::Event).unwrap();
        let condition = Condition::default().and(measures.rows);
        insta::assert_snapshot!(sql("(events)", &slice, &measures, &condition, None), @"SELECT toUInt8(0) AS nth, toString(name) AS value, sum(is_goal_visitor) AS visitors, toUInt64(0) AS visits, toUInt64(0) AS views, count() AS events, count() OVER () AS total FROM (events) WHERE kind = 'custom' GROUP BY value HAVING visitors + visits + views + events > 0   AND positionCaseInsensitiveUTF8(value, {search:String}) > 0 ORDER BY visitors DESC, visits DESC, events DESC, value LIMIT 50 OFFSET 100");
    }
}
