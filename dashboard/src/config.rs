//! The `[dashboard]` section of the configuration file, checked as a whole.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use serde::Deserialize;
use store::{Address, RawAddress};
use url::Url;

use crate::stats::threshold::{Few, PEOPLE_MAX, PEOPLE_MIN};

/// Loopback: a dashboard faces the network only behind a proxy that speaks TLS.
const LISTEN_DEFAULT: &str = "127.0.0.1:8788";

/// Where the collector listens when nothing else is said.
const COLLECTOR_URL_DEFAULT: &str = "http://127.0.0.1:8787";

/// The management API of Yandex Metrika.
const METRIKA_API_URL_DEFAULT: &str = "https://api-metrika.yandex.net";

/// The section as written. Names that are not here are mistakes.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RawConfig {
    /// Address and port, `127.0.0.1:8788`.
    pub listen: Option<String>,
    /// What the owner types into the browser, `https://stats.example.ru`, or with a path,
    /// `https://example.ru/stats`. When it is `https`, cookies are `Secure`.
    pub public_url: Option<String>,
    /// What visitors' browsers reach the collector by; goes into the script tag.
    pub collector_url: Option<String>,
    /// `control.db`, made when missing.
    pub control_db: Option<PathBuf>,
    /// The secret shared with the collectors, made when missing.
    pub settings_secret_file: Option<PathBuf>,
    /// Where ClickHouse is; the embedded engine when absent.
    pub clickhouse: RawAddress,
    /// Metrika's management and reports, `https://api-metrika.yandex.net`.
    pub metrika_api_url: Option<String>,
    /// Fewest people in a group that is shown where filters and rows ask two questions or
    /// more, 5.
    pub people_min: Option<u64>,
    /// Adds the demo site when it is missing.
    pub demo: bool,
}

/// The section, complete and checked.
#[derive(Clone)]
pub struct Config {
    pub listen: SocketAddr,
    pub public_url: Option<PublicUrl>,
    /// Without a trailing slash.
    pub collector_url: String,
    pub control_db: PathBuf,
    pub settings_secret_file: PathBuf,
    pub clickhouse: Address,
    /// Asked only when the owner says so.
    pub metrika_api_url: Url,
    /// Where exports lie until they are taken away; emptied at each start.
    pub exports: PathBuf,
    pub few: Few,
    pub demo: bool,
}

impl Config {
    /// Completes the section. `data` is the folder that paths fall back to. Every
    /// mistake found is returned, not the first; nothing is opened or made yet.
    pub fn from_raw(raw: RawConfig, data: &Path, engine_socket: &Path) -> Result<Config, Vec<String>> {
        let mut mistakes = Vec::new();
        let listen_text = raw.listen.unwrap_or_else(|| LISTEN_DEFAULT.to_owned());
        let listen = listen_text.parse::<SocketAddr>().map_err(|error| {
            mistakes.push(format!("dashboard.listen = {listen_text:?}: {error}; write 127.0.0.1:8788"));
        });
        let public_url = raw.public_url.and_then(|text| {
            PublicUrl::parse("dashboard.public_url", &text).map_err(|mistake| mistakes.push(mistake)).ok()
        });
        let collector_url = raw.collector_url.unwrap_or_else(|| COLLECTOR_URL_DEFAULT.to_owned());
        let collector_url = web_address("dashboard.collector_url", &collector_url)
            .map_err(|mistake| mistakes.push(mistake))
            .map(|url| url.as_str().trim_end_matches('/').to_owned());
        let metrika_api_url = raw.metrika_api_url.unwrap_or_else(|| METRIKA_API_URL_DEFAULT.to_owned());
        let metrika_api_url = metrika_address(&metrika_api_url).map_err(|mistake| mistakes.push(mistake));
        let clickhouse =
            Address::from_raw(raw.clickhouse, engine_socket).map_err(|found| mistakes.extend(found));
        let few =
            raw.people_min.map_or_else(|| Ok(Few::default()), few).map_err(|mistake| mistakes.push(mistake));
        match (listen, collector_url, clickhouse, metrika_api_url, few) {
            (Ok(listen), Ok(collector_url), Ok(clickhouse), Ok(metrika_api_url), Ok(few))
                if mistakes.is_empty() =>
            {
                Ok(Config {
                    listen,
                    public_url,
                    collector_url,
                    control_db: raw.control_db.unwrap_or_else(|| data.join("control.db")),
                    settings_secret_file: raw
                        .settings_secret_file
                        .unwrap_or_else(|| data.join("settings.secret")),
                    clickhouse,
                    metrika_api_url,
                    exports: data.join("exports"),
                    few,
                    demo: raw.demo,
                })
            }
            _ => Err(mistakes),
        }
    }

    /// Whether the owner's browser speaks TLS to us, through a proxy.
    pub fn is_public_over_tls(&self) -> bool {
        self.public_url.as_ref().is_some_and(|url| url.origin.starts_with("https://"))
    }
}

fn few(people_min: u64) -> Result<Few, String> {
    Few::new(people_min).ok_or_else(|| {
        format!("dashboard.people_min = {people_min}: must be between {PEOPLE_MIN} and {PEOPLE_MAX} people")
    })
}

fn web_address(key: &str, text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("{key} = {text:?}: {error}"))?;
    // A quote or an angle bracket would leave the attribute of the script tag; the
    // parser has escaped them in the path already, this keeps out the rest.
    if !matches!(url.scheme(), "http" | "https") || url.query().is_some() || url.fragment().is_some() {
        return Err(format!("{key} = {text:?}: must be https://host, without query and fragment"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(format!("{key} = {text:?}: must not hold a user or a password"));
    }
    Ok(url)
}

/// A token would travel in the clear over `http` to another machine.
fn metrika_address(text: &str) -> Result<Url, String> {
    let url = web_address("dashboard.metrika_api_url", text)?;
    let is_local = matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
    if url.scheme() == "https" || is_local {
        Ok(url)
    } else {
        Err(format!("dashboard.metrika_api_url = {text:?}: https://; http:// on this machine only"))
    }
}

/// Where browsers find the dashboard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl {
    /// Without a trailing slash.
    pub origin: String,
    /// `/stats` behind a proxy that serves other things beside it; empty at the root.
    pub path: String,
}

/// Longest path the dashboard may be served under, in bytes.
const PATH_BYTES_MAX: usize = 100;

impl PublicUrl {
    fn parse(key: &str, text: &str) -> Result<PublicUrl, String> {
        let url = web_address(key, text)?;
        let path = url.path().trim_end_matches('/').to_owned();
        // It is written into the page and into cookies: only what is itself in both.
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.".contains(&byte);
        let is_plain = path.bytes().all(plain) && !path.contains("//");
        if !is_plain || path.len() > PATH_BYTES_MAX {
            return Err(format!(
                "{key} = {text:?}: a path may have letters, digits and - _ . /, {PATH_BYTES_MAX} bytes at most"
            ));
        }
        Ok(PublicUrl { origin: url.origin().ascii_serialization(), path })
    }

    /// Without a trailing slash.
    pub fn base(&self) -> String {
        format!("{}{}", self.origin, self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(section: &str) -> Result<Config, Vec<String>> {
        let raw: RawConfig = toml::from_str(section).unwrap();
        Config::from_raw(raw, Path::new("/var/lib/mostik"), Path::new("/run/mostik/engine.sock"))
    }

    #[test]
    fn an_empty_section_listens_on_loopback() {
        let config = check("").ok().unwrap();
        assert_eq!(config.listen.to_string(), "127.0.0.1:8788");
        assert_eq!(config.control_db, Path::new("/var/lib/mostik/control.db"));
        assert!(!config.is_public_over_tls());
    }

    #[test]
    fn every_mistake_is_reported_at_once() {
        let mistakes = check(
            "listen = 'here'\npublic_url = 'https://a/b%20c'\ncollector_url = 'ftp://c'\n[clickhouse]\nurl = 'x'",
        )
        .err()
        .unwrap();
        assert_eq!(mistakes.len(), 4, "{mistakes:?}");
    }

    #[test]
    fn an_unknown_name_is_a_mistake() {
        assert!(toml::from_str::<RawConfig>("lisen = '127.0.0.1:1'").is_err());
    }

    #[test]
    fn a_public_url_is_an_origin_and_perhaps_a_path() {
        for (text, base, path) in [
            ("https://Stats.Example.ru/", "https://stats.example.ru", ""),
            ("https://example.ru/stats/", "https://example.ru/stats", "/stats"),
        ] {
            let config = check(&format!("public_url = '{text}'")).ok().unwrap();
            let url = config.public_url.clone().unwrap();
            assert_eq!((url.base().as_str(), url.path.as_str()), (base, path));
            assert!(config.is_public_over_tls());
        }
        for text in ["https://example.ru/a%22b", "https://example.ru/a//b", "https://example.ru/a;b"] {
            assert!(check(&format!("public_url = '{text}'")).is_err(), "{text}");
        }
    }
}
