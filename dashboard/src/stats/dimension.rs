//! What an owner can break numbers down by and filter on: a closed list, so that a
//! column's name never comes from outside.

use schemars::JsonSchema;
use serde::Serialize;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Dimension {
    Page,
    Entry,
    Exit,
    Source,
    Channel,
    Referrer,
    UtmSource,
    UtmMedium,
    UtmCampaign,
    UtmContent,
    UtmTerm,
    Country,
    Browser,
    Os,
    Device,
    /// A custom event's name.
    Event,
    /// A property of a custom event with its value, `plan=pro`.
    Property,
    /// A goal the owner has declared.
    Goal,
    Host,
}

/// How far a dimension's value reaches, which decides what its rows can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// The same on every event of a visitor's day.
    Visitor,
    /// The same on every event of a visit: where it came from.
    Source,
    /// Of the page an event happened on; asked of a visit's first event.
    Host,
    Page,
    Entry,
    Exit,
    Event,
    /// Of a whole visit: what it reached.
    Goal,
}

/// A row's properties as texts, and the same unfolded, a row for each.
pub const PROPERTIES: &str =
    "arrayMap((name, kept) -> concat(name, '=', kept), mapKeys(props), mapValues(props))";
const EACH_PROPERTY: &str =
    "arrayJoin(arrayMap((name, kept) -> concat(name, '=', kept), mapKeys(props), mapValues(props)))";

impl Dimension {
    pub const ALL: [Dimension; 19] = [
        Dimension::Page,
        Dimension::Entry,
        Dimension::Exit,
        Dimension::Source,
        Dimension::Channel,
        Dimension::Referrer,
        Dimension::UtmSource,
        Dimension::UtmMedium,
        Dimension::UtmCampaign,
        Dimension::UtmContent,
        Dimension::UtmTerm,
        Dimension::Country,
        Dimension::Browser,
        Dimension::Os,
        Dimension::Device,
        Dimension::Event,
        Dimension::Property,
        Dimension::Goal,
        Dimension::Host,
    ];

    /// As docs/api.md spells it.
    pub fn name(self) -> &'static str {
        match self {
            Dimension::Page => "page",
            Dimension::Entry => "entry",
            Dimension::Exit => "exit",
            Dimension::Source => "source",
            Dimension::Channel => "channel",
            Dimension::Referrer => "referrer",
            Dimension::UtmSource => "utm_source",
            Dimension::UtmMedium => "utm_medium",
            Dimension::UtmCampaign => "utm_campaign",
            Dimension::UtmContent => "utm_content",
            Dimension::UtmTerm => "utm_term",
            Dimension::Country => "country",
            Dimension::Browser => "browser",
            Dimension::Os => "os",
            Dimension::Device => "device",
            Dimension::Event => "event",
            Dimension::Property => "property",
            Dimension::Goal => "goal",
            Dimension::Host => "host",
        }
    }

    pub fn named(name: &str) -> Option<Dimension> {
        Dimension::ALL.into_iter().find(|dimension| dimension.name() == name)
    }

    pub fn reach(self) -> Reach {
        match self {
            Dimension::Page => Reach::Page,
            Dimension::Entry => Reach::Entry,
            Dimension::Exit => Reach::Exit,
            Dimension::Event | Dimension::Property => Reach::Event,
            Dimension::Goal => Reach::Goal,
            Dimension::Host => Reach::Host,
            Dimension::Country | Dimension::Browser | Dimension::Os | Dimension::Device => Reach::Visitor,
            Dimension::Source
            | Dimension::Channel
            | Dimension::Referrer
            | Dimension::UtmSource
            | Dimension::UtmMedium
            | Dimension::UtmCampaign
            | Dimension::UtmContent
            | Dimension::UtmTerm => Reach::Source,
        }
    }

    /// The column of `events` that holds the value.
    pub fn column(self) -> &'static str {
        match self {
            Dimension::Page | Dimension::Entry | Dimension::Exit => "path",
            Dimension::Event => "name",
            Dimension::Property => EACH_PROPERTY,
            Dimension::Goal => "goals",
            other => other.name(),
        }
    }

    /// The value as a String in SQL. The country is a FixedString and the device an
    /// Enum in the table.
    pub fn text(self) -> &'static str {
        match self {
            Dimension::Country => "toString(country)",
            Dimension::Device => "toString(device)",
            other => other.column(),
        }
    }

    /// Which rows of `events` can carry the value; `None` is every row.
    pub fn rows(self) -> Option<&'static str> {
        match self {
            Dimension::Entry | Dimension::Goal => Some("is_visit = 1"),
            Dimension::Exit => Some("is_exit = 1"),
            Dimension::Event | Dimension::Property => Some("kind = 'custom'"),
            _ => None,
        }
    }

    /// Whether it has a panel made of one column's values. Goals are no column, and a row has
    /// many properties: unfolding them is not for every look at the page.
    pub fn is_column(self) -> bool {
        !matches!(self, Dimension::Goal | Dimension::Property)
    }

    /// Whether an empty value is worth a row. No source is a direct visit and says
    /// something; no campaign is nearly everybody and says nothing.
    pub fn keeps_empty(self) -> bool {
        !matches!(
            self,
            Dimension::UtmSource
                | Dimension::UtmMedium
                | Dimension::UtmCampaign
                | Dimension::UtmContent
                | Dimension::UtmTerm
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dimension_of_the_contract_is_known_and_no_other() {
        let contract = include_str!("../../../docs/api.md");
        let listed = contract.split("Dimensions: `").nth(1).and_then(|rest| rest.split('`').next()).unwrap();
        let listed: Vec<&str> = listed.split_whitespace().collect();
        let known: Vec<&str> = Dimension::ALL.iter().map(|dimension| dimension.name()).collect();
        assert_eq!(known, listed);
        assert_eq!(Dimension::named("visitor"), None);
    }
}
