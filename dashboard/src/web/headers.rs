//! Headers on every answer: what a browser must not do with our pages.

use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::Response,
};

use super::embed::Frames;
use crate::app::Dashboard;

/// Nothing from elsewhere, nothing inline, no frame around us.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; base-uri 'none'; form-action 'self'; \
    frame-ancestors 'none'; object-src 'none'; img-src 'self' data:";

/// The same for a page that named sites may show in a frame; they follow.
const POLICY_IN_FRAMES: &str = "default-src 'self'; base-uri 'none'; form-action 'self'; object-src 'none'; \
    img-src 'self' data:; frame-ancestors ";

/// Two years, as the preload list asks; only said when the owner serves over TLS.
const STRICT_TRANSPORT: &str = "max-age=63072000";

pub(super) async fn secure(State(dashboard): State<Dashboard>, mut response: Response) -> Response {
    let frames = response.extensions_mut().remove::<Frames>();
    let headers = response.headers_mut();
    let mut set = |name, value| headers.insert(name, HeaderValue::from_static(value));
    set(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY);
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::REFERRER_POLICY, "same-origin");
    set(header::HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    if dashboard.over_tls {
        set(header::STRICT_TRANSPORT_SECURITY, STRICT_TRANSPORT);
    }
    match frames {
        // X-Frame-Options cannot name sites; browsers that know the policy ignore it.
        Some(Frames(list)) => {
            let policy = [POLICY_IN_FRAMES.as_bytes(), list.as_bytes()].concat();
            let policy = HeaderValue::from_bytes(&policy).expect("both parts are header values");
            headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        }
        None => {
            headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
        }
    }
    // A badge says otherwise itself.
    let resource_policy = header::HeaderName::from_static("cross-origin-resource-policy");
    headers.entry(resource_policy).or_insert(HeaderValue::from_static("same-origin"));
    // Numbers and sessions are of the moment; the UI's files say otherwise themselves.
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}
