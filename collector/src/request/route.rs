//! How a request came here: for the owner's check of a proxy that hides every visitor behind its
//! own address. Says nothing of who sent it.

use std::net::IpAddr;

use hyper::{HeaderMap, header::HeaderName};
use serde::Serialize;

use super::{Reader, proxies::TrustedProxies};
use crate::privacy::is_local;

/// What proxies write a visitor's address into, beside the header of the settings.
const FORWARDING: [&str; 4] = ["x-forwarded-for", "forwarded", "x-real-ip", "cf-connecting-ip"];

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Route {
    /// A trusted proxy told the sender's address.
    told: bool,
    /// A proxy told it, and is not trusted: visitors behind it are one.
    ignored: bool,
    /// The address that counts is of a local network.
    local: bool,
}

impl Reader {
    pub fn route(&self, peer: IpAddr, headers: &HeaderMap) -> Route {
        route(&self.proxies, peer, headers, &self.address_header)
    }
}

fn route(proxies: &TrustedProxies, peer: IpAddr, headers: &HeaderMap, header: &HeaderName) -> Route {
    let told = proxies.trusts(peer) && headers.contains_key(header);
    let is_there = headers.contains_key(header) || FORWARDING.iter().any(|name| headers.contains_key(*name));
    Route { told, ignored: is_there && !told, local: is_local(proxies.client(peer, headers, header)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: HeaderName = HeaderName::from_static("x-forwarded-for");

    fn of(trusted: &[&str], peer: &str, headers: &[(&'static str, &'static str)]) -> Route {
        let words: Vec<String> = trusted.iter().map(|&word| word.to_owned()).collect();
        let proxies = TrustedProxies::parse(&words).unwrap();
        let headers = headers
            .iter()
            .map(|&(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
            .collect();
        route(&proxies, peer.parse().unwrap(), &headers, &HEADER)
    }

    #[test]
    fn a_visitor_without_a_proxy_is_who_connects() {
        assert_eq!(of(&[], "203.0.113.7", &[]), Route { told: false, ignored: false, local: false });
        assert_eq!(of(&[], "127.0.0.1", &[]), Route { told: false, ignored: false, local: true });
    }

    #[test]
    fn a_trusted_proxys_word_counts() {
        let forwarded = [("x-forwarded-for", "203.0.113.7")];
        let told = Route { told: true, ignored: false, local: false };
        assert_eq!(of(&["127.0.0.1"], "127.0.0.1", &forwarded), told);
        // A check from the same machine comes through the proxy as well.
        for address in ["10.0.0.9", "127.0.0.1"] {
            let forwarded = [("x-forwarded-for", address)];
            assert_eq!(
                of(&["127.0.0.1"], "127.0.0.1", &forwarded),
                Route { local: true, ..told },
                "{address}"
            );
        }
    }

    #[test]
    fn a_word_that_is_not_believed_or_stands_elsewhere_is_noticed() {
        let ignored = Route { told: false, ignored: true, local: true };
        for name in FORWARDING {
            assert_eq!(of(&[], "127.0.0.1", &[(name, "203.0.113.7")]), ignored, "{name}");
        }
        // Trusted, but it writes the address into another header than we read.
        assert_eq!(of(&["127.0.0.1"], "127.0.0.1", &[("x-real-ip", "203.0.113.7")]), ignored);
    }
}
