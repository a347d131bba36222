//! What other sites show of a shared dashboard: the page in a frame, and a badge.

use axum::{
    extract::{Path, Request, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};

use super::{assets, error::ApiError, statistics};
use crate::{
    app::Dashboard,
    stats::{
        metrics::Number,
        overview::{self, Figures},
        query,
        sheet::Extent,
    },
};

/// How long a badge is kept by browsers and by what stands between, in seconds: a README is
/// loaded by strangers, and a month's sum changes slowly.
const BADGE_AGE: &str = "public, max-age=3600";

/// Who may show a page in a frame, for `headers::secure`. Nobody, unless a page says so.
#[derive(Clone)]
pub(super) struct Frames(pub(super) HeaderValue);

/// The page of a link, which its owner's sites may show in a frame. Whether the reader may see
/// figures is asked when the page asks for them.
pub(super) async fn page(
    State(dashboard): State<Dashboard>,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, ApiError> {
    let link = dashboard.control.share_link(id).await?;
    let mut response = assets::answer(&dashboard.page, &request);
    let frames = link.map(|link| link.link.frames).unwrap_or_default();
    if !frames.is_empty() {
        let list =
            HeaderValue::from_str(&frames.join(" ")).expect("origins were checked when they were kept");
        response.extensions_mut().insert(Frames(list));
    }
    Ok(response)
}

/// `/badge/{id}.svg`: visitors of the last 30 days of a public link's site.
pub(super) async fn badge(
    State(dashboard): State<Dashboard>,
    Path(file): Path<String>,
) -> Result<Response, ApiError> {
    let id = file.strip_suffix(".svg").ok_or(ApiError::NotFound)?;
    let link = dashboard.control.share_link(id.to_owned()).await?;
    let link = link.filter(|link| link.link.is_public).ok_or(ApiError::NotFound)?;
    dashboard.rates.reader(link.number()).map_err(ApiError::requests)?;
    let report = query::report("period=30d", &[]).expect("a period of ours is understood");
    let (zone, period) = statistics::period(&dashboard, &link.site, &report)?;
    let _turn = statistics::turn(&dashboard).await?;
    let asked = overview::Asked { site: &link.site, zone: &zone, report: &report, period: &period };
    let load = Figures::load(&dashboard.store, &dashboard.sealed, &asked, Extent::PointsOnly);
    let figures = statistics::within(statistics::REPORT_TIMEOUT, load).await?;
    let visitors = figures.series.totals(None).visitors.map_or(0, Number::count);
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("image/svg+xml")),
        (header::CACHE_CONTROL, HeaderValue::from_static(BADGE_AGE)),
        (
            header::HeaderName::from_static("cross-origin-resource-policy"),
            HeaderValue::from_static("cross-origin"),
        ),
    ];
    Ok((headers, drawn(visitors)).into_response())
}

/// Fonts differ from reader to reader, so the texts are told how wide to be.
fn drawn(visitors: u64) -> String {
    let value = format!("{} / 30 d", short(visitors));
    let (left, right) = (62, 16 + 7 * value.chars().count());
    let (width, value_width) = (left + right, right - 16);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"20\" role=\"img\" \
         aria-label=\"visitors: {value}\"><title>visitors: {value}</title>\
         <clipPath id=\"r\"><rect width=\"{width}\" height=\"20\" rx=\"4\"/></clipPath>\
         <g clip-path=\"url(#r)\"><rect width=\"{left}\" height=\"20\" fill=\"#3b4252\"/>\
         <rect x=\"{left}\" width=\"{right}\" height=\"20\" fill=\"#2f5fd0\"/></g>\
         <g fill=\"#fff\" font-family=\"Verdana,DejaVu Sans,sans-serif\" font-size=\"11\">\
         <text x=\"8\" y=\"14\" textLength=\"46\" lengthAdjust=\"spacingAndGlyphs\">visitors</text>\
         <text x=\"{}\" y=\"14\" textLength=\"{value_width}\" lengthAdjust=\"spacingAndGlyphs\">{value}</text></g></svg>",
        left + 8
    )
}

/// 12,431, 124k, 1.2M.
fn short(count: u64) -> String {
    match count {
        0..1_000 => count.to_string(),
        1_000..100_000 => format!("{},{:03}", count / 1_000, count % 1_000),
        100_000..1_000_000 => format!("{}k", count / 1_000),
        _ => format!("{}.{}M", count / 1_000_000, count % 1_000_000 / 100_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_a_badge_are_short() {
        let all = [0, 999, 1_000, 12_431, 124_950, 1_250_000].map(short);
        assert_eq!(all, ["0", "999", "1,000", "12,431", "124k", "1.2M"]);
    }
}
