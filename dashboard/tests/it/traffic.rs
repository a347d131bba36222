//! Made-up traffic, and what a person with all of it before them would count.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use store::event::{DeviceClass, HotEvent, Kind, VisitAttributes, Vitals};

pub mod random;

/// 2026-11-10, and fourteen days until Monday the 23rd, the test's today.
pub const FIRST_DAY: u16 = 20_767;
pub const LAST_DAY: u16 = FIRST_DAY + 13;

const PATHS: [&str; 5] = ["/", "/tea", "/cups", "/it's \\ odd", "/about"];
const GOALS: [&str; 2] = ["buy", "subscribe"];
const SOURCES: [&str; 4] = ["", "Google", "Yandex", "Telegram"];
const COUNTRIES: [[u8; 2]; 3] = [*b"RU", *b"KZ", *b"ZZ"];
const BROWSERS: [&str; 3] = ["Chrome", "Firefox", "Safari"];
const HOST: &str = "example.ru";
/// Of the events' property `plan`.
const PLANS: [&str; 3] = ["free", "pro", "team"];

/// One visit with all that happened in it.
#[derive(Debug, Clone)]
pub struct Visit {
    pub site: u32,
    pub day: u16,
    pub visitor: u64,
    number: u64,
    pub source: &'static str,
    country: [u8; 2],
    pub browser: &'static str,
    pub device: DeviceClass,
    pub steps: Vec<Step>,
}

/// One thing a visitor did.
#[derive(Debug, Clone)]
pub struct Step {
    pub ts: u32,
    host: &'static str,
    pub path: &'static str,
    /// A custom event's name; a page view has none.
    pub goal: Option<&'static str>,
    interactive: bool,
    /// A custom event's plan and revenue, in ten-thousandths of a rouble.
    pub plan: &'static str,
    pub revenue_e4: i64,
    /// Milliseconds the page was in front; 0 sends no engagement.
    engaged_ms: u32,
    number: u64,
}

/// Numbers that look random and are the same in every run (SplitMix64).
struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % sides
    }

    fn one_of<T: Copy>(&mut self, things: &[T]) -> T {
        things[self.throw(things.len() as u64) as usize]
    }
}

/// Two weeks of visits.
pub fn fortnight() -> Vec<Visit> {
    let mut dice = Dice(7);
    let mut visits = Vec::new();
    for day in FIRST_DAY..=LAST_DAY {
        for _ in 0..20 + dice.throw(10) {
            let visitor = dice.throw(u64::MAX);
            let (country, browser) = (dice.one_of(&COUNTRIES), dice.one_of(&BROWSERS));
            // Moscow's day, from eight in the morning.
            let mut ts = (u32::from(day) * 24 + 5) * 3600 + dice.throw(3600) as u32;
            for _ in 0..1 + dice.throw(3) {
                let visit = Visit {
                    site: 1,
                    day,
                    visitor,
                    number: dice.throw(u64::MAX),
                    source: dice.one_of(&SOURCES),
                    country,
                    browser,
                    device: DeviceClass::Desktop,
                    steps: steps(&mut dice, &mut ts),
                };
                visits.push(visit);
                ts += 2000 + dice.throw(3000) as u32;
            }
        }
    }
    visits
}

fn steps(dice: &mut Dice, ts: &mut u32) -> Vec<Step> {
    (0..1 + dice.throw(5))
        .map(|_| {
            *ts += 1 + dice.throw(90) as u32;
            let goal = (dice.throw(4) == 0).then(|| dice.one_of(&GOALS));
            let engaged_ms = if goal.is_none() { dice.throw(3) as u32 * 7_000 } else { 0 };
            let interactive = dice.throw(3) > 0;
            Step {
                ts: *ts,
                host: HOST,
                path: dice.one_of(&PATHS),
                goal,
                interactive,
                plan: if goal.is_some() { dice.one_of(&PLANS) } else { "" },
                revenue_e4: if goal.is_some() { dice.throw(4) as i64 * 1_005_000 } else { 0 },
                engaged_ms,
                number: dice.throw(u64::MAX),
            }
        })
        .collect()
}

impl Step {
    /// What the page measured of a view that was looked at: always how it loaded, and of some
    /// how it answered.
    pub fn vitals(&self) -> Vitals {
        if self.engaged_ms == 0 {
            return Vitals::default();
        }
        let throw = |sides: u64| (self.number % sides) as u32;
        let mut measured = vec![("lcp", 900 + throw(4_001)), ("cls", throw(3_001))];
        if self.number.is_multiple_of(3) {
            measured.push(("inp", 20 + throw(701)));
        }
        Vitals(measured)
    }
}

impl Visit {
    /// The events a collector would have stored.
    pub fn events(&self) -> impl Iterator<Item = HotEvent> {
        let attributes = Arc::new(VisitAttributes {
            source: self.source.to_owned(),
            channel: if self.source.is_empty() { "direct" } else { "search" }.into(),
            referrer: String::new(),
            utm_source: String::new(),
            utm_medium: String::new(),
            utm_campaign: if self.source == "Google" { "autumn".to_owned() } else { String::new() },
            utm_content: String::new(),
            utm_term: String::new(),
            country: self.country,
            browser: self.browser.into(),
            os: "Linux".into(),
            device: self.device,
        });
        let event = move |step: &Step, kind, engaged_ms| HotEvent {
            site_id: self.site,
            day: self.day,
            visitor: self.visitor,
            visit: self.number,
            ts: step.ts,
            kind,
            name: step.goal.unwrap_or_default().to_owned(),
            host: step.host.to_owned(),
            path: step.path.to_owned(),
            attributes: Arc::clone(&attributes),
            interactive: step.goal.is_none() || step.interactive,
            props: match step.plan {
                "" => Vec::new(),
                plan => vec![("plan".to_owned(), plan.to_owned())],
            },
            revenue_e4: step.revenue_e4,
            currency: if step.revenue_e4 > 0 { "RUB".to_owned() } else { String::new() },
            engaged_ms,
            scroll: 0,
            vitals: if kind == Kind::Engagement { step.vitals() } else { Vitals::default() },
            page_view: step.number,
            event_id: step.number,
        };
        self.steps.iter().flat_map(move |step| {
            let kind = if step.goal.is_some() { Kind::Custom } else { Kind::Pageview };
            let engagement = (step.engaged_ms > 0).then(|| event(step, Kind::Engagement, step.engaged_ms));
            std::iter::once(event(step, kind, 0)).chain(engagement)
        })
    }

    pub fn country(&self) -> String {
        String::from_utf8_lossy(&self.country).into_owned()
    }

    pub fn views(&self) -> impl DoubleEndedIterator<Item = &Step> {
        self.steps.iter().filter(|step| step.goal.is_none())
    }

    pub fn entry(&self) -> &'static str {
        self.steps[0].path
    }

    pub fn exit(&self) -> Option<&'static str> {
        self.views().next_back().map(|step| step.path)
    }

    pub fn is_bounce(&self) -> bool {
        self.views().count() <= 1 && !self.steps.iter().any(|step| step.goal.is_some() && step.interactive)
    }

    pub fn seconds(&self) -> u64 {
        u64::from(self.steps.last().map_or(0, |last| last.ts - self.steps[0].ts))
    }

    pub fn engaged_ms(&self) -> u64 {
        self.steps.iter().map(|step| u64::from(step.engaged_ms)).sum()
    }
}

/// Distinct visitors of visits, day by day.
pub fn visitors<'a>(visits: impl Iterator<Item = &'a Visit>) -> u64 {
    visits.map(|visit| (visit.day, visit.visitor)).collect::<BTreeSet<_>>().len() as u64
}

/// What a panel should show: value to (visitors, visits, views).
pub fn by_value(visits: &[Visit], value: impl Fn(&Visit) -> String) -> BTreeMap<String, (u64, u64, u64)> {
    let mut groups: BTreeMap<String, Vec<&Visit>> = BTreeMap::new();
    for visit in visits {
        groups.entry(value(visit)).or_default().push(visit);
    }
    let counted = |visits: &Vec<&Visit>| {
        let views = visits.iter().map(|visit| visit.views().count() as u64).sum();
        (visitors(visits.iter().copied()), visits.len() as u64, views)
    };
    groups.iter().map(|(value, visits)| (value.clone(), counted(visits))).collect()
}
