//! `/.well-known/gpc.json` (W3C Global Privacy Control) and `/.well-known/security.txt`
//! (RFC 9116).

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// The day on which what we do with the signal last changed.
const GPC_LAST_UPDATE: &str = "2026-11-25";

/// How long a reader may rely on the security contact, counted from when it is asked
/// for; RFC 9116 advises less than a year.
const CONTACT_GOOD_FOR: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Longest contact taken, in bytes: what an address may have, and a scheme.
const CONTACT_BYTES_MAX: usize = 320;

/// Where the owner can be reached: a `mailto:` or `https:` address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact(String);

impl Contact {
    /// One line of printable ASCII, so that it can add no further line to a file.
    pub fn parse(text: &str) -> Option<Contact> {
        let named = ["mailto:", "https://"]
            .iter()
            .any(|scheme| text.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty()));
        let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>\"'`\\".contains(&byte));
        (named && is_plain && text.len() <= CONTACT_BYTES_MAX).then(|| Contact(text.to_owned()))
    }

    /// Safe inside an HTML attribute once `&` is escaped.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

pub fn gpc() -> Value {
    json!({"gpc": true, "lastUpdate": GPC_LAST_UPDATE})
}

pub fn security_txt(contact: &Contact, now: Timestamp) -> String {
    let expires = (now + CONTACT_GOOD_FOR).strftime("%Y-%m-%dT%H:%M:%SZ");
    format!("Contact: {}\nExpires: {expires}\nPreferred-Languages: ru, en\n", contact.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contact_is_one_line_with_a_scheme() {
        for good in ["mailto:owner@example.ru", "https://example.ru/contact?a=1&b=2"] {
            assert_eq!(Contact::parse(good).unwrap().as_str(), good);
        }
        let long = format!("https://{}", "a".repeat(CONTACT_BYTES_MAX));
        for bad in [
            "",
            "mailto:",
            "owner@example.ru",
            "http://example.ru",
            "mailto:a\nExpires: x",
            "https://a\"b",
            &long,
        ] {
            assert!(Contact::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn the_contact_expires_later_but_within_a_year() {
        let contact = Contact::parse("mailto:owner@example.ru").unwrap();
        let text = security_txt(&contact, "2026-11-25T10:00:00.5Z".parse().unwrap());
        assert_eq!(
            text,
            "Contact: mailto:owner@example.ru\nExpires: 2027-02-23T10:00:00Z\nPreferred-Languages: ru, en\n"
        );
    }
}
