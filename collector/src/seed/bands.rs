//! Whether the made-up traffic stays believable, measured for the fixed seed.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::{
    ToSpan,
    civil::{Date, Weekday, date},
    tz::TimeZone,
};
use store::event::{DeviceClass, HotEvent, Kind};

use super::{day, scaled_day};

const SITE: u32 = 7;
const FROM: Date = date(2026, 9, 7); // A Monday without holidays after it.

fn moscow() -> TimeZone {
    TimeZone::get("Europe/Moscow").unwrap()
}

fn four_weeks() -> Vec<(Date, Vec<HotEvent>)> {
    (0..28).map(|after| FROM + after.days()).map(|date| (date, day(SITE, &moscow(), date))).collect()
}

fn visits(events: &[HotEvent]) -> HashMap<u64, Vec<&HotEvent>> {
    let mut visits: HashMap<u64, Vec<&HotEvent>> = HashMap::new();
    for event in events {
        visits.entry(event.visit).or_default().push(event);
    }
    visits
}

#[track_caller]
fn within(what: &str, value: f64, band: std::ops::RangeInclusive<f64>) {
    assert!(band.contains(&value), "{what} = {value:.4}, expected {band:?}");
}

#[test]
fn a_day_is_the_same_every_time_and_sorted() {
    let first = day(SITE, &moscow(), FROM);
    assert_eq!(first, day(SITE, &moscow(), FROM));
    assert!(first.is_sorted_by_key(|event| event.ts));
    assert_ne!(first, day(SITE + 1, &moscow(), FROM));
}

#[test]
fn a_days_events_lie_within_the_day_also_where_the_clocks_change() {
    for (zone, date) in
        [("Europe/Moscow", FROM), ("Europe/Berlin", date(2026, 3, 29)), ("Europe/Berlin", date(2026, 10, 25))]
    {
        let zone = TimeZone::get(zone).unwrap();
        let (start, end) =
            (date.to_zoned(zone.clone()).unwrap(), date.tomorrow().unwrap().to_zoned(zone.clone()).unwrap());
        let bounds = start.timestamp().as_second()..end.timestamp().as_second();
        assert!(day(SITE, &zone, date).iter().all(|event| bounds.contains(&i64::from(event.ts))), "{date}");
    }
}

#[test]
fn visits_look_like_visits() {
    let days = four_weeks();
    let (mut all, mut bounces, mut views, mut orders) = (0.0, 0.0, 0.0, 0.0);
    let mut longest = 0;
    for (_, events) in &days {
        for visit in visits(events).values() {
            let pages = visit.iter().filter(|event| event.kind == Kind::Pageview).count();
            let acts = visit.iter().filter(|event| event.kind == Kind::Custom && event.interactive).count();
            all += 1.0;
            views += pages as f64;
            bounces += f64::from(u8::from(pages <= 1 && acts == 0));
            orders += f64::from(u8::from(visit.iter().any(|event| event.name == "Order")));
            longest = longest.max(pages);
        }
    }
    within("bounce ratio", bounces / all, 0.36..=0.47);
    within("views a visit", views / all, 2.2..=3.2);
    within("orders a visit", orders / all, 0.008..=0.03);
    assert!((8..=12).contains(&longest), "{longest}");
}

#[test]
fn sources_countries_and_devices_have_their_shares() {
    let days = four_weeks();
    let mut shares: BTreeMap<String, f64> = BTreeMap::new();
    let mut all = 0.0;
    for visit in days
        .iter()
        .flat_map(|(_, events)| visits(events).into_values().map(|visit| visit[0]).collect::<Vec<_>>())
    {
        let of = &visit.attributes;
        all += 1.0;
        for key in [&*of.channel, &of.browser, &of.os, std::str::from_utf8(&of.country).unwrap()] {
            *shares.entry(key.to_owned()).or_default() += 1.0;
        }
        *shares.entry(format!("from {}", of.source)).or_default() += 1.0;
        *shares.entry(format!("{:?}", of.device)).or_default() += 1.0;
        if of.channel == "social" && of.device == DeviceClass::Mobile {
            *shares.entry("social on a phone".to_owned()).or_default() += 1.0;
        }
    }
    let share = |key: &str| shares.get(key).copied().unwrap_or(0.0) / all;
    within("search", share("search"), 0.42..=0.54);
    within("direct", share("direct"), 0.18..=0.30);
    within("ad", share("ad"), 0.06..=0.12);
    within("Yandex", share("from Yandex"), 0.30..=0.42);
    within("ai", share("ai"), 0.015..=0.05);
    within("RU", share("RU"), 0.68..=0.84);
    within("Mobile", share("Mobile"), 0.52..=0.68);
    within("Chrome", share("Chrome"), 0.32..=0.48);
    within("Yandex Browser", share("Yandex Browser"), 0.16..=0.30);
    within("Safari", share("Safari"), 0.10..=0.22);
    within("phones among social", share("social on a phone") / share("social"), 0.70..=0.88);
}

#[test]
fn the_week_and_the_day_have_their_rhythm() {
    let days = four_weeks();
    let (mut week, mut weekend, mut night, mut noon) = (0.0, 0.0, 0.0, 0.0);
    for (date, events) in &days {
        let count = visits(events).len() as f64;
        if matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday) {
            weekend += count / 8.0
        } else {
            week += count / 20.0
        }
        for event in events {
            let hour = jiff::Timestamp::from_second(i64::from(event.ts)).unwrap().to_zoned(moscow()).hour();
            match hour {
                2..=5 => night += 1.0,
                11..=14 => noon += 1.0,
                _ => {}
            }
        }
    }
    within("weekend to weekday", weekend / week, 0.74..=0.92);
    within("night to noon", night / noon, 0.05..=0.20);
}

#[test]
fn the_year_grows_has_spikes_and_stays_within_two_million_events() {
    let end = date(2026, 11, 23);
    // Every third day tells the year; all of them would take seconds.
    let days: Vec<_> = (0..365).map(|back| end - back.days()).collect();
    let counts: Vec<f64> =
        days.iter().step_by(3).map(|&date| visits(&day(SITE, &moscow(), date)).len() as f64).collect();
    let mean = |part: &[f64]| part.iter().sum::<f64>() / part.len() as f64;
    within("last to first month", mean(&counts[..10]) / mean(&counts[110..]), 1.4..=2.6);
    within("visits a day", mean(&counts), 900.0..=1_800.0);
    let busiest = counts.iter().copied().fold(0.0, f64::max);
    within("busiest to mean", busiest / mean(&counts), 1.5..=4.0);
    let rows: usize = days
        .iter()
        .step_by(15)
        .map(|&date| day(SITE, &moscow(), date).iter().filter(|event| event.kind != Kind::Engagement).count())
        .sum();
    within("events a year", rows as f64 * 15.0, 0.8e6..=2.0e6);
}

#[test]
fn popular_pages_are_popular_and_goals_are_met() {
    let days = four_weeks();
    let mut paths: HashMap<&str, usize> = HashMap::new();
    let mut goals = HashSet::new();
    let mut revenue = 0;
    for event in days.iter().flat_map(|(_, events)| events) {
        if event.kind == Kind::Pageview {
            *paths.entry(&event.path).or_default() += 1;
        }
        if event.kind == Kind::Custom {
            goals.insert(event.name.as_str());
            revenue += event.revenue_e4;
        }
    }
    let mut counts: Vec<usize> = paths.values().copied().collect();
    counts.sort_unstable_by(|one, other| other.cmp(one));
    assert!(counts.len() > 60 && counts[0] > 5 * counts[20], "{counts:?}");
    assert_eq!(
        goals,
        HashSet::from(["Order", "Lead form", "Call", "Outbound Link: Click", "File Download", "404"])
    );
    assert!(revenue > 0);
}

#[test]
fn engagement_belongs_to_a_page_view_of_its_visit() {
    let events = day(SITE, &moscow(), FROM);
    let views: HashSet<_> = events
        .iter()
        .filter(|event| event.kind == Kind::Pageview)
        .map(|event| (event.visit, event.page_view))
        .collect();
    let engagements: Vec<_> = events.iter().filter(|event| event.kind == Kind::Engagement).collect();
    assert!(
        engagements
            .iter()
            .all(|event| views.contains(&(event.visit, event.page_view)) && event.scroll <= 100)
    );
    assert!(engagements.len() * 10 > views.len() * 8);
}

#[test]
fn a_scale_multiplies_the_visits() {
    let plain = visits(&day(SITE, &moscow(), FROM)).len() as f64;
    let tenfold = visits(&scaled_day(SITE, &moscow(), FROM, 10.0)).len() as f64;
    within("scale", tenfold / plain, 9.5..=10.5);
}

#[test]
fn pages_are_as_fast_as_pages_are() {
    let events: Vec<HotEvent> = four_weeks().into_iter().flat_map(|(_, events)| events).collect();
    let p75 = |name: &str, is_asked: &dyn Fn(&HotEvent) -> bool| {
        let vitals = events.iter().filter(|event| is_asked(event)).flat_map(|event| &event.vitals.0);
        let mut values: Vec<u32> = vitals.filter(|(of, _)| *of == name).map(|&(_, value)| value).collect();
        values.sort_unstable();
        f64::from(values[values.len() * 3 / 4])
    };
    within("75th percentile of LCP, ms", p75("lcp", &|_| true), 1_800.0..=3_200.0);
    within("75th percentile of INP, ms", p75("inp", &|_| true), 100.0..=220.0);
    within("75th percentile of CLS, ten-thousandths", p75("cls", &|_| true), 100.0..=1_000.0);
    let of = |device: DeviceClass| p75("lcp", &move |event: &HotEvent| event.attributes.device == device);
    within("phones to desks", of(DeviceClass::Mobile) / of(DeviceClass::Desktop), 1.2..=2.0);
    let views = events.iter().filter(|event| event.kind == Kind::Pageview).count() as f64;
    let measured = events.iter().filter(|event| !event.vitals.0.is_empty()).count() as f64;
    within("measured views", measured / views, 0.6..=0.75);
}
