//! The page for people: plain HTML that reads in order, with a table that has headings.

use std::fmt::Write as _;

use super::{
    DISCLOSURE_PATH, STYLE_PATH, Visitor,
    forwarded::Forwarded,
    language::Language,
    stored::MATTERS,
    words::{self, Said},
};
use crate::{privacy::Precision, request::Signals};

pub fn html(facts: &Visitor, language: Language, signals: Signals, forwarded: Option<&Forwarded>) -> String {
    let say = |said: Said| said.in_language(language);
    let title = say(words::TITLE);
    let mut body =
        format!("<h1>{title}</h1>\n<p>{}</p>\n<p>{}</p>\n", say(words::INTRO), say(words::GENERATED));
    if facts.facts.profile.has_numbers() {
        section(&mut body, say(words::NUMBER), &list(&number(facts.precision, language)));
    } else {
        section(&mut body, say(words::NUMBER), &paragraphs(&[say(words::NO_NUMBER)]));
    }
    section(
        &mut body,
        say(words::STORED),
        &format!("{}<p>{}</p>\n", table(facts, language), say(words::COUNTS)),
    );
    let never: Vec<String> = words::NEVER_LIST.iter().map(|&said| say(said).to_owned()).collect();
    section(&mut body, say(words::NEVER), &list(&never));
    section(
        &mut body,
        say(words::HOW_LONG),
        &paragraphs(&[say(words::OPEN_KEPT), &closed_kept(facts, language)]),
    );
    let who = match forwarded {
        None => paragraphs(&[say(words::NOBODY_ELSE)]),
        Some(forwarded) => paragraphs(&[say(words::OWNERS), &forwarded.text(language)]),
    };
    section(&mut body, say(words::WHO), &who);
    let seen = if signals.refusal().is_some() { words::SIGNAL_SEEN } else { words::SIGNAL_NOT_SEEN };
    section(&mut body, say(words::REFUSE), &paragraphs(&[say(words::SIGNALS), say(seen)]));
    let limits: Vec<String> = words::LIMITS_LIST.iter().map(|&said| say(said).to_owned()).collect();
    section(&mut body, say(words::LIMITS), &list(&limits));
    let own = format!("<a href=\"/privacy/me?lang={}\">{}</a>", language.tag(), say(words::OWN));
    let contact = match &facts.contact {
        Some(contact) => {
            format!("<a href=\"{}\">{}</a>", escaped(contact.as_str()), say(words::CONTACT))
        }
        None => say(words::NO_CONTACT).to_owned(),
    };
    section(
        &mut body,
        say(words::RIGHTS),
        &paragraphs(&[say(words::TODAY), &own, say(words::CANNOT_FIND), &contact]),
    );
    framed(&Frame { language, title, body: &body, path: "/privacy", further: "" })
}

/// What stands around every page.
pub struct Frame<'a> {
    pub language: Language,
    pub title: &'a str,
    pub body: &'a str,
    /// Where the same page is in the other language.
    pub path: &'a str,
    /// Further parameters of it, escaped: `&amp;site=example.ru`.
    pub further: &'a str,
}

pub fn framed(frame: &Frame<'_>) -> String {
    let Frame { language, title, body, path, further } = *frame;
    let say = |said: Said| said.in_language(language);
    format!(
        "<!doctype html>\n<html lang=\"{tag}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}</title>\n\
         <link rel=\"stylesheet\" href=\"{STYLE_PATH}\">\n</head>\n<body>\n\
         <header><nav>{other}</nav></header>\n<main>\n{body}</main>\n\
         <footer><p><a href=\"/privacy?lang={tag}\">{about}</a> · <a href=\"{DISCLOSURE_PATH}\">{machines}</a> · Mostik {version}</p></footer>\n\
         </body>\n</html>\n",
        tag = language.tag(),
        other = other_language(language, path, further),
        about = say(words::TITLE),
        machines = say(words::MACHINES),
        version = env!("CARGO_PKG_VERSION"),
    )
}

/// How long closed days are kept, by the setting.
fn closed_kept(facts: &Visitor, language: Language) -> String {
    words::CLOSED_KEPT.in_language(language).replace("{months}", &facts.facts.retention_months.to_string())
}

/// A link to the same page in the other language, named in that language.
fn other_language(language: Language, path: &str, further: &str) -> String {
    let (tag, name) = match language {
        Language::Russian => ("en", "English"),
        Language::English => ("ru", "Русский"),
    };
    format!("<a href=\"{path}?lang={tag}{further}\" hreflang=\"{tag}\" lang=\"{tag}\">{name}</a>")
}

/// What goes into the number under `precision`.
fn number(precision: Precision, language: Language) -> Vec<String> {
    let say = |said: Said| said.in_language(language).to_owned();
    let prefix = precision.prefix();
    let mut parts = vec![
        format!("{} {}", say(words::NETWORK_V4), prefix.v4_bits()),
        format!("{} {}", say(words::NETWORK_V6), prefix.v6_bits()),
        say(words::CLASS),
    ];
    if precision.keeps_version_and_language() {
        parts.push(say(words::VERSION_AND_LANGUAGE));
    }
    parts.push(say(words::KEY));
    parts
}

/// In a region of its own, so that a phone scrolls the table and not the page; it takes
/// the focus, so that a keyboard can.
fn table(facts: &Visitor, language: Language) -> String {
    let say = |said: Said| said.in_language(language);
    let mut rows = String::new();
    for matter in MATTERS {
        let is_unknown_country = !facts.knows_countries && matter.open == ["country"];
        let while_open = if is_unknown_country { words::COUNTRY_UNKNOWN } else { matter.while_open };
        writeln!(
            rows,
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td></tr>",
            say(matter.name),
            say(while_open),
            say(matter.when_closed)
        )
        .expect("a String takes every write");
    }
    format!(
        "<div class=\"table\" role=\"region\" aria-label=\"{stored}\" tabindex=\"0\">\n<table>\n\
         <thead><tr><th scope=\"col\">{what}</th><th scope=\"col\">{open}</th><th scope=\"col\">{closed}</th></tr></thead>\n\
         <tbody>\n{rows}</tbody>\n</table>\n</div>\n",
        stored = say(words::STORED),
        what = say(words::WHAT),
        open = say(words::WHILE_OPEN),
        closed = say(words::WHEN_CLOSED),
    )
}

pub fn section(body: &mut String, title: &str, content: &str) {
    write!(body, "<section>\n<h2>{title}</h2>\n{content}</section>\n").expect("a String takes every write");
}

fn list(items: &[String]) -> String {
    format!("<ul>\n{}</ul>\n", items.iter().map(|item| format!("<li>{item}</li>\n")).collect::<String>())
}

pub fn paragraphs(texts: &[&str]) -> String {
    texts.iter().map(|text| format!("<p>{text}</p>\n")).collect()
}

/// For a contact, which holds no quote and no angle bracket.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{super::forwarded, *};
    use crate::{
        bridge::destination::{Destinations, Switches},
        clock::Clock,
        config::Profile,
        serve::visitor::{Contact, notice::Facts},
    };

    const SILENT: Signals = Signals { gpc: false, dnt: false };

    fn facts(precision: Precision) -> Visitor {
        let facts = Facts {
            profile: Profile::Default,
            precision,
            retention_months: 13,
            knows_countries: true,
            contact: None,
            forwarded: None,
        };
        Visitor {
            facts,
            precision,
            knows_countries: true,
            contact: None,
            switches: Switches::new(Destinations::default()),
            sites: Arc::default(),
            clock: Clock::system(),
        }
    }

    fn html(facts: &Visitor, language: Language, signals: Signals) -> String {
        super::html(facts, language, signals, None)
    }

    #[test]
    fn whoever_gets_goals_is_named_while_they_leave() {
        let page = |forwarded| super::html(&facts(Precision::Version), Language::English, SILENT, forwarded);
        assert!(page(None).contains("sends nothing to third parties"));
        let forwarding = page(Some(&forwarded::example()));
        assert!(forwarding.contains("Yandex") && !forwarding.contains("sends nothing to third parties"));
    }

    #[test]
    fn the_page_changes_with_every_setting_it_speaks_of() {
        let plain = html(&facts(Precision::Version), Language::English, SILENT);
        assert!(plain.contains("bits of 32: 24<") && plain.contains("bits of 128: 48<"));
        assert!(plain.contains("primary language"));
        let class = html(&facts(Precision::Class), Language::English, SILENT);
        assert!(class.contains("bits of 32: 24<") && !class.contains("primary language"));
        let strict = html(&facts(Precision::Strict), Language::English, SILENT);
        assert!(strict.contains("bits of 32: 16<") && strict.contains("bits of 128: 32<"));
        let mut short = facts(Precision::Version);
        short.facts.retention_months = 6;
        assert!(html(&short, Language::English, SILENT).contains("for 6 months"));
        let mut counter = facts(Precision::Strict);
        counter.facts.profile = Profile::Counter;
        assert!(html(&counter, Language::English, SILENT).contains(words::NO_NUMBER.en));
        let nowhere = Visitor { knows_countries: false, ..facts(Precision::Version) };
        assert!(html(&nowhere, Language::English, SILENT).contains("not looked up"));
        let contact = Contact::parse("https://example.ru/?a=1&b=2");
        let reachable = Visitor { contact, ..facts(Precision::Version) };
        let page = html(&reachable, Language::English, SILENT);
        assert!(page.contains("href=\"https://example.ru/?a=1&amp;b=2\""));
        assert!(plain.contains("has given no address") && !page.contains("has given no address"));
    }

    #[test]
    fn whoever_sends_a_signal_is_told_that_it_has_arrived() {
        for (signals, seen) in [
            (SILENT, false),
            (Signals { gpc: true, dnt: false }, true),
            (Signals { gpc: false, dnt: true }, true),
        ] {
            let page = html(&facts(Precision::Version), Language::English, signals);
            assert_eq!(page.contains(words::SIGNAL_SEEN.en), seen);
            assert_eq!(page.contains(words::SIGNAL_NOT_SEEN.en), !seen);
        }
    }

    #[test]
    fn the_russian_page_is_russian_throughout() {
        let page = html(&facts(Precision::Version), Language::Russian, SILENT);
        assert!(page.contains("<html lang=\"ru\">"));
        for matter in MATTERS {
            assert!(page.contains(matter.name.ru) && !page.contains(&format!(">{}<", matter.name.en)));
        }
    }
}
