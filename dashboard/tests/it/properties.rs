//! Properties of events, as rows and as filters, over the real engine.

use serde_json::{Value, json};

use crate::{
    engine::date,
    harness::Owner,
    reports::{half_closed, number, overview},
    traffic::{self, FIRST_DAY, LAST_DAY, Step, Visit},
};

async fn breakdown(owner: &Owner, more: &str) -> Value {
    let range = format!("period=custom&from={}&to={}", date(FIRST_DAY), date(LAST_DAY));
    let answer = owner.get(&format!("/api/v1/sites/1/breakdown?{range}{more}")).await;
    assert_eq!(answer.status, 200, "{more}: {:?}", answer.body);
    answer.json()
}

fn events<'a>(visits: &'a [Visit], of: &'a dyn Fn(&Step) -> bool) -> impl Iterator<Item = &'a Step> {
    visits.iter().flat_map(|visit| &visit.steps).filter(move |step| step.goal.is_some() && of(step))
}

#[tokio::test]
async fn an_events_property_is_told_value_by_value_and_its_parts_are_the_event() {
    let (_engine, owner, visits) = half_closed().await;
    let found = breakdown(&owner, "&dimension=property&property=plan&filter=event:is:buy").await;
    let rows = found["rows"].as_array().unwrap();
    assert_eq!((rows.len(), &found["total"]), (3, &json!(3)));
    let mut visitors = 0;
    for row in rows {
        let plan = row["value"].as_str().unwrap().strip_prefix("plan=").unwrap();
        let times = events(&visits, &|step| step.goal == Some("buy") && step.plan == plan).count();
        assert_eq!(row["events"], times, "{plan}");
        visitors += row["visitors"].as_u64().unwrap();
    }
    // A visitor counts with the first such event of a day.
    let buys = |visit: &&Visit| visit.steps.iter().any(|step| step.goal == Some("buy"));
    assert_eq!(visitors, traffic::visitors(visits.iter().filter(buys)));
    // Names of properties are whole, and searching is another thing.
    let none = breakdown(&owner, "&dimension=property&property=pla&filter=event:is:buy").await;
    assert_eq!(none["total"], 0);
    let pro = breakdown(&owner, "&dimension=property&search=PRO&filter=event:is:buy").await;
    assert_eq!((&pro["total"], &pro["rows"][0]["value"]), (&json!(1), &json!("plan=pro")));
}

#[tokio::test]
async fn a_property_is_a_filter_with_every_operator() {
    let (_engine, owner, visits) = half_closed().await;
    for (filter, matches) in [
        ("property:is:plan%3Dpro", (|plan: &str| plan == "pro") as fn(&str) -> bool),
        ("property:is:plan%3Dpro%7Cplan%3Dfree", |plan| plan != "team"),
        ("property:is_not:plan%3Dteam", |plan| plan != "team"),
        ("property:contains:EAM", |plan| plan == "team"),
        ("property:matches:plan%3D*r*", |plan| plan != "team"),
    ] {
        let report = overview(&owner, &format!("&filter={filter}")).await;
        assert_eq!(report["counting"]["visitors"], "about", "{filter}");
        let told: u64 = report["panels"]["event"]["rows"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["events"].as_u64().unwrap())
            .sum();
        let times = events(&visits, &|step| matches(step.plan)).count();
        assert_eq!(told, times as u64, "{filter}");
    }
    // Beside its event: of the first ones of a day, those with the value.
    let both = overview(&owner, "&filter=event:is:buy&filter=property:is:plan%3Dpro").await;
    let buys = events(&visits, &|step| step.goal == Some("buy") && step.plan == "pro").count();
    assert_eq!(both["panels"]["event"]["rows"][0]["events"], buys);
    assert!(number(&both, "visitors") <= buys as f64);
    let conflict = owner.get("/api/v1/sites/1/overview?filter=property:is:a%3D1&filter=entry:is:/").await;
    assert_eq!(conflict.code(), "filters_conflict");
}

#[tokio::test]
async fn a_property_is_given_as_csv_and_belongs_to_its_own_dimension_only() {
    let (_engine, owner, _visits) = half_closed().await;
    let range = format!("period=custom&from={}&to={}", date(FIRST_DAY), date(LAST_DAY));
    let ask = format!("/api/v1/sites/1/breakdown?{range}&dimension=property&filter=event:is:buy&format=csv");
    let csv = owner.get(&ask).await;
    let text = String::from_utf8(csv.body.to_vec()).unwrap();
    assert!(text.starts_with("property,visitors,events\r\nplan="), "{text}");
    assert_eq!(owner.get("/api/v1/sites/1/breakdown?dimension=page&property=plan").await.status, 422);
}
