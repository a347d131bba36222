//! A fixed list of events whose answers were worked out by hand.
//!
//! Day one (2026-03-10, a site in UTC):
//!
//! | visitor | visit | what |
//! | --- | --- | --- |
//! | A, RU, Chrome, desktop | 1, Yandex | 10:00:00 `/`, engaged 25 s, LCP 1.2 s, CLS 0.0034 · 10:01:00 `/pricing`, engaged 40 s · 10:02:00 `Order` 10.50 RUB · last word 10:02:30 |
//! | A | 2, Direct | 15:00:00 `/` |
//! | B, DE, Firefox, mobile | 3, Telegram | 11:00:00 `/pricing`, engaged 8 s · last word 11:00:10 |
//! | C, RU, Safari, mobile | 4, Direct | 12:00:00 `/` · 12:05:00 `/` · 12:10:00 `/about` |
//! | D, RU, Chrome, desktop | 5, Direct | 13:00:00 `Call`, not interactive, on `/contacts` |
//!
//! Day two (2026-03-11): visitor E, RU, Chrome, desktop, visit 6, Direct: 09:00:00 `/`.

use std::sync::Arc;

use collector::site::Sites;
use store::{
    event::{DeviceClass, HotEvent, Kind, VisitAttributes, Vitals},
    snapshot::{Site, Snapshot},
};

use crate::instance::DOMAIN;

/// 2026-03-10 as days since 1970-01-01.
pub const DAY_ONE: u16 = 20522;
/// 2026-03-10 00:00:00 UTC.
const MIDNIGHT: u32 = DAY_ONE as u32 * 86_400;

/// The site of the events.
pub fn sites() -> Sites {
    let site = Site {
        id: 1,
        uuid: "11".repeat(16),
        domain: DOMAIN.into(),
        hosts: vec![],
        time_zone: "UTC".into(),
        props: vec![],
        declared: Default::default(),
    };
    Sites::read(&Snapshot { version: 1, sites: vec![site], ..Snapshot::empty() })
        .expect("a site without mistakes")
}

struct Person {
    visitor: u64,
    country: &'static [u8; 2],
    browser: &'static str,
    os: &'static str,
    device: DeviceClass,
}

const A: Person =
    Person { visitor: 101, country: b"RU", browser: "Chrome", os: "Windows", device: DeviceClass::Desktop };
const B: Person =
    Person { visitor: 102, country: b"DE", browser: "Firefox", os: "Android", device: DeviceClass::Mobile };
const C: Person =
    Person { visitor: 103, country: b"RU", browser: "Safari", os: "iOS", device: DeviceClass::Mobile };
const D: Person = Person { visitor: 104, ..A };
const E: Person = Person { visitor: 105, ..A };

impl Person {
    fn visit(&self, number: u64, source: &str, channel: &'static str) -> Visit {
        Visit {
            visitor: self.visitor,
            number,
            attributes: Arc::new(VisitAttributes {
                source: source.into(),
                channel: channel.into(),
                referrer: String::new(),
                utm_source: String::new(),
                utm_medium: String::new(),
                utm_campaign: String::new(),
                utm_content: String::new(),
                utm_term: String::new(),
                country: *self.country,
                browser: self.browser.into(),
                os: self.os.into(),
                device: self.device,
            }),
        }
    }
}

struct Visit {
    visitor: u64,
    number: u64,
    attributes: Arc<VisitAttributes>,
}

impl Visit {
    /// `at` in seconds since day one's midnight.
    fn event(&self, at: u32, kind: Kind, path: &str) -> HotEvent {
        HotEvent {
            site_id: 1,
            day: DAY_ONE + (at / 86_400) as u16,
            visitor: self.visitor,
            visit: self.number,
            ts: MIDNIGHT + at,
            kind,
            name: String::new(),
            host: crate::instance::DOMAIN.into(),
            path: path.into(),
            attributes: self.attributes.clone(),
            interactive: true,
            props: Vec::new(),
            revenue_e4: 0,
            currency: String::new(),
            engaged_ms: 0,
            scroll: 0,
            vitals: Vitals::default(),
            page_view: 0,
            event_id: u64::from(at) << 16 | self.number,
        }
    }

    fn view(&self, at: u32, path: &str, page_view: u64) -> HotEvent {
        HotEvent { page_view, ..self.event(at, Kind::Pageview, path) }
    }

    fn engaged(&self, at: u32, path: &str, page_view: u64, engaged_ms: u32, scroll: u8) -> HotEvent {
        HotEvent { page_view, engaged_ms, scroll, ..self.event(at, Kind::Engagement, path) }
    }

    fn custom(&self, at: u32, path: &str, name: &str) -> HotEvent {
        HotEvent { name: name.into(), ..self.event(at, Kind::Custom, path) }
    }
}

const fn clock(hour: u32, minute: u32, second: u32) -> u32 {
    hour * 3600 + minute * 60 + second
}

/// The events of both days, in no particular order.
pub fn events() -> Vec<HotEvent> {
    let one = A.visit(1, "Yandex", "search");
    let two = A.visit(2, "Direct", "direct");
    let three = B.visit(3, "Telegram", "messenger");
    let four = C.visit(4, "Direct", "direct");
    let five = D.visit(5, "Direct", "direct");
    let six = E.visit(6, "Direct", "direct");
    let mut order = one.custom(clock(10, 2, 0), "/pricing", "Order");
    order.revenue_e4 = 105_000;
    order.currency = "RUB".into();
    let mut call = five.custom(clock(13, 0, 0), "/contacts", "Call");
    call.interactive = false;
    let measured =
        |figures: &[(&'static str, u32)], event| HotEvent { vitals: Vitals(figures.to_vec()), ..event };
    vec![
        one.view(clock(10, 0, 0), "/", 11),
        // Cumulative: the earlier, smaller message must not be added, and the later figures count.
        measured(&[("lcp", 900), ("cls", 0)], one.engaged(clock(10, 0, 10), "/", 11, 10_000, 40)),
        measured(&[("lcp", 1200), ("cls", 34)], one.engaged(clock(10, 0, 30), "/", 11, 25_000, 80)),
        one.view(clock(10, 1, 0), "/pricing", 12),
        order,
        one.engaged(clock(10, 2, 30), "/pricing", 12, 40_000, 100),
        two.view(clock(15, 0, 0), "/", 21),
        three.view(clock(11, 0, 0), "/pricing", 31),
        three.engaged(clock(11, 0, 10), "/pricing", 31, 8_000, 30),
        four.view(clock(12, 0, 0), "/", 41),
        four.view(clock(12, 5, 0), "/", 42),
        four.view(clock(12, 10, 0), "/about", 43),
        call,
        six.view(86_400 + clock(9, 0, 0), "/", 61),
    ]
}
