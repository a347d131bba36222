//! What leaves for Yandex Metrika now, for the pages that tell visitors: from the switches in
//! force, so that no page says "nobody" while goals leave.

use serde_json::{Value, json};
use store::snapshot::metrika::{ConsentRule, Mode};

use super::words::{self, Said};
use crate::{
    bridge::destination::{Destination, Destinations},
    serve::visitor::language::Language,
};

/// What a site's live destination sends, or at most what those of several do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forwarded {
    pub delay_seconds: [u32; 2],
    pub round_seconds: u32,
    pub release_at: u32,
    pub names_pages: bool,
    pub tells_value: bool,
    /// Every earlier event of the visit must have carried consent too.
    pub asks_whole_visit: bool,
    /// Tags of campaigns, of the owner's list.
    pub names_campaign: bool,
    /// Properties of events, the same.
    pub names_properties: bool,
    /// What could not leave in time may leave later, in a file.
    pub sends_late: bool,
}

impl Forwarded {
    /// Of one site; without one, of any site of this server. `None`: nothing leaves.
    pub fn of(destinations: &Destinations, site_id: Option<u32>) -> Option<Forwarded> {
        let is_told = |one: &&Destination| {
            one.mode == Mode::Live && site_id.is_none_or(|site_id| one.site_id == site_id)
        };
        destinations.iter().filter(is_told).map(Forwarded::by).reduce(Forwarded::or)
    }

    fn by(destination: &Destination) -> Forwarded {
        Forwarded {
            delay_seconds: destination.delay_seconds,
            round_seconds: destination.round_seconds,
            release_at: destination.release_at,
            names_pages: !destination.paths.is_empty(),
            tells_value: destination.tells_value(),
            asks_whole_visit: destination.consent == ConsentRule::Visit,
            names_campaign: !destination.lists.campaign.is_empty(),
            names_properties: !destination.lists.params.is_empty(),
            sends_late: destination.late.is_on(),
        }
    }

    /// The wider of the two in each respect: what is said holds for both.
    fn or(self, other: Forwarded) -> Forwarded {
        Forwarded {
            delay_seconds: [
                self.delay_seconds[0].min(other.delay_seconds[0]),
                self.delay_seconds[1].max(other.delay_seconds[1]),
            ],
            round_seconds: self.round_seconds.min(other.round_seconds),
            release_at: self.release_at.min(other.release_at),
            names_pages: self.names_pages || other.names_pages,
            tells_value: self.tells_value || other.tells_value,
            asks_whole_visit: self.asks_whole_visit && other.asks_whole_visit,
            names_campaign: self.names_campaign || other.names_campaign,
            names_properties: self.names_properties || other.names_properties,
            sends_late: self.sends_late || other.sends_late,
        }
    }

    /// One paragraph, without marks of any format.
    pub fn text(&self, language: Language) -> String {
        let say = |said: Said| said.in_language(language);
        let only_if = |is: bool, said: Said| if is { say(said) } else { "" };
        let [from, to] = self.delay_seconds;
        say(words::FORWARDED)
            .replace("{visit}", only_if(self.asks_whole_visit, words::FORWARDED_VISIT))
            .replace("{page}", only_if(self.names_pages, words::FORWARDED_PAGE))
            .replace("{value}", only_if(self.tells_value, words::FORWARDED_VALUE))
            .replace("{campaign}", only_if(self.names_campaign, words::FORWARDED_CAMPAIGN))
            .replace("{properties}", only_if(self.names_properties, words::FORWARDED_PROPERTIES))
            .replace("{round}", &self.round_seconds.to_string())
            .replace("{late}", only_if(self.sends_late, words::FORWARDED_LATE))
            .replace("{company}", only_if(self.release_at > 1, words::FORWARDED_COMPANY))
            .replace("{k}", &self.release_at.to_string())
            .replace("{from}", &minutes(from))
            .replace("{to}", &minutes(to))
    }

    pub fn json(&self) -> Value {
        let mut sent = vec!["goal", "site", "rounded time", "random number of the visit"];
        sent.extend(self.names_pages.then_some("page, as the owner has listed it"));
        sent.extend(self.tells_value.then_some("rounded value"));
        sent.extend(
            self.names_campaign.then_some("tags of the campaign, if the owner has listed their values"),
        );
        sent.extend(self.names_properties.then_some("properties, if the owner has listed their values"));
        json!({
            "name": "Yandex Metrika",
            "forwarding_now": true,
            "needs": if self.asks_whole_visit {
                "consent on this and every earlier event of the visit, and no signal"
            } else {
                "consent on this very event, and no signal"
            },
            "sent": sent,
            "time_rounded_to_seconds": self.round_seconds,
            "delay_seconds": self.delay_seconds,
            "equal_goals_waited_for": self.release_at,
            "given_up_after_hours": if self.sends_late { 24 } else { 11 },
        })
    }
}

/// `600` is `10`, `90` is `1.5`.
fn minutes(seconds: u32) -> String {
    let text = format!("{:.1}", f64::from(seconds) / 60.0);
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

#[cfg(test)]
pub(super) fn example() -> Forwarded {
    Forwarded {
        delay_seconds: [300, 1_200],
        round_seconds: 60,
        release_at: 1,
        names_pages: false,
        tells_value: false,
        asks_whole_visit: false,
        names_campaign: false,
        names_properties: false,
        sends_late: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_of_forwarding_changes_text_and_declaration() {
        for other in [
            Forwarded { delay_seconds: [300, 90], ..example() },
            Forwarded { round_seconds: 300, ..example() },
            Forwarded { release_at: 3, ..example() },
            Forwarded { names_pages: true, ..example() },
            Forwarded { tells_value: true, ..example() },
            Forwarded { asks_whole_visit: true, ..example() },
            Forwarded { sends_late: true, ..example() },
            Forwarded { names_campaign: true, ..example() },
            Forwarded { names_properties: true, ..example() },
        ] {
            for language in [Language::Russian, Language::English] {
                let text = other.text(language);
                assert_ne!(text, example().text(language), "{other:?}");
                assert!(!text.contains('{'), "{text}");
            }
            assert_ne!(other.json(), example().json(), "{other:?}");
        }
    }

    #[test]
    fn of_several_sites_the_widest_is_said() {
        let strict = Forwarded { release_at: 5, asks_whole_visit: true, round_seconds: 900, ..example() };
        let wide = Forwarded { tells_value: true, delay_seconds: [0, 60], ..example() };
        let both = Forwarded { tells_value: true, delay_seconds: [0, 1_200], ..example() };
        assert_eq!(strict.or(wide), both);
    }
}
