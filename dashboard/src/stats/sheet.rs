//! Everything one report needs to know of a range of days: the chart's points and the
//! panels' values. Sheets of neighbouring ranges add up, because ids never cross days.

use std::collections::{BTreeMap, HashMap};

use store::{Store, StoreError, goal::Declared, relation::Relation};

use super::{
    at_once, conversion,
    dimension::{Dimension, Reach},
    filter::Filters,
    flag::Scope,
    panels::{self, Answer, By, Panel, goals::Reached, grouped},
    period::Grain,
    series::{self, Points},
    statement::Condition,
    threshold,
};

/// The sums of a range.
#[derive(Debug, Default, Clone)]
pub struct Sheet {
    pub points: Points,
    columns: BTreeMap<Dimension, Column>,
    pub reached: Reached,
}

/// A dimension's values.
#[derive(Debug, Default, Clone)]
pub(super) struct Column {
    counts: HashMap<String, Counts>,
    /// Values in all; more than `counts` when only the greatest were asked for.
    total: u64,
}

#[derive(Debug, Default, Clone, Copy)]
struct Counts {
    visitors: u64,
    visits: u64,
    views: u64,
    events: u64,
}

/// What is read beside the points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Extent {
    PointsOnly,
    /// That many of each dimension's values, the greatest.
    Values(u32),
}

/// What a sheet is read from.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    pub relation: &'a Relation,
    pub declared: &'a Declared,
    /// How many rows it has, about.
    pub rows: u64,
    pub filters: &'a Filters,
    pub grain: Grain,
    pub extent: Extent,
}

impl Sheet {
    pub async fn load(store: &Store, asked: &Asked<'_>) -> Result<Sheet, StoreError> {
        let Asked { relation, declared, rows, filters, grain, extent } = *asked;
        if rows <= at_once::ROWS_MAX {
            return at_once::load(store, asked).await;
        }
        let points = async {
            let points = series::points(store, relation, filters, grain);
            let converted = conversion::load(store, relation, declared, filters, grain);
            let (mut points, converted) = tokio::try_join!(points, converted)?;
            conversion::add(&mut points, &converted);
            Ok::<Points, StoreError>(points)
        };
        let Extent::Values(limit) = extent else {
            return Ok(Sheet::of_points(points.await?));
        };
        let reached = Reached::load(store, relation, declared, filters);
        let [attributes, paths, events] = groups(Scope::of(filters));
        let (points, attributes, paths, events, reached) = tokio::try_join!(
            points,
            columns(store, relation, filters, &attributes, limit),
            columns(store, relation, filters, &paths, limit),
            columns(store, relation, filters, &events, limit),
            reached,
        )?;
        Ok(Sheet { points, columns: attributes.into_iter().chain(paths).chain(events).collect(), reached })
    }

    pub(super) fn of(points: Points, columns: BTreeMap<Dimension, Column>, reached: Reached) -> Sheet {
        Sheet { points, columns, reached }
    }

    /// A sheet without values.
    pub fn of_points(points: Points) -> Sheet {
        Sheet { points, ..Sheet::default() }
    }

    /// Adds the sheet of another range.
    pub fn add(&mut self, other: &Sheet) {
        for (key, sums) in &other.points {
            self.points.entry(*key).or_default().add(sums);
        }
        for (dimension, more) in &other.columns {
            let column = self.columns.entry(*dimension).or_default();
            for (value, counts) in &more.counts {
                match column.counts.get_mut(value) {
                    Some(sum) => sum.add(counts),
                    None => {
                        column.counts.insert(value.clone(), *counts);
                    }
                }
            }
            column.total = column.counts.len() as u64;
        }
        self.reached.add(&other.reached);
    }

    /// People over all points: visitors, or visits where visitors cannot be told.
    pub fn people(&self) -> u64 {
        self.points.values().map(|sums| if sums.visitors > 0 { sums.visitors } else { sums.visits }).sum()
    }

    /// Whether every value is here, so that sheets can be added.
    pub fn is_whole(&self) -> bool {
        self.columns.values().all(|column| column.total == column.counts.len() as u64)
    }

    /// About how much memory it takes.
    pub fn bytes(&self) -> usize {
        /// A value's counts, its string's header and its place in the map.
        const ENTRY_BYTES: usize = 96;
        let values =
            |column: &Column| column.counts.keys().map(|value| value.len() + ENTRY_BYTES).sum::<usize>();
        self.columns.values().map(values).sum::<usize>() + self.points.len() * ENTRY_BYTES
    }

    /// The greatest rows of every dimension that is a column.
    pub fn panels(&self, filters: &Filters, rows: usize) -> BTreeMap<Dimension, Panel> {
        Dimension::ALL
            .into_iter()
            .filter(|dimension| dimension.is_column())
            .map(|dimension| (dimension, self.panel(filters, dimension, rows)))
            .collect()
    }

    fn panel(&self, filters: &Filters, dimension: Dimension, rows: usize) -> Panel {
        let scope = Scope::of(filters);
        let Some(measures) = panels::measures(scope, dimension) else {
            return Panel { unavailable: true, ..Panel::default() };
        };
        let Some(column) = self.columns.get(&dimension) else { return Panel::default() };
        let mut ordered: Vec<(&String, &Counts)> = column.counts.iter().collect();
        ordered.sort_unstable_by(|(value, counts), (other_value, other)| {
            other.rank(measures.by).cmp(&counts.rank(measures.by)).then_with(|| value.cmp(other_value))
        });
        let mut hidden = 0;
        if let Some(few) = threshold::of(filters, Some(dimension)) {
            let unseen = column.total.saturating_sub(ordered.len() as u64);
            hidden = few.take_hidden(&mut ordered, unseen, |(_, counts)| counts.visitors);
        }
        ordered.truncate(rows);
        let rows = ordered.into_iter().map(|(value, counts)| measures.row(counts.answer(value))).collect();
        Panel { rows, total: column.total - hidden, hidden, unavailable: false }
    }
}

impl Column {
    /// Adds a value: its visitors, visits, views and events, and how many values there are.
    pub(super) fn take(&mut self, value: String, counts: [u64; 4], total: u64) {
        let [visitors, visits, views, events] = counts;
        self.total = total;
        self.counts.insert(value, Counts { visitors, visits, views, events });
    }
}

impl Counts {
    fn add(&mut self, other: &Counts) {
        self.visitors += other.visitors;
        self.visits += other.visits;
        self.views += other.views;
        self.events += other.events;
    }

    /// The same order as [`By::order`].
    fn rank(&self, by: By) -> (u64, u64, u64) {
        match by {
            By::Visitors => (self.visitors, self.visits, self.events),
            By::Visits => (self.visits, self.views, 0),
        }
    }

    fn answer(&self, value: &str) -> Answer {
        let Counts { visitors, visits, views, events } = *self;
        Answer { nth: 0, value: value.to_owned(), visitors, visits, views, events, total: 0 }
    }
}

/// The dimensions that can be told, by the statement that answers them: attributes,
/// paths, events. Goals are no column and answered apart (`panels::goals`).
fn groups(scope: Scope) -> [Vec<Dimension>; 3] {
    let mut groups = [const { Vec::new() }; 3];
    for dimension in Dimension::ALL.into_iter().filter(|dimension| dimension.is_column()) {
        let group = match dimension.reach() {
            Reach::Visitor | Reach::Source | Reach::Host => 0,
            Reach::Page | Reach::Entry | Reach::Exit => 1,
            Reach::Event | Reach::Goal => 2,
        };
        if panels::measures(scope, dimension).is_some() {
            groups[group].push(dimension);
        }
    }
    groups
}

/// The columns of dimensions that one statement answers.
async fn columns(
    store: &Store,
    relation: &Relation,
    filters: &Filters,
    dimensions: &[Dimension],
    limit: u32,
) -> Result<Vec<(Dimension, Column)>, StoreError> {
    let scope = Scope::of(filters);
    let Some(&first) = dimensions.first() else { return Ok(Vec::new()) };
    let measures = panels::measures(scope, first).expect("`groups` keeps only what can be told");
    let condition = Condition::of(filters);
    let (condition, sql) = if dimensions.len() == 1 {
        let condition = condition.and(measures.rows);
        let limit = format!("LIMIT {limit}");
        let sql = panels::sql(relation.sql(), first, &measures, &condition, "", &limit);
        (condition, sql)
    } else if first.column() == "path" {
        let sql = grouped::paths(relation.sql(), scope, dimensions, &condition, limit);
        (condition, sql)
    } else {
        let condition = condition.and(measures.rows);
        let sql = grouped::attributes(relation.sql(), scope, dimensions, &condition, limit);
        (condition, sql)
    };
    fetch(store, &condition, &sql, dimensions).await
}

async fn fetch(
    store: &Store,
    condition: &Condition,
    sql: &str,
    dimensions: &[Dimension],
) -> Result<Vec<(Dimension, Column)>, StoreError> {
    let answers: Vec<Answer> = condition.fetch(store, "fill the panels", sql).await?;
    let mut found: Vec<(Dimension, Column)> =
        dimensions.iter().map(|&dimension| (dimension, Column::default())).collect();
    for answer in answers {
        if let Some((_, column)) = found.get_mut(usize::from(answer.nth)) {
            let Answer { value, visitors, visits, views, events, total, .. } = answer;
            column.take(value, [visitors, visits, views, events], total);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::filter::Filter;

    fn sheet(values: &[(&str, u64)]) -> Sheet {
        let counts = |visitors| Counts { visitors, visits: visitors, views: visitors, events: 0 };
        let counts: HashMap<String, Counts> =
            values.iter().map(|&(value, visitors)| (value.to_owned(), counts(visitors))).collect();
        let total = counts.len() as u64;
        Sheet { columns: [(Dimension::Page, Column { counts, total })].into(), ..Sheet::default() }
    }

    #[test]
    fn sheets_add_up_and_are_ordered_anew() {
        let mut sum = sheet(&[("/a", 5), ("/b", 4), ("/c", 1)]);
        sum.add(&sheet(&[("/b", 3), ("/d", 1)]));
        let panel = &sum.panels(&Filters::default(), 3)[&Dimension::Page];
        let rows: Vec<(&str, Option<u64>)> =
            panel.rows.iter().map(|row| (row.value.as_str(), row.visitors)).collect();
        assert_eq!(rows, [("/b", Some(7)), ("/a", Some(5)), ("/c", Some(1))]);
        assert_eq!(panel.total, 4);
    }

    #[test]
    fn a_sheet_without_all_values_is_not_whole() {
        let mut part = sheet(&[("/a", 5)]);
        assert!(part.is_whole());
        part.columns.get_mut(&Dimension::Page).unwrap().total = 2;
        assert!(!part.is_whole());
    }

    #[test]
    fn every_column_has_a_panel_even_when_nothing_can_be_told() {
        let event = Filters::new(vec![Filter::parse("event:is:x").unwrap()]).unwrap();
        let panels = Sheet::default().panels(&event, 9);
        assert_eq!(panels.len(), Dimension::ALL.len() - 2);
        assert!(panels[&Dimension::Entry].unavailable);
        assert!(!panels[&Dimension::Event].unavailable);
    }
}
