//! The query of Plausible's Stats API (v1), read into a report of ours, so that clients and
//! boards that were written for it need only another address and token.
//!
//! What differs is in docs/api.md: visitors are added up day by day, and what closed rows
//! cannot tell is null or refused, never guessed.

use jiff::{ToSpan, civil::Date};
use url::form_urlencoded;

use super::{
    dimension::Dimension,
    filter::{Filter, FilterError, Filters, Operator},
    metrics::{Metrics, Number},
    period::{Compare, Grain, Named},
    query::{Report, Slice},
};
use crate::control::goals::Goal;

/// Rows of a page unless fewer or more are asked for, and at most.
const ROWS_DEFAULT: u32 = 100;
const ROWS_MAX: u32 = 1_000;
const PAGE_MAX: u32 = 1_000;

/// What stands before the name of an event's own property.
const PROPERTY: &str = "event:props:";

/// What Plausible calls a visit that came from nowhere.
const DIRECT: &str = "Direct / None";

/// Why a query is refused, in words: Plausible's clients show them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("`{0}` is missing.")]
    Missing(&'static str),
    #[error("`{key}` cannot be `{value}`.")]
    Value { key: &'static str, value: String },
    #[error("`{0}` is not among the metrics of this call.")]
    Metric(String),
    #[error("`{0}` is not a property that can be asked about.")]
    Property(String),
    #[error("`{0}` is not a filter such as event:page==/blog/**.")]
    Filter(String),
    #[error(transparent)]
    Filters(#[from] FilterError),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metric {
    Visitors,
    Visits,
    Pageviews,
    ViewsPerVisit,
    BounceRate,
    VisitDuration,
    Events,
}

impl Metric {
    const ALL: [Metric; 7] = [
        Metric::Visitors,
        Metric::Visits,
        Metric::Pageviews,
        Metric::ViewsPerVisit,
        Metric::BounceRate,
        Metric::VisitDuration,
        Metric::Events,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Metric::Visitors => "visitors",
            Metric::Visits => "visits",
            Metric::Pageviews => "pageviews",
            Metric::ViewsPerVisit => "views_per_visit",
            Metric::BounceRate => "bounce_rate",
            Metric::VisitDuration => "visit_duration",
            Metric::Events => "events",
        }
    }

    /// Whether a value of a dimension has it.
    fn is_of_rows(self) -> bool {
        matches!(self, Metric::Visitors | Metric::Visits | Metric::Pageviews | Metric::Events)
    }

    /// In Plausible's units: whole per cents, whole seconds, two decimals.
    pub fn of(self, metrics: &Metrics<Option<Number>>) -> Option<f64> {
        let number = |number: Option<Number>| {
            number.map(|number| match number {
                Number::Count(count) => count as f64,
                Number::Mean(mean) => mean,
            })
        };
        match self {
            Metric::Visitors => number(metrics.visitors),
            Metric::Visits => number(metrics.visits),
            Metric::Pageviews => number(metrics.views),
            Metric::ViewsPerVisit => number(metrics.views_per_visit).map(|n| (n * 100.0).round() / 100.0),
            Metric::BounceRate => number(metrics.bounce_ratio).map(|ratio| (ratio * 100.0).round()),
            Metric::VisitDuration => number(metrics.duration_seconds).map(f64::round),
            Metric::Events => None,
        }
    }
}

/// Every parameter as written; what Plausible knows and we have no use for is let pass.
#[derive(Default)]
pub struct Query {
    pub site: String,
    period: Option<String>,
    date: Option<String>,
    metrics: Option<String>,
    filters: Option<String>,
    compare: Option<String>,
    interval: Option<String>,
    property: Option<String>,
    limit: Option<String>,
    page: Option<String>,
}

impl Query {
    pub fn read(query: &str) -> Result<Query, Refused> {
        let mut read = Query::default();
        let mut site = None;
        for (key, value) in form_urlencoded::parse(query.as_bytes()) {
            let slot = match key.as_ref() {
                "site_id" => &mut site,
                "period" => &mut read.period,
                "date" => &mut read.date,
                "metrics" => &mut read.metrics,
                "filters" => &mut read.filters,
                "compare" => &mut read.compare,
                "interval" => &mut read.interval,
                "property" => &mut read.property,
                "limit" => &mut read.limit,
                "page" => &mut read.page,
                _ => continue,
            };
            *slot = Some(value.into_owned());
        }
        read.site = site.ok_or(Refused::Missing("site_id"))?;
        Ok(read)
    }

    /// The totals.
    pub fn aggregate(&self, today: Date, goals: &[Goal]) -> Result<(Report, Vec<Metric>), Refused> {
        let compare = match self.compare.as_deref() {
            None => Compare::None,
            Some("previous_period") => Compare::Previous,
            Some(other) => return Err(Refused::Value { key: "compare", value: other.to_owned() }),
        };
        let report =
            Report { period: self.days(today)?, compare, grain: None, filters: self.filters(goals)? };
        Ok((report, self.metrics(|metric| metric != Metric::Events)?))
    }

    /// The points.
    pub fn timeseries(&self, today: Date, goals: &[Goal]) -> Result<(Report, Vec<Metric>), Refused> {
        let period = self.days(today)?;
        let Named::Custom { from, to } = period else { unreachable!("`days` names two days") };
        let grain = match self.interval.as_deref() {
            _ if from == to => None,
            Some("date") => Some(Grain::Day),
            Some("month") => Some(Grain::Month),
            None if matches!(self.period.as_deref(), Some("6mo" | "12mo")) => Some(Grain::Month),
            None => Some(Grain::Day),
            Some(other) => return Err(Refused::Value { key: "interval", value: other.to_owned() }),
        };
        let report = Report { period, compare: Compare::None, grain, filters: self.filters(goals)? };
        Ok((report, self.metrics(|metric| metric != Metric::Events)?))
    }

    /// One property's values.
    pub fn breakdown(&self, today: Date, goals: &[Goal]) -> Result<(Report, Slice, Vec<Metric>), Refused> {
        let name = self.property.as_deref().ok_or(Refused::Missing("property"))?;
        let (dimension, property) = dimension(name)?;
        let limit = number("limit", self.limit.as_deref(), ROWS_DEFAULT, ROWS_MAX)?;
        let page = number("page", self.page.as_deref(), 1, PAGE_MAX)?;
        let property = property.map(str::to_owned);
        let slice = Slice { offset: (page - 1) * limit, property, ..Slice::of(dimension, limit) };
        let report = Report {
            period: self.days(today)?,
            compare: Compare::None,
            grain: None,
            filters: self.filters(goals)?,
        };
        Ok((report, slice, self.metrics(Metric::is_of_rows)?))
    }

    /// What a row's value is called: `visit:source` is `source`, `event:props:plan` is `plan`.
    pub fn key(&self) -> &str {
        let name = self.property.as_deref().unwrap_or_default();
        name.rsplit_once(':').map_or(name, |(_, key)| key)
    }

    fn metrics(&self, is_known: impl Fn(Metric) -> bool) -> Result<Vec<Metric>, Refused> {
        let names = self.metrics.as_deref().unwrap_or("visitors");
        names
            .split(',')
            .map(|name| {
                let metric = Metric::ALL.into_iter().find(|metric| metric.name() == name.trim());
                metric.filter(|metric| is_known(*metric)).ok_or_else(|| Refused::Metric(name.to_owned()))
            })
            .collect()
    }

    /// The period as two days.
    fn days(&self, today: Date) -> Result<Named, Refused> {
        let period = self.period.as_deref().unwrap_or("30d");
        let text = self.date.as_deref();
        if period == "custom" {
            let text = text.ok_or(Refused::Missing("date"))?;
            let wrong = || Refused::Value { key: "date", value: text.to_owned() };
            let (from, to) = text.split_once(',').ok_or_else(wrong)?;
            return Ok(Named::Custom { from: day(from)?, to: day(to)? });
        }
        let to = text.map_or(Ok(today), day)?;
        let from = match period {
            "day" => to,
            "7d" => to.saturating_sub(6.days()),
            "30d" => to.saturating_sub(29.days()),
            "month" => to.first_of_month(),
            "6mo" => to.first_of_month().saturating_sub(5.months()),
            "12mo" => to.first_of_month().saturating_sub(11.months()),
            other => return Err(Refused::Value { key: "period", value: other.to_owned() }),
        };
        let to = if matches!(period, "month" | "6mo" | "12mo") { to.last_of_month() } else { to };
        Ok(Named::Custom { from, to })
    }

    fn filters(&self, goals: &[Goal]) -> Result<Filters, Refused> {
        let written = self.filters.as_deref().unwrap_or_default();
        let filters: Vec<Filter> =
            written.split(';').filter(|text| !text.is_empty()).map(filter).collect::<Result<_, _>>()?;
        Ok(Filters::new(filters)?.resolved(goals)?)
    }
}

/// A value as Plausible shows it.
pub fn shown(slice: &Slice, value: String) -> String {
    match &slice.property {
        // Ours are `plan=pro`, of one property as well.
        Some(property) => value.get(property.len() + 1..).unwrap_or_default().to_owned(),
        None if slice.dimension == Dimension::Source && value.is_empty() => DIRECT.to_owned(),
        None => value,
    }
}

/// With the name of the property, where it is one of an event's own.
fn dimension(name: &str) -> Result<(Dimension, Option<&str>), Refused> {
    if let Some(property) = name.strip_prefix(PROPERTY) {
        let is_name = !property.is_empty() && !property.contains([':', '=', '|', '*']);
        let refused = || Refused::Property(name.to_owned());
        return is_name.then_some((Dimension::Property, Some(property))).ok_or_else(refused);
    }
    let dimension = match name {
        "event:page" => Dimension::Page,
        "event:name" => Dimension::Event,
        "event:goal" => Dimension::Goal,
        "event:hostname" => Dimension::Host,
        "visit:source" => Dimension::Source,
        "visit:channel" => Dimension::Channel,
        "visit:referrer" => Dimension::Referrer,
        "visit:utm_source" => Dimension::UtmSource,
        "visit:utm_medium" => Dimension::UtmMedium,
        "visit:utm_campaign" => Dimension::UtmCampaign,
        "visit:utm_content" => Dimension::UtmContent,
        "visit:utm_term" => Dimension::UtmTerm,
        "visit:device" => Dimension::Device,
        "visit:browser" => Dimension::Browser,
        "visit:os" => Dimension::Os,
        "visit:country" => Dimension::Country,
        "visit:entry_page" => Dimension::Entry,
        "visit:exit_page" => Dimension::Exit,
        other => return Err(Refused::Property(other.to_owned())),
    };
    Ok((dimension, None))
}

/// `property==a|b`, `!=`, `~`; a star makes a pattern of a value.
fn filter(text: &str) -> Result<Filter, Refused> {
    let refused = || Refused::Filter(text.to_owned());
    let (name, operator, values) = [("==", Operator::Is), ("!=", Operator::IsNot), ("~", Operator::Contains)]
        .into_iter()
        .find_map(|(sign, operator)| text.split_once(sign).map(|(name, rest)| (name, operator, rest)))
        .ok_or_else(refused)?;
    let (dimension, property) = dimension(name.trim())?;
    let stars = values.contains('*');
    let (sign, values) = match operator {
        // Of this property alone: to contain is to match with anything around it.
        Operator::Contains if property.is_some() && !stars => {
            ("matches", values.split('|').map(|value| format!("*{value}*")).collect::<Vec<_>>().join("|"))
        }
        Operator::Contains if property.is_some() => return Err(refused()),
        Operator::Is if stars => ("matches", values.replace("**", "*")),
        Operator::Is => ("is", values.to_owned()),
        // No operator of ours is "does not match".
        Operator::IsNot if stars => return Err(refused()),
        Operator::IsNot => ("is_not", values.to_owned()),
        Operator::Contains | Operator::Matches => ("contains", values.to_owned()),
    };
    let values: Vec<String> = values
        .split('|')
        .map(|value| if dimension == Dimension::Source && value == DIRECT { "" } else { value })
        .map(|value| property.map_or_else(|| value.to_owned(), |name| format!("{name}={value}")))
        .map(|value| value.replace('%', "%25"))
        .collect();
    Ok(Filter::parse(&format!("{}:{sign}:{}", dimension.name(), values.join("|")))?)
}

fn day(text: &str) -> Result<Date, Refused> {
    let wrong = || Refused::Value { key: "date", value: text.to_owned() };
    // jiff reads more forms than Plausible writes.
    if text.len() != "2026-11-23".len() {
        return Err(wrong());
    }
    text.parse().map_err(|_| wrong())
}

fn number(key: &'static str, text: Option<&str>, default: u32, most: u32) -> Result<u32, Refused> {
    let Some(text) = text else { return Ok(default) };
    let wrong = || Refused::Value { key, value: text.to_owned() };
    text.parse().ok().filter(|number| (1..=most).contains(number)).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn days(query: &str) -> Result<(Date, Date), Refused> {
        let query = Query::read(&format!("site_id=example.ru&{query}"))?;
        match query.days(date(2026, 11, 23))? {
            Named::Custom { from, to } => Ok((from, to)),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn periods_are_plausibles() {
        let today = date(2026, 11, 23);
        assert_eq!(days(""), Ok((date(2026, 10, 25), today)));
        assert_eq!(days("period=day"), Ok((today, today)));
        assert_eq!(days("period=7d&date=2026-11-10"), Ok((date(2026, 11, 4), date(2026, 11, 10))));
        assert_eq!(days("period=month"), Ok((date(2026, 11, 1), date(2026, 11, 30))));
        assert_eq!(days("period=6mo"), Ok((date(2026, 6, 1), date(2026, 11, 30))));
        assert_eq!(days("period=12mo"), Ok((date(2025, 12, 1), date(2026, 11, 30))));
        let custom = days("period=custom&date=2026-01-01,2026-01-31");
        assert_eq!(custom, Ok((date(2026, 1, 1), date(2026, 1, 31))));
        for wrong in ["period=1y", "period=custom", "period=custom&date=2026-01-01", "date=yesterday"] {
            assert!(days(wrong).is_err(), "{wrong}");
        }
    }

    fn filters(text: &str) -> Result<Vec<(Dimension, Operator, Vec<String>)>, Refused> {
        let query = Query { filters: Some(text.to_owned()), ..Query::default() };
        let filters = query.filters(&[])?;
        Ok(filters.iter().map(|one| (one.dimension, one.operator, one.values.clone())).collect())
    }

    #[test]
    fn filters_are_plausibles() {
        let of = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>();
        assert_eq!(
            filters("visit:country==DE|FR;event:page==/blog/**").unwrap(),
            [
                (Dimension::Country, Operator::Is, of(&["DE", "FR"])),
                (Dimension::Page, Operator::Matches, of(&["/blog/*"])),
            ]
        );
        let direct = filters("visit:source==Direct / None").unwrap();
        assert_eq!(direct, [(Dimension::Source, Operator::Is, of(&[""]))]);
        let odd = filters("event:page!=/100%;event:name~uy").unwrap();
        assert_eq!(odd[0], (Dimension::Page, Operator::IsNot, of(&["/100%"])));
        assert_eq!(odd[1], (Dimension::Event, Operator::Contains, of(&["uy"])));
        for wrong in ["visit:country", "visit:city==1", "event:page!=/a*", "event:page~"] {
            assert!(filters(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_events_own_property_is_one_of_ours_with_its_name() {
        let of = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>();
        let found = filters("event:props:plan==pro|50% off").unwrap();
        assert_eq!(found, [(Dimension::Property, Operator::Is, of(&["plan=pro", "plan=50% off"]))]);
        let found = filters("event:props:plan~ro").unwrap();
        assert_eq!(found, [(Dimension::Property, Operator::Matches, of(&["plan=*ro*"]))]);
        let found = filters("event:props:plan!=pro").unwrap();
        assert_eq!(found, [(Dimension::Property, Operator::IsNot, of(&["plan=pro"]))]);
        for wrong in
            ["event:props:==pro", "event:props:a=b==pro", "event:props:a:b==pro", "event:props:plan~a*"]
        {
            assert!(filters(wrong).is_err(), "{wrong}");
        }
        let query = Query::read("site_id=a.ru&property=event:props:plan&metrics=visitors,events").unwrap();
        let (_, slice, _) = query.breakdown(date(2026, 11, 23), &[]).unwrap();
        assert_eq!((slice.dimension, slice.property.as_deref()), (Dimension::Property, Some("plan")));
        assert_eq!((query.key(), shown(&slice, "plan=pro".into())), ("plan", "pro".to_owned()));
    }

    #[test]
    fn a_metric_that_a_call_cannot_tell_is_refused() {
        let ask = |text: &str| Query::read(text).unwrap();
        let today = date(2026, 11, 23);
        assert!(ask("site_id=a.ru&metrics=visitors,bounce_rate").aggregate(today, &[]).is_ok());
        let rows =
            ask("site_id=a.ru&property=visit:source&metrics=visitors,bounce_rate").breakdown(today, &[]);
        assert_eq!(rows.err(), Some(Refused::Metric("bounce_rate".into())));
        assert!(ask("site_id=a.ru&metrics=revenue").timeseries(today, &[]).is_err());
        assert_eq!(Query::read("period=day").err(), Some(Refused::Missing("site_id")));
    }
}
