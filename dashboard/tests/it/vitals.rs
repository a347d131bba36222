//! Web vitals over the real engine, compared with counting by hand, open and closed.

use serde_json::Value;
use store::goal::Declared;

use crate::{
    engine::date,
    harness::Owner,
    reports::half_closed,
    traffic::{FIRST_DAY, LAST_DAY, Step, Visit},
};

async fn vitals(owner: &Owner, more: &str) -> Value {
    let range = format!("period=custom&from={}&to={}", date(FIRST_DAY), date(LAST_DAY));
    let answer = owner.get(&format!("/api/v1/sites/1/vitals?{range}{more}")).await;
    assert_eq!(answer.status, 200, "{more}: {:?}", answer.body);
    answer.json()
}

/// The figure of the views, as a person with a sorted list would find it.
fn check_figure(found: &Value, views: &[&Step], name: &str, (good, poor): (u32, u32), unit: f64) {
    let mut measured: Vec<u32> =
        views.iter().flat_map(|step| step.vitals().0).filter(|(of, _)| *of == name).map(|(_, n)| n).collect();
    measured.sort_unstable();
    let count = measured.len() as f64;
    let share = |of: &dyn Fn(u32) -> bool| measured.iter().filter(|n| of(**n)).count() as f64 / count;
    let p75 = measured[(count * 0.75) as usize];
    let rating = if p75 <= good {
        "good"
    } else if p75 <= poor {
        "middling"
    } else {
        "poor"
    };
    let found = &found[name];
    let near = |key: &str, expected: f64| {
        assert!((found[key].as_f64().unwrap() - expected).abs() < 1e-9, "{name} {key} {found}: {expected}");
    };
    near("p75", f64::from(p75) / unit);
    near("views", count);
    near("good_ratio", share(&|n| n <= good));
    near("poor_ratio", share(&|n| n > poor));
    assert_eq!(found["rating"], rating, "{name}");
}

fn check(found: &Value, views: &[&Step]) {
    check_figure(found, views, "lcp", (2_500, 4_000), 1.0);
    check_figure(found, views, "inp", (200, 500), 1.0);
    check_figure(found, views, "cls", (1_000, 2_500), 10_000.0);
    assert_eq!((found.get("fcp"), found.get("ttfb")), (None, None), "nobody measured them");
}

fn measured<'a>(visits: impl IntoIterator<Item = &'a Visit>) -> Vec<&'a Step> {
    visits.into_iter().flat_map(Visit::views).filter(|step| !step.vitals().0.is_empty()).collect()
}

#[tokio::test]
async fn vitals_are_what_was_measured_open_and_closed() {
    let (engine, owner, visits) = half_closed().await;
    let report = vitals(&owner, "").await;
    let all = measured(&visits);
    check(&report["overall"], &all);
    assert_eq!(report["views"], all.len());
    let rows = report["rows"].as_array().unwrap();
    assert!(rows.len() >= 3, "{report}");
    for row in rows {
        let of_page: Vec<&Step> = all.iter().copied().filter(|step| row["value"] == step.path).collect();
        assert_eq!(row["views"], of_page.len());
        check(row, &of_page);
    }
    let devices = vitals(&owner, "&by=device").await;
    assert_eq!(devices["rows"][0]["value"], "desktop");
    check(&devices["rows"][0], &all);
    let google = vitals(&owner, "&filter=source:is:Google").await;
    check(&google["overall"], &measured(visits.iter().filter(|visit| visit.source == "Google")));
    for day in FIRST_DAY + 7..LAST_DAY {
        engine.close(1, day, &Declared::default()).await;
    }
    assert_eq!(vitals(&owner, "").await, report);
    assert_eq!(vitals(&owner, "&by=device").await, devices);
    assert_eq!(vitals(&owner, "&filter=source:is:Google").await, google);
}

#[tokio::test]
async fn what_page_views_cannot_tell_and_what_few_measured_is_not_told() {
    let (_engine, owner, visits) = half_closed().await;
    let entered = vitals(&owner, "&filter=entry:is:/").await;
    assert_eq!((&entered["unavailable"], entered["rows"].as_array().unwrap().len()), (&Value::Bool(true), 0));
    assert_eq!(vitals(&owner, "&search=te").await["rows"][0]["value"], "/tea");
    // One day of one country: a handful of people.
    let day = visits.iter().find(|visit| visit.country() == "KZ").unwrap().day;
    let few = format!("period=custom&from={0}&to={0}&filter=country:is:KZ&filter=page:is:/tea", date(day));
    let few = owner.get(&format!("/api/v1/sites/1/vitals?{few}")).await.json();
    assert_eq!((few["rows"].as_array().unwrap().len(), few["overall"].get("lcp")), (0, None), "{few}");
    assert_eq!(owner.get("/api/v1/sites/1/vitals?by=browser").await.status, 422);
}
