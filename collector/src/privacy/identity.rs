//! The visitor number: a keyed hash over a fixed message (privacy.md section 5.3,
//! with DESIGN.md section 6).
//!
//! ```text
//! offset size field
//! 0      1    version = 0x01
//! 1      1    family: 0x04, 0x06, or 0x00 for a local network
//! 2      1    prefix length kept, in bits
//! 3      8    network prefix, big-endian, host bits zero; IPv4 in bytes 3-6
//! 11     1    browser family code
//! 12     1    system family code
//! 13     1    device class
//! 14     2    browser's major version, u16 LE; 0 under `class` and `strict`
//! 16     2    primary language, two lower-case letters; 0 0 if none, or as above
//! ```

use zeroize::Zeroizing;

use super::{
    keys::KeyName,
    network::{Network, Prefix},
};

/// Length of the message in bytes; fixed, so that it is injective.
const MESSAGE_BYTES: usize = 18;
const MESSAGE_VERSION: u8 = 1;

/// blake3's context: a constant of ours, never variable data.
const VISITOR_CONTEXT: &str = "mostik 2026-11-23 visitor-id v1";

/// How finely visitors behind one network are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Precision {
    /// Network, browser with its major version, system, device class, language.
    #[default]
    Version,
    /// Without version and language.
    Class,
    /// As `Class`, in a wider network.
    Strict,
}

impl Precision {
    pub fn prefix(self) -> Prefix {
        match self {
            Precision::Version | Precision::Class => Prefix::Normal,
            Precision::Strict => Prefix::Strict,
        }
    }

    pub fn keeps_version_and_language(self) -> bool {
        match self {
            Precision::Version => true,
            Precision::Class | Precision::Strict => false,
        }
    }
}

/// What a browser says of itself in every request, as codes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct BrowserClass {
    pub browser: u8,
    pub os: u8,
    pub device: u8,
    pub major: u16,
    /// Primary language subtag, lower case; `[0, 0]` if none.
    pub language: [u8; 2],
}

/// The fixed message: what is left of a sender. Cannot be printed; gone with the
/// request.
pub struct Message([u8; MESSAGE_BYTES]);

impl Message {
    pub fn new(network: Network, class: BrowserClass, precision: Precision) -> Message {
        let mut bytes = [0; MESSAGE_BYTES];
        bytes[0] = MESSAGE_VERSION;
        let mut head = [0; 10];
        network.write(&mut head);
        bytes[1..11].copy_from_slice(&head);
        bytes[11] = class.browser;
        bytes[12] = class.os;
        bytes[13] = class.device;
        if precision.keeps_version_and_language() {
            bytes[14..16].copy_from_slice(&class.major.to_le_bytes());
            bytes[16..18].copy_from_slice(&class.language);
        }
        Message(bytes)
    }
}

/// A key made for visitor numbers only, from the day's key, the site and the day.
pub struct VisitorKey(Zeroizing<[u8; 32]>);

impl From<Zeroizing<[u8; 32]>> for VisitorKey {
    fn from(key: Zeroizing<[u8; 32]>) -> Self {
        VisitorKey(key)
    }
}

impl VisitorKey {
    pub(super) fn derive(day_key: &[u8; 32], name: KeyName) -> VisitorKey {
        let mut material = Zeroizing::new([0; 52]);
        material[..32].copy_from_slice(day_key);
        material[32..48].copy_from_slice(&name.site_uuid);
        material[48..].copy_from_slice(&u32::from(name.day).to_le_bytes());
        VisitorKey(Zeroizing::new(blake3::derive_key(VISITOR_CONTEXT, material.as_ref())))
    }

    /// The visitor's number that day. Never 0, which means "none".
    pub fn visitor(&self, message: &Message) -> u64 {
        let hash = blake3::keyed_hash(&self.0, &message.0);
        let (first, _) = hash.as_bytes().split_first_chunk().expect("a hash has 32 bytes");
        u64::from_le_bytes(*first).max(1)
    }

    pub(super) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::{super::network::ClientIp, *};

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn class() -> BrowserClass {
        BrowserClass { browser: 1, os: 1, device: 1, major: 138, language: *b"ru" }
    }

    /// Frozen, and computed once more with blake3's Python package: K = 0x42 × 32,
    /// site = 0x11 × 16, day = 20780 (2026-11-23).
    fn key() -> VisitorKey {
        VisitorKey::derive(&[0x42; 32], KeyName { site_uuid: [0x11; 16], day: 20780 })
    }

    fn check(address: &str, precision: Precision, message: &str, visitor: u64) {
        let network = ClientIp::new(address.parse().unwrap()).truncate(precision.prefix());
        let built = Message::new(network, class(), precision);
        assert_eq!(hex(&built.0), message, "{address}");
        assert_eq!(key().visitor(&built), visitor, "{address}");
    }

    #[test]
    fn the_frozen_vectors_hold() {
        assert_eq!(hex(key().bytes()), VISITOR_KEY);
        check("203.0.113.77", Precision::Version, "010418cb007100000000000101018a007275", V4);
        check("203.0.113.200", Precision::Version, "010418cb007100000000000101018a007275", V4);
        check("203.0.113.77", Precision::Class, "010418cb0071000000000001010100000000", V4_CLASS);
        check("203.0.113.77", Precision::Strict, "010410cb0000000000000001010100000000", V4_STRICT);
        check("2001:db8:1234:5678::1", Precision::Version, "01063020010db8123400000101018a007275", V6);
    }

    const VISITOR_KEY: &str = "683b788302d584f83a19eec512f8e2657332571cc5694b814d29bec100eb2820";
    const V4: u64 = 9306092103336925784;
    const V4_CLASS: u64 = 13603522757115270367;
    const V4_STRICT: u64 = 10225171813587068244;
    const V6: u64 = 12800320167852496290;
}
