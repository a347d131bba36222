//! Reads `multipart/form-data` (RFC 7578) as ClickHouse's clients send it: a few
//! named text parts, no files. The `clickhouse` crate binds parameters this way.

use super::exception::{Code, Exception};

/// The boundary, if `content_type` announces a form.
pub(super) fn boundary(content_type: &str) -> Option<String> {
    let (kind, rest) = content_type.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    rest.split(';').find_map(|attribute| {
        let (name, value) = attribute.split_once('=')?;
        name.trim().eq_ignore_ascii_case("boundary").then(|| value.trim().trim_matches('"').to_owned())
    })
}

/// The named values of a form.
pub(super) fn parts(body: &[u8], boundary: &str) -> Result<Vec<(String, String)>, Exception> {
    let malformed =
        |what: &str| Exception::new(Code::BadArguments, format!("the multipart form is malformed: {what}"));
    let text = std::str::from_utf8(body).map_err(|_| malformed("it is not UTF-8"))?;
    // A line end belongs to the delimiter that follows it, so the first gets one too.
    let delimiter = format!("\r\n--{boundary}");
    let text = format!("\r\n{text}");
    let mut pieces = text.split(&delimiter);
    pieces.next();
    let mut found = Vec::new();
    for piece in pieces {
        if piece.starts_with("--") {
            return Ok(found);
        }
        let (head, value) = piece.split_once("\r\n\r\n").ok_or_else(|| malformed("a part has no headers"))?;
        let name = name_of(head).ok_or_else(|| malformed("a part has no name"))?;
        found.push((name, value.to_owned()));
    }
    Err(malformed("its end is missing"))
}

fn name_of(head: &str) -> Option<String> {
    let disposition = head.split("\r\n").find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.trim().eq_ignore_ascii_case("content-disposition").then_some(value)
    })?;
    let (_, rest) = disposition.split_once("name=\"")?;
    // Browsers and our clients write a quote in a name as %22 (WHATWG).
    Some(rest.split_once('"')?.0.replace("%22", "\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: &str = "--b\r\nContent-Disposition: form-data; name=\"query\"\r\n\r\nSELECT {a:String}\r\n--b\r\n\
                        Content-Disposition: form-data; name=\"param_a\"\r\n\r\nx\r\n\r\ny--b\r\n--b--\r\n";

    #[test]
    fn parts_are_found_with_line_ends_and_dashes_inside() {
        let expected = [("query", "SELECT {a:String}"), ("param_a", "x\r\n\r\ny--b")];
        let expected: Vec<_> = expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        assert_eq!(parts(FORM.as_bytes(), "b").unwrap(), expected);
    }

    #[test]
    fn a_form_cut_short_is_refused() {
        assert!(parts(&FORM.as_bytes()[..FORM.len() - 6], "b").is_err());
        assert!(parts(b"", "b").is_err());
    }

    #[test]
    fn the_boundary_is_read_with_and_without_quotes() {
        assert_eq!(boundary("multipart/form-data; boundary=abc").as_deref(), Some("abc"));
        assert_eq!(boundary("Multipart/Form-Data; charset=utf-8; boundary=\"a b\"").as_deref(), Some("a b"));
        assert_eq!(boundary("application/x-www-form-urlencoded"), None);
    }
}
