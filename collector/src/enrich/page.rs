//! What is kept of a page's address, of names and of properties, and what a visit's
//! first event decides for the whole of it.

use store::event::{DayNumber, VisitAttributes};
use url::Url;

use super::{
    guard::Guard,
    source::{Campaign, Sources},
};
use crate::{
    parse::Beacon,
    privacy::{Reduced, scrub},
    site::Site,
};

/// Declared properties stored with an event, at most (privacy.md section 6).
const PROPS_STORED_MAX: usize = 8;

/// Longest property value stored, in bytes: a category, not a text.
const PROP_VALUE_BYTES_MAX: usize = 100;

/// The page's host, lower case, without port.
pub fn host(url: &Url) -> &str {
    url.host_str().unwrap_or_default().trim_end_matches('.')
}

/// The scrubbed path. A site that routes by fragment has its route there.
pub fn path(url: &Url, hash_routing: bool) -> String {
    match url.fragment() {
        Some(fragment) if hash_routing && !fragment.is_empty() => {
            scrub::path(&format!("{}/{}", url.path().trim_end_matches('/'), fragment.trim_start_matches('/')))
        }
        _ => scrub::path(url.path()),
    }
}

/// A custom event's name is the owner's own word, but a careless site may build it
/// from a visitor's.
pub fn event_name(name: &str) -> String {
    scrub::text(name)
}

/// The properties the owner has declared, scrubbed and of the values declared; all others
/// are forgotten.
pub fn props(
    site: &Site,
    guard: &Guard,
    day: DayNumber,
    sent: Vec<(String, String)>,
) -> Vec<(String, String)> {
    sent.into_iter()
        .filter_map(|(key, value)| {
            let kept = site.prop(&key)?.kept(cut(scrub::text(&value), PROP_VALUE_BYTES_MAX));
            let kept = guard.value(site.id, day, &key, kept);
            Some((key, kept))
        })
        .take(PROPS_STORED_MAX)
        .collect()
}

/// Source, campaign, place and browser of a visit, from its first event.
pub fn visit_attributes(
    site: &Site,
    beacon: &Beacon,
    reduced: &Reduced,
    sources: &Sources,
) -> VisitAttributes {
    // A page that came back from the back-forward cache repeats the referrer of its
    // first load: that visit is not a second one from there.
    // One that cannot be read is none: browsers invent odd ones, and the visit is real all
    // the same.
    let referrer = beacon.referrer.as_ref().filter(|_| !beacon.restored);
    let referrer = referrer.and_then(|text| Url::parse(text).ok());
    let campaign = Campaign::of(&beacon.url);
    let from = sources.attribute(referrer.as_ref(), &campaign, |host| site.is_own_host(host));
    VisitAttributes {
        source: from.source,
        channel: from.channel.name().into(),
        referrer: from.referrer,
        utm_source: campaign.source,
        utm_medium: campaign.medium,
        utm_campaign: campaign.campaign,
        utm_content: campaign.content,
        utm_term: campaign.term,
        country: reduced.country,
        browser: reduced.agent.browser.name().into(),
        os: reduced.agent.os.name().into(),
        device: reduced.agent.device,
    }
}

/// Cuts to at most `bytes`, on a character's edge.
fn cut(mut text: String, bytes: usize) -> String {
    if text.len() > bytes {
        let edge = (0..=bytes).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
        text.truncate(edge);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_host_and_path_without_query_and_fragment() {
        let url = Url::parse("https://User:pw@Shop.Example:8443/Cart/?token=s3cret#frag").unwrap();
        assert_eq!((host(&url), path(&url, false).as_str()), ("shop.example", "/Cart/"));
    }

    #[test]
    fn a_route_in_the_fragment_is_the_path_when_the_site_says_so() {
        let url = Url::parse("https://example.ru/app/#/settings/").unwrap();
        assert_eq!(path(&url, true), "/app/settings/");
    }

    #[test]
    fn a_cut_never_splits_a_letter() {
        assert_eq!(cut("жук".into(), 3), "ж");
    }
}
