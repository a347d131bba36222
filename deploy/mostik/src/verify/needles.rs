//! Every form a mark could have been written in: text in several codings, numbers, and
//! hashes that need no key.

use std::{
    collections::BTreeMap,
    hash::{DefaultHasher, Hasher},
};

use aho_corasick::AhoCorasick;
use base64::{
    Engine,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};
use md5::{Digest, Md5};
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA512, digest};

use super::canary::Canary;

/// What `encodeURIComponent` writes as it is, besides letters and digits.
const NOT_UNRESERVED: &percent_encoding::AsciiSet =
    &percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// All forms of all marks, ready to be searched for at once.
pub struct Needles {
    automaton: AhoCorasick,
    /// What each form is of; the last one is the control's.
    names: Vec<String>,
}

impl Needles {
    pub fn new(canary: &Canary) -> anyhow::Result<Needles> {
        let mut forms: BTreeMap<Vec<u8>, String> = BTreeMap::new();
        let mut add = |form: Vec<u8>, name: String| {
            forms.entry(form).or_insert(name);
        };
        for (name, text) in canary.marks() {
            for (coding, form) in codings(text.as_bytes()) {
                add(form, format!("{name} ({coding})"));
            }
            for (hash, bytes) in hashes(text.as_bytes()) {
                add(bytes, format!("{name} ({hash})"));
            }
        }
        for (coding, form) in v4_forms(canary.v4) {
            add(form, format!("IPv4 address ({coding})"));
        }
        for (coding, form) in v6_forms(canary.v6) {
            add(form, format!("IPv6 address ({coding})"));
        }
        for (hash, bytes) in hashes(&[canary.v4_text().as_bytes(), canary.agent().as_bytes()].concat()) {
            add(bytes, format!("IPv4 address and user agent ({hash})"));
        }
        let (mut patterns, mut names): (Vec<_>, Vec<_>) = forms.into_iter().unzip();
        patterns.push(canary.control.clone().into_bytes());
        names.push("control".to_owned());
        Ok(Needles { automaton: AhoCorasick::new(&patterns)?, names })
    }

    pub fn len(&self) -> usize {
        self.names.len() - 1
    }

    /// Longest form, in bytes: how much of one block a search has to remember for the next.
    pub fn overlap(&self) -> usize {
        self.automaton.max_pattern_len()
    }

    /// Calls `found` with the name of each form in `bytes`; `true` for the control.
    pub fn find(&self, bytes: &[u8], mut found: impl FnMut(&str, bool)) {
        for place in self.automaton.find_overlapping_iter(bytes) {
            let at = place.pattern().as_usize();
            found(&self.names[at], at + 1 == self.names.len());
        }
    }
}

/// A text in every coding it could be in.
fn codings(text: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let percent = |bytes: &[u8]| bytes.iter().map(|byte| format!("%{byte:02X}")).collect::<String>();
    let once = percent_special(text);
    let mut forms = vec![
        ("as it is", text.to_vec()),
        ("upper case", text.to_ascii_uppercase()),
        ("lower case", text.to_ascii_lowercase()),
        ("percent", once.clone().into_bytes()),
        (
            "percent, as browsers do",
            percent_encoding::percent_encode(text, NOT_UNRESERVED).to_string().into(),
        ),
        ("percent twice", percent_special(once.as_bytes()).into_bytes()),
        ("percent, every byte", percent(text).into_bytes()),
        ("percent, every byte, lower case", percent(text).to_lowercase().into_bytes()),
        ("entities", text.iter().map(|byte| format!("&#{byte};")).collect::<String>().into_bytes()),
        ("entities, hexadecimal", text.iter().map(|byte| format!("&#x{byte:x};")).collect::<String>().into()),
        ("hexadecimal", hex(text).into_bytes()),
        ("hexadecimal, upper case", hex(text).to_uppercase().into_bytes()),
        ("UTF-16LE", text.iter().flat_map(|&byte| [byte, 0]).collect()),
        ("UTF-16BE", text.iter().flat_map(|&byte| [0, byte]).collect()),
        ("JSON escapes", text.iter().map(|byte| format!("\\u{byte:04x}")).collect::<String>().into_bytes()),
    ];
    for offset in 0..3 {
        forms.push(("base64", inner_base64(&STANDARD_NO_PAD, text, offset)));
        forms.push(("base64url", inner_base64(&URL_SAFE_NO_PAD, text, offset)));
    }
    forms
}

/// As a URL library writes it: letters and digits stay.
fn percent_special(text: &[u8]) -> String {
    percent_encoding::percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// The letters of base64 that depend on `text` alone when `offset` bytes stand before it.
fn inner_base64(engine: &impl Engine, text: &[u8], offset: usize) -> Vec<u8> {
    let padded = [&[0; 2][..offset], text].concat();
    let coded = engine.encode(&padded).into_bytes();
    let start = (offset * 8).div_ceil(6);
    let end = padded.len() * 8 / 6;
    coded[start..end].to_vec()
}

fn v4_forms(address: [u8; 4]) -> Vec<(&'static str, Vec<u8>)> {
    let number = u32::from_be_bytes(address);
    let reversed = [address[3], address[2], address[1], address[0]];
    let mapped = std::net::Ipv4Addr::from(address).to_ipv6_mapped();
    let [a, b, c, d] = address;
    vec![
        ("4 bytes", address.to_vec()),
        ("4 bytes, reversed", reversed.to_vec()),
        ("one number", number.to_string().into_bytes()),
        ("hexadecimal number", format!("{number:08x}").into_bytes()),
        ("hexadecimal number, upper case", format!("{number:08X}").into_bytes()),
        ("mapped, in hexadecimal", format!("ffff:{a:02x}{b:02x}:{c:02x}{d:02x}").into_bytes()),
        ("mapped, 16 bytes", mapped.octets().to_vec()),
    ]
}

fn v6_forms(groups: [u16; 8]) -> Vec<(&'static str, Vec<u8>)> {
    let octets = std::net::Ipv6Addr::from(groups).octets();
    let expanded: Vec<String> = groups.iter().map(|group| format!("{group:04x}")).collect();
    vec![
        ("16 bytes", octets.to_vec()),
        ("16 bytes, reversed", octets.iter().rev().copied().collect()),
        ("expanded", expanded.join(":").into_bytes()),
        ("hexadecimal number", expanded.concat().into_bytes()),
    ]
}

/// Hashes anybody could make again without a key, as bytes, digits and base64.
fn hashes(text: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut sip = DefaultHasher::new();
    sip.write(text);
    let raw: [(&str, Vec<u8>); 6] = [
        ("MD5", Md5::digest(text).to_vec()),
        ("SHA-1", digest(&SHA1_FOR_LEGACY_USE_ONLY, text).as_ref().to_vec()),
        ("SHA-256", digest(&SHA256, text).as_ref().to_vec()),
        ("SHA-512", digest(&SHA512, text).as_ref().to_vec()),
        ("BLAKE3", blake3::hash(text).as_bytes().to_vec()),
        ("SipHash without a key", sip.finish().to_le_bytes().to_vec()),
    ];
    raw.into_iter()
        .flat_map(|(name, bytes)| {
            [
                (format!("{name}, hexadecimal"), hex(&bytes).into_bytes()),
                (format!("{name}, base64"), STANDARD_NO_PAD.encode(&bytes).into_bytes()),
                (name.to_owned(), bytes),
            ]
        })
        .collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether the needles of a canary find `text` of it.
    fn finds(make: impl Fn(&Canary) -> Vec<u8>) -> bool {
        let canary = Canary::new("example.test").unwrap();
        let mut found = false;
        let hay = [b"before ", make(&canary).as_slice(), b" after"].concat();
        Needles::new(&canary).unwrap().find(&hay, |_, is_control| found |= !is_control);
        found
    }

    #[test]
    fn a_mark_is_found_in_every_form() {
        assert!(!finds(|_| b"nothing".to_vec()));
        assert!(!finds(|canary| canary.control.clone().into_bytes()), "the control is no leak");
        assert!(finds(|canary| canary.v4_text().into_bytes()));
        assert!(finds(|canary| canary.v4.to_vec()));
        assert!(finds(|canary| u32::from_be_bytes(canary.v4).to_string().into_bytes()));
        assert!(finds(|canary| std::net::Ipv6Addr::from(canary.v6).octets().to_vec()));
        assert!(finds(|canary| canary.agent_mark.to_uppercase().into_bytes()));
        assert!(finds(|canary| canary.email.replace('@', "%40").into_bytes()));
        assert!(finds(|canary| canary.email.encode_utf16().flat_map(u16::to_le_bytes).collect()));
        assert!(finds(|canary| blake3::hash(canary.phone.as_bytes()).to_hex().as_bytes().to_vec()));
        assert!(finds(|canary| Md5::digest(canary.v4_text() + &canary.agent()).to_vec()));
        for before in ["", "a", "ab", "abc"] {
            assert!(finds(|canary| STANDARD_NO_PAD.encode(format!("{before}{}", canary.query_mark)).into()));
        }
    }
}
