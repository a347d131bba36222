//! Traffic that nobody chose: any visits a collector could have stored.
//!
//! A visitor's visits follow each other by half an hour or more and begin on one day,
//! as sessions do; everything else is left to chance: ties within a second, visits
//! without a page view, goals first, two hosts, a visit that goes on past midnight.

use proptest::{collection::vec, option, prelude::*, sample::select};
use store::event::DeviceClass;

use super::{BROWSERS, COUNTRIES, GOALS, HOST, PATHS, PLANS, SOURCES, Step, Visit};

const HOSTS: [&str; 2] = [HOST, "shop.example.ru"];
const DEVICES: [DeviceClass; 3] = [DeviceClass::Desktop, DeviceClass::Mobile, DeviceClass::Tablet];

const DAY_SECONDS: u32 = 86_400;
/// Moscow's midnight lies so long before UTC's.
const ZONE_SECONDS: u32 = 3 * 3_600;
/// How long after the last event of a visit the next one can begin.
const IDLE_SECONDS: u32 = 1_800;
/// How long past midnight a visit may go on.
const CARRY_SECONDS: u32 = 1_800;

/// A step before it has a time: seconds since the one before, and what happens.
type Act = (u32, &'static str, &'static str, Option<&'static str>, bool, u32);
/// A visit before it has a time: seconds beyond the idle ones, source, acts.
type Plan = (u32, &'static str, Vec<Act>);
/// Day, second of the first visit, country, browser, device, visits.
type Person = (u16, u32, [u8; 2], &'static str, DeviceClass, Vec<Plan>);

/// Forty visitors or so on the days given: enough that not every crossing is hidden.
pub fn visits(days: &'static [u16]) -> impl Strategy<Value = Vec<Visit>> {
    vec(person(days), 20..60).prop_map(|people| {
        let mut made = Vec::new();
        for (visitor, person) in (1..).zip(people) {
            add(visitor, person, &mut made);
        }
        made
    })
}

fn person(days: &'static [u16]) -> impl Strategy<Value = Person> {
    let plan = (0..9_000_u32, select(&SOURCES[..]), vec(act(), 1..6));
    let second = 0..DAY_SECONDS;
    (
        select(days),
        second,
        select(&COUNTRIES[..]),
        select(&BROWSERS[..]),
        select(&DEVICES[..]),
        vec(plan, 1..4),
    )
}

fn act() -> impl Strategy<Value = Act> {
    let gap = prop_oneof![Just(0_u32), 1..600_u32];
    let goal = option::weighted(0.3, select(&GOALS[..]));
    let engaged_ms = select(&[0_u32, 4_000, 15_000][..]);
    (gap, select(&HOSTS[..]), select(&PATHS[..]), goal, any::<bool>(), engaged_ms)
}

fn add(visitor: u64, (day, second, country, browser, device, plans): Person, made: &mut Vec<Visit>) {
    let midnight = u32::from(day) * DAY_SECONDS - ZONE_SECONDS;
    let mut ts = midnight + second;
    for (pause, source, acts) in plans {
        if ts >= midnight + DAY_SECONDS {
            return;
        }
        let mut steps = Vec::new();
        for (gap, host, path, goal, interactive, engaged_ms) in acts {
            if !steps.is_empty() {
                ts += gap;
            }
            if ts >= midnight + DAY_SECONDS + CARRY_SECONDS {
                break;
            }
            let engaged_ms = if goal.is_none() { engaged_ms } else { 0 };
            let number = (made.len() as u64) << 8 | steps.len() as u64;
            let plan = if goal.is_some() { PLANS[steps.len() % PLANS.len()] } else { "" };
            let revenue_e4 = if goal.is_some() { 12_345_600 } else { 0 };
            steps.push(Step { ts, host, path, goal, interactive, plan, revenue_e4, engaged_ms, number });
        }
        let number = made.len() as u64 + 1;
        made.push(Visit { site: 0, day, visitor, number, source, country, browser, device, steps });
        ts += IDLE_SECONDS + pause;
    }
}
