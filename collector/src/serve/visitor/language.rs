//! Which of our two languages a visitor reads.

use hyper::{HeaderMap, header::ACCEPT_LANGUAGE};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    Russian,
    English,
}

impl Language {
    /// `?lang=` if it names one of ours, else what the browser likes best, else English.
    pub fn of(query: Option<&str>, request: &HeaderMap) -> Language {
        let asked = query.unwrap_or_default().split('&').find_map(|pair| pair.strip_prefix("lang="));
        let accepted = || request.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        asked
            .and_then(Language::named)
            .or_else(|| best(accepted().unwrap_or_default()))
            .unwrap_or(Language::English)
    }

    pub fn tag(self) -> &'static str {
        match self {
            Language::Russian => "ru",
            Language::English => "en",
        }
    }

    /// By a tag such as `ru` or `en-GB`.
    fn named(tag: &str) -> Option<Language> {
        match tag.split('-').next().unwrap_or_default().to_ascii_lowercase().as_str() {
            "ru" => Some(Language::Russian),
            "en" => Some(Language::English),
            _ => None,
        }
    }
}

/// The language with the greatest weight, the first of equals; 0 means "not this one"
/// (RFC 9110, section 12.5.4).
fn best(accepted: &str) -> Option<Language> {
    let mut best: Option<(f32, Language)> = None;
    for one in accepted.split(',') {
        let mut parts = one.split(';').map(str::trim);
        let Some(language) = parts.next().and_then(Language::named) else { continue };
        let weight =
            parts.find_map(|part| part.strip_prefix("q=")).map_or(Some(1.0), |weight| weight.parse().ok());
        let Some(weight) = weight.filter(|&weight| weight > 0.0) else { continue };
        if best.is_none_or(|(greatest, _)| weight > greatest) {
            best = Some((weight, language));
        }
    }
    best.map(|(_, language)| language)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(query: Option<&str>, accepted: &'static str, expected: Language) {
        let mut request = HeaderMap::new();
        request.insert(ACCEPT_LANGUAGE, accepted.parse().unwrap());
        assert_eq!(Language::of(query, &request), expected, "{query:?} {accepted}");
    }

    #[test]
    fn the_browsers_favourite_of_our_languages_is_taken() {
        check(None, "ru-RU,ru;q=0.9,en;q=0.8", Language::Russian);
        check(None, "de, en;q=0.5, ru;q=0.7", Language::Russian);
        check(None, "de,en-GB;q=0.9", Language::English);
        check(None, "ru;q=0, *", Language::English);
        check(None, "ru;q=nonsense", Language::English);
        check(None, "", Language::English);
    }

    #[test]
    fn the_address_beats_the_browser_if_it_names_one_of_ours() {
        check(Some("lang=ru"), "en", Language::Russian);
        check(Some("a=b&lang=en"), "ru", Language::English);
        check(Some("lang=xx"), "ru", Language::Russian);
    }
}
