//! `/api/v1/sites/{id}/annotations`: what happened on a day.

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
    statistics::zone,
};
use crate::{
    app::Dashboard,
    control::{
        annotations::{Annotation, AnnotationDraft},
        interruptions::Shown,
    },
};

#[derive(Serialize, JsonSchema)]
pub(super) struct Annotations {
    annotations: Vec<Annotation>,
    /// What the collectors missed or counted twice.
    interruptions: Vec<Shown>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewAnnotation {
    /// Site-local, `2026-11-30`.
    day: String,
    /// One line of at most 200 characters.
    text: String,
}

pub(super) async fn list(
    MayView(site, _): MayView,
    State(dashboard): State<Dashboard>,
) -> Result<Json<Annotations>, ApiError> {
    let annotations = dashboard.control.annotations(site.id).await?;
    let interruptions = dashboard.control.interruptions(&site, zone(&site)?).await?;
    Ok(Json(Annotations { annotations, interruptions }))
}

pub(super) async fn add(
    MayEdit(site, _, user): MayEdit,
    State(dashboard): State<Dashboard>,
    JsonBody(new): JsonBody<NewAnnotation>,
) -> Result<(StatusCode, Json<Annotation>), ApiError> {
    let draft = AnnotationDraft::new(&new.day, &new.text).ok_or(ApiError::AnnotationInvalid)?;
    let kept = dashboard.control.annotate(site, draft, user).await?;
    Ok((StatusCode::CREATED, Json(kept.ok_or(ApiError::TooManyAnnotations)?)))
}

pub(super) async fn remove(
    MayEdit(site, _, user): MayEdit,
    State(dashboard): State<Dashboard>,
    Path((_, annotation)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    named::done(dashboard.control.remove_annotation(site, named::number(&annotation)?, user).await?)
}
