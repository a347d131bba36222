//! `/privacy/me`: what is held about the asker's group today, its deletion, and opting out.
//!
//! Counts only: the group is a network and a kind of browser, and a neighbour in it shall
//! not learn what another has read. Nothing here is logged or kept; a change must come from
//! our own page, and its worst abuse is to delete a group's rows of today.

use std::{collections::HashMap, net::IpAddr, num::NonZeroU32, sync::Arc, time::Duration};

use clickhouse::Row;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use hyper::{
    HeaderMap, Response, StatusCode,
    header::{HOST, HeaderValue, LOCATION, ORIGIN},
};
use jiff::Timestamp;
use serde::Deserialize;
use store::{Store, StoreError};

use super::{
    Answer, text,
    visitor::{
        language::Language,
        own::{self, Held, Own, State},
    },
};
use crate::{
    accept::{Acceptor, group::Whose},
    erase::Erasures,
    site::{CARRY_SECONDS, Site, Sites},
    spool::Directory,
    visit::VisitorKey,
};

/// Requests a second over all, and as many times five at once: each is a statement of
/// ClickHouse, a deletion a mutation. A person needs three.
const REQUESTS_A_SECOND: NonZeroU32 = NonZeroU32::new(10).expect("ten is not zero");
const BURST: NonZeroU32 = NonZeroU32::new(50).expect("fifty is not zero");

/// How long the page waits for ClickHouse; it is of use without a count.
const COUNT_TIME_MAX: Duration = Duration::from_secs(2);

pub const PATH: &str = "/privacy/me";

/// How many requests are answered.
pub struct Pace(DefaultDirectRateLimiter);

impl Default for Pace {
    fn default() -> Pace {
        Pace(RateLimiter::direct(Quota::per_second(REQUESTS_A_SECOND).allow_burst(BURST)))
    }
}

pub struct SelfService {
    pub erasures: Arc<Erasures>,
    pub directory: Arc<Directory>,
    pub node: u16,
    pub store: Store,
    pub pace: Pace,
}

/// Who asks for what.
pub struct Asked<'a> {
    pub peer: IpAddr,
    pub headers: &'a HeaderMap,
    pub query: Option<&'a str>,
}

/// What a button does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wish {
    Delete,
    OptOut,
    OptIn,
}

impl SelfService {
    /// The page, or the same as JSON.
    pub async fn show(&self, acceptor: &Acceptor, asked: &Asked<'_>, as_json: bool) -> Answer {
        if self.pace.0.check().is_err() {
            return text(StatusCode::TOO_MANY_REQUESTS, "try again in a moment\n");
        }
        let own = self.own(acceptor, asked).await;
        if as_json { own::json(&own) } else { own::page(&own, Language::of(asked.query, asked.headers)) }
    }

    /// Does what a button asks for and leads back to the page.
    pub async fn change(&self, acceptor: &Acceptor, asked: &Asked<'_>, path: &str) -> Option<Answer> {
        let wish = match path.strip_prefix(PATH)? {
            "/delete" => Wish::Delete,
            "/opt-out" => Wish::OptOut,
            "/opt-in" => Wish::OptIn,
            _ => return None,
        };
        if !is_from_our_page(asked.headers) {
            return Some(text(StatusCode::FORBIDDEN, "use the button on /privacy/me\n"));
        }
        if self.pace.0.check().is_err() {
            return Some(text(StatusCode::TOO_MANY_REQUESTS, "try again in a moment\n"));
        }
        let now = acceptor.clock.now();
        let sites = acceptor.sites.load_full();
        let Some(site) = site_of(&sites, asked.query, asked.headers) else {
            return Some(text(StatusCode::NOT_FOUND, "no such site\n"));
        };
        if !acceptor.profile.has_numbers() {
            return Some(text(StatusCode::CONFLICT, "nobody is told apart here\n"));
        }
        if wish == Wish::OptOut && !acceptor.ensure_key(asked.peer, asked.headers, site, now) {
            return Some(text(StatusCode::SERVICE_UNAVAILABLE, "try again later\n"));
        }
        let Ok(whose) = acceptor.whose(asked.peer, asked.headers, site, now) else {
            return Some(text(StatusCode::CONFLICT, "not counted anyway\n"));
        };
        let done = match wish {
            Wish::Delete => self.delete(acceptor, whose, now).await,
            Wish::OptOut => whose
                .groups
                .iter()
                .all(|&group| acceptor.objections.object(group, site.end_of(group.day)).is_ok()),
            Wish::OptIn => {
                whose.groups.iter().for_each(|&group| acceptor.objections.withdraw(group));
                true
            }
        };
        if !done {
            return Some(text(StatusCode::SERVICE_UNAVAILABLE, "try again later\n"));
        }
        let language = Language::of(asked.query, asked.headers);
        Some(back(&site.domain, language, (wish == Wish::Delete).then_some("deleted")))
    }

    /// True: the wish is on stable storage.
    async fn delete(&self, acceptor: &Acceptor, whose: Whose, now: Timestamp) -> bool {
        for &group in &whose.groups {
            let visit = acceptor.visits.end(group);
            acceptor.bridge.forget(group, visit, now);
        }
        let (directory, erasures, node) = (self.directory.clone(), self.erasures.clone(), self.node);
        let asking = tokio::task::spawn_blocking(move || {
            let now = now.as_second();
            whose.groups.into_iter().all(|group| {
                // Above every batch there is, and never used by one.
                let number = directory.next_sequence(now.max(0).unsigned_abs());
                number.is_ok_and(|number| erasures.ask(u64::from(node) << 48 | number, group, now).is_ok())
            })
        });
        matches!(asking.await, Ok(true))
    }

    async fn own(&self, acceptor: &Acceptor, asked: &Asked<'_>) -> Own {
        let now = acceptor.clock.now();
        let sites = acceptor.sites.load_full();
        let Some(site) = site_of(&sites, asked.query, asked.headers) else {
            let asked_for = parameter(asked.query, "site").filter(|site| !site.is_empty());
            return Own { site: asked_for, state: State::NoSite };
        };
        let domain = Some(site.domain.clone());
        if !acceptor.profile.has_numbers() {
            return Own { site: domain, state: State::NoNumbers };
        }
        let Ok(whose) = acceptor.whose(asked.peer, asked.headers, site, now) else {
            return Own { site: domain, state: State::NotCounted };
        };
        let known = self.erasures.all();
        let pending = |group: &VisitorKey| known.iter().any(|one| one.group == *group && one.is_pending());
        let held = Held {
            events: self.count_in_time(site, &whose.groups).await,
            opted_out: whose.groups.iter().any(|&group| acceptor.objections.has(group)),
            erasing: whose.groups.iter().any(pending),
            deleted: parameter(asked.query, "done").is_some_and(|done| done == "deleted"),
            key_dies: key_dies(site, now),
            whose,
        };
        Own { site: domain, state: State::Held(held) }
    }

    /// `None`: ClickHouse does not answer.
    async fn count_in_time(&self, site: &Site, groups: &[VisitorKey]) -> Option<own::Events> {
        tokio::time::timeout(COUNT_TIME_MAX, self.count(site, groups)).await.ok()?.ok()
    }

    /// What ClickHouse has of the groups, without what has been erased.
    async fn count(&self, site: &Site, groups: &[VisitorKey]) -> Result<own::Events, StoreError> {
        if groups.is_empty() {
            return Ok(own::Events::default());
        }
        let of_group = |group: &VisitorKey| {
            format!(
                "(day = toDate({}) AND visitor = {} AND batch > {})",
                group.day,
                group.visitor,
                self.erasures.bound(*group)
            )
        };
        let condition: Vec<String> = groups.iter().map(of_group).collect();
        let row: Counted = self
            .store
            .reader()
            .query(&format!(
                "SELECT count() AS events, toUInt8(toHour(min(ts), ?)) AS first, \
                 toUInt8(toHour(max(ts), ?)) AS last FROM {}.events_hot WHERE site_id = ? AND ({})",
                self.store.database(),
                condition.join(" OR ")
            ))
            .bind(&site.zone_name)
            .bind(&site.zone_name)
            .bind(site.id)
            .fetch_one()
            .await
            .map_err(StoreError::at("count what is held of a group"))?;
        Ok(own::Events { count: row.events, hours: (row.events > 0).then_some((row.first, row.last)) })
    }
}

#[derive(Row, Deserialize)]
struct Counted {
    events: u64,
    first: u8,
    last: u8,
}

/// The site named in the query; else the one whose host was asked; else the only one.
pub(super) fn site_of<'a>(
    sites: &'a Sites,
    query: Option<&str>,
    headers: &HeaderMap,
) -> Option<&'a Arc<Site>> {
    if let Some(domain) = parameter(query, "site") {
        return sites.by_domain(&domain.trim().to_lowercase());
    }
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host).to_lowercase();
    let mut all = sites.iter();
    sites.iter().find(|site| site.is_own_host(&host)).or_else(|| match (all.next(), all.next()) {
        (Some(only), None) => Some(only),
        _ => None,
    })
}

fn parameter(query: Option<&str>, name: &str) -> Option<String> {
    let pairs: HashMap<String, String> =
        url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect();
    pairs.get(name).cloned()
}

/// A browser says where a form was sent from; where it says nothing the request is not
/// from a form of ours.
fn is_from_our_page(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match text("sec-fetch-site") {
        Some(site) => site == "same-origin",
        None => {
            let origin = text(ORIGIN.as_str()).and_then(|origin| Some(origin.split_once("://")?.1));
            origin.is_some() && origin == text(HOST.as_str())
        }
    }
}

/// Half an hour after the site's midnight, in its zone.
fn key_dies(site: &Site, now: Timestamp) -> String {
    let midnight =
        now.to_zoned(site.zone.clone()).date().tomorrow().and_then(|next| next.to_zoned(site.zone.clone()));
    midnight.map_or_else(
        |_| String::new(),
        |midnight| {
            let end = midnight.timestamp() + jiff::SignedDuration::from_secs(CARRY_SECONDS);
            end.to_zoned(site.zone.clone()).strftime("%Y-%m-%d %H:%M (%Q)").to_string()
        },
    )
}

fn back(domain: &str, language: Language, done: Option<&str>) -> Answer {
    let done = done.map_or_else(String::new, |done| format!("&done={done}"));
    let place = format!("{PATH}?site={domain}&lang={}{done}", language.tag());
    let mut answer = Response::new(bytes::Bytes::new().into());
    *answer.status_mut() = StatusCode::SEE_OTHER;
    let place = HeaderValue::from_str(&place).expect("a domain is ASCII");
    answer.headers_mut().insert(LOCATION, place);
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(headers: &[(&'static str, &'static str)], expected: bool) {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, HeaderValue::from_static(value));
        }
        assert_eq!(is_from_our_page(&map), expected, "{headers:?}");
    }

    #[test]
    fn only_a_form_of_our_own_page_changes_anything() {
        check(&[("sec-fetch-site", "same-origin")], true);
        check(&[("sec-fetch-site", "same-site"), ("origin", "https://a.ru"), ("host", "a.ru")], false);
        check(&[("sec-fetch-site", "cross-site")], false);
        check(&[("origin", "https://stats.example.ru"), ("host", "stats.example.ru")], true);
        check(&[("origin", "https://evil.test"), ("host", "stats.example.ru")], false);
        check(&[("origin", "null"), ("host", "null")], false);
        check(&[("host", "stats.example.ru")], false);
    }
}
