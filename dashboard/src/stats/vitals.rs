//! How fast pages load and answer, as browsers measured it: the 75th percentile and the shares
//! of good, middling and poor, by web.dev's thresholds (looked at in November 2026).
//!
//! A measurement is one person's device and line, so whatever is told here is told of enough
//! people, also without any filter. Figures stand on page views, open and closed alike.

use clickhouse::Row as ClickHouseRow;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{Store, StoreError};

use super::{
    dimension::Dimension,
    filter::{Filter, Filters},
    flag::Scope,
    overview,
    period::Range,
    query::{FILE_ROWS_MAX, FileShape},
    statement::Condition,
    table::{Cell, Table},
    threshold::Few,
};
use crate::control::sites::Site;

/// Rows of a page of JSON, at most; a site of more pages is searched.
const ROWS_MAX: u32 = 1_000;

/// A figure, where good ends and where poor begins, in the unit of the table: milliseconds,
/// and for `cls` ten-thousandths.
struct Vital {
    name: &'static str,
    good_max: u32,
    poor_above: u32,
}

const VITALS: [Vital; 5] = [
    Vital { name: "lcp", good_max: 2_500, poor_above: 4_000 },
    Vital { name: "inp", good_max: 200, poor_above: 500 },
    Vital { name: "cls", good_max: 1_000, poor_above: 2_500 },
    Vital { name: "fcp", good_max: 1_800, poor_above: 3_000 },
    Vital { name: "ttfb", good_max: 800, poor_above: 1_800 },
];

/// The unit of `cls` in the table.
const CLS_PARTS: f64 = 10_000.0;

/// What the rows are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    Page,
    Device,
}

/// Which rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rows {
    pub by: By,
    pub search: String,
    /// JSON, if it is no file.
    pub file: Option<FileShape>,
}

/// One figure of all views together.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Figure {
    /// Three views in four were no slower: milliseconds, and for `cls` a number.
    pub p75: f64,
    /// Views it was measured in.
    pub views: u64,
    pub good_ratio: f64,
    pub poor_ratio: f64,
    pub rating: Rating,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rating {
    Good,
    Middling,
    Poor,
}

/// The five figures; one that was not measured is left out.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct Figures {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lcp: Option<Figure>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inp: Option<Figure>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cls: Option<Figure>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fcp: Option<Figure>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttfb: Option<Figure>,
}

/// One page's or device class's.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Row {
    pub value: String,
    /// Views in which anything was measured.
    pub views: u64,
    #[serde(flatten)]
    pub figures: Figures,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct Vitals {
    pub overall: Figures,
    /// Views of the period in which anything was measured.
    pub views: u64,
    pub rows: Vec<Row>,
    pub total: u64,
    /// Values that are not shown because of how few people they are.
    #[serde(skip_serializing_if = "super::panels::is_zero")]
    pub hidden: u64,
    /// Nothing true can be told under these filters: measurements stand on page views.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unavailable: bool,
}

/// As ClickHouse answers; lists in the order of [`VITALS`].
#[derive(ClickHouseRow, Deserialize)]
struct Measured {
    value: String,
    people: u64,
    views: u64,
    p75: Vec<u32>,
    counts: Vec<u64>,
    good: Vec<u64>,
    poor: Vec<u64>,
}

impl By {
    pub fn named(name: &str) -> Option<By> {
        match name {
            "page" => Some(By::Page),
            "device" => Some(By::Device),
            _ => None,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            By::Page => "page",
            By::Device => "device",
        }
    }

    fn value(self) -> &'static str {
        match self {
            By::Page => "path",
            By::Device => "toString(device)",
        }
    }
}

impl Figures {
    /// In the order of [`VITALS`].
    fn each(&self) -> [Option<&Figure>; 5] {
        [&self.lcp, &self.inp, &self.cls, &self.fcp, &self.ttfb].map(Option::as_ref)
    }
}

impl Vitals {
    /// The rows for a file: of each figure the percentile and the shares.
    pub fn table(&self, by: By) -> Table<'_> {
        let names = VITALS.iter().flat_map(|vital| {
            ["p75", "good_ratio", "poor_ratio"].map(|of| Cell::text(format!("{}_{of}", vital.name)))
        });
        let head = [Cell::text(by.name()), Cell::text("views")].into_iter().chain(names).collect();
        let rows = self.rows.iter().map(|row| {
            let figures = row.figures.each().into_iter().flat_map(|figure| {
                let of = |number: fn(&Figure) -> f64| Cell::number(figure.map(number));
                [of(|figure| figure.p75), of(|figure| figure.good_ratio), of(|figure| figure.poor_ratio)]
            });
            [Cell::text(row.value.as_str()), Cell::Count(row.views)].into_iter().chain(figures).collect()
        });
        std::iter::once(head).chain(rows).collect()
    }

    pub async fn load(
        store: &Store,
        site: &Site,
        range: Range,
        filters: &Filters,
        rows: &Rows,
    ) -> Result<Vitals, StoreError> {
        let scope = Scope::of(filters);
        if !matches!(scope, Scope::Visitor | Scope::Source | Scope::Page) {
            return Ok(Vitals { unavailable: true, ..Vitals::default() });
        }
        let declared = site.declared();
        let relation = overview::relation(store, site, &declared, range).await?;
        let condition = Condition::of(filters).and(Some("kind = 'pageview'")).and(Some("notEmpty(vitals)"));
        let whole_sql = sql(relation.sql(), "''", people(filters, None), &condition);
        let rows_sql = sql(relation.sql(), rows.by.value(), people(filters, Some(rows.by)), &condition);
        let (whole, measured) = tokio::try_join!(
            condition.fetch::<Measured>(store, "measure all pages", &whole_sql),
            condition.fetch::<Measured>(store, "measure page by page", &rows_sql),
        )?;
        Ok(Vitals::of(whole, measured, filters.few(), rows))
    }

    fn of(whole: Vec<Measured>, mut rows: Vec<Measured>, few: Few, asked: &Rows) -> Vitals {
        let whole = whole.into_iter().find(|whole| whole.views > 0);
        // Nobody known, as where no visitor has a number, is fewer than enough.
        let Some(whole) = whole.filter(|whole| few.may_show(whole.people.max(1), None)) else {
            return Vitals { hidden: rows.len() as u64, ..Vitals::default() };
        };
        rows.sort_by(|one, other| other.views.cmp(&one.views).then_with(|| one.value.cmp(&other.value)));
        let hidden = few.take_hidden(&mut rows, 0, |row| row.people);
        // The search comes last: what is hidden must not depend on it.
        let search = asked.search.to_lowercase();
        rows.retain(|row| row.value.to_lowercase().contains(&search));
        let total = rows.len() as u64;
        rows.truncate(asked.file.map_or(ROWS_MAX, |_| FILE_ROWS_MAX) as usize);
        Vitals {
            overall: whole.figures(),
            views: whole.views,
            rows: rows.into_iter().map(Measured::row).collect(),
            total,
            hidden,
            unavailable: false,
        }
    }
}

/// The flag that counts people among measured views, never more than there are: a view that is
/// somebody's first of its page, or their day's first event.
fn people(filters: &Filters, by: Option<By>) -> &'static str {
    let mut pages = filters.iter().filter(|filter| filter.dimension == Dimension::Page);
    let is_one_page = pages.next().is_some_and(Filter::is_one_value) && pages.next().is_none();
    if by == Some(By::Page) || is_one_page { "is_page_visitor" } else { "is_visitor" }
}

fn sql(relation: &str, value: &str, people: &str, condition: &Condition) -> String {
    let list = |of: &dyn Fn(&Vital) -> String| VITALS.iter().map(of).collect::<Vec<_>>().join(", ");
    let is = |vital: &Vital| format!("mapContains(vitals, '{}')", vital.name);
    let of = |vital: &Vital| format!("vitals['{}']", vital.name);
    format!(
        "SELECT {value} AS value, sum({people}) AS people, count() AS views, [{}] AS p75, [{}] AS counts, \
         [{}] AS good, [{}] AS poor FROM {relation} {} GROUP BY value",
        list(&|vital| format!("quantileExactIf(0.75)({}, {})", of(vital), is(vital))),
        list(&|vital| format!("countIf({})", is(vital))),
        list(&|vital| format!("countIf({} AND {} <= {})", is(vital), of(vital), vital.good_max)),
        list(&|vital| format!("countIf({} > {})", of(vital), vital.poor_above)),
        condition.where_clause(),
    )
}

impl Measured {
    fn row(self) -> Row {
        let figures = self.figures();
        Row { value: self.value, views: self.views, figures }
    }

    fn figures(&self) -> Figures {
        let [lcp, inp, cls, fcp, ttfb] = std::array::from_fn(|at| self.figure(at));
        Figures { lcp, inp, cls, fcp, ttfb }
    }

    fn figure(&self, at: usize) -> Option<Figure> {
        let (vital, p75) = (&VITALS[at], *self.p75.get(at)?);
        let of = |list: &[u64]| list.get(at).copied().unwrap_or_default();
        let views = of(&self.counts);
        let share = |count: u64| count as f64 / views as f64;
        let rating = match p75 {
            p75 if p75 <= vital.good_max => Rating::Good,
            p75 if p75 <= vital.poor_above => Rating::Middling,
            _ => Rating::Poor,
        };
        (views > 0).then(|| Figure {
            p75: if vital.name == "cls" { f64::from(p75) / CLS_PARTS } else { f64::from(p75) },
            views,
            good_ratio: share(of(&self.good)),
            poor_ratio: share(of(&self.poor)),
            rating,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(value: &str, people: u64, lcp: u32) -> Measured {
        Measured {
            value: value.to_owned(),
            people,
            views: people * 2,
            p75: vec![lcp, 0, 1_234, 0, 0],
            counts: vec![people * 2, 0, people, 0, 0],
            good: vec![people, 0, 0, 0, 0],
            poor: vec![0, 0, people, 0, 0],
        }
    }

    #[test]
    fn a_figure_has_its_rating_its_shares_and_its_unit() {
        let figures = measured("/", 10, 2_501).figures();
        let lcp = figures.lcp.unwrap();
        assert_eq!(
            (lcp.p75, lcp.rating, lcp.good_ratio, lcp.poor_ratio),
            (2_501.0, Rating::Middling, 0.5, 0.0)
        );
        let cls = figures.cls.unwrap();
        assert_eq!((cls.p75, cls.rating, cls.views), (0.1234, Rating::Middling, 10));
        assert_eq!((figures.inp, figures.fcp), (None, None), "what was not measured is not told");
        let of = |lcp| measured("/", 10, lcp).figures().lcp.unwrap().rating;
        assert_eq!((of(2_500), of(4_000), of(4_001)), (Rating::Good, Rating::Middling, Rating::Poor));
    }

    #[test]
    fn few_people_are_not_measured_for_others_to_see_with_a_search_or_without() {
        let rows = |search: &str| Rows { by: By::Page, search: search.to_owned(), file: None };
        let all = || vec![measured("/a", 30, 900), measured("/b", 20, 900), measured("/one", 1, 9_000)];
        let shown = Vitals::of(vec![measured("", 51, 900)], all(), Few::default(), &rows(""));
        assert_eq!((shown.rows.len(), shown.hidden, shown.rows[0].value.as_str()), (1, 2, "/a"));
        let sought = Vitals::of(vec![measured("", 51, 900)], all(), Few::default(), &rows("ONE"));
        assert_eq!((sought.rows.len(), sought.total, sought.hidden), (0, 0, 2));
        for people in [0, 1, 4] {
            let alone = Vitals::of(
                vec![measured("", people.max(1), 900)],
                vec![measured("/", people, 900)],
                Few::default(),
                &rows(""),
            );
            assert_eq!((alone.overall, alone.rows.len()), (Figures::default(), 0), "{people}");
        }
    }

    #[test]
    fn a_file_has_the_figures_that_were_measured() {
        let rows = Rows { by: By::Page, search: String::new(), file: Some(FileShape::Csv) };
        let vitals =
            Vitals::of(vec![measured("", 30, 900)], vec![measured("/a", 30, 900)], Few::default(), &rows);
        let csv = crate::stats::table::csv(&vitals.table(By::Page));
        let lines: Vec<&str> = csv.lines().collect();
        assert!(lines[0].starts_with("page,views,lcp_p75,lcp_good_ratio,lcp_poor_ratio,inp_p75,"), "{csv}");
        assert_eq!(lines[1], "/a,60,900,0.5,0,,,,0.1234,0,1,,,,,,");
    }
}
