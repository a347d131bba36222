//! `/internal/settings`: the snapshot for collectors, with a long poll that a
//! change wakes at once.

use std::time::Duration;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::{access::Collector, error::ApiError};
use crate::app::Dashboard;

/// Longest wait, in seconds, as `store::snapshot::SNAPSHOT_PATH` says.
const WAIT_SECONDS_MAX: u64 = 60;

pub(super) async fn show(
    _: Collector,
    State(dashboard): State<Dashboard>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let held = text(&headers, header::IF_NONE_MATCH).and_then(version_in);
    let mut settings = dashboard.control.settings();
    if let (Some(held), Some(wait)) = (held, wait_asked(&headers)) {
        let _place = dashboard.waiting_collectors.try_acquire().map_err(|_| ApiError::Busy)?;
        let mut stopping = dashboard.stopping.clone();
        // Whichever comes first, what follows reads the settings as they are then.
        tokio::select! {
            _ = settings.wait_for(|settings| settings.version != held) => {}
            _ = stopping.wait_for(|stopping| *stopping) => {}
            () = tokio::time::sleep(wait) => {}
        }
    }
    let snapshot = settings.borrow().clone();
    let tag = HeaderValue::from_str(&format!("\"{}\"", snapshot.version)).expect("digits are a header value");
    if held == Some(snapshot.version) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response());
    }
    Ok(([(header::ETAG, tag)], Json(&*snapshot)).into_response())
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

/// `"12"`, or `W/"12"` when something on the way has compressed the answer.
fn version_in(tag: &str) -> Option<u64> {
    let tag = tag.trim();
    tag.strip_prefix("W/").unwrap_or(tag).strip_prefix('"')?.strip_suffix('"')?.parse().ok()
}

/// RFC 7240's `wait`, cut to the longest we hold.
fn wait_asked(headers: &HeaderMap) -> Option<Duration> {
    let preferences = text(headers, HeaderName::from_static("prefer"))?;
    let wait = preferences.split([',', ';']).find_map(|part| part.trim().strip_prefix("wait="))?;
    let seconds: u64 = wait.trim().parse().ok()?;
    Some(Duration::from_secs(seconds.min(WAIT_SECONDS_MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_longer_than_the_longest_is_cut() {
        let mut headers = HeaderMap::new();
        assert_eq!(wait_asked(&headers), None);
        headers.insert("prefer", HeaderValue::from_static("respond-async, wait=9999"));
        assert_eq!(wait_asked(&headers), Some(Duration::from_secs(WAIT_SECONDS_MAX)));
        headers.insert("prefer", HeaderValue::from_static("wait=soon"));
        assert_eq!(wait_asked(&headers), None);
    }

    #[test]
    fn only_a_tag_of_ours_is_a_version() {
        assert_eq!(version_in("\"12\""), Some(12));
        assert_eq!(version_in("W/\"12\""), Some(12));
        assert_eq!(version_in("12"), None);
        assert_eq!(version_in("\"a\""), None);
    }
}
