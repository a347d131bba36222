//! Which addresses anybody could reach: those that a check may go to.

use std::{
    error::Error,
    fmt,
    net::{IpAddr, Ipv6Addr, SocketAddr},
};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// The system's resolver, without addresses of local networks.
pub struct Outside;

/// Every address of a name is of a local network.
#[derive(Debug)]
pub struct OnlyLocal;

impl fmt::Display for OnlyLocal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name leads to a local network")
    }
}

impl Error for OnlyLocal {}

impl Resolve for Outside {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let outside: Vec<SocketAddr> = found.filter(|address| is_outside(address.ip())).collect();
            if outside.is_empty() {
                return Err(OnlyLocal.into());
            }
            Ok(Box::new(outside.into_iter()) as Addrs)
        })
    }
}

/// Names below these are nobody's (RFC 6761, RFC 2606): no resolver need hear of them.
const NOBODYS: [&str; 3] = ["test", "invalid", "example"];

/// Whether no such site can be anywhere.
pub fn is_nobodys(url: &Url) -> bool {
    let last = url.domain().and_then(|name| name.rsplit('.').next());
    last.is_some_and(|last| NOBODYS.contains(&last))
}

/// Whether the URL's host is this machine, or an address of a local network.
pub fn is_local(url: &Url) -> bool {
    url.domain() == Some("localhost") || address_in(url).is_some_and(|address| !is_outside(address))
}

pub fn address_in(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Domain(_) => None,
        Host::Ipv4(v4) => Some(v4.into()),
        Host::Ipv6(v6) => Some(v6.into()),
    }
}

/// Whether anybody could reach it: none of the ranges that IANA keeps for special purposes.
pub fn is_outside(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            !(v4.is_loopback()
                || v4.is_private()
                || v4.is_link_local()
                || v4.is_multicast()
                || matches!(
                    (a, b, c),
                    (0, ..) | (100, 64..=127, _) | (192, 0, 0) | (198, 18..=19, _) | (240.., ..)
                ))
        }
        IpAddr::V6(v6) => match embedded(v6) {
            Some(v4) => is_outside(v4),
            // Global unicast is 2000::/3; no other range is anybody's.
            None => v6.segments()[0] & 0xe000 == 0x2000,
        },
    }
}

/// The IPv4 address that a mapped, NAT64 or 6to4 address leads to.
fn embedded(v6: Ipv6Addr) -> Option<IpAddr> {
    let low = IpAddr::V4((u128::from(v6) as u32).into());
    match v6.segments() {
        [0, 0, 0, 0, 0, 0xffff, ..] | [0x64, 0xff9b, 0, 0, 0, 0, ..] => Some(low),
        [0x2002, high, last, ..] => Some(IpAddr::V4((u32::from(high) << 16 | u32::from(last)).into())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_local_networks_are_told_from_others() {
        for local in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "255.255.255.255",
            "224.0.0.1",
            "198.18.0.1",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "64:ff9b::a00:1",
            "2002:a00:1::",
        ] {
            assert!(!is_outside(local.parse().unwrap()), "{local}");
        }
        for outside in ["8.8.8.8", "100.63.0.1", "100.128.0.1", "172.32.0.1", "2a02:6b8::1", "::ffff:8.8.8.8"]
        {
            assert!(is_outside(outside.parse().unwrap()), "{outside}");
        }
    }

    #[test]
    fn reserved_names_are_nobodys() {
        let is = |url| is_nobodys(&Url::parse(url).unwrap());
        assert!(is("https://shop.test/") && is("https://a.b.example") && is("http://invalid"));
        assert!(!is("https://test.ru/") && !is("https://example.com") && !is("http://127.0.0.1"));
    }

    #[test]
    fn a_collector_of_this_machine_or_its_network_is_local() {
        for url in ["http://127.0.0.1:8787", "http://localhost:8787", "http://[::1]:1", "http://192.168.0.2"]
        {
            assert!(is_local(&Url::parse(url).unwrap()), "{url}");
        }
        for url in ["https://stats.example.ru", "http://8.8.8.8"] {
            assert!(!is_local(&Url::parse(url).unwrap()), "{url}");
        }
    }
}
