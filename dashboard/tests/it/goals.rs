//! Declared goals and funnels over the real engine, compared with counting by hand: on open
//! days, on days closed with them, and on days closed before they were declared.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use store::goal::{Declared, Funnel, PropertyRule, PropertyTest, Rule, What};

use crate::{
    engine::Engine,
    harness::Owner,
    reports::{number, overview},
    traffic::{self, FIRST_DAY, LAST_DAY, Step, Visit},
};

/// The first days of the fortnight, which are closed before anything is declared.
const BLIND_DAYS: u16 = 4;

fn page(path: &str) -> Rule {
    Rule { what: What::Page(path.to_owned()), props: Vec::new() }
}

fn event(name: &str) -> Rule {
    Rule { what: What::Event(name.to_owned()), props: Vec::new() }
}

fn plan(op: PropertyTest, values: &[&str]) -> PropertyRule {
    let values = values.iter().map(|&value| value.to_owned()).collect();
    PropertyRule { name: "plan".to_owned(), op, values }
}

/// A goal, and how a person tells whether a step reaches it.
type Case = (&'static str, Rule, fn(&Step) -> bool);

fn cases() -> Vec<Case> {
    let of_plan = |op, values: &[&str]| Rule { props: vec![plan(op, values)], ..event("buy") };
    vec![
        ("Tea", page("/tea"), |step| step.goal.is_none() && step.path == "/tea"),
        ("With an a", page("/*a*"), |step| step.goal.is_none() && ["/tea", "/about"].contains(&step.path)),
        ("Odd", page("/it's \\ odd"), |step| step.goal.is_none() && step.path == "/it's \\ odd"),
        ("Buy", event("buy"), |step| step.goal == Some("buy")),
        ("Paid", of_plan(PropertyTest::Is, &["pro", "team"]), |step| {
            step.goal == Some("buy") && step.plan != "free"
        }),
        ("Not free", of_plan(PropertyTest::IsNot, &["free"]), |step| {
            step.goal == Some("buy") && step.plan != "free"
        }),
        ("Team", of_plan(PropertyTest::Contains, &["EA"]), |step| {
            step.goal == Some("buy") && step.plan == "team"
        }),
    ]
}

fn funnel() -> Funnel {
    Funnel(vec![page("/*"), page("/tea"), event("buy")])
}

pub fn declared() -> Declared {
    let goals = cases().into_iter().map(|(_, rule, _)| rule).collect();
    Declared { goals, funnels: vec![funnel()] }
}

pub async fn declare(owner: &Owner, site: u32) {
    for (title, rule, _) in cases() {
        let answer =
            owner.post(&format!("/api/v1/sites/{site}/goals"), &json!({"title": title, "rule": rule})).await;
        assert_eq!(answer.status, 201, "{title}: {:?}", answer.body);
    }
    let body = json!({"title": "To buy", "steps": funnel()});
    assert_eq!(owner.post(&format!("/api/v1/sites/{site}/funnels"), &body).await.status, 201);
}

/// The fortnight, open, with everything declared.
pub async fn open_fortnight() -> (Engine, Owner, Vec<Visit>) {
    let engine = Engine::start().await;
    let visits = traffic::fortnight();
    for day in FIRST_DAY..=LAST_DAY {
        engine.ship(day, &visits).await;
    }
    let owner = engine.owner().await;
    declare(&owner, 1).await;
    (engine, owner, visits)
}

fn row<'a>(report: &'a Value, title: &str) -> &'a Value {
    let rows = report["panels"]["goal"]["rows"].as_array().unwrap();
    rows.iter().find(|row| row["value"] == title).unwrap_or_else(|| panic!("no {title} in {rows:?}"))
}

/// What a person with the visits before them would count.
fn counted(visits: &[&Visit], reaches: fn(&Step) -> bool) -> Value {
    let reached: Vec<&&Visit> = visits.iter().filter(|visit| visit.steps.iter().any(reaches)).collect();
    let steps = visits.iter().flat_map(|visit| &visit.steps).filter(|step| reaches(step));
    let revenue: i64 = steps.clone().map(|step| step.revenue_e4).sum();
    let mut row = json!({
        "visitors": traffic::visitors(reached.iter().map(|visit| **visit)),
        "visits": reached.len(),
        "events": steps.count(),
    });
    if revenue > 0 {
        row["revenue"] = json!([{"currency": "RUB", "amount": revenue as f64 / 10_000.0}]);
    }
    row
}

/// The share of visitors who reached any of the goals; of those from one source, by the visit
/// in which they first did.
fn check_conversion(report: &Value, all: &[Visit], from: fn(&Visit) -> bool) {
    let reaches = |step: &Step| cases().iter().any(|(_, _, reaches)| reaches(step));
    let mut reached = BTreeMap::new();
    for visit in all.iter().filter(|visit| visit.steps.iter().any(reaches)) {
        reached.entry((visit.day, visit.visitor)).or_insert(visit);
    }
    let converted = reached.values().filter(|visit| from(visit)).count();
    let expected = converted as f64 / traffic::visitors(all.iter().filter(|visit| from(visit))) as f64;
    assert!(expected > 0.2 && expected < 1.0, "{expected} tells little");
    let found = number(report, "conversion_ratio");
    assert!((found - expected).abs() < 1e-9, "{found}, expected {expected}");
}

fn check_goals(report: &Value, visits: &[&Visit]) {
    assert_eq!(report["panels"]["goal"]["total"], cases().len());
    for (title, _, reaches) in cases() {
        let mut found = row(report, title).clone();
        found.as_object_mut().unwrap().remove("value");
        assert_eq!(found, counted(visits, reaches), "{title}");
    }
}

/// How many visits came to each step: the earliest row that fits, then the next after it.
fn stepped(visits: &[&Visit]) -> Vec<usize> {
    let fits: [fn(&Step) -> bool; 3] = [
        |step| step.goal.is_none(),
        |step| step.goal.is_none() && step.path == "/tea",
        |step| step.goal == Some("buy"),
    ];
    let reached = |visit: &Visit| {
        let mut rows = visit.steps.iter();
        fits.iter().take_while(|fits| rows.any(fits)).count()
    };
    (1..=3).map(|step| visits.iter().filter(|visit| reached(visit) >= step).count()).collect()
}

fn check_funnel(report: &Value, visits: &[&Visit]) {
    let steps = report["funnels"][0]["steps"].as_array().unwrap();
    let found: Vec<&Value> = steps.iter().map(|step| &step["visits"]).collect();
    assert_eq!(found, stepped(visits));
}

/// The same under a filter, where a step that few visits left or reached is not shown.
fn check_crossed_funnel(report: &Value, visits: &[&Visit]) {
    let steps = report["funnels"][0]["steps"].as_array().unwrap();
    let expected = stepped(visits);
    let shown = steps.iter().zip(&expected).filter(|(step, _)| !step["visits"].is_null());
    assert!(shown.clone().all(|(step, expected)| step["visits"] == *expected), "{steps:?}, {expected:?}");
    assert!(shown.count() > 0, "{steps:?}");
}

#[tokio::test]
async fn goals_and_funnels_are_what_a_person_would_count_open_and_closed() {
    let (engine, owner, visits) = open_fortnight().await;
    let all: Vec<&Visit> = visits.iter().collect();
    let from_google: Vec<&Visit> = visits.iter().filter(|visit| visit.source == "Google").collect();
    let open = [overview(&owner, "").await, overview(&owner, "&filter=source:is:Google").await];
    check_goals(&open[0], &all);
    check_conversion(&open[0], &visits, |_| true);
    check_conversion(&open[1], &visits, |visit| visit.source == "Google");
    check_funnel(&open[0], &all);
    check_crossed_funnel(&open[1], &from_google);
    let panel = &open[1]["panels"]["goal"];
    let shown = panel["rows"].as_array().unwrap();
    assert_eq!(shown.len() as u64 + panel["hidden"].as_u64().unwrap_or(0), cases().len() as u64);
    for (title, _, reaches) in cases() {
        let counted = counted(&from_google, reaches);
        let Some(found) = shown.iter().find(|row| row["value"] == title) else { continue };
        assert_eq!((&found["visits"], &found["events"]), (&counted["visits"], &counted["events"]), "{title}");
    }
    for day in FIRST_DAY..LAST_DAY {
        engine.close(1, day, &declared()).await;
        if day == FIRST_DAY + 6 || day == LAST_DAY - 1 {
            assert_eq!(overview(&owner, "").await, open[0], "closed up to {day}");
            assert_eq!(overview(&owner, "&filter=source:is:Google").await, open[1], "closed up to {day}");
        }
    }
}

#[tokio::test]
async fn a_goal_as_a_filter_chooses_whole_visits() {
    let (engine, owner, visits) = open_fortnight().await;
    for day in FIRST_DAY..FIRST_DAY + 7 {
        engine.close(1, day, &declared()).await;
    }
    let reaches = |visit: &&Visit| visit.steps.iter().any(|step| step.goal == Some("buy"));
    let chosen: Vec<&Visit> = visits.iter().filter(reaches).collect();
    let report = overview(&owner, "&filter=goal:is:Buy").await;
    assert_eq!(report["counting"], json!({"visitors": "exact", "visits": "exact"}));
    assert_eq!(report.get("undecided_days"), None);
    assert_eq!(number(&report, "visitors"), traffic::visitors(chosen.iter().copied()) as f64);
    assert_eq!(number(&report, "visits"), chosen.len() as f64);
    let views: usize = chosen.iter().map(|visit| visit.views().count()).sum();
    assert_eq!(number(&report, "views"), views as f64);
    for panel in ["source", "country", "entry"] {
        let rows = report["panels"][panel]["rows"].as_array().unwrap();
        let sum: u64 = rows.iter().map(|row| row["visits"].as_u64().unwrap()).sum();
        assert_eq!(sum, chosen.len() as u64, "{panel}");
    }
    assert_eq!(report["panels"]["page"]["unavailable"], true);
    assert_eq!(report["metrics"]["conversion_ratio"]["value"], Value::Null);
    let rest = overview(&owner, "&filter=goal:is_not:Buy").await;
    assert_eq!(number(&rest, "visits"), (visits.len() - chosen.len()) as f64);
    // Which came from Google, and what else they did.
    let crossed = overview(&owner, "&filter=goal:is:Buy&filter=source:is:Google").await;
    let google = chosen.iter().filter(|visit| visit.source == "Google").count();
    assert_eq!(number(&crossed, "visits"), google as f64);
    let tea = chosen.iter().filter(|visit| visit.views().any(|step| step.path == "/tea")).count();
    assert_eq!(row(&report, "Tea")["visits"], tea);
}

#[tokio::test]
async fn days_closed_before_a_goal_was_declared_tell_what_they_can_and_say_so() {
    let engine = Engine::start().await;
    let visits = traffic::fortnight();
    for day in FIRST_DAY..=LAST_DAY {
        engine.ship(day, &visits).await;
    }
    for day in FIRST_DAY..FIRST_DAY + BLIND_DAYS {
        engine.close(1, day, &Declared::default()).await;
    }
    for day in FIRST_DAY + BLIND_DAYS..FIRST_DAY + 7 {
        engine.close(1, day, &declared()).await;
    }
    let owner = engine.owner().await;
    declare(&owner, 1).await;
    let all: Vec<&Visit> = visits.iter().collect();
    let report = overview(&owner, "").await;
    for (title, rule, reaches) in cases() {
        let (found, counted) = (row(&report, title), counted(&all, reaches));
        assert_eq!(found["events"], counted["events"], "{title}");
        assert_eq!(found["revenue"], counted["revenue"], "{title}");
        assert_eq!((&found["visits"], &found["undecided_days"]), (&Value::Null, &json!(BLIND_DAYS)));
        if rule.flag().1 {
            assert_eq!(found["visitors"], counted["visitors"], "{title}");
        }
    }
    let seen: Vec<&Visit> = visits.iter().filter(|visit| visit.day >= FIRST_DAY + BLIND_DAYS).collect();
    check_funnel(&report, &seen);
    let known: Vec<Visit> = seen.iter().map(|visit| (*visit).clone()).collect();
    check_conversion(&report, &known, |_| true);
    assert_eq!(report["conversion_undecided_days"], BLIND_DAYS);
    assert_eq!(report["funnels"][0]["undecided_days"], BLIND_DAYS);
    let filtered = overview(&owner, "&filter=goal:is:Buy").await;
    assert_eq!(filtered["undecided_days"], BLIND_DAYS);
    let reached = |visit: &&&Visit| visit.steps.iter().any(|step| step.goal == Some("buy"));
    assert_eq!(number(&filtered, "visits"), seen.iter().filter(reached).count() as f64);
}

#[tokio::test]
async fn a_changed_rule_is_another_goal_and_the_old_rule_remembers() {
    let (engine, owner, visits) = open_fortnight().await;
    for day in FIRST_DAY..FIRST_DAY + 7 {
        engine.close(1, day, &declared()).await;
    }
    let goals = owner.get("/api/v1/sites/1/goals").await.json()["goals"].clone();
    let tea = goals.as_array().unwrap().iter().find(|goal| goal["title"] == "Tea").unwrap();
    let path = format!("/api/v1/sites/1/goals/{}", tea["id"]);
    let put = async |rule: Rule| {
        let body =
            json!({"title": "Tea", "rule": rule, "value": {"amount_e4": 1_000_000, "currency": "rub"}});
        let answer = owner.send(hyper::Method::PUT, &path, &[], Some(&body)).await;
        assert_eq!(answer.status, 200, "{:?}", answer.body);
        overview(&owner, "").await
    };
    let changed = put(page("/cups")).await;
    assert_eq!(row(&changed, "Tea")["undecided_days"], 7);
    let back = put(page("/tea")).await;
    let all: Vec<&Visit> = visits.iter().collect();
    let mut expected = counted(&all, |step| step.goal.is_none() && step.path == "/tea");
    // Each is worth a hundred roubles now.
    let worth = expected["events"].as_f64().unwrap() * 100.0;
    expected["revenue"] = json!([{"currency": "RUB", "amount": worth}]);
    let mut found = row(&back, "Tea").clone();
    found.as_object_mut().unwrap().remove("value");
    assert_eq!(found, expected);
    let removed = owner.send(hyper::Method::DELETE, &path, &[], None).await;
    assert_eq!(removed.status, 204);
    assert_eq!(overview(&owner, "").await["panels"]["goal"]["total"], cases().len() - 1);
}

#[tokio::test]
async fn a_preview_counts_what_a_rule_would_have() {
    let (engine, owner, visits) = open_fortnight().await;
    for day in FIRST_DAY..FIRST_DAY + 7 {
        engine.close(1, day, &Declared::default()).await;
    }
    let all: Vec<&Visit> = visits.iter().collect();
    for (title, rule, reaches) in cases() {
        let counting = if rule.flag().1 { "exact" } else { "about" };
        let found = owner.post("/api/v1/sites/1/goals/preview", &json!({"rule": rule})).await.json();
        let counted = counted(&all, reaches);
        assert_eq!((&found["events"], &found["counting"]), (&counted["events"], &json!(counting)), "{title}");
        if rule.flag().1 {
            assert_eq!(found["visitors"], counted["visitors"], "{title}");
        }
    }
}
