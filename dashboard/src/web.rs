//! HTTP: the owner's API under `/api/v1` (docs/api.md), the settings for
//! collectors, and the UI's files for every other path.

mod accounts;
mod assets;
mod body;
mod bridge;
mod error;
mod goals;
mod headers;
mod metrika;
mod metrika_check;
mod session;
mod settings;
mod sites;
mod statistics;
pub(crate) mod throttle;

use anyhow::Context as _;
use axum::{
    Router,
    extract::Request,
    middleware,
    response::{IntoResponse, Response},
    routing::{get, post, put},
};
use store::snapshot::{SNAPSHOT_PATH, metrika::BRIDGE_PATH};
use tower_http::{
    CompressionLevel, catch_panic::CatchPanicLayer, compression::CompressionLayer, csrf::CsrfLayer,
};

use crate::app::Dashboard;
use error::ApiError;

/// All routes with what surrounds them.
pub(crate) fn router(dashboard: Dashboard) -> anyhow::Result<Router> {
    let api = Router::new()
        .route("/api/v1/session", get(accounts::show).post(accounts::sign_in).delete(accounts::sign_out))
        .route("/api/v1/setup", axum::routing::post(accounts::set_up))
        .route("/api/v1/sites", get(sites::list).post(sites::add))
        .route("/api/v1/sites/{id}", axum::routing::patch(sites::change).delete(sites::remove))
        .route("/api/v1/sites/{id}/status", get(statistics::status))
        .route("/api/v1/sites/{id}/overview", get(statistics::overview))
        .route("/api/v1/sites/{id}/breakdown", get(statistics::breakdown))
        .route("/api/v1/sites/{id}/live", get(statistics::live))
        .route("/api/v1/sites/{id}/goals", get(goals::list).post(goals::add))
        .route("/api/v1/sites/{id}/goals/preview", post(goals::preview))
        .route("/api/v1/sites/{id}/goals/{goal}", put(goals::change).delete(goals::remove))
        .route("/api/v1/sites/{id}/funnels", post(goals::add_funnel))
        .route("/api/v1/sites/{id}/funnels/{funnel}", put(goals::change_funnel).delete(goals::remove_funnel))
        .route("/api/v1/sites/{id}/metrika", get(metrika::show).put(metrika::change))
        .route("/api/v1/sites/{id}/metrika/mode", post(metrika::switch))
        .route("/api/v1/sites/{id}/metrika/test", post(metrika::test))
        .route("/api/v1/sites/{id}/metrika/forwards.csv", get(metrika::export))
        .route("/api/v1/sites/{id}/metrika/check", post(metrika_check::check))
        .route("/api/v1/sites/{id}/metrika/goals", post(metrika_check::create_goals))
        .route("/api/v1/sites/{id}/metrika/reconcile", post(metrika_check::reconcile))
        .route("/api/v1/metrika/stop", post(metrika::stop))
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
