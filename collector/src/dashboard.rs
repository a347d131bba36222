//! The way to the dashboard, for what a collector tells it. It asks for settings by itself
//! (`settings`).

use std::time::Duration;

use reqwest::Client;
use serde::Serialize;
use tracing::debug;

/// What has not been taken by then is told again.
const TELL_TIMEOUT: Duration = Duration::from_secs(5);

/// Cheap to clone.
#[derive(Clone)]
pub struct Dashboard {
    client: Client,
    /// Without a trailing slash.
    url: String,
    secret: String,
}

impl Dashboard {
    pub fn new(url: &str, secret: &str) -> Result<Dashboard, reqwest::Error> {
        let client = Client::builder()
            .timeout(TELL_TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()?;
        Ok(Dashboard { client, url: url.trim_end_matches('/').to_owned(), secret: secret.to_owned() })
    }

    /// Whether it was taken.
    pub async fn tell(&self, path: &str, told: &impl Serialize) -> bool {
        let request = self.client.post(format!("{}{path}", self.url)).bearer_auth(&self.secret).json(told);
        match request.send().await {
            Ok(answer) => answer.status().is_success(),
            Err(failure) => {
                debug!(path, timeout = failure.is_timeout(), "the dashboard did not take a report");
                false
            }
        }
    }
}
