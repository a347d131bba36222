//! What the values of `utm_medium` in use say of the channel. What is not here says
//! nothing, and `utm_source` decides.

use super::Channel;

const PAID: &[&str] = &[
    "cpc",
    "ppc",
    "cpm",
    "cpv",
    "cpa",
    "cpp",
    "cpl",
    "cpi",
    "cpe",
    "ad",
    "ads",
    "adv",
    "advert",
    "adwords",
    "display",
    "banner",
    "retargeting",
    "remarketing",
    "target",
    "targeting",
    "targeted",
    "context",
    "kontekst",
    "teaser",
    "sponsored",
    "media",
    "реклама",
];

const NAMED: &[(Channel, &[&str])] = &[
    (
        Channel::Email,
        &["email", "e-mail", "mail", "newsletter", "mailing", "rassylka", "рассылка", "trigger"],
    ),
    (
        Channel::Social,
        &["social", "smm", "sm", "social-network", "social_network", "social-media", "social_media"],
    ),
    (Channel::Messenger, &["messenger", "messengers", "chat", "im", "telegram", "tg", "whatsapp", "viber"]),
    (Channel::Search, &["organic", "search", "seo"]),
    (Channel::Ai, &["ai", "llm", "chatbot"]),
    (Channel::Recommend, &["recommend", "recommendation", "zen", "dzen"]),
    (
        Channel::Referral,
        &["referral", "link", "partner", "partners", "affiliate", "qr", "qrcode", "qr-code", "offline"],
    ),
];

pub(super) fn channel(medium: &str) -> Option<Channel> {
    if PAID.contains(&medium) || medium.starts_with("paid") || medium.starts_with("cpc") {
        return Some(Channel::Ad);
    }
    NAMED.iter().find(|(_, mediums)| mediums.contains(&medium)).map(|&(channel, _)| channel)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_paid_kind_is_an_ad() {
        for medium in [
            "cpc",
            "ppc",
            "cpm",
            "paid",
            "paid-social",
            "paid_search",
            "display",
            "banner",
            "retargeting",
            "cpc_rsya",
        ] {
            assert_eq!(channel(medium), Some(Channel::Ad), "{medium}");
        }
    }

    #[test]
    fn a_medium_is_listed_once_and_in_lower_case() {
        let all: Vec<&str> =
            PAID.iter().copied().chain(NAMED.iter().flat_map(|(_, list)| list.iter().copied())).collect();
        let different: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(all.len(), different.len());
        assert!(all.iter().all(|medium| medium.to_lowercase() == **medium));
    }

    #[test]
    fn an_unknown_medium_says_nothing() {
        assert_eq!(channel(""), None);
        assert_eq!(channel("push"), None);
    }
}
