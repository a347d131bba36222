//! A report's query string, read whole or refused.

use jiff::civil::Date;
use url::form_urlencoded;

use super::{
    dimension::Dimension,
    filter::{Filter, FilterError, Filters},
    period::{Compare, Grain, Named},
    threshold::Few,
};
use crate::control::goals::Goal;

/// Rows of a breakdown at once, unless the owner asks for fewer or more.
const LIMIT_DEFAULT: u32 = 100;

/// Rows of a breakdown at once, at most.
const LIMIT_MAX: u32 = 1_000;

/// Rows of a file, at most: a spreadsheet holds 1,048,576.
pub const FILE_ROWS_MAX: u32 = 100_000;

/// How far into a breakdown a page may begin: ClickHouse sorts all before it.
const OFFSET_MAX: u32 = 1_000_000;

/// Longest text searched for, in bytes.
const SEARCH_BYTES_MAX: usize = 200;

/// What every report is asked with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    pub period: Named,
    pub compare: Compare,
    /// What a point of the chart stands for; `None` leaves it to the period's length.
    pub grain: Option<Grain>,
    pub filters: Filters,
}

impl Report {
    /// The same, for somebody who may see groups of so many.
    #[must_use]
    pub fn shown_to(self, few: Few) -> Report {
        Report { filters: self.filters.shown_to(few), ..self }
    }
}

/// A file in which rows are answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileShape {
    Csv,
    Xlsx,
}

/// Which part of a breakdown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slice {
    pub dimension: Dimension,
    /// Of `property`: only the values of that one.
    pub property: Option<String>,
    pub search: String,
    pub limit: u32,
    pub offset: u32,
    /// JSON, if it is no file.
    pub file: Option<FileShape>,
}

impl Slice {
    /// The greatest rows, for ourselves.
    pub fn of(dimension: Dimension, limit: u32) -> Slice {
        Slice { dimension, property: None, search: String::new(), limit, offset: 0, file: None }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    #[error("`{0}` is not a parameter of this call.")]
    Unknown(String),
    #[error("`{key}` cannot be `{value}`.")]
    Value { key: &'static str, value: String },
    #[error("`{0}` is missing.")]
    Missing(&'static str),
    #[error(transparent)]
    Filter(#[from] FilterError),
}

/// The file that is asked for, if one is.
pub fn format(text: Option<String>) -> Result<Option<FileShape>, QueryError> {
    match text.as_deref() {
        None | Some("json") => Ok(None),
        Some("csv") => Ok(Some(FileShape::Csv)),
        Some("xlsx") => Ok(Some(FileShape::Xlsx)),
        Some(other) => Err(QueryError::Value { key: "format", value: other.to_owned() }),
    }
}

/// Every parameter as written.
#[derive(Default)]
struct Written {
    period: Option<String>,
    from: Option<String>,
    to: Option<String>,
    compare: Option<String>,
    compare_from: Option<String>,
    grain: Option<String>,
    filters: Vec<String>,
    dimension: Option<String>,
    property: Option<String>,
    search: Option<String>,
    limit: Option<String>,
    offset: Option<String>,
    format: Option<String>,
}

/// Reads an overview's query; `goals` are those its filters may name.
pub fn report(query: &str, goals: &[Goal]) -> Result<Report, QueryError> {
    let written = Written::read(query)?;
    let slice = [
        ("dimension", &written.dimension),
        ("property", &written.property),
        ("search", &written.search),
        ("limit", &written.limit),
        ("offset", &written.offset),
        ("format", &written.format),
    ];
    match slice.into_iter().find(|(_, value)| value.is_some()) {
        Some((key, _)) => Err(QueryError::Unknown(key.to_owned())),
        None => written.report(goals),
    }
}

/// Reads a breakdown's query.
pub fn breakdown(query: &str, goals: &[Goal]) -> Result<(Report, Slice), QueryError> {
    let written = Written::read(query)?;
    Ok((written.report(goals)?, written.slice()?))
}

/// Takes parameters that are a call's own out of a query: the last of each name, and the rest,
/// which is a report's.
pub fn own<const N: usize>(query: &str, names: [&str; N]) -> ([Option<String>; N], String) {
    let mut own = [const { None }; N];
    let mut rest = form_urlencoded::Serializer::new(String::new());
    for (key, value) in form_urlencoded::parse(query.as_bytes()) {
        match names.iter().position(|name| *name == key) {
            Some(place) => own[place] = Some(value.into_owned()),
            None => {
                rest.append_pair(&key, &value);
            }
        }
    }
    (own, rest.finish())
}

/// A text to search for, none where it is not asked for.
pub fn search(text: Option<String>) -> Result<String, QueryError> {
    let text = text.unwrap_or_default();
    if text.len() > SEARCH_BYTES_MAX {
        return Err(QueryError::Value { key: "search", value: "longer than 200 bytes".to_owned() });
    }
    Ok(text)
}

impl Written {
    fn read(query: &str) -> Result<Written, QueryError> {
        let mut written = Written::default();
        for (key, value) in form_urlencoded::parse(query.as_bytes()) {
            let slot = match key.as_ref() {
                "period" => &mut written.period,
                "from" => &mut written.from,
                "to" => &mut written.to,
                "compare" => &mut written.compare,
                "compare_from" => &mut written.compare_from,
                "grain" => &mut written.grain,
                "dimension" => &mut written.dimension,
                "property" => &mut written.property,
                "search" => &mut written.search,
                "limit" => &mut written.limit,
                "offset" => &mut written.offset,
                "format" => &mut written.format,
                "filter" => {
                    written.filters.push(value.into_owned());
                    continue;
                }
                _ => return Err(QueryError::Unknown(key.into_owned())),
            };
            *slot = Some(value.into_owned());
        }
        Ok(written)
    }

    fn report(&self, goals: &[Goal]) -> Result<Report, QueryError> {
        let name = self.period.as_deref().unwrap_or("30d");
        let period = if name == "custom" {
            Named::Custom { from: date("from", self.from.as_deref())?, to: date("to", self.to.as_deref())? }
        } else {
            Named::parse(name).ok_or_else(|| QueryError::Value { key: "period", value: name.to_owned() })?
        };
        let compare = match self.compare.as_deref() {
            None | Some("none") => Compare::None,
            Some("previous") => Compare::Previous,
            Some("year") => Compare::Year,
            Some("custom") => Compare::From(date("compare_from", self.compare_from.as_deref())?),
            Some(other) => return Err(QueryError::Value { key: "compare", value: other.to_owned() }),
        };
        let grain = self.grain.as_deref().map(|name| {
            Grain::named(name).ok_or_else(|| QueryError::Value { key: "grain", value: name.to_owned() })
        });
        let grain = grain.transpose()?;
        let filters: Vec<Filter> =
            self.filters.iter().map(|text| Filter::parse(text)).collect::<Result<_, _>>()?;
        Ok(Report { period, compare, grain, filters: Filters::new(filters)?.resolved(goals)? })
    }

    fn slice(&self) -> Result<Slice, QueryError> {
        let file = format(self.format.clone())?;
        let name = self.dimension.as_deref().ok_or(QueryError::Missing("dimension"))?;
        let dimension = Dimension::named(name)
            .ok_or_else(|| QueryError::Value { key: "dimension", value: name.to_owned() })?;
        let property = self.property.clone();
        if property.is_some() && dimension != Dimension::Property {
            return Err(QueryError::Unknown("property".to_owned()));
        }
        if property.as_ref().is_some_and(|name| name.is_empty() || name.len() > SEARCH_BYTES_MAX) {
            return Err(QueryError::Value {
                key: "property",
                value: "empty or longer than 200 bytes".to_owned(),
            });
        }
        let search = search(self.search.clone())?;
        let (limit, limit_max) = match file {
            None => (LIMIT_DEFAULT, LIMIT_MAX),
            Some(FileShape::Csv | FileShape::Xlsx) => (FILE_ROWS_MAX, FILE_ROWS_MAX),
        };
        Ok(Slice {
            dimension,
            property,
            search,
            limit: number("limit", self.limit.as_deref(), limit, 1..=limit_max)?,
            offset: number("offset", self.offset.as_deref(), 0, 0..=OFFSET_MAX)?,
            file,
        })
    }
}

fn date(key: &'static str, text: Option<&str>) -> Result<Date, QueryError> {
    let text = text.ok_or(QueryError::Missing(key))?;
    let wrong = || QueryError::Value { key, value: text.to_owned() };
    // jiff reads more forms than the contract has.
    if text.len() != "2026-11-23".len() {
        return Err(wrong());
    }
    text.parse().map_err(|_| wrong())
}

fn number(
    key: &'static str,
    text: Option<&str>,
    default: u32,
    allowed: std::ops::RangeInclusive<u32>,
) -> Result<u32, QueryError> {
    let Some(text) = text else { return Ok(default) };
    let wrong = || QueryError::Value { key, value: text.to_owned() };
    text.parse().ok().filter(|number| allowed.contains(number)).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn an_empty_query_is_thirty_days_without_comparison() {
        let wanted = Report {
            period: Named::Days(30),
            compare: Compare::None,
            grain: None,
            filters: Filters::default(),
        };
        assert_eq!(report("", &[]), Ok(wanted));
    }

    #[test]
    fn a_query_is_read_whole() {
        let query = "period=custom&from=2026-01-01&to=2026-01-31&compare=year&filter=page%3Ais%3A%2Fa%257Cb%7C%2Fc\
                     &filter=country:is:RU&dimension=source&search=go&limit=20&offset=40&format=csv";
        let (report, slice) = breakdown(query, &[]).unwrap();
        assert_eq!(report.period, Named::Custom { from: date(2026, 1, 1), to: date(2026, 1, 31) });
        assert_eq!(report.compare, Compare::Year);
        let values: Vec<_> = report.filters.iter().map(|filter| filter.values.clone()).collect();
        assert_eq!(values, [vec!["/a|b".to_owned(), "/c".to_owned()], vec!["RU".to_owned()]]);
        let wanted = Slice {
            dimension: Dimension::Source,
            property: None,
            search: "go".into(),
            limit: 20,
            offset: 40,
            file: Some(FileShape::Csv),
        };
        assert_eq!(slice, wanted);
    }

    #[test]
    fn what_is_its_own_is_taken_and_the_rest_goes_on_as_it_was() {
        let (taken, rest) =
            own("period=7d&by=device&filter=page%3Ais%3A%2Fa%257C&search=mo", ["by", "search", "goal"]);
        assert_eq!(taken, [Some("device".to_owned()), Some("mo".to_owned()), None]);
        assert_eq!(rest, "period=7d&filter=page%3Ais%3A%2Fa%257C");
        assert_eq!(search(taken[1].clone()), Ok("mo".to_owned()));
        assert!(search(Some("a".repeat(SEARCH_BYTES_MAX + 1))).is_err());
    }

    #[test]
    fn what_is_not_understood_is_refused_not_ignored() {
        for query in [
            "perod=7d",
            "period=8d",
            "period=custom&from=2026-01-01",
            "period=custom&from=2026-1-1&to=2026-01-02",
            "period=custom&from=2026-01-01T00&to=2026-01-02",
            "compare=yes",
            "compare=custom",
            "compare=custom&compare_from=2026-1-1",
            "grain=minute",
            "filter=visitor:is:1",
            "dimension=page",
        ] {
            assert!(report(query, &[]).is_err(), "{query}");
        }
        for query in [
            "",
            "dimension=visitor",
            "dimension=page&limit=0",
            "dimension=page&limit=1001",
            "dimension=page&format=xls",
            "dimension=page&property=plan",
            "dimension=property&property=",
        ] {
            assert!(breakdown(query, &[]).is_err(), "{query}");
        }
    }
}
