//! One visit: pages, how long they are read, what is done on them.

use std::sync::Arc;

use jiff::{civil::Date, tz::TimeZone};
use store::event::{HotEvent, Kind as EventKind, VisitAttributes, Vitals, engaged_in_steps};

use super::{
    HOST,
    pages::{self, Kind, Page},
    people::Person,
    random::Random,
    speed,
    ways::Way,
};

/// Pages of one visit, at most.
const VIEWS_MAX: u32 = 12;
/// Chance of one more page, once a second one was opened.
const NEXT_PAGE_RATIO: f64 = 0.63;
/// A page view's engagement arrives unless the browser was killed.
const ENGAGEMENT_RATIO: f64 = 0.94;
/// Longest a page is read, in seconds: past half an hour it would be another visit.
const READING_SECONDS_MAX: f64 = 1_500.0;
/// A basket in the middle, in roubles.
const BASKET: f64 = 2_350.0;

/// A local day in UTC seconds.
pub(super) struct Clock {
    start: u32,
    pub(super) end: u32,
}

impl Clock {
    /// `None` for a date outside what the table can hold.
    pub(super) fn of(zone: &TimeZone, date: Date) -> Option<Clock> {
        let second = |date: Date| {
            let midnight = date.to_zoned(zone.clone()).ok()?;
            u32::try_from(midnight.timestamp().as_second()).ok()
        };
        Some(Clock { start: second(date)?, end: second(date.tomorrow().ok()?)? })
    }

    /// A day on which the clocks change is an hour shorter or longer; its length, not
    /// its hours, is kept.
    pub(super) fn at(&self, second_of_day: u32) -> u32 {
        self.start + (u64::from(second_of_day) * u64::from(self.end - self.start) / 86_400) as u32
    }

    pub(super) fn within(&self, ts: u32) -> Option<u32> {
        (ts < self.end).then_some(ts)
    }
}

/// Somebody, for a day.
pub(super) struct Visitor {
    number: u64,
    person: Person,
}

/// A visit being written down.
struct Walk<'a> {
    visitor: u64,
    visit: u64,
    attributes: Arc<VisitAttributes>,
    ts: u32,
    page: Page,
    page_view: u64,
    random: &'a mut Random,
    out: &'a mut Vec<HotEvent>,
}

impl Visitor {
    pub(super) fn new(person: Person, random: &mut Random) -> Visitor {
        Visitor { number: random.next().max(1), person }
    }

    /// Appends the events of one visit; gives the time of the last.
    pub(super) fn visit(&self, way: &Way, start: u32, random: &mut Random, out: &mut Vec<HotEvent>) -> u32 {
        let is_mobile = self.person.device == store::event::DeviceClass::Mobile;
        let bounce_ratio = way.bounce_ratio() + if is_mobile { 0.05 } else { -0.03 };
        let views = if random.chance(bounce_ratio) { 1 } else { views(random) };
        let mut walk = Walk {
            visitor: self.number,
            visit: random.next(),
            attributes: Arc::new(attributes(way, self.person)),
            ts: start,
            page: way.landing(self.person.is_abroad(), random),
            page_view: 0,
            random,
            out,
        };
        for view in 1..=views {
            walk.read_page(views == 1);
            if walk.page.kind == Kind::Thanks
                || (view < views && walk.page.kind == Kind::Missing && walk.random.chance(0.5))
            {
                break;
            }
            walk.page = pages::next(walk.page, walk.random);
        }
        walk.ts
    }
}

fn views(random: &mut Random) -> u32 {
    let mut views = 2;
    while views < VIEWS_MAX && random.chance(NEXT_PAGE_RATIO) {
        views += 1;
    }
    views
}

fn attributes(way: &Way, person: Person) -> VisitAttributes {
    VisitAttributes {
        source: way.attribution.source.clone(),
        channel: way.attribution.channel.name().into(),
        referrer: way.attribution.referrer.clone(),
        utm_source: way.campaign.source.clone(),
        utm_medium: way.campaign.medium.clone(),
        utm_campaign: way.campaign.campaign.clone(),
        utm_content: way.campaign.content.clone(),
        utm_term: way.campaign.term.clone(),
        country: person.country,
        browser: person.browser.name().into(),
        os: person.os.name().into(),
        device: person.device,
    }
}

impl Walk<'_> {
    fn read_page(&mut self, is_only: bool) {
        self.page_view = self.random.next();
        self.put(EventKind::Pageview, "", &[]);
        let median = match self.page.kind {
            Kind::Article => 74.0,
            Kind::Product | Kind::Checkout => 38.0,
            Kind::Missing => 7.0,
            _ => 21.0,
        };
        let seconds = self.random.log_normal(if is_only { median * 0.55 } else { median }, 0.95);
        let seconds = seconds.clamp(1.0, READING_SECONDS_MAX);
        let opened = self.ts;
        self.ts = opened + (seconds * 0.6) as u32;
        self.act();
        self.ts = opened + seconds as u32 + 1;
        if self.random.chance(ENGAGEMENT_RATIO) {
            // The rest of the time another tab or window was in front.
            let engaged_ratio = 0.45 + 0.5 * self.random.share();
            let scroll =
                28.0 + 60.0 * (seconds / 120.0).min(1.0) * self.random.share() + 12.0 * self.random.share();
            let vitals = speed::of(self.page_view, self.page.kind, self.attributes.device);
            let engagement = self.put(EventKind::Engagement, "", &[]);
            engagement.engaged_ms = engaged_in_steps((seconds * 1_000.0 * engaged_ratio) as u32);
            engagement.scroll = scroll.min(100.0) as u8;
            engagement.vitals = vitals;
        }
    }

    /// What is done on the page besides reading it.
    fn act(&mut self) {
        let page = self.page;
        match page.kind {
            Kind::Thanks => {
                let product = self.random.zipf(pages::PRODUCTS).path.rsplit('/').next().unwrap_or_default();
                let roubles = self.random.log_normal(BASKET, 0.6).clamp(290.0, 60_000.0);
                let order = self.put(EventKind::Custom, "Order", &[("product", product)]);
                // Prices end in 0.
                order.revenue_e4 = (roubles / 10.0).round() as i64 * 10 * 10_000;
                order.currency = "RUB".to_owned();
            }
            Kind::Contacts => {
                let at = self.random.share();
                if at < 0.10 {
                    self.put(EventKind::Custom, "Lead form", &[("method", "contacts")]);
                } else if at < 0.25 {
                    let method = if self.random.chance(0.7) { "phone" } else { "telegram" };
                    self.put(EventKind::Custom, "Call", &[("method", method)]);
                }
            }
            Kind::Missing => {
                self.put(EventKind::Custom, "404", &[("url", page.path)]).interactive = false;
            }
            Kind::Service if page.path == "/wholesale/" => {
                if self.random.chance(0.09) {
                    self.put(EventKind::Custom, "Lead form", &[("method", "wholesale")]);
                }
                if self.random.chance(0.22) {
                    self.put(EventKind::Custom, "File Download", &[("url", "/files/price.pdf")]);
                }
            }
            Kind::Article if self.random.chance(0.035) => {
                let to = [
                    "https://t.me/",
                    "https://vk.com/",
                    "https://www.youtube.com/",
                    "https://ru.wikipedia.org/",
                ];
                let url = *self.random.zipf(&to);
                self.put(EventKind::Custom, "Outbound Link: Click", &[("url", url)]);
            }
            _ => {}
        }
    }

    fn put(&mut self, kind: EventKind, name: &str, props: &[(&str, &str)]) -> &mut HotEvent {
        self.out.push(HotEvent {
            // Both are the caller's.
            site_id: 0,
            day: 0,
            visitor: self.visitor,
            visit: self.visit,
            ts: self.ts,
            kind,
            name: name.to_owned(),
            host: HOST.to_owned(),
            path: self.page.path.to_owned(),
            attributes: Arc::clone(&self.attributes),
            interactive: true,
            props: props.iter().map(|&(key, value)| (key.to_owned(), value.to_owned())).collect(),
            revenue_e4: 0,
            currency: String::new(),
            engaged_ms: 0,
            scroll: 0,
            vitals: Vitals::default(),
            page_view: self.page_view,
            event_id: self.random.next(),
        });
        self.out.last_mut().expect("pushed above")
    }
}
