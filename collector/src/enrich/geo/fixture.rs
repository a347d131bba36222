//! Writes a small mmdb: a binary tree of networks, records, metadata. The format is
//! MaxMind's published one, version 2.0; just what the tests need of it.

use std::net::IpAddr;

/// How a record names the country.
#[derive(Clone, Copy)]
pub(super) enum Shape {
    /// `{"country_code": "RU"}`
    Flat,
    /// `{"country": {"iso_code": "RU"}}`
    Nested,
    /// `{"autonomous_system_number": 64496}`: no country at all.
    Numbers,
}

const SEPARATOR: [u8; 16] = [0; 16];
const METADATA_MARKER: &[u8] = b"\xab\xcd\xefMaxMind.com";

#[derive(Clone, Copy)]
enum Record {
    Nothing,
    Node(usize),
    Data(usize),
}

pub(super) fn mmdb(shape: Shape, networks: &[(&str, u8, &str)]) -> Vec<u8> {
    let mut nodes = vec![[Record::Nothing; 2]];
    let mut data = Vec::new();
    for &(address, prefix_bits, country) in networks {
        let (bits, length) = bits(address.parse().unwrap(), prefix_bits);
        insert(&mut nodes, bits, length, data.len());
        put_record(&mut data, shape, country);
    }
    let mut out = Vec::new();
    for node in &nodes {
        for record in node {
            let number = match *record {
                Record::Nothing => nodes.len(),
                Record::Node(node) => node,
                Record::Data(offset) => nodes.len() + SEPARATOR.len() + offset,
            };
            out.extend_from_slice(&u32::try_from(number).unwrap().to_be_bytes()[1..]);
        }
    }
    out.extend_from_slice(&SEPARATOR);
    out.extend_from_slice(&data);
    out.extend_from_slice(METADATA_MARKER);
    put_metadata(&mut out, nodes.len());
    out
}

/// IPv4 lies in `::/96`.
fn bits(address: IpAddr, prefix_bits: u8) -> (u128, u32) {
    match address {
        IpAddr::V4(v4) => (u128::from(u32::from(v4)), 96 + u32::from(prefix_bits)),
        IpAddr::V6(v6) => (u128::from(v6), u32::from(prefix_bits)),
    }
}

fn insert(nodes: &mut Vec<[Record; 2]>, bits: u128, length: u32, offset: usize) {
    let side = |place: u32| usize::from(bits >> (127 - place) & 1 == 1);
    let mut at = 0;
    for place in 0..length - 1 {
        at = match nodes[at][side(place)] {
            Record::Node(next) => next,
            _ => {
                nodes.push([Record::Nothing; 2]);
                let next = nodes.len() - 1;
                nodes[at][side(place)] = Record::Node(next);
                next
            }
        };
    }
    nodes[at][side(length - 1)] = Record::Data(offset);
}

fn put_record(out: &mut Vec<u8>, shape: Shape, country: &str) {
    put_map(out, 1);
    match shape {
        Shape::Flat => {
            put_text(out, "country_code");
            put_text(out, country);
        }
        Shape::Nested => {
            put_text(out, "country");
            put_map(out, 1);
            put_text(out, "iso_code");
            put_text(out, country);
        }
        Shape::Numbers => {
            put_text(out, "autonomous_system_number");
            put_number(out, 6, 64_496);
        }
    }
}

fn put_metadata(out: &mut Vec<u8>, nodes: usize) {
    put_map(out, 9);
    for (key, kind, value) in [
        ("binary_format_major_version", 5, 2),
        ("binary_format_minor_version", 5, 0),
        ("build_epoch", 9, 1_795_000_000),
        ("ip_version", 5, 6),
        ("node_count", 6, nodes as u64),
        ("record_size", 5, 24),
    ] {
        put_text(out, key);
        put_number(out, kind, value);
    }
    put_text(out, "database_type");
    put_text(out, "Mostik-Test-Country");
    put_text(out, "description");
    put_map(out, 1);
    put_text(out, "en");
    put_text(out, "documentation networks");
    put_text(out, "languages");
    out.extend_from_slice(&[1, 4]);
    put_text(out, "en");
}

fn put_map(out: &mut Vec<u8>, pairs: u8) {
    out.push(7 << 5 | pairs);
}

/// Up to 28 bytes have their length in the control byte.
fn put_text(out: &mut Vec<u8>, text: &str) {
    assert!(text.len() < 29);
    out.push(2 << 5 | text.len() as u8);
    out.extend_from_slice(text.as_bytes());
}

/// Kinds 5 and 6 fit the control byte, 9 is extended; leading zeros are left out.
fn put_number(out: &mut Vec<u8>, kind: u8, value: u64) {
    let bytes = value.to_be_bytes();
    let from = bytes.iter().position(|&byte| byte != 0).unwrap_or(bytes.len());
    let digits = &bytes[from..];
    let length = digits.len() as u8;
    if kind < 8 {
        out.push(kind << 5 | length)
    } else {
        out.extend_from_slice(&[length, kind - 7])
    }
    out.extend_from_slice(digits);
}
