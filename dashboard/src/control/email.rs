//! The e-mail address an owner signs in with.

/// Longest address, in bytes: RFC 5321 section 4.5.3.1.3 less its brackets.
const EMAIL_BYTES_MAX: usize = 254;

/// A trimmed, lower-case address with something on both sides of one `@`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    /// `None` when it cannot be an address. Whether mail arrives there is not our
    /// concern: it is a name to sign in by.
    pub fn parse(text: &str) -> Option<Email> {
        let text = text.trim().to_lowercase();
        let (user, host) = text.split_once('@')?;
        let whole = !user.is_empty() && !host.is_empty() && !host.contains('@');
        let plain = !text.chars().any(|letter| letter.is_whitespace() || letter.is_control());
        (whole && plain && text.len() <= EMAIL_BYTES_MAX).then_some(Email(text))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_surrounding_space_do_not_matter() {
        assert_eq!(Email::parse(" Owner@Example.RU "), Email::parse("owner@example.ru"));
    }

    #[test]
    fn what_cannot_be_an_address_is_refused() {
        for text in ["", "owner", "@example.ru", "owner@", "a@b@c", "a b@c", "a\u{7}@b", &"a".repeat(255)] {
            assert_eq!(Email::parse(text), None, "{text:?}");
        }
    }
}
