//! Counting from a server: a site's own server tells whom it has served, and proves
//! itself with the installation's token.
//!
//! Without the token the headers named here are not looked at: anybody could claim any
//! address. With it they are all that is looked at: the peer is the server, not a visitor.

use std::net::IpAddr;

use hyper::{
    HeaderMap,
    header::{AUTHORIZATION, HeaderName},
};

use crate::refusal::Refusal;

/// Fewest characters of a token the owner wrote: 128 bits in hexadecimal.
pub const TOKEN_CHARS_MIN: usize = 32;

pub const X_VISITOR_ADDRESS: HeaderName = HeaderName::from_static("x-visitor-address");
pub const X_VISITOR_AGENT: HeaderName = HeaderName::from_static("x-visitor-agent");
pub const X_VISITOR_LANGUAGE: HeaderName = HeaderName::from_static("x-visitor-language");

/// What a server proves itself with, kept as its hash. No `Debug`, no `Display`.
pub struct ServerToken(blake3::Hash);

impl ServerToken {
    /// `None`: too short to be a secret.
    pub fn new(token: &str) -> Option<ServerToken> {
        (token.len() >= TOKEN_CHARS_MIN).then(|| ServerToken(blake3::hash(token.as_bytes())))
    }

    /// Hashes are compared in constant time (`blake3::Hash` promises it), and tell
    /// nothing of how far a guess was right.
    fn is(&self, presented: &[u8]) -> bool {
        self.0 == blake3::hash(presented)
    }
}

/// Whether the request speaks for a visitor. A token that is not ours is refused: counted
/// as a browser's, all of the server's visitors would be one.
pub fn is_trusted(token: Option<&ServerToken>, headers: &HeaderMap) -> Result<bool, Refusal> {
    let Some(presented) = headers.get(AUTHORIZATION).and_then(|value| bearer(value.as_bytes())) else {
        return Ok(false);
    };
    match token {
        Some(token) if token.is(presented) => Ok(true),
        _ => Err(Refusal::WrongToken),
    }
}

/// The visitor's address, which a server must give.
pub fn visitor_address(headers: &HeaderMap) -> Result<IpAddr, Refusal> {
    headers
        .get(X_VISITOR_ADDRESS)
        .and_then(|value| value.to_str().ok()?.trim().parse().ok())
        .ok_or(Refusal::NoVisitorAddress)
}

/// What follows `Bearer `, in any case of letters (RFC 9110, 11.1). Other schemes are
/// those of a site behind a password, whose browsers send them unasked.
fn bearer(value: &[u8]) -> Option<&[u8]> {
    let (scheme, token) = value.split_at_checked("Bearer ".len())?;
    scheme.eq_ignore_ascii_case(b"Bearer ").then(|| token.trim_ascii())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "0123456789abcdef0123456789abcdef";

    fn check(authorization: &'static str, expected: Result<bool, Refusal>) {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, authorization.parse().unwrap());
        assert_eq!(is_trusted(ServerToken::new(TOKEN).as_ref(), &headers), expected, "{authorization:?}");
    }

    #[test]
    fn only_the_whole_token_is_trusted() {
        check("Bearer 0123456789abcdef0123456789abcdef", Ok(true));
        check("bearer  0123456789abcdef0123456789abcdef ", Ok(true));
        check("Bearer 0123456789abcdef0123456789abcde", Err(Refusal::WrongToken));
        check("Bearer 0123456789abcdef0123456789abcdef0", Err(Refusal::WrongToken));
        check("Bearer ", Err(Refusal::WrongToken));
    }

    #[test]
    fn a_site_behind_a_password_is_still_visited_by_browsers() {
        check("Basic bWU6c2VjcmV0", Ok(false));
        assert_eq!(is_trusted(ServerToken::new(TOKEN).as_ref(), &HeaderMap::new()), Ok(false));
    }

    #[test]
    fn without_a_token_of_ours_none_is_right() {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, format!("Bearer {TOKEN}").parse().unwrap());
        assert_eq!(is_trusted(None, &headers), Err(Refusal::WrongToken));
        assert!(ServerToken::new(&TOKEN[1..]).is_none(), "31 characters");
    }

    #[test]
    fn a_server_must_say_whom_it_has_served() {
        let mut headers = HeaderMap::new();
        assert_eq!(visitor_address(&headers), Err(Refusal::NoVisitorAddress));
        headers.insert(X_VISITOR_ADDRESS, "203.0.113.7, 10.0.0.1".parse().unwrap());
        assert_eq!(visitor_address(&headers), Err(Refusal::NoVisitorAddress));
        headers.insert(X_VISITOR_ADDRESS, "2001:db8::7".parse().unwrap());
        assert_eq!(visitor_address(&headers), Ok("2001:db8::7".parse().unwrap()));
    }
}
