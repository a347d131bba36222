//! The last half hour over the real engine, compared with counting by hand.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use store::goal::Declared;

use crate::{
    engine::Engine,
    traffic::{self, LAST_DAY, Visit},
};

/// The harness's noon, in seconds: a whole minute, so that the one under way has just begun.
const NOON: u32 = LAST_DAY as u32 * 86_400 + 12 * 3_600;
const FROM: u32 = NOON - 30 * 60;

/// Visits begin from five in the morning until six; so much later they begin around noon.
const LATER: u32 = (6 * 60 + 5) * 60;

/// Today's visits; some of them go on after noon, and a clock that is behind must not see that.
fn around_noon() -> Vec<Visit> {
    let mut visits: Vec<Visit> =
        traffic::fortnight().into_iter().filter(|visit| visit.day == LAST_DAY).collect();
    for step in visits.iter_mut().flat_map(|visit| &mut visit.steps) {
        step.ts += LATER;
    }
    visits
}

/// Visitors and views of the steps between two moments that `chosen` picks, by value.
fn counted(
    visits: &[Visit],
    (from, until): (u32, u32),
    value: impl Fn(&Visit, &traffic::Step) -> String,
) -> BTreeMap<String, (u64, u64)> {
    let mut found: BTreeMap<String, (BTreeSet<u64>, u64)> = BTreeMap::new();
    for visit in visits {
        for step in visit.steps.iter().filter(|step| (from..until).contains(&step.ts)) {
            let (people, views) = found.entry(value(visit, step)).or_default();
            people.insert(visit.visitor);
            *views += u64::from(step.goal.is_none());
        }
    }
    found.into_iter().map(|(value, (people, views))| (value, (people.len() as u64, views))).collect()
}

fn check_panel(report: &Value, name: &str, expected: &BTreeMap<String, (u64, u64)>) {
    let panel = &report["panels"][name];
    let rows = panel["rows"].as_array().unwrap();
    for row in rows {
        let (visitors, views) = expected[row["value"].as_str().unwrap()];
        assert_eq!((&row["visitors"], &row["views"]), (&json!(visitors), &json!(views)), "{name}: {row}");
        assert!(visitors >= 5, "{name} shows {row}");
    }
    let hidden = panel["hidden"].as_u64().unwrap_or_default();
    assert_eq!(rows.len() as u64 + hidden, expected.len() as u64, "{name}: {panel}");
    assert_eq!(hidden > 0, expected.values().any(|(visitors, _)| *visitors < 5), "{name}: {panel}");
}

#[tokio::test]
async fn the_last_half_hour_is_counted_by_the_minute_and_tells_of_no_few() {
    let engine = Engine::start().await;
    let visits = around_noon();
    engine.ship(LAST_DAY, &visits).await;
    let owner = engine.owner().await;
    let report = owner.get("/api/v1/sites/1/realtime").await.json();
    assert_eq!(report["now"], "2026-11-23T15:00:00+03:00");

    let whole = counted(&visits, (FROM, NOON + 1), |_, _| String::new());
    let (visitors, views) = whole[""];
    assert!(visitors >= 5, "a test of {visitors} visitors tells little");
    assert_eq!((&report["visitors"], &report["views"]), (&json!(visitors), &json!(views)));

    let series = &report["series"];
    assert_eq!(
        (&series["at"][0], &series["at"][30]),
        (&json!("2026-11-23T14:30"), &json!("2026-11-23T15:00"))
    );
    for (nth, from) in (FROM..=NOON).step_by(60).enumerate() {
        let minute = counted(&visits, (from, (from + 60).min(NOON + 1)), |_, _| String::new());
        let (visitors, views) = minute.get("").copied().unwrap_or_default();
        assert_eq!(
            (&series["visitors"][nth], &series["views"][nth]),
            (&json!(visitors), &json!(views)),
            "{nth}"
        );
    }

    // Only whole minutes: what happens now is not told row by row.
    let bounds = (FROM, NOON);
    check_panel(&report, "page", &counted(&visits, bounds, |_, step| step.path.to_owned()));
    check_panel(&report, "source", &counted(&visits, bounds, |visit, _| visit.source.to_owned()));
    check_panel(&report, "country", &counted(&visits, bounds, |visit, _| visit.country()));
    check_panel(&report, "device", &counted(&visits, bounds, |_, _| "desktop".to_owned()));
    assert!(!report["panels"]["device"]["rows"].as_array().unwrap().is_empty(), "all are one group");

    // Closed rows know no minute: nothing of the half hour is left.
    engine.close(1, LAST_DAY, &Declared::default()).await;
    let closed = owner.get("/api/v1/sites/1/realtime").await.json();
    assert_eq!((&closed["visitors"], &closed["panels"]["page"]["total"]), (&json!(0), &json!(0)));
}
