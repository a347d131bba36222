//! The session cookie, and the extractor that asks for it.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderValue, header, request::Parts},
};
use cookie::{Cookie, SameSite};

use super::error::ApiError;
use crate::{
    app::Dashboard,
    control::{sessions::AGE_MAX, users::User},
    token::{self, Token, TokenHash},
};

/// Over TLS; the prefix makes browsers refuse it from subdomains and plain http.
const COOKIE_OVER_TLS: &str = "__Host-mostik";

/// The same where the dashboard shares its origin with other things: a cookie of the whole host
/// would go to them as well, and the other prefix wants one.
const COOKIE_OF_A_PATH: &str = "__Secure-mostik";

/// Over plain http on loopback, where `Secure` cookies do not come back.
const COOKIE_PLAIN: &str = "mostik";

/// A request with a session that has not ended.
pub(super) struct SignedIn(pub(super) User);

impl FromRequestParts<Dashboard> for SignedIn {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, dashboard: &Dashboard) -> Result<SignedIn, ApiError> {
        user(dashboard, &parts.headers).await?.map(SignedIn).ok_or(ApiError::SignedOut)
    }
}

/// Who is signed in, if anybody.
pub(super) async fn user(dashboard: &Dashboard, headers: &HeaderMap) -> Result<Option<User>, ApiError> {
    match presented(dashboard, headers) {
        None => Ok(None),
        Some(token) => Ok(dashboard.control.session(token).await?),
    }
}

/// The hash of the token the browser sent.
pub(super) fn presented(dashboard: &Dashboard, headers: &HeaderMap) -> Option<TokenHash> {
    let name = name(dashboard);
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(Cookie::split_parse)
        .filter_map(Result::ok)
        .find(|cookie| cookie.name() == name)
        .map(|cookie| token::hash(cookie.value()))
}

/// The header that gives the browser its session.
pub(super) fn given(dashboard: &Dashboard, token: &Token) -> HeaderValue {
    header_value(dashboard, token.as_str(), AGE_MAX.as_secs())
}

/// The header that takes it away.
pub(super) fn taken(dashboard: &Dashboard) -> HeaderValue {
    header_value(dashboard, "", 0)
}

fn name(dashboard: &Dashboard) -> &'static str {
    match (dashboard.over_tls, dashboard.base_path()) {
        (false, _) => COOKIE_PLAIN,
        (true, "") => COOKIE_OVER_TLS,
        (true, _) => COOKIE_OF_A_PATH,
    }
}

fn header_value(dashboard: &Dashboard, value: &str, age_seconds: u64) -> HeaderValue {
    // Lax, not Strict: a link in a chat should open the report, not the sign-in page.
    let cookie = Cookie::build((name(dashboard), value))
        .path(format!("{}/", dashboard.base_path()))
        .http_only(true)
        .secure(dashboard.over_tls)
        .same_site(SameSite::Lax);
    HeaderValue::from_str(&format!("{cookie}; Max-Age={age_seconds}"))
        .expect("a cookie of ours is ASCII without control characters")
}
