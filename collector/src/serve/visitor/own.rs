//! The page `/privacy/me` and its JSON: a function of counts and of what this very request
//! said; works without JavaScript.

use std::fmt::Write as _;

use hyper::header::{
    CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, HeaderValue, REFERRER_POLICY, VARY,
};
use serde_json::{Value, json};

use super::{
    language::Language,
    made, own_words as words,
    page::{self, Frame},
    words::Said,
};
use crate::{accept::group::Whose, serve::Answer};

/// As the other pages', but its forms may be sent.
const POLICY: &str =
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// What the page is about.
pub struct Own {
    /// The site asked about: one of ours unless the state says otherwise.
    pub site: Option<String>,
    pub state: State,
}

pub enum State {
    /// None was named, or none of ours.
    NoSite,
    NotCounted,
    /// The profile has no numbers, so nothing is anybody's.
    NoNumbers,
    Held(Held),
}

pub struct Held {
    /// `None`: ClickHouse does not answer.
    pub events: Option<Events>,
    pub whose: Whose,
    pub opted_out: bool,
    /// A deletion is under way.
    pub erasing: bool,
    /// The visitor comes from the button.
    pub deleted: bool,
    pub key_dies: String,
}

#[derive(Default)]
pub struct Events {
    pub count: u64,
    /// Of the first and the last, in the site's zone.
    pub hours: Option<(u8, u8)>,
}

pub fn page(own: &Own, language: Language) -> Answer {
    let say = |said: Said| said.in_language(language);
    let mut body = format!("<h1>{}</h1>\n<p>{}</p>\n", say(words::TITLE), say(words::INTRO));
    match &own.state {
        State::NoSite => body.push_str(&site_form(own.site.as_deref(), language)),
        State::NotCounted => body.push_str(&page::paragraphs(&[say(words::NOT_COUNTED)])),
        State::NoNumbers => {
            body.push_str(&page::paragraphs(&[say(words::NO_NUMBERS), say(words::FOR_GOOD)]));
        }
        State::Held(held) => {
            let site = own.site.as_deref().unwrap_or_default();
            if held.deleted {
                writeln!(body, "<p role=\"status\" class=\"done\">{}</p>", say(words::DELETED))
                    .expect("a String takes every write");
            }
            page::section(&mut body, say(words::HELD), &table(site, held, language));
            page::section(
                &mut body,
                say(words::DELETE),
                &(page::paragraphs(&[say(words::DELETE_WHAT)])
                    + &button("delete", site, say(words::DELETE_BUTTON), language)),
            );
            page::section(&mut body, say(words::OBJECT), &objection(site, held, language));
            page::section(&mut body, say(words::PAST), &page::paragraphs(&[say(words::PAST_WHAT)]));
            let copy = format!("<a href=\"/privacy/me.json?site={site}\">{}</a>", say(words::COPY_LINK));
            page::section(&mut body, say(words::COPY), &page::paragraphs(&[&copy]));
        }
    }
    let site = own.site.as_deref().map_or_else(String::new, |site| format!("&amp;site={}", escaped(site)));
    let html = page::framed(&Frame {
        language,
        title: say(words::TITLE),
        body: &body,
        path: "/privacy/me",
        further: &site,
    });
    let mut answer = made("text/html; charset=utf-8", html);
    let headers = answer.headers_mut();
    headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
    headers.insert(VARY, HeaderValue::from_static("*"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    // `no-referrer` would make a form's `Origin` null.
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    answer
}

pub fn json(own: &Own) -> Answer {
    let told = match &own.state {
        State::NoSite => json!({"error": "name the site: /privacy/me.json?site=example.ru"}),
        State::NotCounted => json!({"site": own.site, "counted": false}),
        State::NoNumbers => json!({"site": own.site, "told_apart": false}),
        State::Held(held) => {
            let mut told = about(held);
            told["site"] = json!(own.site);
            told
        }
    };
    let mut answer = made("application/json", format!("{told:#}\n"));
    answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer.headers_mut().insert(VARY, HeaderValue::from_static("*"));
    answer
}

fn about(held: &Held) -> Value {
    let today = held.events.as_ref().map(|events| {
        json!({
            "events": events.count,
            "first_hour": events.hours.map(|hours| hours.0),
            "last_hour": events.hours.map(|hours| hours.1),
        })
    });
    json!({
        "counted": true,
        "group": {
            "browser": held.whose.browser,
            "system": held.whose.os,
            "device": device(held.whose.device).en,
            "country": String::from_utf8_lossy(&held.whose.country),
        },
        "today": today,
        "deletion_under_way": held.erasing,
        "opted_out_until_the_key_dies": held.opted_out,
        "key_dies": held.key_dies,
        "past_days": words::PAST_WHAT.en,
    })
}

fn table(site: &str, held: &Held, language: Language) -> String {
    let say = |said: Said| said.in_language(language).to_owned();
    let whose = &held.whose;
    let country = match &whose.country {
        b"ZZ" => say(words::UNKNOWN),
        known => String::from_utf8_lossy(known).into_owned(),
    };
    let events = match &held.events {
        None => say(words::UNREADABLE),
        Some(events) => match events.hours {
            None => events.count.to_string(),
            Some((first, last)) => {
                format!("{} ({} {first:02}–{last:02})", events.count, say(words::BETWEEN_HOURS))
            }
        },
    };
    let seen = format!("{}, {}, {}", whose.browser, whose.os, say(device(whose.device)));
    let mut rows = vec![
        (words::SITE, escaped(site)),
        (words::EVENTS, events),
        (words::SEEN, seen),
        (words::COUNTRY, country),
        (words::KEY_DIES, held.key_dies.clone()),
    ];
    if held.erasing {
        rows.push((words::ERASING, say(words::ERASING_YES)));
    }
    let rows: String = rows
        .into_iter()
        .map(|(name, value)| format!("<tr><th scope=\"row\">{}</th><td>{value}</td></tr>\n", say(name)))
        .collect();
    format!("<table class=\"facts\">\n<tbody>\n{rows}</tbody>\n</table>\n<p>{}</p>\n", say(words::SHARED))
}

fn objection(site: &str, held: &Held, language: Language) -> String {
    let say = |said: Said| said.in_language(language);
    let (state, wish, label) = if held.opted_out {
        (words::OPTED_OUT, "opt-in", words::OPT_IN_BUTTON)
    } else {
        (words::OPTED_IN, "opt-out", words::OPT_OUT_BUTTON)
    };
    page::paragraphs(&[say(state), say(words::OPT_OUT_HOW_LONG)])
        + &button(wish, site, say(label), language)
        + &page::paragraphs(&[say(words::FOR_GOOD)])
}

/// The domain is one of ours: letters, digits, dots, hyphens.
fn button(wish: &str, site: &str, label: &str, language: Language) -> String {
    format!(
        "<form method=\"post\" action=\"/privacy/me/{wish}?site={site}&amp;lang={}\"><button>{label}</button></form>\n",
        language.tag()
    )
}

fn site_form(asked: Option<&str>, language: Language) -> String {
    let say = |said: Said| said.in_language(language);
    let unknown = match asked {
        Some(_) => format!("<p role=\"status\">{}</p>\n", say(words::UNKNOWN_SITE)),
        None => String::new(),
    };
    format!(
        "{unknown}<form method=\"get\" action=\"/privacy/me\">\n<input type=\"hidden\" name=\"lang\" value=\"{}\">\n\
         <label for=\"site\">{}</label>\n<input id=\"site\" name=\"site\" required autocapitalize=\"none\" \
         spellcheck=\"false\" value=\"{}\">\n<button>{}</button>\n</form>\n",
        language.tag(),
        say(words::WHICH_SITE),
        escaped(asked.unwrap_or_default()),
        say(words::SHOW_BUTTON),
    )
}

fn device(class: u8) -> Said {
    match class {
        1 => words::DESKTOP,
        2 => words::MOBILE,
        3 => words::TABLET,
        4 => words::TV,
        _ => words::UNKNOWN,
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(events: Option<Events>, opted_out: bool) -> Own {
        let whose = Whose { groups: vec![], browser: "Chrome", os: "Windows", device: 1, country: *b"RU" };
        let key_dies = "2026-11-26 00:30 (UTC)".into();
        let held = Held { events, whose, opted_out, erasing: false, deleted: false, key_dies };
        Own { site: Some("example.ru".into()), state: State::Held(held) }
    }

    async fn text(own: &Own, language: Language) -> String {
        let body = http_body_util::BodyExt::collect(page(own, language).into_body()).await.unwrap();
        String::from_utf8(body.to_bytes().to_vec()).unwrap()
    }

    #[tokio::test]
    async fn the_page_shows_counts_and_the_fitting_button() {
        let counted = held(Some(Events { count: 3, hours: Some((9, 14)) }), false);
        let page = text(&counted, Language::English).await;
        assert!(page.contains(">3 (") && page.contains("09–14"), "{page}");
        assert!(page.contains("/privacy/me/opt-out?site=example.ru") && !page.contains("/opt-in?"));
        let out = text(&held(None, true), Language::Russian).await;
        assert!(out.contains(words::UNREADABLE.ru) && out.contains("/privacy/me/opt-in?site=example.ru"));
        assert!(out.contains("<html lang=\"ru\">") && !out.contains("<script"));
    }

    #[tokio::test]
    async fn what_was_typed_cannot_leave_its_field() {
        let own = Own { site: Some("\"><script>".into()), state: State::NoSite };
        let page = text(&own, Language::English).await;
        assert!(!page.contains("<script>") && page.contains("&quot;&gt;&lt;script&gt;"), "{page}");
        assert!(page.contains(words::UNKNOWN_SITE.en));
    }
}
