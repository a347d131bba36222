//! Made-up traffic for the demo site: a shop with a blog, in Russian and in English.
//!
//! Nobody's data: everything comes from a generator with a fixed seed, day by day, so
//! the same date always gives the same events. Sources go through the real table of
//! sources, so that the demo shows what a real site would.
//!
//! What is believable about it is held by tests (`seed/bands.rs`): shares of sources,
//! bounces, views a visit, the week's and the day's rhythm, growth, spikes.

#[cfg(test)]
mod bands;
mod pages;
pub mod past;
mod people;
pub mod random;
mod refused;
mod rhythm;
mod speed;
mod visit;
mod ways;

use jiff::{civil::Date, tz::TimeZone};
use store::event::HotEvent;

use crate::site::day_number;
use random::Random;
use visit::{Clock, Visitor};

/// The demo's host, as the dashboard's demo site has it.
const HOST: &str = "demo.localhost";

/// Changing it changes every day of the demo.
const SEED: u64 = 0x6d6f_7374_696b_2026;

/// Visits of a visitor on one day: most come once.
const SECOND_VISIT_RATIO: f64 = 0.11;
const THIRD_VISIT_RATIO: f64 = 0.15;

/// The events of one site-local day, sorted by time.
pub fn day(site_id: u32, zone: &TimeZone, date: Date) -> Vec<HotEvent> {
    scaled_day(site_id, zone, date, 1.0)
}

/// As [`day`], with `scale` times the visits; for benches.
pub fn scaled_day(site_id: u32, zone: &TimeZone, date: Date, scale: f64) -> Vec<HotEvent> {
    let number = day_number(date);
    let mut random = Random::new(SEED ^ u64::from(number) << 20 ^ u64::from(site_id));
    let Some(clock) = Clock::of(zone, date) else { return Vec::new() };
    let plan = rhythm::plan(date, &mut random);
    let visitors = (plan.visitors * scale).round() as usize;
    let mut events = Vec::with_capacity(visitors * 6);
    for _ in 0..visitors {
        let way = ways::pick(&plan, &mut random);
        let start = rhythm::second_of_day(date.weekday(), &mut random);
        let visitor = Visitor::new(people::pick(way, start, &mut random), &mut random);
        let mut after = visitor.visit(way, clock.at(start), &mut random, &mut events);
        let more = usize::from(random.chance(SECOND_VISIT_RATIO))
            + usize::from(random.chance(SECOND_VISIT_RATIO * THIRD_VISIT_RATIO));
        for _ in 0..more {
            // Past the half hour that ends a visit, up to six hours later.
            let Some(again) = clock.within(after + 1_900 + random.below(20_000)) else { break };
            after = visitor.visit(ways::again(way, &mut random), again, &mut random, &mut events);
        }
    }
    events.retain(|event| event.ts < clock.end);
    for event in &mut events {
        event.site_id = site_id;
        event.day = number;
    }
    events.sort_by_key(|event| event.ts);
    events
}
