//! Compares what was forwarded with what Metrika's reports say, per goal and day (metrika.md
//! section 8.10). Pure; refuses to judge what the reports themselves call inexact.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::control::metrika::forwards::Ends;

/// Reports that lag further behind than this, in seconds, are not judged.
const LAG_SECONDS_MAX: u64 = 3_600;

/// A difference so small is none: goals, and share of what was forwarded.
const TOLERATED: u64 = 2;
const TOLERATED_RATIO: f64 = 0.02;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "MetrikaVerdict")]
pub enum Verdict {
    Ok,
    /// Fewer were recorded than Metrika took.
    Short,
    /// More were: another sender, or doubles.
    Over,
    /// The report is sampled, rounded or late.
    NotJudged,
}

/// One goal's day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "MetrikaDay")]
pub struct Judged {
    pub goal: String,
    /// Of the counter's zone.
    pub day: String,
    pub here: Ends,
    /// Null: the report cannot be trusted yet.
    pub recorded: Option<u64>,
    pub verdict: Verdict,
}

/// What a report says of one goal: `None` where it cannot be trusted.
pub fn recorded(report: &Value, place: usize) -> Option<u64> {
    let number = report["totals"][place].as_f64().filter(|_| is_exact(report))?;
    (number >= 0.0).then_some(number.round() as u64)
}

/// Whether a report says of itself that its numbers are whole.
pub fn is_exact(report: &Value) -> bool {
    report["sampled"] == false
        && report["total_rows_rounded"] != true
        && report["data_lag"].as_u64().is_some_and(|lag| lag <= LAG_SECONDS_MAX)
}

pub fn judge(here: Ends, recorded: Option<u64>) -> Verdict {
    let Some(recorded) = recorded else { return Verdict::NotJudged };
    let tolerated = TOLERATED.max((here.accepted as f64 * TOLERATED_RATIO).ceil() as u64);
    if recorded + tolerated < here.accepted {
        Verdict::Short
    } else if recorded > here.accepted + here.uncertain + tolerated {
        Verdict::Over
    } else {
        Verdict::Ok
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn verdict(accepted: u64, uncertain: u64, recorded: u64) -> Verdict {
        judge(Ends { accepted, uncertain, lost: 0 }, Some(recorded))
    }

    #[test]
    fn small_differences_and_uncertain_goals_are_tolerated() {
        assert_eq!(verdict(10, 0, 8), Verdict::Ok);
        assert_eq!(verdict(10, 0, 7), Verdict::Short);
        assert_eq!(verdict(10, 0, 13), Verdict::Over);
        assert_eq!(verdict(10, 3, 15), Verdict::Ok);
        assert_eq!(verdict(1_000, 0, 980), Verdict::Ok);
        assert_eq!(verdict(1_000, 0, 979), Verdict::Short);
    }

    #[test]
    fn an_inexact_report_is_not_judged() {
        let report = |sampled: bool, lag: u64| json!({"sampled": sampled, "data_lag": lag, "totals": [7.0]});
        assert_eq!(recorded(&report(false, 0), 0), Some(7));
        assert_eq!(recorded(&report(true, 0), 0), None);
        assert_eq!(recorded(&report(false, LAG_SECONDS_MAX + 1), 0), None);
        assert_eq!(recorded(&json!({"totals": [7.0]}), 0), None, "a report that says nothing of itself");
        assert_eq!(judge(Ends { accepted: 7, uncertain: 0, lost: 0 }, None), Verdict::NotJudged);
    }
}
