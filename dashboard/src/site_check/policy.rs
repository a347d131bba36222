//! Whether a page's Content-Security-Policy lets our script in, and its events out.

use content_security_policy::{
    CheckResult, CspList, Destination, Initiator, ParserMetadata, PolicyDisposition, PolicySource, Request,
};
use url::Url;

use super::page::Ways;

/// What the page's policies lack, as it would be written there, such as
/// `script-src https://stats.example.ru`.
pub fn missing(headers: &[String], metas: &[String], page: &Url, ways: &Ways) -> Vec<String> {
    let mut policies = CspList(Vec::new());
    for (texts, source) in [(headers, PolicySource::Header), (metas, PolicySource::Meta)] {
        for text in texts {
            policies.append(CspList::parse(text, source, PolicyDisposition::Enforce));
        }
    }
    // The script comes by a tag of the page, events by `fetch`.
    let asks = [
        ("script-src", &ways.script, Destination::Script, ParserMetadata::ParserInserted),
        ("connect-src", &ways.events, Destination::None, ParserMetadata::None),
    ];
    let blocked = asks.into_iter().filter(|(_, url, destination, parser_metadata)| {
        let request = Request {
            url: (*url).clone(),
            current_url: (*url).clone(),
            origin: page.origin(),
            redirect_count: 0,
            destination: *destination,
            initiator: Initiator::None,
            nonce: ways.nonce.clone(),
            integrity_metadata: String::new(),
            parser_metadata: *parser_metadata,
        };
        policies.should_request_be_blocked(&request).0 == CheckResult::Blocked
    });
    blocked
        .map(|(directive, url, ..)| format!("{directive} {}", url.origin().ascii_serialization()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCRIPT: &str = "script-src https://stats.example.ru";
    const EVENTS: &str = "connect-src https://stats.example.ru";

    fn missing_in(policy: &str, nonce: &str) -> Vec<String> {
        let url = |text| Url::parse(text).unwrap();
        let ways = Ways {
            script: url("https://stats.example.ru/i.js"),
            events: url("https://stats.example.ru/api/event"),
            nonce: nonce.into(),
        };
        missing(&[policy.to_owned()], &[], &url("https://example.ru/"), &ways)
    }

    #[test]
    fn a_page_without_a_policy_lets_everything_through() {
        assert!(missing_in("", "").is_empty());
        assert!(missing_in("img-src 'none'; upgrade-insecure-requests", "").is_empty());
    }

    #[test]
    fn each_way_has_its_directive_and_falls_back_to_the_default() {
        assert_eq!(missing_in("default-src 'self'", ""), [SCRIPT, EVENTS]);
        assert_eq!(
            missing_in("script-src 'self' https://stats.example.ru; connect-src 'self'", ""),
            [EVENTS]
        );
        assert_eq!(missing_in("default-src 'none'; connect-src https:", ""), [SCRIPT]);
        assert!(missing_in("default-src 'self' *.example.ru", "").is_empty());
        assert!(missing_in("default-src 'self' stats.example.ru", "").is_empty());
        assert_eq!(missing_in("default-src 'self' http://other.ru", ""), [SCRIPT, EVENTS]);
        assert_eq!(missing_in("script-src https://stats.example.ru/other.js", ""), [SCRIPT]);
    }

    #[test]
    fn every_one_of_several_policies_must_allow_it() {
        assert_eq!(missing_in("script-src https:, script-src 'self'", ""), [SCRIPT]);
    }

    #[test]
    fn a_nonce_lets_the_script_in_and_a_list_is_ignored_beside_strict_dynamic() {
        assert!(missing_in("script-src 'nonce-abc'", "abc").is_empty());
        assert_eq!(missing_in("script-src 'nonce-abc'", ""), [SCRIPT]);
        assert_eq!(
            missing_in("script-src 'strict-dynamic' 'nonce-abc' https://stats.example.ru", ""),
            [SCRIPT]
        );
    }
}
