//! Files compiled into the program: the script, and in demo mode the demo site.

use std::collections::HashMap;

use bytes::Bytes;
use http_body_util::Full;
use hyper::{
    HeaderMap, Response, StatusCode,
    header::{
        ACCEPT_ENCODING, ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG,
        HeaderValue, IF_NONE_MATCH, VARY,
    },
};

use super::Answer;

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// How long a browser may use the script without asking again: an hour, so that a
/// new version reaches every visitor within one.
const SCRIPT_CACHE: &str = "public, max-age=3600, stale-while-revalidate=86400";

/// A name with the content's hash in it never means another content: a year.
const IMMUTABLE_CACHE: &str = "public, max-age=31536000, immutable";

/// The demo's pages are looked at while they are being changed.
const DEMO_CACHE: &str = "no-cache";

/// One compiled-in file, as build.rs lists it.
pub struct Embedded {
    path: &'static str,
    identity: &'static [u8],
    brotli: Option<&'static [u8]>,
    gzip: Option<&'static [u8]>,
}

/// A file ready to be served.
pub struct Asset {
    content_type: &'static str,
    cache: &'static str,
    etag: String,
    file: &'static Embedded,
}

/// All files, by request path.
pub struct Assets {
    by_path: HashMap<String, Asset>,
}

impl Assets {
    /// The script's files; with `demo` also the demo site under `/demo/`.
    pub fn new(demo: bool) -> Assets {
        let mut by_path = HashMap::new();
        for file in SCRIPTS {
            let cache = if has_hash(file.path) { IMMUTABLE_CACHE } else { SCRIPT_CACHE };
            by_path.insert(format!("/{}", file.path), Asset::new(file, cache));
        }
        if demo {
            for file in DEMO {
                by_path.insert(format!("/demo/{}", file.path), Asset::new(file, DEMO_CACHE));
                if let Some(folder) = file.path.strip_suffix("index.html") {
                    by_path.insert(format!("/demo/{folder}"), Asset::new(file, DEMO_CACHE));
                }
            }
        }
        Assets { by_path }
    }

    pub fn find(&self, path: &str) -> Option<&Asset> {
        self.by_path.get(path)
    }
}

impl Asset {
    fn new(file: &'static Embedded, cache: &'static str) -> Asset {
        let hash = blake3::hash(file.identity).to_hex();
        Asset {
            content_type: content_type(file.path),
            cache,
            etag: format!("\"{}\"", &hash.as_str()[..16]),
            file,
        }
    }

    /// The file in the best encoding the client takes, or 304.
    pub fn answer(&self, request: &HeaderMap) -> Answer {
        let text = |name| request.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let unchanged =
            text(IF_NONE_MATCH).split(',').any(|tag| tag.trim().trim_start_matches("W/") == self.etag);
        let (encoding, body) = self.encoded(text(ACCEPT_ENCODING));
        let mut answer = Response::new(Full::default());
        if unchanged {
            *answer.status_mut() = StatusCode::NOT_MODIFIED;
        } else {
            *answer.body_mut() = Full::new(Bytes::from_static(body));
        }
        let headers = answer.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static(self.cache));
        headers.insert(ETAG, HeaderValue::from_str(&self.etag).expect("a quoted hexadecimal number"));
        headers.insert(VARY, HeaderValue::from_static("Accept-Encoding"));
        // Lets a page pin the script with an integrity hash.
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        if let Some(encoding) = encoding
            && !unchanged
        {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        answer
    }

    fn encoded(&self, accepted: &str) -> (Option<&'static str>, &'static [u8]) {
        let takes = |name: &str| {
            accepted.split(',').any(|one| {
                let mut parts = one.split(';').map(str::trim);
                parts.next() == Some(name) && !parts.any(|part| matches!(part, "q=0" | "q=0.0"))
            })
        };
        match (self.file.brotli, self.file.gzip) {
            (Some(bytes), _) if takes("br") => (Some("br"), bytes),
            (_, Some(bytes)) if takes("gzip") => (Some("gzip"), bytes),
            _ => (None, self.file.identity),
        }
    }
}

/// Whether the name is one that sdk-js/build gives once: `i.0123456789ab.js`.
fn has_hash(path: &str) -> bool {
    path.split('.').any(|part| part.len() == 12 && part.bytes().all(|b| b.is_ascii_hexdigit()))
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, ending)| ending) {
        Some("js") => "text/javascript; charset=utf-8",
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("json") => "application/json",
        Some("pdf") => "application/pdf",
        Some("txt") => "text/plain; charset=utf-8",
        Some("webp") => "image/webp",
        Some("png") => "image/png",
        Some("zip") => "application/zip",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoding(accepted: &'static str) -> Option<String> {
        let assets = Assets::new(false);
        let mut request = HeaderMap::new();
        request.insert(ACCEPT_ENCODING, HeaderValue::from_static(accepted));
        let answer = assets.find("/i.js").unwrap().answer(&request);
        answer.headers().get(CONTENT_ENCODING).map(|value| value.to_str().unwrap().to_owned())
    }

    #[test]
    fn the_best_encoding_the_client_takes_is_sent() {
        assert_eq!(encoding("gzip, deflate, br"), Some("br".into()));
        assert_eq!(encoding("gzip"), Some("gzip".into()));
        assert_eq!(encoding("br;q=0, gzip"), Some("gzip".into()));
        assert_eq!(encoding("identity"), None);
    }

    #[test]
    fn an_unchanged_script_is_not_sent_again() {
        let assets = Assets::new(false);
        let script = assets.find("/i.js").unwrap();
        let etag = script.answer(&HeaderMap::new()).headers()[ETAG].clone();
        let mut request = HeaderMap::new();
        request.insert(IF_NONE_MATCH, etag);
        assert_eq!(script.answer(&request).status(), StatusCode::NOT_MODIFIED);
    }

    #[test]
    fn only_a_name_with_a_hash_is_kept_for_good() {
        let assets = Assets::new(false);
        let hashed: Vec<_> = assets.by_path.keys().filter(|path| has_hash(path)).collect();
        let files =
            ["/core.js", "/i.js", "/i.vitals.js", "/ym.js", "/ym-replace.js", "/compat.js", "/optout.js"];
        assert_eq!(hashed.len(), files.len());
        for (paths, cache) in
            [(hashed, IMMUTABLE_CACHE), (files.map(str::to_owned).iter().collect(), SCRIPT_CACHE)]
        {
            for path in paths {
                let answer = assets.find(path).unwrap().answer(&HeaderMap::new());
                assert_eq!(answer.headers()[CACHE_CONTROL], cache, "{path}");
            }
        }
    }

    #[test]
    fn the_demo_site_is_served_only_in_demo_mode() {
        assert!(Assets::new(false).find("/demo/").is_none());
        assert!(Assets::new(true).find("/demo/").is_some());
    }
}
