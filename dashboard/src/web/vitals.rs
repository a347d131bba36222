//! `/api/v1/sites/{id}/vitals`: how fast pages load and answer.

use axum::{
    Json,
    extract::{RawQuery, State},
    response::{IntoResponse, Response},
};

use super::{
    access::MayView,
    error::ApiError,
    file::file,
    statistics::{REPORT_TIMEOUT, period, turn, within},
};
use crate::{
    app::Dashboard,
    stats::{
        query::{self, QueryError},
        vitals::{By, Rows, Vitals},
    },
};

pub(super) async fn vitals(
    MayView(site, few): MayView,
    State(dashboard): State<Dashboard>,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let ([by, search, format], rest) =
        query::own(query.as_deref().unwrap_or_default(), ["by", "search", "format"]);
    let rows = Rows { by: rows_by(by)?, search: query::search(search)?, file: query::format(format)? };
    let report = query::report(&rest, &site.goals.goals)?.shown_to(few);
    let (_, period) = period(&dashboard, &site, &report)?;
    let _turn = turn(&dashboard).await?;
    let load = Vitals::load(&dashboard.store, &site, period.range, &report.filters, &rows);
    let vitals = within(REPORT_TIMEOUT, load).await?;
    Ok(match rows.file {
        None => Json(vitals).into_response(),
        Some(shape) => {
            let what = format!("speed-{}", rows.by.name());
            file(shape, &site, &what, period.range, &vitals.table(rows.by))
        }
    })
}

/// What the rows are of: pages, unless something else is asked for.
fn rows_by(name: Option<String>) -> Result<By, QueryError> {
    let Some(value) = name else { return Ok(By::Page) };
    By::named(&value).ok_or(QueryError::Value { key: "by", value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_of_pages_or_of_device_classes() {
        let by = |name: &str| rows_by(Some(name.to_owned())).ok();
        assert_eq!(
            (rows_by(None).ok(), by("device"), by("browser")),
            (Some(By::Page), Some(By::Device), None)
        );
    }
}
