//! Which days a report covers, in the site's zone, and which it is compared with.
//!
//! Promises: both ranges have the same number of days; the previous period ends the day
//! before the period begins; a year earlier the days fall on the same weekdays.

use jiff::{
    Timestamp, ToSpan, Zoned,
    civil::Date,
    tz::{AmbiguousOffset, TimeZone},
};

/// Most days of one report: the longest retention, 25 months, and a leap day.
pub const DAYS_MAX: i32 = 25 * 31;

/// Most days drawn one by one unless asked for; beyond, a point is a month.
const DAILY_MAX: i32 = 92;

/// Days of 52 weeks: a year earlier, but a Monday stays a Monday.
const YEAR_OF_WEEKS_DAYS: i32 = 364;

/// The named periods of docs/api.md.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    Today,
    Yesterday,
    /// That many days, today included.
    Days(i32),
    /// From the first of this month until today.
    Month,
    LastMonth,
    /// The last twelve calendar months, this one included.
    TwelveMonths,
    /// From the first of January until today.
    Year,
    Custom {
        from: Date,
        to: Date,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compare {
    /// The same number of days, ending the day before.
    Previous,
    /// The same number of days a year earlier: 52 weeks back, so that weekdays meet
    /// weekdays; where a point is a month, the same dates.
    Year,
    /// The same number of days, beginning on that one.
    From(Date),
    None,
}

/// What a point of the series stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Grain {
    Hour,
    Day,
    /// From Monday; the range may cut its first and last week short.
    Week,
    Month,
}

/// A range of site-local days, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    pub from: Date,
    pub to: Date,
}

#[derive(Debug, Clone)]
pub struct Period {
    pub range: Range,
    pub compared: Option<Range>,
    pub grain: Grain,
    /// The moment the report is made, in the site's zone.
    pub now: Zoned,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PeriodError {
    #[error("`from` is after `to`.")]
    Reversed,
    #[error("The period is longer than 25 months.")]
    TooLong,
    #[error("The period lies outside the years 1971 to 2148.")]
    OutOfCalendar,
    #[error("`grain={}` does not fit: one day is drawn by the hour, more days by day, week or month.", .0.name())]
    Grain(Grain),
}

impl Named {
    /// `None` for a name that is not in the contract; `custom` has no name of its own.
    pub fn parse(name: &str) -> Option<Named> {
        Some(match name {
            "today" => Named::Today,
            "yesterday" => Named::Yesterday,
            "7d" => Named::Days(7),
            "30d" => Named::Days(30),
            "91d" => Named::Days(91),
            "month" => Named::Month,
            "last_month" => Named::LastMonth,
            "12mo" => Named::TwelveMonths,
            "year" => Named::Year,
            _ => return None,
        })
    }

    /// The days it names on the day `today`.
    pub fn range(self, today: Date) -> Range {
        let before = |days: i32| today.saturating_sub(days.days());
        match self {
            Named::Today => Range { from: today, to: today },
            Named::Yesterday => Range { from: before(1), to: before(1) },
            Named::Days(days) => Range { from: before(days - 1), to: today },
            Named::Month => Range { from: today.first_of_month(), to: today },
            Named::LastMonth => {
                let last = today.first_of_month().saturating_sub(1.day());
                Range { from: last.first_of_month(), to: last }
            }
            Named::TwelveMonths => {
                Range { from: today.first_of_month().saturating_sub(11.months()), to: today }
            }
            Named::Year => Range { from: today.first_of_year(), to: today },
            Named::Custom { from, to } => Range { from, to },
        }
    }
}

impl Period {
    pub fn new(
        named: Named,
        compare: Compare,
        grain: Option<Grain>,
        now: Timestamp,
        zone: &TimeZone,
    ) -> Result<Period, PeriodError> {
        let now = now.to_zoned(zone.clone());
        let range = named.range(now.date());
        range.check()?;
        let grain = match (grain, range.days()) {
            (Some(Grain::Hour) | None, 1) => Grain::Hour,
            (Some(grain), 1) | (Some(grain @ Grain::Hour), _) => return Err(PeriodError::Grain(grain)),
            (Some(grain), _) => grain,
            (None, 2..=DAILY_MAX) => Grain::Day,
            (None, _) => Grain::Month,
        };
        let compared = match compare {
            Compare::None => None,
            Compare::Previous => Some(range.ending(range.from.saturating_sub(1.day()))),
            Compare::Year if grain == Grain::Month => {
                Some(range.beginning(range.from.saturating_sub(1.year())))
            }
            Compare::Year => Some(range.beginning(range.from.saturating_sub(YEAR_OF_WEEKS_DAYS.days()))),
            Compare::From(first) => Some(range.beginning(first)),
        };
        if let Some(compared) = compared {
            compared.check()?;
        }
        Ok(Period { range, compared, grain, now })
    }

    /// The point that `now` falls into, if the period holds it: what is drawn as
    /// not finished.
    pub fn unfinished(&self) -> Option<String> {
        let today = self.now.date();
        let inside = self.range.from <= today && today <= self.range.to;
        inside.then(|| self.grain.label(self.range, today, self.now.hour()))
    }
}

impl Range {
    pub fn days(self) -> i32 {
        day_number(self.to) - day_number(self.from) + 1
    }

    /// As ClickHouse counts: days since 1970-01-01. Checked when the range was made.
    pub fn day_numbers(self) -> (u16, u16) {
        let number =
            |date| u16::try_from(day_number(date)).expect("`check` keeps a range within Date's years");
        (number(self.from), number(self.to))
    }

    fn ending(self, to: Date) -> Range {
        Range { from: to.saturating_sub((self.days() - 1).days()), to }
    }

    fn beginning(self, from: Date) -> Range {
        Range { from, to: from.saturating_add((self.days() - 1).days()) }
    }

    fn check(self) -> Result<(), PeriodError> {
        if self.from > self.to {
            return Err(PeriodError::Reversed);
        }
        // ClickHouse's Date is a u16 of days since 1970.
        if self.from.year() < 1971 || self.to.year() > 2148 {
            return Err(PeriodError::OutOfCalendar);
        }
        if self.days() > DAYS_MAX {
            return Err(PeriodError::TooLong);
        }
        Ok(())
    }
}

impl Grain {
    pub fn name(self) -> &'static str {
        match self {
            Grain::Hour => "hour",
            Grain::Day => "day",
            Grain::Week => "week",
            Grain::Month => "month",
        }
    }

    pub fn named(name: &str) -> Option<Grain> {
        [Grain::Hour, Grain::Day, Grain::Week, Grain::Month].into_iter().find(|grain| grain.name() == name)
    }

    /// The number by which ClickHouse names a point, as [`Grain::points`] does.
    pub fn key(self) -> &'static str {
        match self {
            Grain::Hour => "toUInt32(hour)",
            Grain::Day => "toUInt32(toUInt16(day))",
            Grain::Week => "toUInt32(toUInt16(toMonday(day)))",
            Grain::Month => "toUInt32(toYYYYMM(day))",
        }
    }

    /// All points of a range in order: the key and what the API calls it. An hour
    /// that the clocks skipped on that day is no point; one that they repeated is one.
    pub fn points(self, range: Range, zone: &TimeZone) -> Vec<(u32, String)> {
        let days = (day_number(range.from)..=day_number(range.to)).map(date_numbered);
        match self {
            Grain::Hour => (0..24)
                .filter(|&hour| exists(range.from, hour, zone))
                .map(|hour| (hour as u32, self.label(range, range.from, hour)))
                .collect(),
            Grain::Day => days.map(|day| (day_number(day) as u32, self.label(range, day, 0))).collect(),
            Grain::Week => days
                .filter(|&day| monday_of(day) == day || day == range.from)
                .map(|day| (day_number(monday_of(day)) as u32, self.label(range, day, 0)))
                .collect(),
            Grain::Month => days
                .filter(|&day| day.day() == 1 || day == range.from)
                .map(|day| (day.year() as u32 * 100 + day.month() as u32, self.label(range, day, 0)))
                .collect(),
        }
    }

    /// What the API calls the point that `day` falls into.
    fn label(self, range: Range, day: Date, hour: i8) -> String {
        match self {
            Grain::Hour => format!("{day}T{hour:02}"),
            Grain::Day => day.to_string(),
            Grain::Week => monday_of(day).max(range.from).to_string(),
            Grain::Month => format!("{:04}-{:02}", day.year(), day.month()),
        }
    }
}

fn monday_of(day: Date) -> Date {
    day.saturating_sub(i32::from(day.weekday().to_monday_zero_offset()).days())
}

/// Days since 1970-01-01.
fn day_number(date: Date) -> i32 {
    date.duration_since(jiff::civil::date(1970, 1, 1)).as_hours() as i32 / 24
}

fn date_numbered(number: i32) -> Date {
    jiff::civil::date(1970, 1, 1).saturating_add(number.days())
}

/// Whether the site's clocks showed any minute of this hour on this day. A zone that
/// leaps by half an hour skips half of one.
fn exists(day: Date, hour: i8, zone: &TimeZone) -> bool {
    [0, 59].into_iter().any(|minute| {
        let offset = zone.to_ambiguous_timestamp(day.at(hour, minute, 0, 0)).offset();
        !matches!(offset, AmbiguousOffset::Gap { .. })
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn zone(name: &str) -> TimeZone {
        TimeZone::get(name).unwrap()
    }

    fn period(named: Named, compare: Compare, now: &str, zone_name: &str) -> Period {
        Period::new(named, compare, None, now.parse().unwrap(), &zone(zone_name)).unwrap()
    }

    #[test]
    fn today_is_the_sites_day_not_the_servers() {
        let at =
            |zone_name| period(Named::Today, Compare::None, "2026-11-22T22:00:00Z", zone_name).range.from;
        assert_eq!(at("Europe/Moscow"), date(2026, 11, 23));
        assert_eq!(at("America/New_York"), date(2026, 11, 22));
        assert_eq!(at("Asia/Kolkata"), date(2026, 11, 23));
    }

    #[test]
    fn half_an_hour_decides_the_day_in_a_half_hour_zone() {
        let at = |now| period(Named::Today, Compare::None, now, "Asia/Kolkata").range.from;
        assert_eq!(at("2026-11-22T18:29:59Z"), date(2026, 11, 22));
        assert_eq!(at("2026-11-22T18:30:00Z"), date(2026, 11, 23));
    }

    #[test]
    fn thirty_days_are_those_of_the_contract() {
        let period = period(Named::Days(30), Compare::Previous, "2026-11-23T11:05:00Z", "Europe/Moscow");
        assert_eq!(period.range, Range { from: date(2026, 10, 25), to: date(2026, 11, 23) });
        assert_eq!(period.compared, Some(Range { from: date(2026, 9, 25), to: date(2026, 10, 24) }));
        assert_eq!(period.grain, Grain::Day);
        assert_eq!(period.unfinished().as_deref(), Some("2026-11-23"));
    }

    #[test]
    fn named_months_and_years_begin_on_their_first_day() {
        let at = |named: Named| named.range(date(2028, 3, 31));
        assert_eq!(at(Named::Month), Range { from: date(2028, 3, 1), to: date(2028, 3, 31) });
        assert_eq!(at(Named::LastMonth), Range { from: date(2028, 2, 1), to: date(2028, 2, 29) });
        assert_eq!(at(Named::TwelveMonths).from, date(2027, 4, 1));
        assert_eq!(at(Named::Year).from, date(2028, 1, 1));
    }

    #[test]
    fn a_year_earlier_keeps_the_number_of_days_over_a_leap_day() {
        let custom = Named::Custom { from: date(2028, 2, 1), to: date(2028, 2, 29) };
        let period = period(custom, Compare::Year, "2028-03-10T00:00:00Z", "Europe/Moscow");
        assert_eq!(period.compared, Some(Range { from: date(2027, 2, 2), to: date(2027, 3, 2) }));
    }

    #[test]
    fn months_a_year_earlier_are_the_same_months() {
        let period = period(Named::TwelveMonths, Compare::Year, "2026-11-23T11:05:00Z", "Europe/Moscow");
        assert_eq!(period.grain, Grain::Month);
        assert_eq!(period.compared.unwrap().from, date(2024, 12, 1));
    }

    #[test]
    fn a_comparison_of_ones_own_begins_where_it_is_told() {
        let from = Compare::From(date(2026, 3, 2));
        let period = period(Named::Days(7), from, "2026-11-23T11:05:00Z", "Europe/Moscow");
        assert_eq!(period.compared, Some(Range { from: date(2026, 3, 2), to: date(2026, 3, 8) }));
    }

    #[test]
    fn weeks_begin_on_monday_and_the_first_may_be_cut_short() {
        let range = Range { from: date(2026, 11, 18), to: date(2026, 12, 1) };
        let weeks = Grain::Week.points(range, &TimeZone::UTC);
        let labels: Vec<&str> = weeks.iter().map(|(_, at)| at.as_str()).collect();
        assert_eq!(labels, ["2026-11-18", "2026-11-23", "2026-11-30"]);
        assert_eq!(weeks[0].0 as i32, day_number(date(2026, 11, 16)), "as toMonday names it");
    }

    #[test]
    fn a_grain_that_does_not_fit_is_refused() {
        let of = |named, grain| {
            let now = "2026-11-23T11:05:00Z".parse().unwrap();
            Period::new(named, Compare::None, Some(grain), now, &TimeZone::UTC).map(|period| period.grain)
        };
        assert_eq!(of(Named::Today, Grain::Hour), Ok(Grain::Hour));
        assert_eq!(of(Named::Today, Grain::Week), Err(PeriodError::Grain(Grain::Week)));
        assert_eq!(of(Named::Days(7), Grain::Hour), Err(PeriodError::Grain(Grain::Hour)));
        assert_eq!(of(Named::TwelveMonths, Grain::Day), Ok(Grain::Day));
        assert_eq!(of(Named::Days(30), Grain::Month), Ok(Grain::Month));
    }

    #[test]
    fn an_hour_the_clocks_skipped_is_no_point() {
        let berlin = zone("Europe/Berlin");
        let hours = |day| Grain::Hour.points(Range { from: day, to: day }, &berlin);
        assert_eq!(hours(date(2026, 3, 29)).len(), 23);
        assert!(hours(date(2026, 3, 29)).iter().all(|(hour, _)| *hour != 2));
        assert_eq!(hours(date(2026, 10, 25)).len(), 24);
        let lord_howe = zone("Australia/Lord_Howe");
        let day = date(2026, 10, 4);
        assert_eq!(Grain::Hour.points(Range { from: day, to: day }, &lord_howe).len(), 24);
    }

    #[test]
    fn a_month_that_begins_midway_is_one_point() {
        let range = Range { from: date(2026, 1, 15), to: date(2026, 3, 2) };
        let labels: Vec<String> =
            Grain::Month.points(range, &TimeZone::UTC).into_iter().map(|(_, at)| at).collect();
        assert_eq!(labels, ["2026-01", "2026-02", "2026-03"]);
    }

    #[test]
    fn what_is_reversed_too_long_or_ancient_is_refused() {
        let custom = |from, to| {
            let now = "2026-11-23T00:00:00Z".parse().unwrap();
            Period::new(Named::Custom { from, to }, Compare::None, None, now, &TimeZone::UTC).err()
        };
        assert_eq!(custom(date(2026, 2, 1), date(2026, 1, 31)), Some(PeriodError::Reversed));
        assert_eq!(custom(date(2020, 1, 1), date(2026, 1, 1)), Some(PeriodError::TooLong));
        assert_eq!(custom(date(1960, 1, 1), date(1960, 1, 2)), Some(PeriodError::OutOfCalendar));
    }

    fn any_named() -> impl Strategy<Value = Named> {
        let custom = (0..20_000_i32, 0..DAYS_MAX).prop_map(|(from, days)| Named::Custom {
            from: date_numbered(3000 + from),
            to: date_numbered(3000 + from + days),
        });
        prop_oneof![
            Just(Named::Today),
            Just(Named::Yesterday),
            (2..100_i32).prop_map(Named::Days),
            Just(Named::Month),
            Just(Named::LastMonth),
            Just(Named::TwelveMonths),
            Just(Named::Year),
            custom,
        ]
    }

    fn any_zone() -> impl Strategy<Value = TimeZone> {
        prop::sample::select(vec![
            "UTC",
            "Europe/Moscow",
            "Europe/Berlin",
            "Asia/Kolkata",
            "Asia/Kathmandu",
            "Australia/Lord_Howe",
            "America/St_Johns",
            "Pacific/Apia",
            "Pacific/Kiritimati",
        ])
        .prop_map(zone)
    }

    proptest! {
        #[test]
        fn compared_ranges_have_the_same_length(
            named in any_named(), zone in any_zone(), second in 400_000_000_i64..4_000_000_000
        ) {
            let now = Timestamp::from_second(second).unwrap();
            for compare in [Compare::Previous, Compare::Year] {
                let period = Period::new(named, compare, None, now, &zone).unwrap();
                let compared = period.compared.unwrap();
                prop_assert_eq!(compared.days(), period.range.days());
                if compare == Compare::Year && period.grain != Grain::Month {
                    prop_assert_eq!(compared.from.weekday(), period.range.from.weekday());
                }
            }
        }

        #[test]
        fn the_previous_period_ends_the_day_before(
            named in any_named(), zone in any_zone(), second in 400_000_000_i64..4_000_000_000
        ) {
            let now = Timestamp::from_second(second).unwrap();
            let period = Period::new(named, Compare::Previous, None, now, &zone).unwrap();
            prop_assert_eq!(period.compared.unwrap().to.tomorrow().unwrap(), period.range.from);
        }

        #[test]
        fn every_day_of_a_period_has_a_point(
            named in any_named(), zone in any_zone(), second in 400_000_000_i64..4_000_000_000,
            grain in prop::sample::select(vec![None, Some(Grain::Day), Some(Grain::Week), Some(Grain::Month)])
        ) {
            let now = Timestamp::from_second(second).unwrap();
            let Ok(period) = Period::new(named, Compare::None, grain, now, &zone) else {
                prop_assert_eq!(named.range(now.to_zoned(zone).date()).days(), 1, "only one day has its grain fixed");
                return Ok(());
            };
            let points = period.grain.points(period.range, &zone);
            prop_assert!(!points.is_empty());
            prop_assert!(points.is_sorted_by_key(|(key, _)| *key));
            if period.grain == Grain::Day {
                prop_assert_eq!(points.len() as i32, period.range.days());
            }
            if let Some(unfinished) = period.unfinished() {
                prop_assert!(points.iter().any(|(_, at)| *at == unfinished));
            }
        }
    }
}
