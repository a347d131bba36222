//! Who may speak to the engine. The unix socket's mode is its lock; the TCP port
//! asks for a user and a password.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hyper::{HeaderMap, header::AUTHORIZATION};
use subtle::ConstantTimeEq;

use super::{
    exception::{Code, Exception},
    settings::Wishes,
};

/// The one user of the TCP port. No `Debug`: it holds a password.
pub(super) struct Credentials {
    pub(super) user: String,
    pub(super) password: String,
}

impl Credentials {
    /// Checks the request in the order of ClickHouse's server: its own headers, then
    /// Basic, then the URL.
    pub(super) fn check(&self, headers: &HeaderMap, wishes: &Wishes) -> Result<(), Exception> {
        let Some((user, password)) =
            own_headers(headers).or_else(|| basic(headers)).or_else(|| in_url(wishes))
        else {
            return Err(Exception::new(Code::RequiredPassword, "this port asks for a user and a password"));
        };
        // Both are compared whatever the first says, and in constant time, so that the
        // time taken tells nothing.
        let is_user = self.user.as_bytes().ct_eq(user.as_bytes());
        let is_password = self.password.as_bytes().ct_eq(password.as_bytes());
        if (is_user & is_password).into() {
            return Ok(());
        }
        Err(Exception::new(
            Code::AuthenticationFailed,
            "Authentication failed: password is incorrect, or there is no user with such name.",
        ))
    }
}

fn own_headers(headers: &HeaderMap) -> Option<(String, String)> {
    let read = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let user = read("x-clickhouse-user");
    let key = read("x-clickhouse-key");
    (user.is_some() || key.is_some()).then(|| (user.unwrap_or_default(), key.unwrap_or_default()))
}

fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let text = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = text.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (user, password) = decoded.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}

fn in_url(wishes: &Wishes) -> Option<(String, String)> {
    let user = wishes.user.clone()?;
    Some((user, wishes.password.clone().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use hyper::header::{HeaderName, HeaderValue};

    use super::*;

    fn check(headers: &[(&'static str, &str)], url: &str) -> Result<(), u32> {
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap()))
            .collect();
        let wishes = Wishes::read(url, &HeaderMap::new()).unwrap();
        Credentials { user: "reader".into(), password: "pa:ss".into() }
            .check(&headers, &wishes)
            .map_err(|exception| exception.code)
    }

    #[test]
    fn all_three_ways_of_the_server_are_taken() {
        assert_eq!(check(&[("authorization", "Basic cmVhZGVyOnBhOnNz")], ""), Ok(()));
        assert_eq!(check(&[("x-clickhouse-user", "reader"), ("x-clickhouse-key", "pa:ss")], ""), Ok(()));
        assert_eq!(check(&[], "user=reader&password=pa:ss"), Ok(()));
    }

    #[test]
    fn a_wrong_user_a_wrong_password_and_a_right_prefix_are_refused_alike() {
        for url in
            ["user=reader&password=pa:s", "user=reader", "user=default&password=pa:ss", "user=&password="]
        {
            assert_eq!(check(&[], url), Err(516), "{url}");
        }
    }

    #[test]
    fn without_credentials_the_client_is_asked_for_them() {
        assert_eq!(check(&[], ""), Err(194));
        assert_eq!(check(&[("authorization", "Bearer x")], ""), Err(194));
    }

    #[test]
    fn headers_go_before_the_url() {
        assert_eq!(check(&[("x-clickhouse-user", "x")], "user=reader&password=pa:ss"), Err(516));
    }
}
