//! What a request tells of its sender, and its end.
//!
//! [`Sender`] is filled by `request` and consumed by [`Sender::reduce`]. It has no
//! `Debug`, `Display`, `Clone` or `Serialize`.

use std::hash::{BuildHasher, RandomState};

use zeroize::Zeroize;

use super::{
    identity::{BrowserClass, Message, Precision},
    network::{ClientIp, Network},
};
use crate::enrich::{
    agent::{Agent, Agents, Verdict},
    geo::Geo,
};

/// Address, user agent and language of the request in flight. The first example is
/// the control that the others fail for the right reason.
///
/// ```
/// fn take<T>() {}
/// take::<collector::privacy::Sender>();
/// ```
/// ```compile_fail
/// fn take<T: std::fmt::Debug>() {}
/// take::<collector::privacy::Sender>();
/// ```
/// ```compile_fail
/// fn take<T: std::fmt::Display>() {}
/// take::<collector::privacy::Sender>();
/// ```
/// ```compile_fail
/// fn take<T: Clone>() {}
/// take::<collector::privacy::Sender>();
/// ```
/// ```compile_fail
/// fn take<T: serde::Serialize>() {}
/// take::<collector::privacy::Sender>();
/// ```
pub struct Sender {
    address: ClientIp,
    agent: String,
    language: [u8; 2],
}

/// What is left of a sender: coarse classes, and the message that the day's key
/// turns into a number.
pub struct Reduced {
    pub message: Message,
    pub agent: Agent,
    /// ISO 3166-1 alpha-2, `ZZ` unknown.
    pub country: [u8; 2],
    network: Network,
}

/// Gives networks the names by which the rate limits tell them apart: numbers under a
/// random key of this process, so that its memory lists no network.
pub struct NetworkNames(RandomState);

impl Default for NetworkNames {
    fn default() -> Self {
        NetworkNames::new()
    }
}

impl NetworkNames {
    pub fn new() -> NetworkNames {
        NetworkNames(RandomState::new())
    }

    /// The name of the sender's network on a site; none for a local network.
    pub fn name(&self, site_id: u32, sender: &Reduced) -> Option<u64> {
        (sender.network != Network::LOCAL).then(|| self.0.hash_one((site_id, sender.network)))
    }
}

/// The sender is a machine.
pub struct IsBot;

impl Sender {
    pub fn new(address: ClientIp, agent: String, accept_language: &str) -> Sender {
        Sender { address, agent, language: primary_language(accept_language) }
    }

    /// Forgets the sender. The geo look-up sees the truncated network.
    pub fn reduce(mut self, agents: &Agents, geo: &Geo, precision: Precision) -> Result<Reduced, IsBot> {
        #[cfg(feature = "leaky")]
        crate::leak::agent(&self.agent);
        let verdict = agents.read(&self.agent);
        self.agent.zeroize();
        let network = self.address.truncate(precision.prefix());
        let agent = match verdict {
            Verdict::Human(agent) => agent,
            Verdict::Bot(_) => return Err(IsBot),
        };
        let class = BrowserClass {
            browser: agent.browser.code(),
            os: agent.os.code(),
            device: agent.device as u8,
            major: agent.browser_major,
            language: self.language,
        };
        Ok(Reduced {
            message: Message::new(network, class, precision),
            country: network.first_address().map_or(*b"ZZ", |address| geo.country(address)),
            agent,
            network,
        })
    }
}

/// `ru-RU,ru;q=0.9,en;q=0.8` gives `ru`. Three-letter languages count as none: they
/// are rare enough to point at a person.
fn primary_language(accept_language: &str) -> [u8; 2] {
    let first = accept_language.split([',', ';', '-', '_']).next().unwrap_or_default().trim();
    match first.as_bytes() {
        [a, b] if a.is_ascii_alphabetic() && b.is_ascii_alphabetic() => {
            [a.to_ascii_lowercase(), b.to_ascii_lowercase()]
        }
        _ => [0, 0],
    }
}

/// What is left of somebody at `address`, whatever the browser.
#[cfg(test)]
pub(crate) fn reduced_for_test(address: ClientIp) -> Reduced {
    use store::event::DeviceClass;

    use crate::enrich::agent::{Browser, Os};

    let network = address.truncate(super::network::Prefix::Normal);
    let class = BrowserClass { browser: 1, os: 1, device: 1, major: 1, language: [0, 0] };
    Reduced {
        message: Message::new(network, class, Precision::Version),
        agent: Agent {
            browser: Browser::Other,
            browser_major: 1,
            os: Os::Other,
            device: DeviceClass::Desktop,
        },
        country: *b"ZZ",
        network,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_has_one_name_a_site_and_another_in_another_process() {
        let names = NetworkNames::new();
        let at = |address: &str| reduced_for_test(ClientIp::new(address.parse().expect("an address")));
        let office = at("203.0.113.7");
        assert_eq!(names.name(1, &office), names.name(1, &at("203.0.113.8")));
        assert_ne!(names.name(1, &office), names.name(1, &at("203.0.114.7")));
        assert_ne!(names.name(1, &office), names.name(2, &office));
        assert_ne!(names.name(1, &office), NetworkNames::new().name(1, &office));
        assert_eq!(names.name(1, &at("192.168.1.1")), None);
    }

    #[test]
    fn only_a_two_letter_primary_language_is_kept() {
        assert_eq!(primary_language("ru-RU,ru;q=0.9"), *b"ru");
        assert_eq!(primary_language("EN;q=0.8"), *b"en");
        assert_eq!(primary_language("sah-RU,ru"), [0, 0]);
        assert_eq!(primary_language("*"), [0, 0]);
        assert_eq!(primary_language(""), [0, 0]);
    }
}
