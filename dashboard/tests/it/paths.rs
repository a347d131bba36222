//! Paths to goals over the real engine, compared with counting by hand, open and closed.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use store::{
    goal::Declared,
    paths::{PAGES_MAX, PEOPLE_MIN},
};

use crate::{
    engine::{Engine, date},
    goals::{declared, open_fortnight},
    harness::Owner,
    traffic::{FIRST_DAY, LAST_DAY, Step, Visit},
};

async fn paths(owner: &Owner, goal: &str, more: &str) -> Value {
    let range = format!("period=custom&from={}&to={}", date(FIRST_DAY), date(LAST_DAY));
    let answer = owner.get(&format!("/api/v1/sites/1/paths?{range}&goal={goal}{more}")).await;
    assert_eq!(answer.status, 200, "{goal}{more}: {:?}", answer.body);
    answer.json()
}

/// The pages before the step that reached the goal, as a person would write them down.
fn pages(visit: &Visit, at: usize) -> Vec<&'static str> {
    let mut pages: Vec<&str> =
        visit.steps[..at].iter().filter(|step| step.goal.is_none()).map(|step| step.path).collect();
    pages.dedup();
    let pages = pages.split_off(pages.len().saturating_sub(PAGES_MAX));
    if pages.is_empty() { vec![""] } else { pages }
}

/// One day's paths, the rare ones shortened until they are of enough people.
fn of_day(visits: &[&Visit], reaches: fn(&Step) -> bool) -> BTreeMap<Vec<&'static str>, u64> {
    let mut counts: BTreeMap<Vec<&str>, u64> = BTreeMap::new();
    let mut reached = BTreeSet::new();
    for visit in visits {
        let at = visit.steps.iter().position(reaches).filter(|_| !reached.contains(&visit.visitor));
        let Some(at) = at else { continue };
        reached.insert(visit.visitor);
        *counts.entry(pages(visit, at)).or_default() += 1;
    }
    for length in (1..=PAGES_MAX).rev() {
        let rare: Vec<Vec<&str>> = counts
            .iter()
            .filter(|(path, people)| path.len() == length && **people < PEOPLE_MIN)
            .map(|(path, _)| path.clone())
            .collect();
        for path in rare {
            let people = counts.remove(&path).unwrap();
            *counts.entry(path[1..].to_vec()).or_default() += people;
        }
    }
    counts
}

fn check(found: &Value, visits: &[Visit], reaches: fn(&Step) -> bool) {
    let mut expected: BTreeMap<Vec<&str>, u64> = BTreeMap::new();
    for day in FIRST_DAY..=LAST_DAY {
        let of_it: Vec<&Visit> = visits.iter().filter(|visit| visit.day == day).collect();
        for (path, people) in of_day(&of_it, reaches) {
            *expected.entry(path).or_default() += people;
        }
    }
    let all: u64 = expected.values().sum();
    assert_eq!(found["visitors"], all);
    let mut told = 0;
    for row in found["paths"].as_array().unwrap() {
        let mut path: Vec<&str> =
            row["pages"].as_array().unwrap().iter().map(|page| page.as_str().unwrap()).collect();
        if path.is_empty() {
            path.push("");
        }
        assert_eq!(row["visitors"], json!(expected[&path]), "{path:?} in {expected:?}");
        told += expected[&path];
    }
    let named = expected.keys().filter(|path| !path.is_empty()).count();
    assert_eq!(found["paths"].as_array().unwrap().len(), named, "{found} of {expected:?}");
    assert_eq!(found["other"], all - told);
}

#[tokio::test]
async fn paths_are_what_a_person_would_write_down_open_and_closed_and_of_enough_people() {
    let (engine, owner, visits) = open_fortnight().await;
    let tea: fn(&Step) -> bool = |step| step.goal.is_none() && step.path == "/tea";
    let buy: fn(&Step) -> bool = |step| step.goal == Some("buy");
    let open = [paths(&owner, "Tea", "").await, paths(&owner, "Buy", "").await];
    check(&open[0], &visits, tea);
    check(&open[1], &visits, buy);
    assert!(open[0]["paths"].as_array().unwrap().len() >= 2, "a test of {} tells little", open[0]);
    for day in FIRST_DAY..LAST_DAY {
        engine.close(1, day, &declared()).await;
        if day == FIRST_DAY + 6 || day == LAST_DAY - 1 {
            assert_eq!(paths(&owner, "Tea", "").await, open[0], "closed up to {day}");
            assert_eq!(paths(&owner, "Buy", "").await, open[1], "closed up to {day}");
        }
    }
    let rows = async |condition: &str| -> u64 {
        let sql = format!("SELECT count() FROM {}.goal_paths WHERE {condition}", engine.store.database());
        engine.store.reader().query(&sql).fetch_one().await.unwrap()
    };
    assert!(rows("notEmpty(path)").await > 0);
    assert_eq!(rows(&format!("notEmpty(path) AND visitors < {PEOPLE_MIN}")).await, 0, "written of too few");
    assert_eq!(rows(&format!("length(path) > {PAGES_MAX}")).await, 0);
}

#[tokio::test]
async fn what_paths_cannot_tell_is_said() {
    let (engine, owner, _visits) = open_fortnight().await;
    for day in FIRST_DAY..FIRST_DAY + 3 {
        engine.close(1, day, &Declared::default()).await;
    }
    assert_eq!(paths(&owner, "Tea", "").await["undecided_days"], 3);
    let filtered = paths(&owner, "Tea", "&filter=source:is:Google").await;
    assert_eq!((&filtered["unavailable"], &filtered["paths"]), (&json!(true), &json!([])));
    for wrong in ["goal=Coffee", "", "goal=Tea&dimension=page"] {
        assert_eq!(owner.get(&format!("/api/v1/sites/1/paths?{wrong}")).await.status, 422, "{wrong}");
    }
}

#[tokio::test]
async fn a_goal_that_comes_first_has_no_page_before_it() {
    let engine = Engine::start().await;
    let owner = engine.owner().await;
    let body = json!({"title": "Home", "rule": {"what": {"page": "/*"}}});
    assert_eq!(owner.post("/api/v1/sites/1/goals", &body).await.status, 201);
    let visits = crate::traffic::fortnight();
    engine.ship(LAST_DAY, &visits).await;
    let found = paths(&owner, "Home", "").await;
    let first = &found["paths"][0];
    assert_eq!(first["pages"], json!([]));
    // Whoever did something else before has no page either: the first view is the goal.
    assert_eq!((&found["paths"][1], &found["other"]), (&Value::Null, &json!(0)));
    assert_eq!(first["visitors"], found["visitors"]);
}
