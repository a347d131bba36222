//! Where a visit comes from: a source's name and its channel, told from the page's
//! tags and the referrer's host. The first that speaks wins:
//!
//! 1. The site itself as referrer: `internal`, without a source. Such a visit goes on
//!    from one that fell asleep (a tab left open over lunch); it came from nowhere new.
//! 2. An ad: `utm_medium` of a paid kind, a click id of an ad system, a source that
//!    is an ad system.
//! 3. `utm_medium`, where it names a channel.
//! 4. `utm_source`, by the alias table; an unknown one is a referral of that name.
//! 5. The referrer's host.
//! 6. A click id that is no ad's, such as Yandex' `ysclid`. Only without a referrer:
//!    people copy addresses with it from the search results into a chat.
//! 7. Nothing: `direct`.
//!
//! Of a referrer the host is kept, and of an unknown one the registrable domain only;
//! of a click id its kind. Values are scrubbed (`privacy::scrub::campaign`).

mod campaign;
#[cfg(test)]
mod cases;
mod click;
mod host;
mod medium;
mod table;

use url::Url;

pub use campaign::Campaign;
pub use click::Click;

use host::Referrer;
use table::{Row, Table};

/// How a visit came. The names stand in the tables; they only ever grow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    Search,
    Ai,
    Social,
    Messenger,
    Recommend,
    Email,
    Ad,
    Referral,
    Internal,
    Direct,
}

impl Channel {
    pub const fn name(self) -> &'static str {
        match self {
            Channel::Search => "search",
            Channel::Ai => "ai",
            Channel::Social => "social",
            Channel::Messenger => "messenger",
            Channel::Recommend => "recommend",
            Channel::Email => "email",
            Channel::Ad => "ad",
            Channel::Referral => "referral",
            Channel::Internal => "internal",
            Channel::Direct => "direct",
        }
    }
}

/// What is kept of where a visit came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribution {
    /// Empty for `direct` and `internal`.
    pub source: String,
    pub channel: Channel,
    /// The referrer's host, without `www.`; for a host we don't know its registrable
    /// domain. Empty without one.
    pub referrer: String,
}

/// The table of `collector/data/sources.toml`, built once.
pub struct Sources {
    table: Table,
}

impl Default for Sources {
    fn default() -> Self {
        Sources::new()
    }
}

impl Sources {
    pub fn new() -> Sources {
        Sources { table: Table::built_in() }
    }

    /// `is_own` says whether a host is the site's.
    pub fn attribute(
        &self,
        referrer: Option<&Url>,
        campaign: &Campaign,
        is_own: impl Fn(&str) -> bool,
    ) -> Attribution {
        let referrer =
            referrer.and_then(Referrer::read).or_else(|| campaign.referrer.as_ref().and_then(Referrer::read));
        if referrer.as_ref().is_some_and(|referrer| is_own(&referrer.host)) {
            return Attribution {
                source: String::new(),
                channel: Channel::Internal,
                referrer: String::new(),
            };
        }
        let from_host = referrer.as_ref().and_then(|referrer| self.table.by_referrer(referrer));
        let kept = referrer.as_ref().map(|referrer| referrer.kept(from_host.is_some())).unwrap_or_default();
        let (source, channel) = self.source(referrer.as_ref(), from_host, campaign);
        Attribution { source, channel, referrer: kept }
    }

    fn source(
        &self,
        referrer: Option<&Referrer>,
        from_host: Option<&Row>,
        campaign: &Campaign,
    ) -> (String, Channel) {
        let tag = campaign.named_source();
        let by_tag = tag.and_then(|tag| self.table.by_alias(tag));
        let by_medium = medium::channel(&campaign.medium);
        let ad_click = campaign.click.filter(|click| click.is_ad());
        let free_click = campaign.click.filter(|click| !click.is_ad() && referrer.is_none());
        // The name, from whatever names it best.
        let name = || {
            by_tag
                .map(|row| row.name.clone())
                .or_else(|| campaign.own_source().map(str::to_owned))
                .or_else(|| ad_click.and_then(Click::source).map(str::to_owned))
                .or_else(|| from_host.map(|row| row.name.clone()))
                .or_else(|| referrer.map(Referrer::name))
                .or_else(|| campaign.click.map(|click| click.source().unwrap_or(click.label()).to_owned()))
                .unwrap_or_default()
        };
        let is_ad = by_medium == Some(Channel::Ad)
            || ad_click.is_some()
            || by_tag.is_some_and(|row| row.channel == Channel::Ad);
        if is_ad {
            return (name(), Channel::Ad);
        }
        if let Some(channel) = by_medium {
            return (name(), channel);
        }
        if let Some(row) = by_tag {
            return (row.name.clone(), row.channel);
        }
        if let Some(own) = campaign.own_source() {
            return (own.to_owned(), Channel::Referral);
        }
        match (from_host, referrer, free_click) {
            (Some(row), _, _) => (row.name.clone(), row.channel),
            (None, Some(referrer), _) => (referrer.name(), Channel::Referral),
            (None, None, Some(click)) => {
                (click.source().unwrap_or(click.label()).to_owned(), click.channel())
            }
            (None, None, None) => (String::new(), Channel::Direct),
        }
    }
}
