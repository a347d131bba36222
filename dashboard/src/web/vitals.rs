//! `/api/v1/sites/{id}/vitals`: how fast pages load and answer.

use axum::{
    Json,
    extract::{RawQuery, State},
};
use url::form_urlencoded;

use super::{
    access::MayView,
    error::ApiError,
    statistics::{REPORT_TIMEOUT, period, turn, within},
};
use crate::{
    app::Dashboard,
    stats::{
        query::{self, QueryError},
        vitals::{By, Vitals},
    },
};

/// Longest text searched for, in bytes.
const SEARCH_BYTES_MAX: usize = 200;

/// A report's query, and what the rows are of.
struct Asked {
    rest: String,
    by: By,
    search: String,
}

pub(super) async fn vitals(
    MayView(site, few): MayView,
    State(dashboard): State<Dashboard>,
    RawQuery(query): RawQuery,
) -> Result<Json<Vitals>, ApiError> {
    let Asked { rest, by, search } = Asked::read(query.as_deref().unwrap_or_default())?;
    let report = query::report(&rest, &site.goals.goals)?.shown_to(few);
    let (_, period) = period(&dashboard, &site, &report)?;
    let _turn = turn(&dashboard).await?;
    let load = Vitals::load(&dashboard.store, &site, period.range, &report.filters, by, &search);
    within(REPORT_TIMEOUT, load).await.map(Json)
}

impl Asked {
    fn read(query: &str) -> Result<Asked, QueryError> {
        let mut asked = Asked { rest: String::new(), by: By::Page, search: String::new() };
        let mut rest = form_urlencoded::Serializer::new(String::new());
        for (key, value) in form_urlencoded::parse(query.as_bytes()) {
            match key.as_ref() {
                "by" => {
                    asked.by = By::named(&value)
                        .ok_or_else(|| QueryError::Value { key: "by", value: value.into_owned() })?;
                }
                "search" if value.len() > SEARCH_BYTES_MAX => {
                    return Err(QueryError::Value {
                        key: "search",
                        value: "longer than 200 bytes".to_owned(),
                    });
                }
                "search" => asked.search = value.into_owned(),
                _ => {
                    rest.append_pair(&key, &value);
                }
            }
        }
        asked.rest = rest.finish();
        Ok(asked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_its_own_is_taken_and_the_rest_goes_on_as_it_was() {
        let asked = Asked::read("period=7d&by=device&filter=page%3Ais%3A%2Fa%257C&search=mo").ok().unwrap();
        assert_eq!((asked.by, asked.search.as_str()), (By::Device, "mo"));
        assert_eq!(asked.rest, "period=7d&filter=page%3Ais%3A%2Fa%257C");
        assert!(Asked::read("by=browser").is_err());
        assert!(Asked::read(&format!("search={}", "a".repeat(SEARCH_BYTES_MAX + 1))).is_err());
    }
}
