//! Fetches one page for the owner, and nothing that the owner could not reach from outside: a
//! server that fetches what it is told is a way into its network.

use std::{error::Error, sync::Arc, time::Duration};

use reqwest::{
    Client, Response, StatusCode,
    header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION},
    redirect,
};
use url::Url;

use super::outside::{OnlyLocal, Outside, address_in, is_local, is_nobodys, is_outside};

/// For a page with its redirects, and for an answer of the collector.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Largest page read, in bytes.
const PAGE_BYTES_MAX: usize = 4 << 20;

/// Redirects followed, within the site.
const REDIRECTS_MAX: usize = 5;

/// What was read.
pub struct Fetched {
    /// After redirects.
    pub url: Url,
    /// Values of `Content-Security-Policy`.
    pub policies: Vec<String>,
    pub content_type: String,
    pub body: Vec<u8>,
}

impl Fetched {
    /// Whether browsers would run it, and it is ours.
    pub fn is_script(&self) -> bool {
        self.content_type.contains("javascript") && self.body.windows(6).any(|part| part == b"mostik")
    }
}

/// Why nothing was.
#[derive(Debug, PartialEq, Eq)]
pub enum Unfetched {
    /// An address of a local network.
    Local,
    Unreachable,
    TooSlow,
    TooLarge,
    Status(StatusCode),
    /// A redirect to a host that is not the site's.
    Elsewhere(String),
    NotAPage,
}

impl Unfetched {
    pub fn found(&self) -> Vec<String> {
        let (code, detail) = match self {
            Unfetched::Local => ("local", None),
            Unfetched::Unreachable => ("unreachable", None),
            Unfetched::TooSlow => ("too_slow", None),
            Unfetched::TooLarge => ("too_large", None),
            Unfetched::Status(status) => ("status", Some(status.as_u16().to_string())),
            Unfetched::Elsewhere(host) => ("elsewhere", Some(host.clone())),
            Unfetched::NotAPage => ("not_a_page", None),
        };
        std::iter::once(code.to_owned()).chain(detail).collect()
    }
}

/// One client for pages, one for our own collector.
pub struct Fetcher {
    pages: Client,
    ours: Client,
    /// With a slash at its end.
    collector: Url,
    /// Pages of a local network are looked at where the collector is in one as well.
    local_pages: bool,
}

impl Fetcher {
    pub fn new(collector: Url) -> Result<Fetcher, reqwest::Error> {
        let client = || {
            Client::builder()
                .user_agent(concat!("Mostik/", env!("CARGO_PKG_VERSION"), " (check of a site)"))
                .timeout(TIMEOUT)
                .redirect(redirect::Policy::none())
                .referer(false)
                .no_proxy()
        };
        let local_pages = is_local(&collector);
        let pages = if local_pages { client() } else { client().dns_resolver(Arc::new(Outside)) };
        Ok(Fetcher { pages: pages.build()?, ours: client().build()?, collector, local_pages })
    }

    /// Where visitors' browsers reach the collector.
    pub fn collector(&self) -> &Url {
        &self.collector
    }

    /// A page, by redirects that stay within `is_ours`.
    pub async fn page(
        &self,
        url: Url,
        is_ours: &(dyn Fn(&str) -> bool + Sync),
    ) -> Result<Fetched, Unfetched> {
        let followed = tokio::time::timeout(TIMEOUT, self.followed(url, is_ours)).await;
        followed.unwrap_or(Err(Unfetched::TooSlow))
    }

    async fn followed(
        &self,
        mut url: Url,
        is_ours: &(dyn Fn(&str) -> bool + Sync),
    ) -> Result<Fetched, Unfetched> {
        for _ in 0..=REDIRECTS_MAX {
            if is_nobodys(&url) {
                return Err(Unfetched::Unreachable);
            }
            if !self.local_pages && address_in(&url).is_some_and(|address| !is_outside(address)) {
                return Err(Unfetched::Local);
            }
            let answer = self.pages.get(url.clone()).send().await.map_err(|error| reason(&error))?;
            if !answer.status().is_redirection() {
                let page = read(answer).await?;
                return if page.content_type.contains("html") { Ok(page) } else { Err(Unfetched::NotAPage) };
            }
            let target = answer.headers().get(LOCATION).and_then(|value| value.to_str().ok());
            let target = target.and_then(|target| url.join(target).ok());
            let target = target.ok_or(Unfetched::Status(answer.status()))?;
            let host = target.host_str().unwrap_or_default();
            if !is_ours(host) || !matches!(target.scheme(), "http" | "https") {
                return Err(Unfetched::Elsewhere(host.to_owned()));
            }
            url = target;
        }
        Err(Unfetched::Elsewhere(url.host_str().unwrap_or_default().to_owned()))
    }

    /// An answer of the collector, whose address this server's administrator has written.
    pub async fn of_collector(&self, path: &str) -> Result<Fetched, Unfetched> {
        let url = format!("{}{path}", self.collector);
        let answer = self.ours.get(url).send().await.map_err(|error| reason(&error))?;
        read(answer).await
    }
}

async fn read(mut answer: Response) -> Result<Fetched, Unfetched> {
    if !answer.status().is_success() {
        return Err(Unfetched::Status(answer.status()));
    }
    let texts = |name| {
        let values = answer.headers().get_all(name).iter();
        values.filter_map(|value| value.to_str().ok().map(str::to_owned)).collect::<Vec<String>>()
    };
    let policies = texts(CONTENT_SECURITY_POLICY);
    let content_type = texts(CONTENT_TYPE).concat().to_ascii_lowercase();
    let url = answer.url().clone();
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| reason(&error))? {
        if body.len() + chunk.len() > PAGE_BYTES_MAX {
            return Err(Unfetched::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Fetched { url, policies, content_type, body })
}

fn reason(error: &reqwest::Error) -> Unfetched {
    let mut source = error.source();
    while let Some(cause) = source {
        if cause.is::<OnlyLocal>() {
            return Unfetched::Local;
        }
        source = cause.source();
    }
    if error.is_timeout() { Unfetched::TooSlow } else { Unfetched::Unreachable }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_name_or_address_of_a_local_network_is_never_asked() {
        // As `serve` does before it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let fetcher = Fetcher::new(Url::parse("https://stats.example.ru").unwrap()).unwrap();
        for url in ["http://localhost:1/", "http://127.0.0.1:1/", "http://[::ffff:10.0.0.1]/"] {
            let page = fetcher.page(Url::parse(url).unwrap(), &|_| true).await;
            assert_eq!(page.err(), Some(Unfetched::Local), "{url}");
        }
    }
}
