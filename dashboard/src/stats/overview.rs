//! The whole first page: totals, chart, every panel and the balance.
//!
//! Two sheets, of the period and of the one it is compared with, become the answer.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::Serialize;
use store::{
    Store, StoreError,
    goal::Declared,
    relation::{Of, Relation},
};

use super::{
    balance::Balance,
    conversion,
    dimension::Dimension,
    filter::Filters,
    flag::{self, Counting, Scope},
    goals::{self, FunnelAnswer},
    metrics::{Metrics, Number, Sums},
    panels::{self, Panel},
    period::{Grain, Period, Range},
    query::Report,
    sealed::{self, Sealed},
    series::{Lines, Points, Series},
    sheet::{Extent, Sheet},
    threshold,
};
use crate::control::sites::Site;

/// Rows of a panel on the first page.
const PANEL_ROWS: u32 = 9;

#[derive(Debug, Serialize, JsonSchema)]
pub struct Overview {
    period: PeriodAnswer,
    metrics: Metrics<Figure>,
    series: SeriesAnswer,
    panels: BTreeMap<Dimension, Panel>,
    funnels: Vec<FunnelAnswer>,
    /// Closed days of the period that know nothing of a goal among the filters: they count as empty.
    #[serde(skip_serializing_if = "panels::is_zero")]
    undecided_days: u64,
    /// Closed days of the period that the conversion leaves out.
    #[serde(skip_serializing_if = "panels::is_zero")]
    conversion_undecided_days: u64,
    /// The same visits' bounce rate by others' definitions; null where none can be told.
    bounce_elsewhere: Elsewhere,
    balance: Balance,
    /// The filters leave too few people to show, or so few out that these would follow.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    few: bool,
    unfinished_from: Option<String>,
    counting: CountingAnswer,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Elsewhere {
    /// Below 15 seconds.
    metrika: Option<f64>,
    /// Below 10 seconds in front.
    ga4: Option<f64>,
}

impl Elsewhere {
    fn of(sums: &Sums, scope: Scope) -> Elsewhere {
        let is_told = sums.ends > 0 && sums.metrics(scope).bounce_ratio.is_some();
        let ratio = |bounces: u64| is_told.then(|| bounces as f64 / sums.ends as f64);
        Elsewhere { metrika: ratio(sums.short_bounces), ga4: ratio(sums.idle_bounces) }
    }
}

#[derive(Debug, Serialize, JsonSchema)]
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

#[derive(Debug, Serialize, JsonSchema)]
struct Figure {
    value: Option<Number>,
    previous: Option<Number>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct SeriesAnswer {
    #[serde(flatten)]
    lines: Lines,
    previous: Option<Metrics<Vec<Option<Number>>>>,
}

#[derive(Debug, Serialize, JsonSchema)]
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

/// The figures themselves, without panels and balance.
pub struct Figures {
    /// What panels are made of, as far as it was asked for.
    current: Sheet,
    pub series: Series,
    pub compared: Option<Series>,
    /// The filters leave too few people to show: the series are empty.
    pub few: bool,
}

impl Figures {
    pub async fn load(
        store: &Store,
        sealed: &Sealed,
        asked: &Asked<'_>,
        extent: Extent,
    ) -> Result<Figures, StoreError> {
        let Asked { site, zone, report, period } = *asked;
        let filters = &report.filters;
        let scope = Scope::of(filters);
        let sheet = |range, extent| async move {
            let today = period.now.date();
            let asked = sealed::Asked { site, range, today, grain: period.grain, filters, extent };
            sealed.sheet(store, &asked).await
        };
        let compared = async {
            match period.compared {
                None => Ok(None),
                Some(range) => sheet(range, Extent::PointsOnly).await.map(|sheet| Some((range, sheet))),
            }
        };
        let (current, compared) = tokio::try_join!(sheet(period.range, extent), compared)?;
        let few = is_few(sealed, store, asked, &current).await?;
        // Nothing at all rather than a part from which the rest follows.
        let mut points = if few { Points::default() } else { current.points.clone() };
        conversion::hide_few(&mut points, filters);
        let compared = compared.filter(|_| !few).map(|(range, mut sheet)| {
            conversion::hide_few(&mut sheet.points, filters);
            (range, sheet)
        });
        let series = Series::new(&points, period.range, period.grain, zone, scope);
        let compared =
            compared.map(|(range, sheet)| Series::new(&sheet.points, range, period.grain, zone, scope));
        Ok(Figures { current, series, compared, few })
    }
}

impl Overview {
    pub async fn load(store: &Store, sealed: &Sealed, asked: &Asked<'_>) -> Result<Overview, StoreError> {
        let Asked { site, zone, report, period } = *asked;
        let filters = &report.filters;
        let figures = Figures::load(store, sealed, asked, Extent::Values(PANEL_ROWS));
        let balance = Balance::load(store, site.id, period.range, zone);
        let (figures, balance) = tokio::try_join!(figures, balance)?;
        let Figures { current, series, compared, few } = figures;
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
            panels: if few { no_panels() } else { panels(&current, site, filters) },
            funnels: if few { Vec::new() } else { goals::funnels(&current, site, filters) },
            undecided_days: current.undecided_days(filters),
            conversion_undecided_days: current.conversion_undecided_days(),
            few,
            bounce_elsewhere: Elsewhere::of(&series.sums(None), Scope::of(filters)),
            balance,
            unfinished_from: unfinished,
            counting: CountingAnswer { visitors: flag::visitors(filters), visits: flag::visits(filters) },
        })
    }
}

/// Whether the number of people under crossed filters may not be shown: it is small, or one
/// filter less leaves only a few more.
async fn is_few(
    sealed: &Sealed,
    store: &Store,
    asked: &Asked<'_>,
    current: &Sheet,
) -> Result<bool, StoreError> {
    let Asked { site, report, period, .. } = *asked;
    let Some(few) = threshold::of(&report.filters, None) else { return Ok(false) };
    let people = current.people();
    if !few.may_show(people, None) {
        return Ok(true);
    }
    for left_out in 0..report.filters.iter().count() {
        let filters = report.filters.without(left_out);
        let today = period.now.date();
        let extent = Extent::PointsOnly;
        let wider = sealed::Asked {
            site,
            range: period.range,
            today,
            grain: period.grain,
            filters: &filters,
            extent,
        };
        let wider = sealed.sheet(store, &wider).await?.people();
        if !few.may_show(people, Some(wider)) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn panels(sheet: &Sheet, site: &Site, filters: &Filters) -> BTreeMap<Dimension, Panel> {
    let mut panels = sheet.panels(filters, PANEL_ROWS as usize);
    let goals = match panels::measures(Scope::of(filters), Dimension::Goal) {
        Some(measures) => {
            let mut panel = goals::panel(&sheet.reached, &site.goals.goals, filters, &measures);
            panel.rows.truncate(PANEL_ROWS as usize);
            panel
        }
        None => Panel { unavailable: true, ..Panel::default() },
    };
    panels.insert(Dimension::Goal, goals);
    panels
}

/// Every panel, saying that nothing can be told.
fn no_panels() -> BTreeMap<Dimension, Panel> {
    let none = || Panel { unavailable: true, ..Panel::default() };
    let shown = |dimension: &Dimension| dimension.is_column() || *dimension == Dimension::Goal;
    Dimension::ALL.into_iter().filter(shown).map(|dimension| (dimension, none())).collect()
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

pub(super) async fn relation(
    store: &Store,
    site: &Site,
    declared: &Declared,
    range: Range,
) -> Result<Relation, StoreError> {
    let (from, to) = range.day_numbers();
    Relation::load(store, Of { site_id: site.id, time_zone: &site.time_zone, declared }, from, to).await
}
