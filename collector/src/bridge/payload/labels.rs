//! Words that may go with a goal because the owner has written each of them down: tags of the
//! campaign, and properties of the event, with the values they may have. Whatever is on no
//! list is dropped; of what was dropped a preview tells the field's name and the reason.
//!
//! Pure.

use serde::{Deserialize, Serialize};
use store::snapshot::metrika::Listed;

/// Longest address of a page, in bytes (metrika.md section 11). Tags that would make it longer
/// are left out, the last first.
const PAGE_BYTES_MAX: usize = 512;

/// Longest object of parameters, in bytes: a goal of type "parameters" fires up to here.
pub const PARAMS_BYTES_MAX: usize = 2_048;

/// What the owner has written down.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lists {
    pub campaign: Vec<Listed>,
    pub params: Vec<Listed>,
}

/// What of an event is on the lists.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Labels {
    pub campaign: Vec<(String, String)>,
    pub params: Vec<(String, String)>,
    /// In a preview only; never a value.
    pub dropped: Vec<Dropped>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dropped {
    pub field: String,
    pub why: Why,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The field is on no list.
    NotListed,
    /// It is, and this value of it is not.
    OtherValue,
}

impl Labels {
    /// `campaign` and `props` are the event's; those without a value are not there.
    pub fn of(
        lists: &Lists,
        campaign: &[(&str, &str)],
        props: &[(String, String)],
        is_preview: bool,
    ) -> Labels {
        let props: Vec<(&str, &str)> =
            props.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        let mut labels = Labels::default();
        for (list, given, said) in
            [(&lists.campaign, campaign, &mut labels.campaign), (&lists.params, &props, &mut labels.params)]
        {
            for &(field, value) in given.iter().filter(|(_, value)| !value.is_empty()) {
                let why = match list.iter().find(|listed| listed.key == field) {
                    Some(listed) if listed.values.iter().any(|known| known == value) => {
                        said.push((field.to_owned(), value.to_owned()));
                        continue;
                    }
                    Some(_) => Why::OtherValue,
                    None => Why::NotListed,
                };
                if is_preview {
                    labels.dropped.push(Dropped { field: field.to_owned(), why });
                }
            }
        }
        labels
    }

    pub fn is_empty(&self) -> bool {
        *self == Labels::default()
    }

    /// The page's address with the campaign's tags. Their values need no escaping: letters,
    /// digits and `_.~-`.
    pub fn page(&self, page: &str) -> String {
        let mut whole = page.to_owned();
        for (key, value) in &self.campaign {
            let sign = if whole.len() == page.len() { '?' } else { '&' };
            let tag = format!("{sign}{key}={value}");
            if whole.len() + tag.len() <= PAGE_BYTES_MAX {
                whole.push_str(&tag);
            }
        }
        whole
    }

    /// The parameters as they are sent; none where there are none.
    pub fn params(&self) -> Option<String> {
        let object: serde_json::Map<String, serde_json::Value> =
            self.params.iter().map(|(key, value)| (key.clone(), value.clone().into())).collect();
        let text = (!object.is_empty()).then(|| serde_json::Value::Object(object).to_string());
        text.filter(|text| text.len() <= PARAMS_BYTES_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(key: &str, values: &[&str]) -> Listed {
        Listed { key: key.into(), values: values.iter().map(|&value| value.to_owned()).collect() }
    }

    fn lists() -> Lists {
        Lists {
            campaign: vec![listed("utm_source", &["mail", "vk"]), listed("utm_medium", &["cpc"])],
            params: vec![listed("plan", &["pro", "basic"])],
        }
    }

    fn labels(campaign: &[(&str, &str)], props: &[(&str, &str)]) -> Labels {
        let props: Vec<(String, String)> = props.iter().map(|&(k, v)| (k.to_owned(), v.to_owned())).collect();
        Labels::of(&lists(), campaign, &props, true)
    }

    #[test]
    fn only_listed_values_of_listed_fields_are_said() {
        let said = labels(
            &[
                ("utm_source", "vk"),
                ("utm_medium", "ivan@example.ru"),
                ("utm_term", "cpc"),
                ("utm_content", ""),
            ],
            &[("plan", "pro"), ("plan", "Taint"), ("email", "pro")],
        );
        assert_eq!(said.page("https://example.ru/cart"), "https://example.ru/cart?utm_source=vk");
        assert_eq!(said.params().as_deref(), Some(r#"{"plan":"pro"}"#));
        let dropped: Vec<(&str, Why)> =
            said.dropped.iter().map(|one| (one.field.as_str(), one.why)).collect();
        assert_eq!(
            dropped,
            [
                ("utm_medium", Why::OtherValue),
                ("utm_term", Why::NotListed),
                ("plan", Why::OtherValue),
                ("email", Why::NotListed)
            ]
        );
    }

    #[test]
    fn without_lists_nothing_is_said_and_outside_a_preview_no_field_is_named() {
        let props = [("plan".to_owned(), "pro".to_owned())];
        let none = Labels::of(&Lists::default(), &[("utm_source", "vk")], &props, false);
        assert!(none.is_empty());
        assert_eq!((none.page("https://a.ru/"), none.params()), ("https://a.ru/".to_owned(), None));
    }

    #[test]
    fn a_page_and_its_parameters_have_their_longest() {
        let long = "v".repeat(64);
        let keys = ["utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term"];
        let campaign = keys.map(|key| (key.to_owned(), long.clone())).to_vec();
        let said = Labels { campaign, params: vec![("k".into(), "v".repeat(3_000))], dropped: vec![] };
        let page = format!("https://example.ru/{}", "a".repeat(250));
        assert!((450..=PAGE_BYTES_MAX).contains(&said.page(&page).len()), "{}", said.page(&page).len());
        assert_eq!(said.params(), None);
    }
}
