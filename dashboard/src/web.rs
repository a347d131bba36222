//! HTTP: the owner's API under `/api/v1` (docs/api.md), the settings for
//! collectors, and the UI's files for every other path.

mod access;
mod account;
mod accounts;
mod api;
mod api_tokens;
mod assets;
mod audit;
mod body;
mod bridge;
mod calls;
mod embed;
mod error;
mod exports;
mod goals;
mod headers;
mod metrika;
mod metrika_check;
mod named;
mod openapi;
mod parameters;
mod paths;
mod people;
mod plausible;
mod qr;
pub(crate) mod rate;
mod realtime;
mod session;
mod settings;
mod share;
mod shared_view;
mod sites;
mod statistics;
pub(crate) mod throttle;
mod vitals;

use anyhow::Context as _;
use axum::{
    Router,
    extract::Request,
    middleware,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use store::snapshot::{SNAPSHOT_PATH, metrika::BRIDGE_PATH};
use tower_http::{
    CompressionLevel, catch_panic::CatchPanicLayer, compression::CompressionLayer, csrf::CsrfLayer,
};

use crate::app::Dashboard;
use error::ApiError;
use openapi::Description;

/// All routes with what surrounds them.
pub(crate) fn router(dashboard: Dashboard) -> anyhow::Result<Router> {
    let api = calls::all();
    let description = Description::of(&api);
    let for_people = description.clone();
    let api = api
        .into_router()
        .route("/api/v1/openapi.json", get(async move || description.document()))
        .route("/api/v1/docs", get(async move || for_people.page()))
        .route("/api/v1/docs.css", get(openapi::style))
        .route("/embed/{link}", get(embed::page))
        .route("/badge/{file}", get(embed::badge))
        .route(BRIDGE_PATH, post(bridge::take))
        .route(SNAPSHOT_PATH, get(settings::show))
        .method_not_allowed_fallback(|| async { ApiError::MethodNotAllowed })
        .fallback(not_the_api)
        .with_state(dashboard.clone());
    let mut csrf = CsrfLayer::new();
    if let Some(origin) = &dashboard.public_url {
        csrf = csrf.add_trusted_origin(origin).context("trusting the dashboard's own public_url")?;
    }
    // Outermost last: a panic is answered, and even that answer carries the headers.
    Ok(api
        .layer(csrf.with_rejection_response(|_| ApiError::CrossOrigin.into_response()))
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
        .layer(CatchPanicLayer::custom(|_| ApiError::Internal.into_response()))
        .layer(middleware::map_response_with_state(dashboard, headers::secure)))
}

/// The UI, but never for a path of the API: a typing mistake there must not be
/// answered with a page.
async fn not_the_api(request: Request) -> Response {
    let path = request.uri().path();
    let is =
        |prefix: &str| path == prefix || path.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('/'));
    if is("/api") || is("/internal") {
        return ApiError::NotFound.into_response();
    }
    assets::answer(&request)
}
