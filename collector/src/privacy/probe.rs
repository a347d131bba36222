//! For `mostik privacy verify`: whether some bytes are the key that made a number. Does what
//! a thief who had found them would do.

use std::net::IpAddr;

use zeroize::Zeroizing;

use super::{
    identity::{BrowserClass, Message, Precision, VisitorKey},
    keys::{KeyName, KeyRing},
    network::{ClientIp, Prefix},
    sender::Sender,
};
use crate::enrich::{agent::Agents, geo::Geo};

/// A client whose number is known.
pub struct Probe {
    message: Message,
    name: KeyName,
    visitor: u64,
}

impl Probe {
    /// `None`: no address, or an agent that is not counted.
    pub fn new(
        address: &str,
        agent: &str,
        language: &str,
        precision: Precision,
        site_uuid: [u8; 16],
        day: u16,
        visitor: u64,
    ) -> Option<Probe> {
        let address: IpAddr = address.parse().ok()?;
        let sender = Sender::new(ClientIp::new(address), agent.to_owned(), language);
        let reduced = sender.reduce(&Agents::new(), &Geo::none(), precision).ok()?;
        Some(Probe { message: reduced.message, name: KeyName { site_uuid, day }, visitor })
    }

    /// Whether the client has its number from these bytes: as the day's key, or as the key
    /// for visitors' numbers that is made of it.
    pub fn is_key(&self, key: &[u8; 32]) -> bool {
        let made = VisitorKey::from(Zeroizing::new(*key)).visitor(&self.message);
        made == self.visitor || VisitorKey::derive(key, self.name).visitor(&self.message) == self.visitor
    }

    /// The number of a browser like any other at `address` on a day of `ring`'s.
    pub fn number(address: &str, ring: &KeyRing, name: KeyName) -> Option<u64> {
        let network = ClientIp::new(address.parse().ok()?).truncate(Prefix::Normal);
        let class = BrowserClass { browser: 1, os: 1, device: 1, major: 138, language: *b"ru" };
        ring.visitor(name, &Message::new(network, class, Precision::Version), || i64::MAX).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_and_no_other_is_recognised() {
        let agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
                     Chrome/138.0.0.0 Safari/537.36";
        let probe = |visitor| {
            Probe::new("203.0.113.77", agent, "ru", Precision::Version, [0x11; 16], 20780, visitor).unwrap()
        };
        let name = KeyName { site_uuid: [0x11; 16], day: 20780 };
        let visitor = VisitorKey::derive(&[0x42; 32], name).visitor(&probe(0).message);
        assert!(probe(visitor).is_key(&[0x42; 32]));
        assert!(!probe(visitor).is_key(&[0x43; 32]));
    }
}
