//! The UI's files, embedded by `build.rs`: finished bytes with their compressed
//! twins. A name with a hash in it never changes its bytes and is kept for ever;
//! the page itself is asked about every time.

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::error::ApiError;

/// One file of `dashboard/ui/dist`.
struct Asset {
    /// From the root, `/app-7QX2ABCD.js`.
    path: &'static str,
    content_type: &'static str,
    /// Whether the name carries a hash of the bytes.
    immutable: bool,
    plain: &'static [u8],
    brotli: Option<&'static [u8]>,
    gzip: Option<&'static [u8]>,
}

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

const PAGE: &str = "/index.html";

/// What begins an address in the page.
const FROM_ROOT: &str = "=\"/";

/// Where the page tells its script what it is served under.
const ELEMENT: &str = "<html lang=\"en\"";

/// The UI's page, with the addresses of its files.
pub(crate) struct Page {
    /// The page under a proxy's path; at the root it is the file as built, with its twins.
    under_path: Option<String>,
    /// The file's name has no hash, so its bytes are hashed once here.
    tag: HeaderValue,
}

impl Page {
    /// `path` begins with a slash, or is empty.
    pub(crate) fn under(path: &str) -> Page {
        let built = find(PAGE).expect("build.rs refuses a dist without index.html");
        let under_path = (!path.is_empty()).then(|| {
            let page = str::from_utf8(built.plain).expect("the page is text");
            page.replace(FROM_ROOT, &format!("=\"{path}/"))
                .replace(ELEMENT, &format!("{ELEMENT} data-base=\"{path}\""))
        });
        let hash = blake3::hash(under_path.as_deref().map_or(built.plain, str::as_bytes)).to_hex();
        let tag = HeaderValue::from_str(&format!("W/\"{}\"", &hash[..16]));
        Page { under_path, tag: tag.expect("hexadecimal is a header value") }
    }
}

/// A file, or the page for any address of the UI's own routes.
pub(super) fn answer(page: &Page, request: &Request) -> Response {
    if request.method() != Method::GET && request.method() != Method::HEAD {
        return ApiError::MethodNotAllowed.into_response();
    }
    let path = request.uri().path();
    match find(path) {
        Some(asset) if asset.immutable => with_bytes(asset, request.headers()),
        Some(asset) if asset.path != PAGE => with_bytes(asset, request.headers()),
        None if names_a_file(path) => ApiError::NotFound.into_response(),
        Some(_) | None => page.answer(request.headers()),
    }
}

impl Page {
    fn answer(&self, headers: &HeaderMap) -> Response {
        let tag = self.tag.clone();
        if headers.get(header::IF_NONE_MATCH) == Some(&tag) {
            let mut response = StatusCode::NOT_MODIFIED.into_response();
            response.headers_mut().insert(header::ETAG, tag);
            response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
            return response;
        }
        let built = find(PAGE).expect("build.rs refuses a dist without index.html");
        let mut response = match &self.under_path {
            // Compressed on its way, like every answer that is not.
            Some(page) => response(built, page.clone().into()),
            None => with_bytes(built, headers),
        };
        response.headers_mut().insert(header::ETAG, tag);
        response
    }
}

fn with_bytes(asset: &Asset, headers: &HeaderMap) -> Response {
    let (encoding, bytes) = match (asset.brotli, asset.gzip) {
        (Some(brotli), _) if accepts(headers, "br") => (Some("br"), brotli),
        (_, Some(gzip)) if accepts(headers, "gzip") => (Some("gzip"), gzip),
        _ => (None, asset.plain),
    };
    let mut response = response(asset, bytes.into());
    if let Some(encoding) = encoding {
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    response
}

fn response(asset: &Asset, body: Body) -> Response {
    let mut response = Response::new(body);
    let set = response.headers_mut();
    set.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.content_type));
    set.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    let kept = if asset.immutable { "public, max-age=31536000, immutable" } else { "no-cache" };
    set.insert(header::CACHE_CONTROL, HeaderValue::from_static(kept));
    response
}

fn find(path: &str) -> Option<&'static Asset> {
    ASSETS.binary_search_by(|asset| asset.path.cmp(path)).ok().map(|at| &ASSETS[at])
}

/// A missing script must not be answered with a page. A route may hold a dot, since
/// domains do, so only the endings of files count.
fn names_a_file(path: &str) -> bool {
    const ENDINGS: &[&str] = &[
        "js",
        "css",
        "map",
        "svg",
        "png",
        "ico",
        "json",
        "txt",
        "xml",
        "woff2",
        "webmanifest",
        "php",
        "br",
        "gz",
    ];
    path.rsplit_once('.').is_some_and(|(_, ending)| ENDINGS.contains(&ending))
}

/// Whether the client takes this coding; `q=0` is a refusal.
fn accepts(headers: &HeaderMap, coding: &str) -> bool {
    let Some(accepted) = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()) else {
        return false;
    };
    accepted.split(',').any(|part| {
        let mut part = part.split(';').map(str::trim);
        let named = part.next().is_some_and(|name| name.eq_ignore_ascii_case(coding));
        named && !part.any(|weight| matches!(weight, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_coding_is_not_sent() {
        let mut headers = HeaderMap::new();
        assert!(!accepts(&headers, "br"));
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip, br;q=0"));
        assert!(!accepts(&headers, "br"));
        assert!(accepts(&headers, "gzip"));
    }

    #[test]
    fn a_site_in_a_route_is_no_file() {
        assert!(!names_a_file("/example.ru/pages"));
        assert!(!names_a_file("/example.ru"));
        assert!(names_a_file("/app-OLDHASH1.js"));
    }
}
