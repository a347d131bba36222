//! The marks: one for each thing that must not stay, and a word that may.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// Letters and digits of a random mark: 24 of 36, more than any text holds by chance.
const MARK_CHARS: usize = 24;

pub struct Canary {
    pub domain: String,
    /// Of a network for documentation (RFC 5737).
    pub v4: [u8; 4],
    /// Of the network for documentation (RFC 3849).
    pub v6: [u16; 8],
    pub agent_mark: String,
    pub header_mark: String,
    pub query_mark: String,
    pub fragment_mark: String,
    pub title_mark: String,
    pub property_mark: String,
    pub email: String,
    pub phone: String,
    pub jwt: String,
    /// Stands in the path and is kept.
    pub control: String,
}

impl Canary {
    pub fn new(domain: &str) -> anyhow::Result<Canary> {
        let net = [[192, 0, 2], [198, 51, 100], [203, 0, 113]][usize::from(random::<1>()?[0]) % 3];
        let groups = random::<12>()?;
        let mut v6 = [0x2001, 0xdb8, 0, 0, 0, 0, 0, 0];
        for (group, pair) in v6[2..].iter_mut().zip(groups.chunks(2)) {
            *group = u16::from_be_bytes([pair[0], pair[1]]) | 0x1000;
        }
        let claims = format!("{{\"sub\":\"{}\"}}", mark()?);
        Ok(Canary {
            domain: domain.to_owned(),
            v4: [net[0], net[1], net[2], random::<1>()?[0].clamp(1, 254)],
            v6,
            agent_mark: mark()?,
            header_mark: mark()?,
            query_mark: mark()?,
            fragment_mark: mark()?,
            title_mark: mark()?,
            property_mark: mark()?,
            email: format!("{}@{}.example", &mark()?[..10], &mark()?[..8]),
            phone: format!("+7999{:07}", u32::from_le_bytes(random::<4>()?) % 10_000_000),
            jwt: format!(
                "{}.{}.{}",
                URL_SAFE_NO_PAD.encode("{\"alg\":\"HS256\"}"),
                URL_SAFE_NO_PAD.encode(claims),
                URL_SAFE_NO_PAD.encode(random::<32>()?)
            ),
            control: word()?,
        })
    }

    /// Everything that must not be found, as text, by name.
    pub fn marks(&self) -> Vec<(&'static str, String)> {
        vec![
            ("IPv4 address", self.v4_text()),
            ("IPv6 address", self.v6_text()),
            ("user agent", self.agent_mark.clone()),
            ("header", self.header_mark.clone()),
            ("query", self.query_mark.clone()),
            ("fragment", self.fragment_mark.clone()),
            ("title", self.title_mark.clone()),
            ("property", self.property_mark.clone()),
            ("e-mail", self.email.clone()),
            ("phone", self.phone.clone()),
            // Its first part stands in every JWT.
            ("token", self.jwt.split_once('.').map_or_else(String::new, |parts| parts.1.to_owned())),
        ]
    }

    pub fn v4_text(&self) -> String {
        std::net::Ipv4Addr::from(self.v4).to_string()
    }

    pub fn v6_text(&self) -> String {
        std::net::Ipv6Addr::from(self.v6).to_string()
    }

    /// A browser's, so that it is counted.
    pub fn agent(&self) -> String {
        format!(
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64; {}) AppleWebKit/537.36 (KHTML, like Gecko) \
             Chrome/138.0.0.0 Safari/537.36",
            self.agent_mark
        )
    }
}

fn random<const N: usize>() -> anyhow::Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("no random bytes: {error}"))?;
    Ok(bytes)
}

fn mark() -> anyhow::Result<String> {
    const LETTERS: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    let bytes = random::<MARK_CHARS>()?;
    Ok(bytes.iter().map(|&byte| char::from(LETTERS[usize::from(byte) % LETTERS.len()])).collect())
}

/// Twelve letters in pairs of consonant and vowel: like a word, and never like a token.
fn word() -> anyhow::Result<String> {
    let letters = random::<12>()?;
    let pick = |set: &[u8], byte: u8| char::from(set[usize::from(byte) % set.len()]);
    Ok(letters
        .chunks(2)
        .flat_map(|pair| [pick(b"bdfgklmnprstvz", pair[0]), pick(b"aeiou", pair[1])])
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_canaries_share_no_mark() {
        let [one, two] = [(); 2].map(|()| Canary::new("example.test").unwrap());
        for ((name, first), (_, second)) in one.marks().into_iter().zip(two.marks()).skip(1) {
            assert_ne!(first, second, "{name}");
        }
        assert_ne!(one.control, two.control);
    }
}
