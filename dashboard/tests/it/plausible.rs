//! Plausible's Stats API over the real engine, compared with counting by hand.

use hyper::Method;
use serde_json::{Value, json};

use crate::{
    engine::date,
    harness::{Answer, Owner},
    reports::half_closed,
    traffic::{self, FIRST_DAY, LAST_DAY},
};

fn fortnight() -> String {
    format!("site_id=example.ru&period=custom&date={},{}", date(FIRST_DAY), date(LAST_DAY))
}

async fn ask(owner: &Owner, token: &str, call: &str, query: &str) -> Answer {
    owner.ask_with(token, Method::GET, &format!("/api/v1/stats/{call}?{query}"), None).await
}

async fn results(owner: &Owner, token: &str, call: &str, query: &str) -> Value {
    let answer = ask(owner, token, call, query).await;
    assert_eq!(answer.status, 200, "{call} {query}: {:?}", answer.body);
    answer.json()["results"].clone()
}

#[tokio::test]
async fn a_client_of_plausibles_reads_what_a_person_would_count() {
    let (_engine, owner, visits) = half_closed().await;
    let token = owner.make_token("stats:read", Some(1)).await;
    let fortnight = fortnight();

    let metrics = "metrics=visitors,visits,pageviews,bounce_rate,views_per_visit,visit_duration";
    let totals = results(&owner, &token, "aggregate", &format!("{fortnight}&{metrics}")).await;
    let views: usize = visits.iter().map(|visit| visit.views().count()).sum();
    let bounces = visits.iter().filter(|visit| visit.is_bounce()).count();
    let count = visits.len() as f64;
    let seconds = visits.iter().map(|visit| visit.seconds()).sum::<u64>() as f64;
    assert_eq!(totals["visitors"]["value"], traffic::visitors(visits.iter()) as f64);
    assert_eq!(totals["visits"]["value"], count);
    assert_eq!(totals["pageviews"]["value"], views as f64);
    assert_eq!(totals["bounce_rate"]["value"], (bounces as f64 / count * 100.0).round());
    assert_eq!(totals["visit_duration"]["value"], (seconds / count).round());

    let points = results(&owner, &token, "timeseries", &format!("{fortnight}&metrics=visits")).await;
    let points = points.as_array().unwrap();
    assert_eq!((points.len(), &points[0]["date"]), (14, &json!(date(FIRST_DAY))));
    assert_eq!(points.iter().map(|point| point["visits"].as_f64().unwrap()).sum::<f64>(), count);

    let sources = results(
        &owner,
        &token,
        "breakdown",
        &format!("{fortnight}&property=visit:source&metrics=visitors,visits"),
    )
    .await;
    let expected = traffic::by_value(&visits, |visit| visit.source.to_owned());
    for row in sources.as_array().unwrap() {
        let name = row["source"].as_str().unwrap();
        let (visitors, visits, _) = expected[if name == "Direct / None" { "" } else { name }];
        assert_eq!((&row["visitors"], &row["visits"]), (&json!(visitors), &json!(visits)), "{name}");
    }
    assert_eq!(sources.as_array().unwrap().len(), expected.len());

    let google: u64 = expected["Google"].1;
    let filter = format!("{fortnight}&metrics=visits&filters=visit:source%3D%3DGoogle");
    assert_eq!(results(&owner, &token, "aggregate", &filter).await["visits"]["value"], google as f64);

    let plans =
        format!("{fortnight}&metrics=visitors,events&property=event:props:plan&filters=event:name%3D%3Dbuy");
    let plans = results(&owner, &token, "breakdown", &plans).await;
    for row in plans.as_array().unwrap() {
        let steps = visits.iter().flat_map(|visit| &visit.steps);
        let times = steps.filter(|step| step.goal == Some("buy") && row["plan"] == step.plan).count();
        assert_eq!(row["events"], times, "{row}");
    }
    assert_eq!(plans.as_array().unwrap().len(), 3);
    let pro = format!(
        "{fortnight}&metrics=visitors&property=event:name&filters=event:props:plan~ro;event:name%3D%3Dbuy"
    );
    let pro = results(&owner, &token, "breakdown", &pro).await;
    assert!(
        plans
            .as_array()
            .unwrap()
            .iter()
            .any(|row| row["plan"] == "pro" && row["visitors"] == pro[0]["visitors"])
    );

    let change = format!("{fortnight}&metrics=visits&compare=previous_period");
    assert_eq!(results(&owner, &token, "aggregate", &change).await["visits"], json!({"value": count}));

    let now = ask(&owner, &token, "realtime/visitors", "site_id=example.ru").await;
    assert_eq!((now.status.as_u16(), now.body.as_ref()), (200, b"0".as_slice()));
}

#[tokio::test]
async fn few_people_are_hidden_from_a_program_too() {
    let (_engine, owner, visits) = half_closed().await;
    let token = owner.make_token("stats:read", None).await;
    let odd = visits.iter().filter(|visit| visit.country() == "ZZ" && visit.browser == "Safari").count();
    assert!(odd > 0);
    let day = date(FIRST_DAY);
    let narrow = format!(
        "site_id=example.ru&period=day&date={day}&filters=visit:country%3D%3DZZ;visit:browser%3D%3DSafari;visit:source%3D%3DGoogle"
    );
    let value = &results(&owner, &token, "aggregate", &narrow).await["visitors"]["value"];
    let shown = value.as_f64();
    assert!(shown.is_none_or(|people| people == 0.0 || people >= 5.0), "{value}");
    let query = format!("{narrow}&property=event:page");
    for row in results(&owner, &token, "breakdown", &query).await.as_array().unwrap() {
        assert!(row["visitors"].as_u64().unwrap() >= 5, "{row}");
    }
}

#[tokio::test]
async fn a_refusal_is_worded_as_plausibles_clients_expect() {
    let owner = Owner::signed_in().await;
    owner.add_site("example.ru").await;
    let token = owner.make_token("stats:read", None).await;
    for (token, query, status) in [
        ("mst_wrong", "site_id=example.ru", 401),
        (token.as_str(), "site_id=other.ru", 404),
        (token.as_str(), "", 400),
        (token.as_str(), "site_id=example.ru&metrics=revenue", 400),
        (token.as_str(), "site_id=example.ru&period=1y", 400),
        (token.as_str(), "site_id=example.ru&filters=visit:city%3D%3D1", 400),
    ] {
        let answer = ask(&owner, token, "aggregate", query).await;
        assert_eq!(answer.status, status, "{query}: {:?}", answer.body);
        assert!(answer.json()["error"].is_string(), "{:?}", answer.body);
    }
}
