//! `/api/v1/sites/{id}/segments`: filters of a report under a name.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    access::{MayEdit, MayView},
    body::JsonBody,
    error::ApiError,
    named,
};
use crate::{
    app::Dashboard,
    control::segments::{Keeping, Segment, SegmentDraft},
    stats::filter::{Filter, Filters},
};

#[derive(Serialize, JsonSchema)]
pub(super) struct Segments {
    segments: Vec<Segment>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewSegment {
    title: String,
    /// As in a report's query, `page:is:/`; one at least.
    filters: Vec<String>,
}

pub(super) async fn list(
    MayView(site, _): MayView,
    State(dashboard): State<Dashboard>,
) -> Result<Json<Segments>, ApiError> {
    Ok(Json(Segments { segments: dashboard.control.segments(site.id).await? }))
}

pub(super) async fn add(
    MayEdit(site, _, user): MayEdit,
    State(dashboard): State<Dashboard>,
    JsonBody(new): JsonBody<NewSegment>,
) -> Result<(StatusCode, Json<Segment>), ApiError> {
    if !are_filters(&new.filters) {
        return Err(ApiError::SegmentInvalid);
    }
    let draft = SegmentDraft::new(&new.title, new.filters).ok_or(ApiError::SegmentInvalid)?;
    match dashboard.control.keep_segment(site, draft, user).await? {
        Keeping::Kept(segment) => Ok((StatusCode::CREATED, Json(segment))),
        Keeping::TitleTaken => Err(ApiError::TitleTaken),
        Keeping::TooMany => Err(ApiError::TooManySegments),
    }
}

pub(super) async fn remove(
    MayEdit(site, _, user): MayEdit,
    State(dashboard): State<Dashboard>,
    Path((_, segment)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    named::done(dashboard.control.remove_segment(site, named::number(&segment)?, user).await?)
}

/// Whether a report would take them. A goal may be removed later; then the report says so.
fn are_filters(texts: &[String]) -> bool {
    let filters: Result<Vec<Filter>, _> = texts.iter().map(|text| Filter::parse(text)).collect();
    !texts.is_empty() && filters.is_ok_and(|filters| Filters::new(filters).is_ok())
}
