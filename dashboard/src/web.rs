//! HTTP: the owner's API under `/api/v1` (docs/api.md), the settings for
//! collectors, and the UI's files for every other path.

mod access;
mod account;
mod accounts;
mod annotations;
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
mod file;
mod goals;
mod headers;
mod interruptions;
mod metrika;
mod metrika_check;
mod named;
mod openapi;
mod parameters;
mod password_links;
mod paths;
mod people;
mod plausible;
mod qr;
pub(crate) mod rate;
mod realtime;
mod segments;
mod session;
mod settings;
mod share;
mod shared_view;
mod site_check;
mod sites;
mod statistics;
pub(crate) mod throttle;
mod vitals;

use anyhow::Context as _;
use axum::{
    Router,
    extract::{Request, State},
    middleware,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use store::{
    interruption::INTERRUPTIONS_PATH,
    snapshot::{SNAPSHOT_PATH, metrika::BRIDGE_PATH},
};
use tower_http::{
    CompressionLevel, catch_panic::CatchPanicLayer, compression::CompressionLayer, csrf::CsrfLayer,
};

use crate::app::Dashboard;
pub(crate) use assets::Page;
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
        .route(INTERRUPTIONS_PATH, post(interruptions::take))
        .route(SNAPSHOT_PATH, get(settings::show))
        .method_not_allowed_fallback(|| async { ApiError::MethodNotAllowed })
        .fallback(not_the_api)
        .with_state(dashboard.clone());
    let mut csrf = CsrfLayer::new();
    if let Some(url) = &dashboard.public_url {
        csrf = csrf.add_trusted_origin(&url.origin).context("trusting the dashboard's own public_url")?;
    }
    // Outermost last: a panic is answered, and even that answer carries the headers.
    let api = api
        .layer(csrf.with_rejection_response(|_| ApiError::CrossOrigin.into_response()))
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
        .layer(CatchPanicLayer::custom(|_| ApiError::Internal.into_response()))
        .layer(middleware::map_response_with_state(dashboard.clone(), headers::secure));
    if dashboard.base_path().is_empty() {
        return Ok(api);
    }
    // Before any route is looked for.
    let rebased = middleware::map_request_with_state(dashboard, rebase);
    Ok(Router::new().fallback_service(api).layer(rebased))
}

/// Takes the proxy's path off an address, where the proxy has left it on.
async fn rebase(State(dashboard): State<Dashboard>, mut request: Request) -> Request {
    let uri = request.uri();
    let rest = uri.path().strip_prefix(dashboard.base_path());
    let Some(path) = rest.filter(|rest| rest.is_empty() || rest.starts_with('/')) else { return request };
    let path = if path.is_empty() { "/" } else { path };
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    if let Ok(uri) = format!("{path}{query}").parse() {
        *request.uri_mut() = uri;
    }
    request
}

/// The UI, but never for a path of the API: a typing mistake there must not be
/// answered with a page.
async fn not_the_api(State(dashboard): State<Dashboard>, request: Request) -> Response {
    let path = request.uri().path();
    let is =
        |prefix: &str| path == prefix || path.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('/'));
    if is("/api") || is("/internal") {
        return ApiError::NotFound.into_response();
    }
    assets::answer(&dashboard.page, &request)
}
