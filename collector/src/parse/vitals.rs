//! Web vitals as sent: how the page loaded and answered, measured by its browser.

use serde::Deserialize;
use store::event::Vitals;

/// Longest time believed, in milliseconds: ten minutes. What is longer counts as that.
const MS_MAX: u64 = 10 * 60 * 1000;
/// Greatest layout shift believed. Ten means every part of the window moved ten times.
const CLS_MAX: f64 = 10.0;
/// Four decimals are read.
const CLS_SCALE: f64 = 10_000.0;

#[derive(Deserialize)]
pub(super) struct RawVitals {
    lcp: Option<u64>,
    fcp: Option<u64>,
    ttfb: Option<u64>,
    inp: Option<u64>,
    cls: Option<f64>,
}

impl RawVitals {
    /// What was measured, by name, in steps.
    pub(super) fn read(self) -> Vitals {
        let times = [("lcp", self.lcp), ("fcp", self.fcp), ("ttfb", self.ttfb), ("inp", self.inp)]
            .map(|(name, time)| (name, time.map(|ms| ms.min(MS_MAX) as u32)));
        let shift = self.cls.map(|cls| (cls.clamp(0.0, CLS_MAX) * CLS_SCALE).round() as u32);
        let all = times.into_iter().chain([("cls", shift)]);
        Vitals::in_steps(all.filter_map(|(name, value)| Some((name, value?))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Vec<(&'static str, u32)> {
        serde_json::from_str::<RawVitals>(json).unwrap().read().0
    }

    #[test]
    fn what_was_not_measured_is_absent_and_what_was_zero_is_not() {
        assert_eq!(read("{}"), []);
        assert_eq!(read(r#"{"lcp":null,"cls":0,"ttfb":0}"#), [("ttfb", 0), ("cls", 0)]);
    }

    #[test]
    fn figures_are_kept_in_steps() {
        let json = r#"{"lcp":1201,"fcp":800,"ttfb":90,"inp":56,"cls":0.1234,"new":1}"#;
        assert_eq!(read(json), [("lcp", 1250), ("fcp", 800), ("ttfb", 100), ("inp", 60), ("cls", 1250)]);
    }

    #[test]
    fn a_step_crosses_no_limit() {
        for (name, limits) in [
            ("lcp", [2_500, 4_000]),
            ("fcp", [1_800, 3_000]),
            ("ttfb", [800, 1_800]),
            ("inp", [200, 500]),
            ("cls", [1_000, 2_500]),
        ] {
            for limit in limits {
                assert_eq!(Vitals::in_steps([(name, limit)]).0, [(name, limit)]);
                assert!(Vitals::in_steps([(name, limit + 1)]).0[0].1 > limit);
            }
        }
    }

    #[test]
    fn every_figure_has_a_limit() {
        assert_eq!(read(r#"{"lcp":600000,"cls":10}"#), [("lcp", 600_000), ("cls", 100_000)]);
        assert_eq!(read(r#"{"lcp":600001,"cls":10.1}"#), [("lcp", 600_000), ("cls", 100_000)]);
        assert_eq!(read(r#"{"cls":-1}"#), [("cls", 0)]);
    }
}
