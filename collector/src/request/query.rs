//! An event in a query: what an image can carry where a page's policy forbids `fetch`.

use std::borrow::Cow;

use bytes::Bytes;

use crate::refusal::Refusal;

/// Longest query read, in bytes: half of a head (`HEAD_BYTES_MAX`), and what nginx takes
/// for a request line unless told otherwise.
pub const QUERY_BYTES_MAX: usize = 8 * 1024;

/// The value of `j`, the JSON that a body would hold.
pub fn event(query: Option<&str>) -> Result<Bytes, Refusal> {
    let query = query.unwrap_or_default();
    if query.len() > QUERY_BYTES_MAX {
        return Err(Refusal::BodyTooLarge);
    }
    let value = query.split('&').find_map(|pair| pair.strip_prefix("j=")).ok_or(Refusal::NotJson)?;
    let bytes = match Cow::from(percent_encoding::percent_decode_str(value)) {
        Cow::Borrowed(bytes) => bytes.to_vec(),
        Cow::Owned(bytes) => bytes,
    };
    Ok(Bytes::from(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_event_is_what_encode_uri_component_made_of_it() {
        assert_eq!(event(Some("j=%7B%22n%22%3A%22a%26b+c%22%7D&t=1")).unwrap(), r#"{"n":"a&b+c"}"#);
        assert_eq!(event(Some("t=1&j=%D1%8F")).unwrap(), "я");
    }

    #[test]
    fn no_event_is_no_json() {
        for query in [None, Some(""), Some("json={}")] {
            assert_eq!(event(query), Err(Refusal::NotJson));
        }
    }

    #[test]
    fn a_query_has_a_limit() {
        let query = |bytes: usize| format!("j={}", "x".repeat(bytes - 2));
        assert_eq!(event(Some(&query(QUERY_BYTES_MAX))).unwrap().len(), QUERY_BYTES_MAX - 2);
        assert_eq!(event(Some(&query(QUERY_BYTES_MAX + 1))), Err(Refusal::BodyTooLarge));
    }
}
