//! Metrika's management and reports, asked when the owner presses a button, and by night where
//! the owner has switched that on.
//! Tokens go into one header and nowhere else; an answer's own text is never repeated.

use std::time::Duration;

use reqwest::{Client, Method, StatusCode};
use serde_json::Value;
use store::snapshot::sealed::Opened;
use url::Url;

/// For a whole call.
const TIMEOUT: Duration = Duration::from_secs(15);

/// Largest answer read, in bytes: a counter with 200 goals has some 60 KiB.
const ANSWER_BYTES_MAX: usize = 2 * 1024 * 1024;

pub struct MetrikaApi {
    client: Client,
    base: Url,
}

/// Why there is no answer to work with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    NoToken,
    Unreachable,
    /// 401, 403: not a token, or not for this counter, or without the right.
    Denied,
    NotFound,
    /// A quota: come again later.
    Busy,
    Refused,
    Unreadable,
}

impl Trouble {
    pub fn code(self) -> &'static str {
        match self {
            Trouble::NoToken => "metrika_no_oauth",
            Trouble::Unreachable => "metrika_unreachable",
            Trouble::Denied => "metrika_denied",
            Trouble::NotFound => "metrika_not_found",
            Trouble::Busy => "metrika_busy",
            Trouble::Refused => "metrika_refused",
            Trouble::Unreadable => "metrika_unreadable",
        }
    }

    pub fn message(self) -> &'static str {
        match self {
            Trouble::NoToken => "Enter an OAuth token with the right to read first.",
            Trouble::Unreachable => "Metrika's API cannot be reached from this server.",
            Trouble::Denied => "Metrika refuses the OAuth token, or it has no right to this counter.",
            Trouble::NotFound => "Metrika knows no such counter.",
            Trouble::Busy => "Metrika's quota is used up. Try again later.",
            Trouble::Refused => "Metrika refused the request.",
            Trouble::Unreadable => "Metrika's answer could not be read.",
        }
    }
}

impl MetrikaApi {
    pub fn new(base: &Url) -> Result<MetrikaApi, reqwest::Error> {
        let client = Client::builder()
            .user_agent(concat!("Mostik/", env!("CARGO_PKG_VERSION")))
            .timeout(TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .no_proxy()
            .build()?;
        Ok(MetrikaApi { client, base: base.clone() })
    }

    /// `path` with its query, such as `management/v1/counter/7/goals`.
    pub async fn get(&self, token: &Opened, path: &str) -> Result<Value, Trouble> {
        self.call(Method::GET, token, path, None).await
    }

    pub async fn post(&self, token: &Opened, path: &str, body: &Value) -> Result<Value, Trouble> {
        self.call(Method::POST, token, path, Some(body)).await
    }

    async fn call(
        &self,
        method: Method,
        token: &Opened,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, Trouble> {
        let url = self.base.join(path).map_err(|_| Trouble::Refused)?;
        let mut request =
            self.client.request(method, url).header("Authorization", format!("OAuth {}", token.expose()));
        if let Some(body) = body {
            request = request.json(body);
        }
        let mut answer = request.send().await.map_err(|_| Trouble::Unreachable)?;
        match answer.status() {
            StatusCode::OK | StatusCode::CREATED => {}
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => return Err(Trouble::Denied),
            StatusCode::NOT_FOUND => return Err(Trouble::NotFound),
            // The documentation says both 420 and 429.
            status if matches!(status.as_u16(), 420 | 429 | 503) => return Err(Trouble::Busy),
            _ => return Err(Trouble::Refused),
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|_| Trouble::Unreachable)? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > ANSWER_BYTES_MAX {
                return Err(Trouble::Unreadable);
            }
        }
        serde_json::from_slice(&bytes).map_err(|_| Trouble::Unreadable)
    }
}
