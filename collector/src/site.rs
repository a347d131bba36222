//! The sites of the current settings, ready for the hot path: looked up by domain,
//! zone and uuid parsed.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use store::{event::DayNumber, goal, snapshot::Snapshot};

use crate::enrich::property::Declared;

/// How long after its midnight a site's yesterday still takes events of visits
/// that were alive at midnight, in seconds (privacy.md section 5.2).
pub const CARRY_SECONDS: i64 = 30 * 60;

/// One site, parsed.
pub struct Site {
    pub id: u32,
    pub uuid: [u8; 16],
    pub domain: String,
    pub zone: TimeZone,
    pub zone_name: String,
    /// Goals and funnels its days are closed with.
    pub declared: goal::Declared,
    hosts: HashSet<String>,
    props: Vec<Declared>,
}

/// All sites of one settings version.
#[derive(Default)]
pub struct Sites {
    pub version: u64,
    by_domain: HashMap<String, Arc<Site>>,
    /// Sites that were removed: id and uuid.
    removed: Vec<(u32, [u8; 16])>,
}

/// Where an instant lies in a site's days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SiteDay {
    pub today: DayNumber,
    /// Yesterday, while its carry lasts.
    pub carried: Option<DayNumber>,
}

#[derive(Debug, thiserror::Error)]
#[error("site {site} has {what}")]
pub struct BadSite {
    site: u32,
    what: &'static str,
}

impl Sites {
    pub fn read(snapshot: &Snapshot) -> Result<Sites, BadSite> {
        let by_domain = snapshot
            .sites
            .iter()
            .map(|site| Ok((site.domain.clone(), Arc::new(Site::read(site)?))))
            .collect::<Result<_, BadSite>>()?;
        let removed = snapshot
            .removed
            .iter()
            .map(|site| {
                let what = "a uuid that is not 32 hexadecimal digits";
                Ok((site.id, uuid(&site.uuid).ok_or(BadSite { site: site.id, what })?))
            })
            .collect::<Result<_, BadSite>>()?;
        Ok(Sites { version: snapshot.version, by_domain, removed })
    }

    pub fn by_domain(&self, domain: &str) -> Option<&Arc<Site>> {
        self.by_domain.get(domain)
    }

    /// Id and uuid of every site that was removed.
    pub fn removed(&self) -> &[(u32, [u8; 16])] {
        &self.removed
    }

    pub fn iter(&self) -> impl Iterator<Item = &Arc<Site>> {
        self.by_domain.values()
    }
}

impl Site {
    fn read(site: &store::snapshot::Site) -> Result<Site, BadSite> {
        let bad = |what| BadSite { site: site.id, what };
        Ok(Site {
            id: site.id,
            uuid: uuid(&site.uuid).ok_or(bad("a uuid that is not 32 hexadecimal digits"))?,
            domain: site.domain.clone(),
            zone: TimeZone::get(&site.time_zone).map_err(|_| bad("an unknown time zone"))?,
            zone_name: site.time_zone.clone(),
            declared: site.declared.clone(),
            hosts: site.hosts.iter().map(|host| host.to_ascii_lowercase()).collect(),
            props: site.props.iter().map(|text| Declared::read(text)).collect(),
        })
    }

    /// Whether pages of `host` count for this site.
    pub fn has_host(&self, host: &str) -> bool {
        self.is_own_host(host) || self.hosts.contains("*")
    }

    /// Whether a referrer from `host` is this site itself.
    pub fn is_own_host(&self, host: &str) -> bool {
        let under = |parent: &str| host.strip_suffix(parent).is_some_and(|head| head.ends_with('.'));
        host == self.domain || under(&self.domain) || self.hosts.contains(host)
    }

    /// What the owner has declared of this property.
    pub fn prop(&self, key: &str) -> Option<&Declared> {
        self.props.iter().find(|declared| declared.name == key)
    }

    pub fn day_of(&self, now: Timestamp) -> SiteDay {
        let today = day_number(now.to_zoned(self.zone.clone()).date());
        let before = now - jiff::SignedDuration::from_secs(CARRY_SECONDS);
        let then = day_number(before.to_zoned(self.zone.clone()).date());
        SiteDay { today, carried: (then < today).then_some(then) }
    }

    /// When a day and its carry are over, in seconds since 1970-01-01.
    pub fn end_of(&self, day: DayNumber) -> i64 {
        let midnight = date_of(day).tomorrow().and_then(|date| date.to_zoned(self.zone.clone()));
        // The calendar ends long after the day numbers do.
        midnight.map_or(0, |midnight| midnight.timestamp().as_second() + CARRY_SECONDS)
    }
}

/// Days since 1970-01-01; dates outside the table's range are its ends.
pub fn day_number(date: Date) -> DayNumber {
    let epoch = jiff::civil::date(1970, 1, 1);
    let days = date.since(epoch).expect("dates are days apart").get_days();
    DayNumber::try_from(days.max(0)).unwrap_or(DayNumber::MAX)
}

/// The date of a day number.
pub fn date_of(day: DayNumber) -> Date {
    jiff::civil::date(1970, 1, 1)
        .checked_add(jiff::Span::new().days(i64::from(day)))
        .expect("65,535 days after 1970 is in 2149")
}

fn uuid(text: &str) -> Option<[u8; 16]> {
    let mut bytes = [0; 16];
    if text.len() != 32 || !text.is_ascii() {
        return None;
    }
    for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(zone: &str) -> Site {
        Site::read(&store::snapshot::Site {
            id: 1,
            uuid: "11".repeat(16),
            domain: "example.ru".into(),
            hosts: vec!["shop.test".into()],
            time_zone: zone.into(),
            props: vec![],
            declared: goal::Declared::default(),
        })
        .unwrap()
    }

    #[test]
    fn a_day_is_the_sites_own() {
        let evening: Timestamp = "2026-11-22T21:40:00Z".parse().unwrap();
        let moscow = site("Europe/Moscow").day_of(evening);
        let utc = site("UTC").day_of(evening);
        assert_eq!(date_of(moscow.today).to_string(), "2026-11-23");
        assert_eq!(moscow.carried, None, "40 minutes past midnight the carry is over");
        assert_eq!(date_of(utc.today).to_string(), "2026-11-22");
    }

    #[test]
    fn yesterday_is_carried_for_half_an_hour_after_midnight() {
        let just_after: Timestamp = "2026-11-22T21:10:00Z".parse().unwrap();
        let day = site("Europe/Moscow").day_of(just_after);
        assert_eq!(day.carried, Some(day.today - 1));
    }

    #[test]
    fn a_half_hour_zone_has_its_own_midnight() {
        let day = site("Asia/Kolkata").day_of("2026-11-22T18:31:00Z".parse().unwrap());
        assert_eq!(date_of(day.today).to_string(), "2026-11-23");
        assert!(day.carried.is_some());
    }

    #[test]
    fn the_domain_its_subdomains_and_named_hosts_belong_to_the_site() {
        let site = site("UTC");
        for (host, belongs) in [
            ("example.ru", true),
            ("www.example.ru", true),
            ("shop.test", true),
            ("badexample.ru", false),
            ("example.ru.evil.test", false),
        ] {
            assert_eq!(site.has_host(host), belongs, "{host}");
        }
    }

    #[test]
    fn day_numbers_are_those_of_the_table() {
        assert_eq!(day_number(jiff::civil::date(2026, 11, 23)), 20780);
        assert_eq!(date_of(20780), jiff::civil::date(2026, 11, 23));
    }

    #[test]
    fn a_bad_uuid_or_zone_is_named() {
        assert!(uuid("zz").is_none());
        assert_eq!(uuid(&"ff".repeat(16)), Some([255; 16]));
    }
}
