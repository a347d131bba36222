//! From a client's address to the network it is in (privacy.md section 5.1).
//!
//! The full address exists as one value, [`ClientIp`], and is gone after
//! [`ClientIp::truncate`]. Everything downstream, geo look-up included, sees the
//! truncated network only.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use zeroize::Zeroize;

/// A visitor's address. No `Debug`, `Display`, `Clone` or `Serialize`: it cannot
/// be printed, kept or sent, only truncated. The first example is the control that
/// the others fail for the right reason.
///
/// ```
/// fn take<T>(_: T) {}
/// take(collector::privacy::ClientIp::new([203, 0, 113, 7].into()));
/// ```
/// ```compile_fail
/// fn take<T: std::fmt::Debug>(_: T) {}
/// take(collector::privacy::ClientIp::new([203, 0, 113, 7].into()));
/// ```
/// ```compile_fail
/// fn take<T: std::fmt::Display>(_: T) {}
/// take(collector::privacy::ClientIp::new([203, 0, 113, 7].into()));
/// ```
/// ```compile_fail
/// fn take<T: Clone>(_: T) {}
/// take(collector::privacy::ClientIp::new([203, 0, 113, 7].into()));
/// ```
/// ```compile_fail
/// fn take<T: serde::Serialize>(_: T) {}
/// take(collector::privacy::ClientIp::new([203, 0, 113, 7].into()));
/// ```
pub struct ClientIp {
    /// The IPv4 address is in the last four bytes, mapped as `::ffff:a.b.c.d`.
    bytes: [u8; 16],
}

/// How much of an address is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prefix {
    /// IPv4 /24, IPv6 /48.
    Normal,
    /// IPv4 /16, IPv6 /32.
    Strict,
}

impl Prefix {
    /// Bits kept of an IPv4 address.
    pub fn v4_bits(self) -> u8 {
        match self {
            Prefix::Normal => 24,
            Prefix::Strict => 16,
        }
    }

    /// Bits kept of an IPv6 address.
    pub fn v6_bits(self) -> u8 {
        match self {
            Prefix::Normal => 48,
            Prefix::Strict => 32,
        }
    }
}

/// A truncated network: host bits are zero. Still not for printing.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network {
    family: u8,
    prefix_bits: u8,
    /// IPv4 in the first four bytes.
    prefix: [u8; 8],
}

/// Teredo's servers put the client's address into the low bits; only the first
/// 32 bits name no one (RFC 4380).
const TEREDO_PREFIX_BITS: u8 = 32;

impl ClientIp {
    pub fn new(address: IpAddr) -> ClientIp {
        let v6 = match address {
            IpAddr::V4(v4) => v4.to_ipv6_mapped(),
            IpAddr::V6(v6) => v6,
        };
        ClientIp { bytes: v6.octets() }
    }

    /// Keeps the network, forgets the host.
    pub fn truncate(self, prefix: Prefix) -> Network {
        let v6 = Ipv6Addr::from(self.bytes);
        match embedded_v4(v6) {
            Some(v4) if !is_local_v4(v4) => Network::v4(v4, prefix),
            Some(_) => Network::LOCAL,
            None if is_local_v6(v6) => Network::LOCAL,
            None => Network::v6(v6, prefix),
        }
    }
}

impl Drop for ClientIp {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

impl Network {
    /// Loopback, private, link-local or no address at all: visitors in it are told
    /// apart by browser class and language only. An intranet's owner still sees
    /// visits; nobody is singled out, since the group is larger than any other.
    pub const LOCAL: Network = Network { family: 0, prefix_bits: 0, prefix: [0; 8] };

    fn v4(address: Ipv4Addr, prefix: Prefix) -> Network {
        let bits = prefix.v4_bits();
        let kept = u32::from(address) & (u32::MAX << (32 - bits));
        let mut bytes = [0; 8];
        bytes[..4].copy_from_slice(&kept.to_be_bytes());
        Network { family: 4, prefix_bits: bits, prefix: bytes }
    }

    fn v6(address: Ipv6Addr, prefix: Prefix) -> Network {
        let teredo = address.segments()[..2] == [0x2001, 0];
        let bits = if teredo { TEREDO_PREFIX_BITS } else { prefix.v6_bits() };
        let high = (u128::from(address) >> 64) as u64;
        let kept = high & (u64::MAX << (64 - u32::from(bits)));
        Network { family: 6, prefix_bits: bits, prefix: kept.to_be_bytes() }
    }

    /// The network's bytes in the fixed message: family, length, prefix.
    pub(super) fn write(&self, message: &mut [u8; 10]) {
        message[0] = self.family;
        message[1] = self.prefix_bits;
        message[2..].copy_from_slice(&self.prefix);
    }

    /// The network's first address, for the geo look-up; none for a local one.
    pub fn first_address(&self) -> Option<IpAddr> {
        match self.family {
            4 => {
                let [a, b, c, d, ..] = self.prefix;
                Some(IpAddr::V4(Ipv4Addr::new(a, b, c, d)))
            }
            6 => Some(IpAddr::V6(Ipv6Addr::from(u128::from(u64::from_be_bytes(self.prefix)) << 64))),
            _ => None,
        }
    }
}

/// The IPv4 address inside the transition forms: mapped `::ffff:0:0/96`, the
/// deprecated compatible `::/96`, 6to4 `2002::/16` (which holds the whole of it in
/// its /48), NAT64 `64:ff9b::/96`.
fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let segments = address.segments();
    let low = || Ipv4Addr::from(u128::from(address) as u32);
    match segments {
        [0, 0, 0, 0, 0, 0xffff, _, _] | [0x64, 0xff9b, 0, 0, 0, 0, _, _] => Some(low()),
        // `::` and `::1` are the unspecified and the loopback address.
        [0, 0, 0, 0, 0, 0, high, last] if high != 0 || last > 1 => Some(low()),
        [0x2002, high, last, ..] => Some(Ipv4Addr::from(u32::from(high) << 16 | u32::from(last))),
        _ => None,
    }
}

/// Loopback, private, link-local or no address at all.
pub fn is_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_local_v4(v4),
        IpAddr::V6(v6) => embedded_v4(v6).map_or_else(|| is_local_v6(v6), is_local_v4),
    }
}

fn is_local_v4(address: Ipv4Addr) -> bool {
    address.is_loopback()
        || address.is_private()
        || address.is_link_local()
        || address.is_unspecified()
        || address.is_broadcast()
}

fn is_local_v6(address: Ipv6Addr) -> bool {
    address.is_loopback()
        || address.is_unspecified()
        || address.is_unique_local()
        || address.is_unicast_link_local()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn network(address: &str, prefix: Prefix) -> [u8; 10] {
        let mut bytes = [0; 10];
        ClientIp::new(address.parse().unwrap()).truncate(prefix).write(&mut bytes);
        bytes
    }

    fn check(address: &str, same_as: &str) {
        assert_eq!(network(address, Prefix::Normal), network(same_as, Prefix::Normal), "{address}");
    }

    #[test]
    fn every_transition_form_is_its_ipv4_network() {
        for form in ["::ffff:203.0.113.77", "::203.0.113.77", "2002:cb00:714d::1", "64:ff9b::203.0.113.77"] {
            check(form, "203.0.113.0");
        }
    }

    #[test]
    fn teredo_keeps_no_client_bits() {
        check("2001:0:1:2:3:4:5:6", "2001:0:9:9:9:9:9:9");
        assert_eq!(network("2001:0:1:2::1", Prefix::Normal)[1], 32);
    }

    #[test]
    fn private_and_loopback_addresses_are_one_group() {
        for local in ["127.0.0.1", "10.1.2.3", "192.168.0.9", "::1", "fe80::1", "fd00::1", "0.0.0.0", "::"] {
            check(local, "127.0.0.1");
        }
    }

    #[test]
    fn the_geo_address_has_no_host_bits() {
        let network = ClientIp::new("2001:db8:1234:5678::1".parse().unwrap()).truncate(Prefix::Normal);
        assert_eq!(network.first_address(), Some("2001:db8:1234::".parse().unwrap()));
    }

    proptest! {
        #[test]
        fn host_bits_have_no_influence(net in any::<[u8; 3]>(), a in any::<u8>(), b in any::<u8>()) {
            let at = |host| ClientIp::new(IpAddr::from([net[0], net[1], net[2], host])).truncate(Prefix::Normal);
            prop_assert!(at(a) == at(b));
        }

        #[test]
        fn interface_bits_have_no_influence(net in any::<[u16; 3]>(), a in any::<[u16; 5]>(), b in any::<[u16; 5]>()) {
            // 6to4, mapped and Teredo forms have rules of their own, tested above.
            prop_assume!(!matches!(net[0], 0 | 0x64 | 0x2002 | 0x2001));
            let at = |h: [u16; 5]| ClientIp::new(IpAddr::from([net[0], net[1], net[2], h[0], h[1], h[2], h[3], h[4]]))
                .truncate(Prefix::Normal);
            prop_assert!(at(a) == at(b));
        }
    }
}
