//! What stands on a page, of what matters to us: our script, and policies in the page itself.

use html5gum::{DefaultEmitter, StartTag, Token, Tokenizer};
use url::Url;

use crate::control::sites::Site;

/// What was seen of a page.
#[derive(Debug, Default)]
pub struct Seen {
    scripts: Vec<Tag>,
    /// Of `<meta http-equiv="Content-Security-Policy">`.
    pub policies: Vec<String>,
}

#[derive(Debug, Default)]
struct Tag {
    src: Option<String>,
    domain: Option<String>,
    api: Option<String>,
    nonce: String,
    /// What stands between its ends.
    text: String,
}

/// How our script is on the page.
#[derive(Debug, PartialEq, Eq)]
pub enum Script {
    Tag(Ways),
    /// Another script names it, and may put it there.
    Named,
    /// Only with the domain of another site.
    OfAnother(String),
    Missing,
}

/// Where the browser goes for us.
#[derive(Debug, PartialEq, Eq)]
pub struct Ways {
    pub script: Url,
    pub events: Url,
    pub nonce: String,
}

impl Script {
    pub fn found(&self) -> Vec<String> {
        match self {
            Script::Tag(_) | Script::Named => vec![],
            Script::OfAnother(domain) => vec!["of_another".to_owned(), domain.clone()],
            Script::Missing => vec!["missing".to_owned()],
        }
    }
}

impl Ways {
    /// As the set-up's own tag has them.
    pub fn of(collector: &Url) -> Option<Ways> {
        let (script, events) = (collector.join("i.js").ok()?, collector.join("api/event").ok()?);
        Some(Ways { script, events, nonce: String::new() })
    }
}

/// Reads a page to its end, however broken it is.
pub fn read(html: &[u8]) -> Seen {
    let mut seen = Seen::default();
    let mut inside = None;
    // As browsers do: what stands in a script is no tag.
    let mut emitter = DefaultEmitter::<()>::default();
    emitter.naively_switch_states(true);
    for Ok(token) in Tokenizer::new_with_emitter(html, emitter) {
        match token {
            Token::StartTag(tag) if **tag.name == *b"script" => {
                inside = Some(seen.scripts.len());
                seen.scripts.push(Tag {
                    src: text(&tag, b"src"),
                    domain: text(&tag, b"data-domain"),
                    api: text(&tag, b"data-api"),
                    nonce: text(&tag, b"nonce").unwrap_or_default(),
                    text: String::new(),
                });
            }
            Token::StartTag(tag) if **tag.name == *b"meta" => {
                let kind = text(&tag, b"http-equiv").unwrap_or_default();
                if kind.eq_ignore_ascii_case("content-security-policy") {
                    seen.policies.extend(text(&tag, b"content"));
                }
            }
            Token::String(string) => {
                if let Some(script) = inside.and_then(|at: usize| seen.scripts.get_mut(at)) {
                    script.text.push_str(&String::from_utf8_lossy(&string));
                }
            }
            Token::EndTag(tag) if **tag.name == *b"script" => inside = None,
            Token::StartTag(_)
            | Token::EndTag(_)
            | Token::Comment(_)
            | Token::Doctype(_)
            | Token::Error(_) => {}
        }
    }
    seen
}

fn text(tag: &StartTag<()>, name: &[u8]) -> Option<String> {
    tag.attributes.get(name).map(|value| String::from_utf8_lossy(&value.value).trim().to_owned())
}

impl Seen {
    /// Ours is what comes from the collector, or says a domain and comes from the site itself:
    /// others have an attribute of that name too.
    pub fn script(
        &self,
        page: &Url,
        site: &Site,
        collector: &Url,
        is_of_site: impl Fn(&str) -> bool,
    ) -> Script {
        let home = collector.as_str();
        let mut of_another = None;
        let mut unnamed = None;
        for tag in &self.scripts {
            let Some(src) = tag.src.as_deref().and_then(|src| page.join(src).ok()) else { continue };
            let is_from_home = src.as_str().starts_with(home);
            let is_proxied = tag.domain.is_some() && src.host_str().is_some_and(&is_of_site);
            if !is_from_home && !is_proxied {
                continue;
            }
            let Some(events) = events_of(tag, page, &src) else { continue };
            let ways = Ways { script: src, events, nonce: tag.nonce.clone() };
            match &tag.domain {
                Some(domain) if domain.eq_ignore_ascii_case(&site.domain) => return Script::Tag(ways),
                Some(domain) => of_another = Some(domain.clone()),
                // It may get its domain from `init`, if it is not one of the add-ons.
                None if ways.script.path().ends_with("/i.js") => unnamed = Some(ways),
                None => {}
            }
        }
        let is_named = || self.scripts.iter().any(|tag| tag.text.contains(home));
        match (unnamed, of_another) {
            (Some(ways), _) => Script::Tag(ways),
            (None, _) if is_named() => Script::Named,
            (None, Some(domain)) => Script::OfAnother(domain),
            (None, None) => Script::Missing,
        }
    }
}

/// Where that tag sends events: where it says, or beside the script.
fn events_of(tag: &Tag, page: &Url, src: &Url) -> Option<Url> {
    match &tag.api {
        Some(api) => page.join(api).ok(),
        None => src.join("/api/event").ok(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::control::goals::Goals;

    fn script(html: &str) -> Script {
        let site = Site {
            id: 1,
            uuid: String::new(),
            domain: "example.ru".into(),
            time_zone: "UTC".into(),
            hosts: vec![],
            props: vec![],
            created_at: 0,
            goals: Goals::default(),
        };
        let page = Url::parse("https://example.ru/a/b").unwrap();
        let collector = Url::parse("https://stats.example.ru").unwrap();
        let is_of_site = |host: &str| host.ends_with("example.ru");
        read(html.as_bytes()).script(&page, &site, &collector, is_of_site)
    }

    fn tag(script: &str, events: &str, nonce: &str) -> Script {
        let url = |text| Url::parse(text).unwrap();
        Script::Tag(Ways { script: url(script), events: url(events), nonce: nonce.into() })
    }

    #[test]
    fn the_tag_is_found_as_browsers_find_it() {
        let ours = tag("https://stats.example.ru/i.js", "https://stats.example.ru/api/event", "");
        for html in [
            r#"<script defer src="https://stats.example.ru/i.js" data-domain="example.ru"></script>"#,
            "<!doctype html><p>1 < 2<SCRIPT SRC=https://stats.example.ru/i.js\nDATA-DOMAIN=Example.RU>",
            r#"<script>var a = "<script>";</script><script src="//stats.example.ru/i.js" data-domain=example.ru>"#,
            r#"<script src="https://stats.example.ru/i.js"></script>"#,
        ] {
            assert_eq!(script(html), ours, "{html}");
        }
    }

    #[test]
    fn a_proxied_script_and_its_settings_are_read() {
        let html = r#"<script src="/m/s.js" data-domain="example.ru" data-api="/m/e" nonce="abc"></script>"#;
        assert_eq!(script(html), tag("https://example.ru/m/s.js", "https://example.ru/m/e", "abc"));
    }

    #[test]
    fn what_is_no_script_of_ours_is_not_taken_for_one() {
        for html in [
            "",
            r#"<!-- <script src="https://stats.example.ru/i.js" data-domain="example.ru"></script> -->"#,
            r#"<script src="https://plausible.io/js/script.js" data-domain="example.ru"></script>"#,
            r#"<textarea><script src="https://stats.example.ru/i.js"></script></textarea>"#,
            r#"<script src="https://stats.example.ru/goal.js"></script>"#,
            r#"<a href="https://stats.example.ru/">statistics</a>"#,
        ] {
            assert_eq!(script(html), Script::Missing, "{html}");
        }
        let html = r#"<script src="https://stats.example.ru/i.js" data-domain="other.ru"></script>"#;
        assert_eq!(script(html), Script::OfAnother("other.ru".into()));
    }

    #[test]
    fn a_script_that_puts_ours_there_counts() {
        let html = r#"<script>s.src = 'https://stats.example.ru/i.js';</script>"#;
        assert_eq!(script(html), Script::Named);
    }

    #[test]
    fn policies_of_the_page_itself_are_read() {
        let html = r#"<meta http-equiv="content-security-policy" content="default-src 'self'"><meta name=a content=b>"#;
        assert_eq!(read(html.as_bytes()).policies, ["default-src 'self'"]);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_to_their_end(html in proptest::collection::vec(any::<u8>(), 0..500)) {
            read(&html);
        }
    }
}
