//! What an attacker tries on the numbers, with everything a stored row gives away
//! and more: two days' rows, another site's rows, the exact message of a visitor.

use std::{collections::HashSet, net::IpAddr};

use proptest::prelude::*;

use super::{
    identity::{BrowserClass, Message, Precision},
    keys::{KeyName, KeyRing},
    network::ClientIp,
    vault::Vault,
};

const CLIENTS: u32 = 10_000;

fn class() -> BrowserClass {
    BrowserClass { browser: 1, os: 1, device: 1, major: 138, language: *b"ru" }
}

fn message(address: IpAddr, class: BrowserClass) -> Message {
    Message::new(ClientIp::new(address).truncate(Precision::Version.prefix()), class, Precision::Version)
}

/// A network of its own for each client.
fn client(n: u32) -> Message {
    let [_, a, b, c] = (n + 1).to_be_bytes();
    message(IpAddr::from([20 + a, b, c, 77]), class())
}

fn visitor(ring: &KeyRing, name: KeyName, message: &Message) -> u64 {
    ring.visitor(name, message, || i64::MAX).unwrap()
}

fn numbers(ring: &KeyRing, name: KeyName) -> HashSet<u64> {
    (0..CLIENTS).map(|n| visitor(ring, name, &client(n))).collect()
}

#[test]
fn the_two_day_game_links_no_one_of_ten_thousand() {
    let ring = KeyRing::default();
    let monday = numbers(&ring, KeyName { site_uuid: [1; 16], day: 100 });
    let tuesday = numbers(&ring, KeyName { site_uuid: [1; 16], day: 101 });
    assert_eq!(monday.len(), CLIENTS as usize);
    assert!(monday.is_disjoint(&tuesday));
}

#[test]
fn one_client_has_another_number_on_each_of_a_thousand_sites() {
    let ring = KeyRing::new(Vault::in_memory(1000).unwrap(), 0);
    let numbers: HashSet<u64> = (0..1000_u128)
        .map(|site| {
            let name = KeyName { site_uuid: site.to_be_bytes(), day: 100 };
            visitor(&ring, name, &client(7))
        })
        .collect();
    assert_eq!(numbers.len(), 1000);
}

/// The attacker knows the victim's network and browser exactly, and the ring.
#[test]
fn with_a_dead_key_a_known_visitors_number_cannot_be_made_again() {
    let ring = KeyRing::default();
    let name = KeyName { site_uuid: [1; 16], day: 100 };
    let stored = visitor(&ring, name, &client(7));
    assert_eq!(
        ring.living_visitor(name, &client(7)),
        Some(stored),
        "while the key lives the attack works, and the docs say so"
    );
    ring.destroy_before(name.site_uuid, 101);
    assert!(ring.living_visitor(name, &client(7)).is_none());
    assert!(ring.visitor(name, &client(7), || i64::MAX).is_err());
    // A new ring for the same site and day, as after a restart, has another key.
    assert_ne!(visitor(&KeyRing::default(), name, &client(7)), stored);
}

#[test]
fn each_included_attribute_changes_the_number() {
    let ring = KeyRing::default();
    let name = KeyName { site_uuid: [1; 16], day: 100 };
    let home: IpAddr = "203.0.113.77".parse().unwrap();
    let numbers: HashSet<u64> = [
        message(home, class()),
        message("203.0.114.77".parse().unwrap(), class()),
        message(home, BrowserClass { browser: 2, ..class() }),
        message(home, BrowserClass { os: 2, ..class() }),
        message(home, BrowserClass { device: 2, ..class() }),
        message(home, BrowserClass { major: 139, ..class() }),
        message(home, BrowserClass { language: *b"en", ..class() }),
    ]
    .iter()
    .map(|message| visitor(&ring, name, message))
    .collect();
    assert_eq!(numbers.len(), 7);
}

proptest! {
    /// 6to4 alone would carry the whole IPv4 address in its /48.
    #[test]
    fn every_transition_form_of_every_ipv4_address_is_cut_like_it(v4 in any::<[u8; 4]>()) {
        let ring = KeyRing::default();
        let name = KeyName { site_uuid: [1; 16], day: 100 };
        let [a, b, c, d] = v4;
        let low = u128::from(u32::from_be_bytes(v4));
        // `::` and `::1` are addresses of their own.
        prop_assume!(low > 1);
        let plain = visitor(&ring, name, &message(IpAddr::from(v4), class()));
        let six_to_four = [0x20, 0x02, a, b, c, d, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9];
        prop_assert_eq!(visitor(&ring, name, &message(IpAddr::from(six_to_four), class())), plain);
        for head in [0_u128, 0xffff << 32, 0x0064_ff9b << 96] {
            let form = IpAddr::from((head | low).to_be_bytes());
            prop_assert_eq!(visitor(&ring, name, &message(form, class())), plain);
        }
    }
}
