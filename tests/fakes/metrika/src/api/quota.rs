//! How many requests a user makes (metrika.md sections 3.3 and 10.3).

use std::collections::VecDeque;

/// Requests of a user per day of GMT, at most (documented).
pub const DAY_MAX: usize = 5_000;

/// Requests for reports of a user per [`REPORT_SECONDS`], at most (documented).
pub const REPORTS_MAX: usize = 200;

/// Requests of a user that run at once, at most (documented).
pub const PARALLEL_MAX: usize = 3;

/// The window of [`REPORTS_MAX`], in seconds.
pub const REPORT_SECONDS: i64 = 5 * 60;

const DAY_SECONDS: i64 = 24 * 3600;

/// What a user has used up.
#[derive(Debug, Default)]
pub struct Quota {
    day: i64,
    of_day: usize,
    /// When the reports of the window were asked for.
    reports: VecDeque<i64>,
    /// Requests that run now.
    running: usize,
}

impl Quota {
    /// Begins a request, unless too many run; [`Quota::end`] ends it.
    pub fn begin(&mut self) -> bool {
        let is_free = self.running < PARALLEL_MAX;
        self.running += usize::from(is_free);
        is_free
    }

    /// How many run now.
    pub fn running(&self) -> usize {
        self.running
    }

    pub fn end(&mut self) {
        self.running = self.running.saturating_sub(1);
    }

    /// Counts a request, unless there have been too many.
    pub fn admits(&mut self, now: i64, is_report: bool) -> bool {
        let day = now.div_euclid(DAY_SECONDS);
        if day != self.day {
            (self.day, self.of_day) = (day, 0);
        }
        self.reports.retain(|&at| at + REPORT_SECONDS > now);
        if self.of_day >= DAY_MAX || (is_report && self.reports.len() >= REPORTS_MAX) {
            return false;
        }
        self.of_day += 1;
        if is_report {
            self.reports.push_back(now);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_are_blocked_for_five_minutes_and_the_rest_goes_on() {
        let mut quota = Quota::default();
        assert!((0..REPORTS_MAX).all(|_| quota.admits(1_000, true)));
        assert!(!quota.admits(1_000 + REPORT_SECONDS - 1, true));
        assert!(quota.admits(1_000, false));
        assert!(quota.admits(1_000 + REPORT_SECONDS, true));
    }

    #[test]
    fn a_day_has_its_number_until_midnight() {
        let mut quota = Quota::default();
        assert!((0..DAY_MAX).all(|_| quota.admits(DAY_SECONDS - 1, false)));
        assert!(!quota.admits(DAY_SECONDS - 1, false));
        assert!(quota.admits(DAY_SECONDS, false));
    }
}
