//! The tags of a page's address: `utm_*`, and the kind of a click id. The ids
//! themselves name one click of one person and are never read.

use url::Url;

use super::click::Click;
use crate::privacy::scrub;

/// The tags of a visit's first page, scrubbed; empty where there is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Campaign {
    pub source: String,
    pub medium: String,
    pub campaign: String,
    pub content: String,
    pub term: String,
    pub click: Option<Click>,
    /// `ref` and `source`: only ever compared with our table, since shops put the
    /// name of a person who brought a friend there.
    hint: String,
    /// `utm_referrer`, in which Yandex and Dzen tell the referrer that a redirect lost.
    pub(super) referrer: Option<Url>,
}

impl Campaign {
    /// Reads the tags of `page`. Of a tag given twice the first counts.
    pub fn of(page: &Url) -> Campaign {
        let mut read = Campaign::default();
        for (key, value) in page.query_pairs() {
            let slot = match key.as_ref() {
                "utm_source" => &mut read.source,
                "utm_medium" => &mut read.medium,
                "utm_campaign" => &mut read.campaign,
                "utm_content" => &mut read.content,
                "utm_term" => &mut read.term,
                "ref" | "source" => &mut read.hint,
                "utm_referrer" => {
                    read.referrer = read.referrer.or_else(|| Url::parse(&value).ok());
                    continue;
                }
                key => {
                    // An ad's id says more than another's.
                    let click = Click::by_key(key);
                    if read.click.is_none_or(|click| !click.is_ad()) {
                        read.click = click.or(read.click);
                    }
                    continue;
                }
            };
            if slot.is_empty() {
                *slot = scrub::campaign(&value);
            }
        }
        read
    }

    /// `utm_source`, if the page has it.
    pub(super) fn own_source(&self) -> Option<&str> {
        Some(self.source.as_str()).filter(|source| !source.is_empty())
    }

    /// What to look for in the alias table.
    pub(super) fn named_source(&self) -> Option<&str> {
        self.own_source().or(Some(self.hint.as_str())).filter(|source| !source.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(query: &str) -> Campaign {
        Campaign::of(&Url::parse(&format!("https://example.ru/?{query}")).unwrap())
    }

    #[test]
    fn tags_are_scrubbed_and_in_lower_case() {
        let read = of(
            "utm_source=Yandex&utm_medium=CPC&utm_campaign=%D0%92%D0%B5%D1%81%D0%BD%D0%B0+2026&utm_term=ivan@mail.ru",
        );
        assert_eq!((read.source.as_str(), read.medium.as_str()), ("yandex", "cpc"));
        assert_eq!((read.campaign.as_str(), read.term.as_str()), ("весна-2026", ":email"));
    }

    #[test]
    fn of_a_tag_given_twice_the_first_counts() {
        assert_eq!(of("utm_source=a&utm_source=b").source, "a");
    }

    #[test]
    fn a_click_id_leaves_its_kind_and_nothing_of_itself() {
        let read = of("yclid=18446744073709551615");
        assert_eq!(read, Campaign { click: Some(Click::Yclid), ..Campaign::default() });
    }

    #[test]
    fn an_ads_click_id_says_more_than_anothers() {
        assert_eq!(of("ysclid=a&yclid=1").click, Some(Click::Yclid));
        assert_eq!(of("yclid=1&ysclid=a").click, Some(Click::Yclid));
        assert_eq!(of("ysclid=a&x=1").click, Some(Click::Ysclid));
    }

    #[test]
    fn who_brought_a_friend_is_not_kept() {
        let read = of("ref=ivan_petrov");
        assert_eq!((read.source.as_str(), read.campaign.as_str()), ("", ""));
    }
}
