//! A browser's worth of HTTP: cookies, JSON, and the beacon as the script sends it.

use serde_json::{Value, json};

/// A user agent nobody takes for a robot.
pub const CHROME: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36";

/// A client without TLS; the provider is installed because reqwest asks for one.
pub fn client() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().expect("a client without TLS roots is built")
}

/// Sends `event` as a page would, from `address`.
pub async fn send(
    client: &reqwest::Client,
    public: &str,
    address: &str,
    event: &Value,
) -> reqwest::Result<reqwest::Response> {
    client
        .post(format!("http://{public}/api/event"))
        .header("Content-Type", "text/plain")
        .header("User-Agent", CHROME)
        .header("Accept-Language", "ru-RU,ru;q=0.9")
        .header("X-Forwarded-For", address)
        .body(event.to_string())
        .send()
        .await
}

/// A page view of `path` on the test site.
pub fn pageview(path: &str) -> Value {
    json!({"n": "pageview", "d": crate::instance::DOMAIN, "u": format!("https://{}{path}", crate::instance::DOMAIN)})
}
