//! Takes the parameters of hits out of a request's body and query.

use std::collections::HashSet;

use url::form_urlencoded;

/// Hits of one `text/plain` batch, at most. Ours: the form is not documented at all.
pub const BATCH_HITS_MAX: usize = 1_000;

/// The parameters of one hit; where a key stands twice, the first counts.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Form {
    pairs: Vec<(String, String)>,
    /// A key stands in the body and in the query. The body's word counts.
    pub is_key_twice: bool,
}

impl Form {
    /// The value of `key`, unless it is missing or empty.
    pub fn get(&self, key: &str) -> Option<&str> {
        let pair = self.pairs.iter().find(|(name, _)| name == key);
        pair.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }
}

impl<const N: usize> From<[(&str, &str); N]> for Form {
    fn from(pairs: [(&str, &str); N]) -> Form {
        let pairs = pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
        Form { pairs, is_key_twice: false }
    }
}

/// The hits of a request; `None` for a body that is no form. A batch is one hit per line.
pub fn read(content_type: &str, body: &str, query: &str, is_batch_taken: bool) -> Option<Vec<Form>> {
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    match kind {
        _ if body.is_empty() => Some(vec![joined("", query)]),
        "" | "application/x-www-form-urlencoded" => Some(vec![joined(body, query)]),
        "text/plain" if is_batch_taken => {
            let lines = body.lines().filter(|line| !line.is_empty());
            let forms: Vec<Form> = lines.take(BATCH_HITS_MAX + 1).map(|line| joined(line, query)).collect();
            (forms.len() <= BATCH_HITS_MAX).then_some(forms)
        }
        _ => None,
    }
}

fn joined(body: &str, query: &str) -> Form {
    let pairs = |text: &str| -> Vec<(String, String)> {
        let parsed = form_urlencoded::parse(text.as_bytes());
        parsed.map(|(key, value)| (key.into_owned(), value.into_owned())).collect()
    };
    let (mut pairs, of_query) = (pairs(body), pairs(query));
    let of_body: HashSet<&String> = pairs.iter().map(|(key, _)| key).collect();
    let is_key_twice = of_query.iter().any(|(key, _)| of_body.contains(key));
    pairs.extend(of_query);
    Form { pairs, is_key_twice }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: &str = "application/x-www-form-urlencoded; charset=utf-8";

    #[test]
    fn the_bodys_word_counts_before_the_querys_and_it_is_noted() {
        let forms = read(FORM, "tid=1&ea=a%26b", "tid=2&ms=x", false).unwrap();
        assert_eq!((forms[0].get("tid"), forms[0].get("ms")), (Some("1"), Some("x")));
        assert_eq!(forms[0].get("ea"), Some("a&b"));
        assert!(forms[0].is_key_twice);
        assert!(!read(FORM, "tid=1", "ms=x", false).unwrap()[0].is_key_twice);
    }

    #[test]
    fn a_body_that_is_no_form_is_not_guessed_at() {
        assert_eq!(read("application/json", "{}", "", true), None);
        assert_eq!(read("text/plain", "tid=1", "", false), None);
        assert!(read("application/json", "", "tid=1", false).is_some());
    }

    #[test]
    fn a_batch_is_one_hit_per_line_with_the_query_common_to_all() {
        let forms = read("text/plain", "t=pageview\nt=event\n", "tid=7", true).unwrap();
        let kinds: Vec<_> = forms.iter().map(|form| (form.get("tid"), form.get("t"))).collect();
        assert_eq!(kinds, [(Some("7"), Some("pageview")), (Some("7"), Some("event"))]);
    }

    #[test]
    fn a_batch_has_a_limit() {
        assert!(read("text/plain", &"t=event\n".repeat(BATCH_HITS_MAX), "", true).is_some());
        assert!(read("text/plain", &"t=event\n".repeat(BATCH_HITS_MAX + 1), "", true).is_none());
    }
}
