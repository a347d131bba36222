//! Whose word on a visitor's address is believed.

use std::net::IpAddr;

use hyper::{HeaderMap, header::HeaderName};

/// Networks whose forwarding header is believed. Empty: the peer is the visitor.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<Cidr>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Cidr {
    bits: u128,
    prefix: u32,
}

impl TrustedProxies {
    /// Reads `10.0.0.0/8`, `::1`, …; the words that are neither are returned.
    pub fn parse(words: &[String]) -> Result<TrustedProxies, Vec<String>> {
        let (good, bad): (Vec<_>, Vec<_>) =
            words.iter().map(|word| (word, cidr(word))).partition(|(_, c)| c.is_some());
        if bad.is_empty() {
            Ok(TrustedProxies(good.into_iter().filter_map(|(_, cidr)| cidr).collect()))
        } else {
            Err(bad.into_iter().map(|(word, _)| word.clone()).collect())
        }
    }

    /// The visitor's address: the rightmost hop that is not a trusted proxy. A hop
    /// that cannot be read ends the walk at the last one that could.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap, header: &HeaderName) -> IpAddr {
        let mut client = peer;
        let mut hops: Vec<&str> = headers
            .get_all(header)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .collect();
        while self.trusts(client) {
            let Some(hop) = hops.pop().and_then(hop_address) else { break };
            client = hop;
        }
        client
    }

    pub(super) fn trusts(&self, address: IpAddr) -> bool {
        let bits = bits_of(address);
        self.0.iter().any(|cidr| cidr.prefix == 0 || (bits ^ cidr.bits) >> (128 - cidr.prefix) == 0)
    }
}

/// An address with or without a port, with or without brackets.
fn hop_address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    text.parse()
        .or_else(|_| text.parse().map(|with_port: std::net::SocketAddr| with_port.ip()))
        .or_else(|_| text.trim_start_matches('[').trim_end_matches(']').parse())
        .ok()
}

fn cidr(word: &str) -> Option<Cidr> {
    let (address, prefix) = match word.split_once('/') {
        Some((address, prefix)) => (address.parse().ok()?, Some(prefix.parse::<u32>().ok()?)),
        None => (word.parse().ok()?, None),
    };
    let (width, offset) = if matches!(address, IpAddr::V4(_)) { (32, 96) } else { (128, 0) };
    let prefix = prefix.unwrap_or(width);
    (prefix <= width).then(|| Cidr { bits: bits_of(address), prefix: prefix + offset })
}

/// IPv4 as its mapped form, so that one comparison serves both.
fn bits_of(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().into(),
        IpAddr::V6(v6) => v6.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(trusted: &[&str], peer: &str, forwarded: &[&'static str]) -> String {
        let words: Vec<String> = trusted.iter().map(|&word| word.to_owned()).collect();
        let mut headers = HeaderMap::new();
        let name = HeaderName::from_static("x-forwarded-for");
        for value in forwarded {
            headers.append(name.clone(), value.parse().unwrap());
        }
        TrustedProxies::parse(&words).unwrap().client(peer.parse().unwrap(), &headers, &name).to_string()
    }

    #[test]
    fn without_a_trusted_proxy_the_header_is_ignored() {
        assert_eq!(client(&[], "198.51.100.1", &["203.0.113.9"]), "198.51.100.1");
    }

    #[test]
    fn the_rightmost_hop_that_is_no_proxy_is_the_visitor() {
        let trusted = ["10.0.0.0/8", "::1"];
        assert_eq!(client(&trusted, "10.0.0.1", &["6.6.6.6, 203.0.113.9, 10.2.3.4"]), "203.0.113.9");
        assert_eq!(client(&trusted, "::1", &["6.6.6.6", "203.0.113.9"]), "203.0.113.9");
    }

    #[test]
    fn a_hop_that_cannot_be_read_ends_the_walk() {
        assert_eq!(client(&["10.0.0.0/8"], "10.0.0.1", &["203.0.113.9, unknown"]), "10.0.0.1");
    }

    #[test]
    fn ports_and_brackets_are_read() {
        assert_eq!(client(&["10.0.0.0/8"], "10.0.0.1", &["[2001:db8::1]:443"]), "2001:db8::1");
        assert_eq!(client(&["10.0.0.0/8"], "10.0.0.1", &["203.0.113.9:80"]), "203.0.113.9");
    }

    #[test]
    fn every_bad_network_is_named() {
        let words = ["10.0.0.0/8", "10.0.0.0/33", "nonsense"].map(str::to_owned);
        assert_eq!(TrustedProxies::parse(&words), Err(vec!["10.0.0.0/33".to_owned(), "nonsense".to_owned()]));
    }
}
