//! The collector's settings: read once, complete or not at all.

mod profile;

use std::{
    fs,
    net::SocketAddr,
    num::NonZeroU32,
    path::{Path, PathBuf},
};

use hyper::header::HeaderName;
use serde::Deserialize;
use store::Address;
use url::Url;

pub use profile::Profile;

use crate::{
    privacy::Precision,
    rate::{RATE_MAX, Rates},
    request::{
        proxies::TrustedProxies,
        server::{ServerToken, TOKEN_CHARS_MIN},
    },
    retain::{MONTHS_DEFAULT, MONTHS_MAX},
    serve::visitor::Contact,
};

/// Spool limit unless the owner sets one, in bytes: at 300 bytes an event some three
/// million events, a day of a large site without ClickHouse.
const SPOOL_BYTES_DEFAULT: u64 = 1 << 30;

/// The smallest spool that still holds two full segments, in bytes.
const SPOOL_BYTES_MIN: u64 = 32 << 20;

/// Connections of the public side, at once.
const CONNECTIONS_DEFAULT: usize = 4096;

/// The Measurement Protocol of Yandex Metrika.
const METRIKA_URL_DEFAULT: &str = "https://mc.yandex.ru";

/// Where late goals go to, of sites whose owner has opened that road.
const METRIKA_API_URL_DEFAULT: &str = "https://api-metrika.yandex.net";

/// The `[collector]` section as written. Every key is optional.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RawConfig {
    pub listen: Option<String>,
    pub ops_listen: Option<String>,
    pub trusted_proxies: Vec<String>,
    pub address_header: Option<String>,
    pub server_token_file: Option<PathBuf>,
    pub geo_file: Option<PathBuf>,
    pub profile: Option<String>,
    pub key_dir: Option<PathBuf>,
    pub precision: Option<String>,
    pub contact: Option<String>,
    pub node: Option<u16>,
    pub spool_bytes: Option<u64>,
    pub connections: Option<usize>,
    pub rate_overall: Option<u32>,
    pub rate_site: Option<u32>,
    pub rate_network: Option<u32>,
    pub retention_months: Option<u16>,
    pub metrika_url: Option<String>,
    pub metrika_api_url: Option<String>,
    pub demo: bool,
    /// Which promise is broken: see `leak`.
    #[cfg(feature = "leaky")]
    pub leak: Option<String>,
}

/// What the configuration file does not say: places and neighbours.
pub struct Surroundings {
    pub spool: PathBuf,
    /// Where receipts of deletions are appended.
    pub receipts: PathBuf,
    /// Keys of backed-up months; each is destroyed with its month.
    pub backup_keys: PathBuf,
    /// Goals on their way to Metrika.
    pub outbox: PathBuf,
    /// Where the last good settings snapshot is kept.
    pub snapshot: PathBuf,
    /// The dashboard, such as `http://127.0.0.1:8788`.
    pub settings_url: String,
    /// Shared with the dashboard.
    pub settings_secret: String,
    pub clickhouse: Address,
}

/// Everything the collector works by. No `Debug`: it holds a secret.
pub struct Config {
    pub listen: SocketAddr,
    /// `/live`, `/ready` and `/metrics`: local only.
    pub ops_listen: SocketAddr,
    pub proxies: TrustedProxies,
    pub address_header: HeaderName,
    /// None: no server counts for its visitors.
    pub server_token: Option<ServerToken>,
    pub geo_file: Option<PathBuf>,
    pub profile: Profile,
    /// A folder in memory where the daily keys outlive a restart of everything.
    pub key_dir: Option<PathBuf>,
    pub precision: Precision,
    /// Shown to visitors on `/privacy`, and to whoever finds a hole.
    pub contact: Option<Contact>,
    /// Goes into batch numbers; differs between collectors of one ClickHouse.
    pub node: u16,
    pub spool_bytes_max: u64,
    pub connections_max: usize,
    pub rates: Rates,
    pub retention_months: u16,
    /// Where goals are forwarded to, of sites whose owner wants that.
    pub metrika_url: Url,
    /// The same for files of late goals.
    pub metrika_api_url: Url,
    pub demo: bool,
    pub around: Surroundings,
}

impl Config {
    /// Completes the section; every mistake is returned, not the first.
    pub fn from_raw(raw: RawConfig, around: Surroundings) -> Result<Config, Vec<String>> {
        let mut mistakes = Vec::new();
        let mut address = |key: &str, text: Option<String>, default: &str| {
            let text = text.unwrap_or_else(|| default.to_owned());
            text.parse::<SocketAddr>().unwrap_or_else(|_| {
                mistakes.push(format!(
                    "collector.{key} = {text:?}: write an address and port, such as {default}"
                ));
                SocketAddr::from(([127, 0, 0, 1], 0))
            })
        };
        let listen = address("listen", raw.listen, "127.0.0.1:8787");
        let ops_listen = address("ops_listen", raw.ops_listen, "127.0.0.1:8789");
        if !ops_listen.ip().is_loopback() {
            mistakes.push(format!(
                "collector.ops_listen = \"{ops_listen}\": only a loopback address; it has no password"
            ));
        }
        let proxies = TrustedProxies::parse(&raw.trusted_proxies).unwrap_or_else(|bad| {
            mistakes.push(format!("collector.trusted_proxies: not networks: {}", bad.join(", ")));
            TrustedProxies::default()
        });
        let header = raw.address_header.unwrap_or_else(|| "x-forwarded-for".to_owned());
        let address_header = HeaderName::try_from(header.to_ascii_lowercase()).unwrap_or_else(|_| {
            mistakes.push(format!("collector.address_header = {header:?}: not a header name"));
            HeaderName::from_static("x-forwarded-for")
        });
        let server_token = raw.server_token_file.and_then(|path| {
            server_token(&path)
                .map_err(|wrong| mistakes.push(format!("collector.server_token_file = {path:?}: {wrong}")))
                .ok()
        });
        let (profile, precision) =
            profile::settle(raw.profile.as_deref(), raw.precision.as_deref(), &mut mistakes);
        let contact = raw.contact.and_then(|text| {
            let contact = Contact::parse(&text);
            if contact.is_none() {
                mistakes.push(format!(
                    "collector.contact = {text:?}: write mailto: and an address, or a page beginning with https://"
                ));
            }
            contact
        });
        let spool_bytes_max = raw.spool_bytes.unwrap_or(SPOOL_BYTES_DEFAULT);
        if spool_bytes_max < SPOOL_BYTES_MIN {
            mistakes.push(format!("collector.spool_bytes = {spool_bytes_max}: at least {SPOOL_BYTES_MIN}"));
        }
        let connections_max = raw.connections.unwrap_or(CONNECTIONS_DEFAULT);
        if connections_max == 0 {
            mistakes.push("collector.connections = 0: at least 1".to_owned());
        }
        let mut rate = |key: &str, events: Option<u32>, default: NonZeroU32| {
            let Some(events) = events else { return default };
            NonZeroU32::new(events).filter(|events| events.get() <= RATE_MAX).unwrap_or_else(|| {
                mistakes.push(format!("collector.{key} = {events}: from 1 to {RATE_MAX} events a second"));
                default
            })
        };
        let default = Rates::default();
        let rates = Rates {
            overall: rate("rate_overall", raw.rate_overall, default.overall),
            site: rate("rate_site", raw.rate_site, default.site),
            network: rate("rate_network", raw.rate_network, default.network),
        };
        let retention_months = raw.retention_months.unwrap_or(MONTHS_DEFAULT);
        if !(1..=MONTHS_MAX).contains(&retention_months) {
            mistakes.push(format!("collector.retention_months = {retention_months}: from 1 to {MONTHS_MAX}"));
        }
        #[cfg(feature = "leaky")]
        if let Some(leak) = &raw.leak {
            crate::leak::set(leak, &around.spool);
        }
        let mut metrika = |key: &str, text: Option<String>, default: &str| {
            let text = text.unwrap_or_else(|| default.to_owned());
            metrika_address(&text).unwrap_or_else(|| {
                mistakes.push(format!(
                    "collector.{key} = {text:?}: an address beginning with https://; http:// on this machine only"
                ));
                Url::parse(default).expect("the default is an address")
            })
        };
        let metrika_url = metrika("metrika_url", raw.metrika_url, METRIKA_URL_DEFAULT);
        let metrika_api_url = metrika("metrika_api_url", raw.metrika_api_url, METRIKA_API_URL_DEFAULT);
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        Ok(Config {
            listen,
            ops_listen,
            proxies,
            address_header,
            server_token,
            geo_file: raw.geo_file,
            profile,
            key_dir: raw.key_dir,
            precision,
            contact,
            node: raw.node.unwrap_or(1),
            spool_bytes_max,
            connections_max,
            rates,
            retention_months,
            metrika_url,
            metrika_api_url,
            demo: raw.demo,
            around,
        })
    }
}

/// A token would travel in the clear over `http` to another machine.
fn metrika_address(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let is_local = matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
    let is_plain = url.path() == "/" && url.query().is_none() && url.username().is_empty();
    let is_safe = url.scheme() == "https" || (url.scheme() == "http" && is_local);
    (is_plain && is_safe && url.host_str().is_some()).then_some(url)
}

fn server_token(path: &Path) -> Result<ServerToken, String> {
    let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
    ServerToken::new(text.trim()).ok_or_else(|| format!("at least {TOKEN_CHARS_MIN} characters"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn around() -> Surroundings {
        Surroundings {
            spool: "spool".into(),
            receipts: "receipts".into(),
            backup_keys: "keys".into(),
            outbox: "outbox.db".into(),
            snapshot: "snapshot.json".into(),
            settings_url: "http://127.0.0.1:8788".into(),
            settings_secret: "s".into(),
            clickhouse: Address::socket("engine.sock"),
        }
    }

    #[test]
    fn an_empty_section_is_complete() {
        let config = Config::from_raw(RawConfig::default(), around()).unwrap_or_else(|e| panic!("{e:?}"));
        assert_eq!(config.listen.port(), 8787);
        assert_eq!(config.precision, Precision::Version);
    }

    #[test]
    fn every_mistake_is_reported_at_once() {
        let raw = RawConfig {
            listen: Some("nonsense".into()),
            ops_listen: Some("0.0.0.0:8789".into()),
            trusted_proxies: vec!["x".into()],
            address_header: Some("a b".into()),
            server_token_file: Some("nowhere".into()),
            profile: Some("anonymous".into()),
            precision: Some("exact".into()),
            contact: Some("me".into()),
            spool_bytes: Some(1),
            connections: Some(0),
            rate_overall: Some(0),
            rate_site: Some(RATE_MAX + 1),
            rate_network: Some(0),
            retention_months: Some(26),
            metrika_url: Some("http://mc.yandex.ru".into()),
            metrika_api_url: Some("https://api-metrika.yandex.net/management".into()),
            ..RawConfig::default()
        };
        let mistakes = Config::from_raw(raw, around()).err().unwrap();
        assert_eq!(mistakes.len(), 16, "{mistakes:#?}");
    }
}
