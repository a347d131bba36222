//! How many come on which day and at which hour.

use jiff::civil::{Date, Weekday, date};

use super::random::Random;

/// What a day is like.
pub(super) struct Plan {
    pub(super) visitors: f64,
    /// From the middle of the demo's first year.
    pub(super) years: f64,
    /// A source that had a lucky day, and how much more came from it.
    pub(super) spike_source: Option<&'static str>,
    pub(super) spike_factor: f64,
}

/// Visitors on a plain day in the middle of the demo's first year.
const VISITORS: f64 = 1_130.0;
/// Yearly growth, as an exponent: visits double in a little under a year.
const GROWTH: f64 = 0.72;
/// Beyond this a date long past or far ahead would be empty or huge.
const YEARS_MAX: f64 = 1.5;
const MIDDLE: Date = date(2026, 5, 23);

/// One day in so many has a spike, on average.
const SPIKE_DAYS: f64 = 45.0;
const SPIKES: &[(&str, f64)] =
    &[("Habr", 160.0), ("Telegram", 14.0), ("Dzen", 26.0), ("YouTube", 60.0), ("Reddit", 90.0)];

/// Share of the day's visits by local hour, of 1,000.
#[rustfmt::skip]
const HOURS: [f64; 24] = [
    20.0, 12.0, 8.0, 6.0, 6.0, 9.0, 16.0, 27.0, 40.0, 52.0, 60.0, 64.0,
    64.0, 62.0, 61.0, 60.0, 58.0, 57.0, 58.0, 62.0, 66.0, 64.0, 51.0, 34.0,
];
#[rustfmt::skip]
const WEEKEND_HOURS: [f64; 24] = [
    27.0, 18.0, 12.0, 8.0, 6.0, 7.0, 10.0, 17.0, 29.0, 43.0, 55.0, 62.0,
    65.0, 64.0, 62.0, 60.0, 59.0, 59.0, 61.0, 65.0, 68.0, 66.0, 54.0, 38.0,
];

pub(super) fn plan(day: Date, random: &mut Random) -> Plan {
    let days = day.since(MIDDLE).expect("dates are days apart").get_days();
    let years = (f64::from(days) / 365.25).clamp(-YEARS_MAX, YEARS_MAX);
    let noise = 1.0 + 0.045 * random.normal();
    let visitors = VISITORS * (GROWTH * years).exp() * of_week(day.weekday()) * of_year(day) * noise.max(0.7);
    if !random.chance(1.0 / SPIKE_DAYS) {
        return Plan { visitors, years, spike_source: None, spike_factor: 1.0 };
    }
    let &(source, factor) = random.pick(SPIKES, |_| 1.0);
    Plan { visitors: visitors * 1.75, years, spike_source: Some(source), spike_factor: factor }
}

/// Fewer at weekends: people read about tea at work.
fn of_week(weekday: Weekday) -> f64 {
    match weekday {
        Weekday::Monday => 1.06,
        Weekday::Tuesday => 1.08,
        Weekday::Wednesday => 1.07,
        Weekday::Thursday => 1.04,
        Weekday::Friday => 0.97,
        Weekday::Saturday => 0.84,
        Weekday::Sunday => 0.90,
    }
}

/// The Russian year: holidays, presents, a quiet summer.
fn of_year(day: Date) -> f64 {
    match (day.month(), day.day()) {
        (1, 1..=8) => 0.62,
        (2, 18..=22) | (3, 1..=7) => 1.28,
        (5, 1..=10) => 0.80,
        (7 | 8, _) => 0.86,
        (11, 20..=30) => 1.15,
        (12, 1..=9) => 1.16,
        (12, 10..=27) => 1.36,
        (12, 28..=31) => 0.80,
        _ => 1.0,
    }
}

/// A local second of the day.
pub(super) fn second_of_day(weekday: Weekday, random: &mut Random) -> u32 {
    let hours = if matches!(weekday, Weekday::Saturday | Weekday::Sunday) { &WEEKEND_HOURS } else { &HOURS };
    let mut left = random.share() * hours.iter().sum::<f64>();
    for (hour, share) in (0..).zip(hours) {
        left -= share;
        if left < 0.0 {
            return hour * 3_600 + random.below(3_600);
        }
    }
    86_399
}
