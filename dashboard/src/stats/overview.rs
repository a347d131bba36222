//! The whole first page: totals, chart, every panel and the balance.
//!
//! Few statements rather than one a panel: the rows of a year are read once for all
//! attributes (GROUPING SETS), once for all paths, and once for the goals.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use serde::Serialize;
use store::{Store, StoreError, relation::Relation};

use super::{
    balance::Balance,
    dimension::{Dimension, Reach},
    filter::Filters,
    flag::{self, Counting, Scope},
    metrics::{Metrics, Number},
    panels::{self, Answer, Panel},
    period::{Grain, Period, Range},
    query::Report,
    series::{self, Lines, Series},
    statement::Condition,
};
use crate::control::sites::Site;

/// Rows of a panel on the first page.
const PANEL_ROWS: u32 = 9;

#[derive(Debug, Serialize)]
pub struct Overview {
    period: PeriodAnswer,
    metrics: Metrics<Figure>,
    series: SeriesAnswer,
    panels: BTreeMap<Dimension, Panel>,
    balance: Balance,
    unfinished_from: Option<String>,
    counting: CountingAnswer,
}

#[derive(Debug, Serialize)]
struct PeriodAnswer {
    from: String,
    to: String,
    grain: &'static str,
    today: String,
    now: String,
    compare_from: Option<String>,
    compare_to: Option<String>,
    /// The last point of the compared period that `metrics.*.previous` includes.
    compare_until: Option<String>,
}

#[derive(Debug, Serialize)]
struct Figure {
    value: Option<Number>,
    previous: Option<Number>,
}

#[derive(Debug, Serialize)]
struct SeriesAnswer {
    #[serde(flatten)]
    lines: Lines,
    previous: Option<Metrics<Vec<Option<Number>>>>,
}

#[derive(Debug, Serialize)]
struct CountingAnswer {
    visitors: Counting,
    visits: Counting,
}

/// What the overview is made of.
pub struct Asked<'a> {
    pub site: &'a Site,
    pub zone: &'a TimeZone,
    pub report: &'a Report,
    pub period: &'a Period,
}

impl Overview {
    pub async fn load(store: &Store, asked: &Asked<'_>) -> Result<Overview, StoreError> {
        let Asked { zone, report, period, .. } = asked;
        let filters = &report.filters;
        let current = async {
            let relation = relation(store, asked.site, period.range).await?;
            let wanted = series::Asked {
                relation: &relation,
                filters,
                range: period.range,
                grain: period.grain,
                zone,
            };
            tokio::try_join!(Series::load(store, &wanted), all_panels(store, &relation, filters))
        };
        let compared = async {
            let Some(range) = period.compared else { return Ok(None) };
            let relation = relation(store, asked.site, range).await?;
            let wanted = series::Asked { relation: &relation, filters, range, grain: period.grain, zone };
            Series::load(store, &wanted).await.map(Some)
        };
        let balance = Balance::load(store, asked.site.id, period.range, zone);
        let ((series, panels), compared, balance) = tokio::try_join!(current, compared, balance)?;
        let unfinished = period.unfinished();
        let lines = series.lines(unfinished.as_deref());
        // At nine in the morning the whole of yesterday is nothing to compare with.
        let until = (period.grain == Grain::Hour && unfinished.is_some()).then(|| period.now.hour() as u32);
        let earlier = compared.as_ref().map(|compared| compared.totals(until)).unwrap_or_default();
        Ok(Overview {
            period: PeriodAnswer::new(period, until),
            metrics: series.totals(None).zip(earlier).map(|(value, previous)| Figure { value, previous }),
            series: SeriesAnswer {
                previous: compared.map(|compared| compared.lines_under(lines.at.len())),
                lines,
            },
            panels,
            balance,
            unfinished_from: unfinished,
            counting: CountingAnswer { visitors: flag::visitors(filters), visits: flag::visits(filters) },
        })
    }
}

impl PeriodAnswer {
    fn new(period: &Period, until: Option<u32>) -> PeriodAnswer {
        let compared = period.compared;
        PeriodAnswer {
            from: period.range.from.to_string(),
            to: period.range.to.to_string(),
            grain: period.grain.name(),
            today: period.now.date().to_string(),
            now: period.now.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
            compare_from: compared.map(|range| range.from.to_string()),
            compare_to: compared.map(|range| range.to.to_string()),
            compare_until: compared.zip(until).map(|(range, hour)| format!("{}T{hour:02}", range.from)),
        }
    }
}

pub(super) async fn relation(store: &Store, site: &Site, range: Range) -> Result<Relation, StoreError> {
    let (from, to) = range.day_numbers();
    Relation::load(store, site.id, &site.time_zone, from, to).await
}

async fn all_panels(
    store: &Store,
    relation: &Relation,
    filters: &Filters,
) -> Result<BTreeMap<Dimension, Panel>, StoreError> {
    let scope = Scope::of(filters);
    let (attributes, rest): (Vec<_>, Vec<_>) = Dimension::ALL
        .into_iter()
        .filter(|&dimension| panels::measures(scope, dimension).is_some())
        .partition(|dimension| matches!(dimension.reach(), Reach::Visitor | Reach::Source | Reach::Host));
    let (paths, goals): (Vec<_>, Vec<_>) =
        rest.into_iter().partition(|dimension| dimension.column() == "path");
    let (attributes, paths, goals) = tokio::try_join!(
        group(store, relation, filters, &attributes),
        group(store, relation, filters, &paths),
        group(store, relation, filters, &goals),
    )?;
    let mut all: BTreeMap<Dimension, Panel> = attributes.into_iter().chain(paths).chain(goals).collect();
    for dimension in Dimension::ALL {
        let unavailable = || Panel { unavailable: true, ..Panel::default() };
        all.entry(dimension).or_insert_with(unavailable);
    }
    Ok(all)
}

/// Dimensions that one statement answers: all attributes, all paths, or one alone.
async fn group(
    store: &Store,
    relation: &Relation,
    filters: &Filters,
    dimensions: &[Dimension],
) -> Result<Vec<(Dimension, Panel)>, StoreError> {
    let scope = Scope::of(filters);
    let condition = Condition::of(filters);
    let (condition, sql) = match dimensions {
        [] => return Ok(Vec::new()),
        [one] => {
            let measures =
                panels::measures(scope, *one).expect("`all_panels` asks only for what can be told");
            let condition = condition.and(measures.rows);
            let limit = format!("LIMIT {PANEL_ROWS}");
            let sql = panels::sql(relation.sql(), *one, &measures, &condition, "", &limit);
            (condition, sql)
        }
        [first, ..] if first.column() == "path" => {
            let sql = paths_sql(relation.sql(), scope, dimensions, &condition);
            (condition, sql)
        }
        several => {
            let rows = panels::measures(scope, several[0]).and_then(|measures| measures.rows);
            let condition = condition.and(rows);
            let sql = attributes_sql(relation.sql(), scope, several, &condition);
            (condition, sql)
        }
    };
    let answers: Vec<Answer> = condition.fetch(store, "fill the panels", &sql).await?;
    let mut found: Vec<(Dimension, Panel)> =
        dimensions.iter().map(|&dimension| (dimension, Panel::default())).collect();
    for answer in answers {
        if let Some((dimension, panel)) = found.get_mut(usize::from(answer.nth))
            && let Some(measures) = panels::measures(scope, *dimension)
        {
            panel.total = answer.total;
            panel.rows.push(measures.row(answer));
        }
    }
    Ok(found)
}

/// Attributes share their rows and measures but for the visitors' flag.
fn attributes_sql(relation: &str, scope: Scope, dimensions: &[Dimension], condition: &Condition) -> String {
    let choose = |name: &str, of: &dyn Fn(usize, &Dimension) -> String| {
        let cases: Vec<String> =
            dimensions.iter().enumerate().map(|(nth, dimension)| of(nth, dimension)).collect();
        format!("multiIf({}) AS {name}", cases.join(", "))
    };
    let last = dimensions.len() - 1;
    let case = |nth: usize, dimension: &Dimension, then: String| {
        if nth == last { then } else { format!("grouping({}) = 0, {then}", dimension.column()) }
    };
    let told = |dimension: &Dimension| {
        panels::measures(scope, *dimension).expect("`all_panels` asks only for what can be told")
    };
    let nth = choose("nth", &|nth, dimension| case(nth, dimension, format!("toUInt8({nth})")));
    let value =
        choose("value", &|nth, dimension| case(nth, dimension, format!("toString({})", dimension.column())));
    let visitors = choose("visitors", &|nth, dimension| {
        case(nth, dimension, told(dimension).visitors.unwrap_or("toUInt64(0)").to_owned())
    });
    let common = told(&dimensions[0]);
    let or_zero = |measure: Option<&'static str>| measure.unwrap_or("toUInt64(0)");
    let sets: Vec<String> = dimensions.iter().map(|dimension| format!("({})", dimension.column())).collect();
    let dropped: Vec<String> = dimensions
        .iter()
        .enumerate()
        .filter(|(_, dimension)| !dimension.keeps_empty())
        .map(|(nth, _)| nth.to_string())
        .collect();
    let named = if dropped.is_empty() {
        String::new()
    } else {
        format!("AND (value != '' OR nth NOT IN ({}))", dropped.join(", "))
    };
    format!(
        "SELECT nth, value, visitors, visits, views, events, count() OVER (PARTITION BY nth) AS total FROM \
         (SELECT {nth}, {value}, {visitors}, {} AS visits, {} AS views, {} AS events FROM {relation} {} \
         GROUP BY GROUPING SETS ({})) WHERE visitors + visits + events > 0 {named} \
         ORDER BY nth, {} LIMIT {PANEL_ROWS} BY nth",
        or_zero(common.visits),
        or_zero(common.views),
        or_zero(common.events),
        condition.where_clause(),
        sets.join(", "),
        common.by.order(),
    )
}

/// Pages, entries and exits share one pass over the paths: only whole visits can be
/// asked for all three, so there is no filter on rows here.
fn paths_sql(relation: &str, scope: Scope, dimensions: &[Dimension], condition: &Condition) -> String {
    let told = |dimension: Dimension| {
        panels::measures(scope, dimension).expect("`all_panels` asks only for what can be told")
    };
    let mut inner = Vec::new();
    let mut outer = Vec::new();
    for (nth, &dimension) in dimensions.iter().enumerate() {
        let measures = told(dimension);
        let rows = measures.rows.expect("each path's dimension names its rows");
        let among = |measure: Option<&'static str>| match measure {
            None => "toUInt64(0)".to_owned(),
            Some("count()") => format!("countIf({rows})"),
            Some(sum) => {
                let column = sum.trim_start_matches("sum(").trim_end_matches(')');
                format!("sumIf({column}, {rows})")
            }
        };
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
            let key = if told(dimension).by == panels::By::Visits { "visits" } else { "visitors" };
            format!("nth = {nth}, {key}")
        })
        .collect();
    format!(
        "SELECT counted.1 AS nth, value, counted.2 AS visitors, counted.3 AS visits, counted.4 AS views, \
         toUInt64(0) AS events, count() OVER (PARTITION BY nth) AS total FROM \
         (SELECT path AS value, {} FROM {relation} {} GROUP BY value) \
         ARRAY JOIN [{}] AS counted WHERE visitors + visits > 0 \
         ORDER BY nth, multiIf({}, 0) DESC, visits DESC, views DESC, value LIMIT {PANEL_ROWS} BY nth",
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
        insta::assert_snapshot!(attributes_sql("(events)", Scope::Visitor, &dimensions, &condition), @"SELECT nth, value, visitors, visits, views, events, count() OVER (PARTITION BY nth) AS total FROM (SELECT multiIf(grouping(source) = 0, toUInt8(0), grouping(utm_source) = 0, toUInt8(1), toUInt8(2)) AS nth, multiIf(grouping(source) = 0, toString(source), grouping(utm_source) = 0, toString(utm_source), toString(country)) AS value, multiIf(grouping(source) = 0, sum(is_source_visitor), grouping(utm_source) = 0, sum(is_source_visitor), sum(is_visitor)) AS visitors, sum(is_visit) AS visits, sum(visit_views) AS views, toUInt64(0) AS events FROM (events) WHERE is_visit = 1 GROUP BY GROUPING SETS ((source), (utm_source), (country))) WHERE visitors + visits + events > 0 AND (value != '' OR nth NOT IN (1)) ORDER BY nth, visitors DESC, visits DESC, events DESC, value LIMIT 9 BY nth");
    }

    #[test]
    fn all_paths_are_one_statement() {
        let dimensions = [Dimension::Page, Dimension::Entry, Dimension::Exit];
        insta::assert_snapshot!(paths_sql("(events)", Scope::Visitor, &dimensions, &Condition::default()), @"SELECT counted.1 AS nth, value, counted.2 AS visitors, counted.3 AS visits, counted.4 AS views, toUInt64(0) AS events, count() OVER (PARTITION BY nth) AS total FROM (SELECT path AS value, sumIf(is_page_visitor, kind = 'pageview') AS visitors_0, sumIf(is_page_visit, kind = 'pageview') AS visits_0, countIf(kind = 'pageview') AS views_0, sumIf(is_page_visitor, is_visit = 1) AS visitors_1, sumIf(is_visit, is_visit = 1) AS visits_1, sumIf(visit_views, is_visit = 1) AS views_1, toUInt64(0) AS visitors_2, sumIf(is_exit, is_exit = 1) AS visits_2, toUInt64(0) AS views_2 FROM (events)  GROUP BY value) ARRAY JOIN [(toUInt8(0), visitors_0, visits_0, views_0), (toUInt8(1), visitors_1, visits_1, views_1), (toUInt8(2), visitors_2, visits_2, views_2)] AS counted WHERE visitors + visits > 0 ORDER BY nth, multiIf(nth = 0, visitors, nth = 1, visits, nth = 2, visits, 0) DESC, visits DESC, views DESC, value LIMIT 9 BY nth");
    }
}
