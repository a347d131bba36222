//! The ways by which visits come: how often, on what device, onto which pages, and
//! how many leave at once.

use std::sync::LazyLock;

use url::Url;

use super::{pages, pages::Page, random::Random, rhythm::Plan};
use crate::enrich::source::{Attribution, Campaign, Channel, Sources};

/// One way, before and after the real attribution.
pub(super) struct Way {
    /// Against the other ways' weights.
    weight: f64,
    /// How much of it is from outside Russia and its neighbours' share, `0.0..=1.0`.
    pub(super) abroad_ratio: f64,
    pub(super) attribution: Attribution,
    pub(super) campaign: Campaign,
    /// `weight` grows so much faster than all visits over a year.
    growth: f64,
}

struct Raw(f64, f64, f64, &'static str, &'static str);

/// Weight, growth, share from abroad, referrer, tags.
#[rustfmt::skip]
const RAW: &[Raw] = &[
    Raw(345.0, 0.0, 0.12, "https://yandex.ru/", ""),
    Raw(20.0, 0.0, 0.12, "https://ya.ru/", ""),
    Raw(185.0, 0.1, 0.45, "https://www.google.com/", ""),
    Raw(175.0, 0.0, 0.20, "", ""),
    Raw(34.0, 0.0, 0.06, "https://yandex.ru/", "utm_source=yandex&utm_medium=cpc&utm_campaign=брендовая&yclid=1"),
    Raw(24.0, 0.0, 0.06, "https://yandex.ru/", "utm_source=yandex&utm_medium=cpc&utm_campaign=пуэр-поиск&utm_term=купить-пуэр&yclid=1"),
    Raw(16.0, 0.0, 0.06, "", "utm_source=yandex&utm_medium=cpc&utm_campaign=rsya_podarki&utm_content=banner-2&yclid=1"),
    Raw(13.0, 0.0, 0.75, "https://www.google.com/", "utm_source=google&utm_medium=cpc&utm_campaign=puer-en&gclid=1"),
    Raw(42.0, 0.5, 0.14, "https://t.me/", ""),
    Raw(16.0, 0.5, 0.10, "", "utm_source=telegram&utm_medium=social&utm_campaign=чайный-канал"),
    Raw(44.0, 0.0, 0.06, "https://vk.com/", ""),
    Raw(11.0, 0.0, 0.04, "https://vk.com/", "utm_source=vk_ads&utm_medium=cpc&utm_campaign=весна&rb_clickid=1"),
    Raw(32.0, 0.1, 0.05, "https://dzen.ru/", ""),
    Raw(26.0, 0.0, 0.10, "", "utm_source=unisender&utm_medium=email&utm_campaign=новый-урожай"),
    Raw(9.0, 0.0, 0.10, "https://e.mail.ru/", ""),
    Raw(6.0, 0.0, 0.30, "android-app://com.google.android.gm/", ""),
    Raw(13.0, 1.6, 0.40, "", "utm_source=chatgpt.com"),
    Raw(4.0, 1.2, 0.50, "https://www.perplexity.ai/", ""),
    Raw(5.0, 1.4, 0.04, "https://alice.yandex.ru/", ""),
    Raw(9.0, 0.0, 0.20, "https://www.youtube.com/", ""),
    Raw(8.0, 0.0, 0.20, "https://l.instagram.com/", ""),
    Raw(8.0, 0.0, 0.35, "https://www.pinterest.com/", ""),
    Raw(7.0, 0.0, 0.04, "https://ok.ru/", ""),
    Raw(7.0, 2.0, 0.02, "https://max.ru/", ""),
    Raw(6.0, 0.0, 0.15, "https://habr.com/", ""),
    Raw(7.0, 0.0, 0.04, "https://go.mail.ru/", ""),
    Raw(8.0, 0.0, 0.60, "https://www.bing.com/", ""),
    Raw(6.0, 0.0, 0.60, "https://duckduckgo.com/", ""),
    Raw(7.0, 0.0, 0.03, "android-app://ru.yandex.yandexmaps/", ""),
    Raw(5.0, 0.0, 0.05, "https://2gis.ru/", ""),
    Raw(5.0, 0.0, 0.20, "https://web.whatsapp.com/", ""),
    Raw(6.0, 0.0, 0.80, "https://www.reddit.com/", ""),
    Raw(9.0, 0.0, 0.10, "https://tea-forum.example/", ""),
    Raw(6.0, 0.0, 0.85, "https://steep.example/", ""),
    Raw(5.0, 0.0, 0.05, "https://чайник.рф/", ""),
    Raw(6.0, 0.0, 0.15, "https://demo.localhost/", ""),
];

static WAYS: LazyLock<Vec<Way>> = LazyLock::new(|| {
    let sources = Sources::new();
    RAW.iter()
        .map(|&Raw(weight, growth, abroad_ratio, referrer, tags)| {
            let page = Url::parse(&format!("https://{}/?{tags}", super::HOST)).expect("a constant address");
            let campaign = Campaign::of(&page);
            let attribution =
                sources.attribute(Url::parse(referrer).ok().as_ref(), &campaign, |host| host == super::HOST);
            Way { weight, growth, abroad_ratio, attribution, campaign }
        })
        .collect()
});

/// A way for a visitor's first visit of the day.
pub(super) fn pick(plan: &Plan, random: &mut Random) -> &'static Way {
    random.pick(&WAYS, |way| {
        let spike =
            if plan.spike_source == Some(way.attribution.source.as_str()) { plan.spike_factor } else { 1.0 };
        way.weight * (way.growth * plan.years).exp() * spike
    })
}

/// The way of a later visit: mostly they type the address or find the tab again.
pub(super) fn again(first: &'static Way, random: &mut Random) -> &'static Way {
    if random.chance(0.6) { direct() } else { first }
}

fn direct() -> &'static Way {
    WAYS.iter().find(|way| way.attribution.channel == Channel::Direct).expect("the table has it")
}

impl Way {
    fn channel(&self) -> Channel {
        self.attribution.channel
    }

    pub(super) fn mobile_ratio(&self) -> f64 {
        match self.channel() {
            Channel::Social => 0.78,
            Channel::Messenger => 0.80,
            Channel::Recommend => 0.88,
            Channel::Ad => 0.64,
            Channel::Search => 0.57,
            Channel::Email => 0.48,
            Channel::Ai => 0.34,
            Channel::Referral | Channel::Direct | Channel::Internal => 0.45,
        }
    }

    pub(super) fn bounce_ratio(&self) -> f64 {
        match self.channel() {
            Channel::Recommend => 0.62,
            Channel::Social => 0.52,
            Channel::Messenger => 0.46,
            Channel::Ad => 0.43,
            Channel::Search => 0.37,
            Channel::Ai | Channel::Referral => 0.35,
            Channel::Direct => 0.32,
            Channel::Email => 0.28,
            Channel::Internal => 0.22,
        }
    }

    /// The page a visit opens with.
    pub(super) fn landing(&self, abroad: bool, random: &mut Random) -> Page {
        if abroad && random.chance(0.8) {
            return *random.zipf(pages::ENGLISH);
        }
        if random.chance(0.006) {
            return *random.zipf(pages::MISSING);
        }
        let at = random.share();
        let (article, product, category) = match self.channel() {
            Channel::Search => (0.38, 0.32, 0.18),
            Channel::Ad => (0.04, 0.42, 0.44),
            Channel::Social | Channel::Messenger | Channel::Recommend => (0.62, 0.16, 0.06),
            Channel::Ai => (0.70, 0.16, 0.06),
            Channel::Email => (0.22, 0.40, 0.12),
            Channel::Referral => (0.34, 0.12, 0.10),
            Channel::Direct | Channel::Internal => (0.10, 0.16, 0.12),
        };
        match () {
            () if at < article => *random.zipf(pages::ARTICLES),
            () if at < article + product => *random.zipf(pages::PRODUCTS),
            () if at < article + product + category => *random.zipf(pages::CATEGORIES),
            () if at > 0.985 => pages::CONTACTS,
            () => pages::HOME,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_channel_has_a_way() {
        let met: std::collections::HashSet<_> = WAYS.iter().map(Way::channel).collect();
        assert_eq!(met.len(), 10, "{met:?}");
    }

    #[test]
    fn tags_are_what_the_scrubber_leaves() {
        let campaigns: Vec<_> = WAYS.iter().map(|way| way.campaign.campaign.as_str()).collect();
        assert!(campaigns.contains(&"весна") && campaigns.contains(&"rsya_podarki"), "{campaigns:?}");
    }
}
