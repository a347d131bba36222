//! Reports over the real engine, compared with counting by hand.

use serde_json::{Value, json};
use store::goal::Declared;

use crate::{
    engine::{Engine, date},
    harness::Owner,
    traffic::{self, FIRST_DAY, LAST_DAY, Visit},
};

/// The whole fortnight, with filters or anything else after it.
pub async fn overview(owner: &Owner, more: &str) -> Value {
    let (from, to) = (date(FIRST_DAY), date(LAST_DAY));
    let path = format!("/api/v1/sites/1/overview?period=custom&from={from}&to={to}{more}");
    let answer = owner.get(&path).await;
    assert_eq!(answer.status, 200, "{path}: {:?}", answer.body);
    answer.json()
}

/// An engine with the fortnight: the first half closed, the rest open.
pub async fn half_closed() -> (Engine, Owner, Vec<Visit>) {
    let engine = Engine::start().await;
    let visits = traffic::fortnight();
    for day in FIRST_DAY..=LAST_DAY {
        engine.ship(day, &visits).await;
    }
    for day in FIRST_DAY..FIRST_DAY + 7 {
        engine.close(1, day, &Declared::default()).await;
    }
    let owner = engine.owner().await;
    (engine, owner, visits)
}

pub fn number(report: &Value, metric: &str) -> f64 {
    report["metrics"][metric]["value"].as_f64().unwrap_or_else(|| panic!("{metric} of {report}"))
}

fn check_visits(report: &Value, visits: &[&Visit]) {
    let count = visits.len() as f64;
    let views: usize = visits.iter().map(|visit| visit.views().count()).sum();
    assert_eq!(number(report, "visits"), count);
    assert_eq!(number(report, "views"), views as f64);
    let near = |metric: &str, expected: f64| {
        let found = number(report, metric);
        assert!((found - expected).abs() < 1e-6, "{metric}: {found}, expected {expected}");
    };
    near("views_per_visit", views as f64 / count);
    near("bounce_ratio", visits.iter().filter(|visit| visit.is_bounce()).count() as f64 / count);
    let elsewhere = |name: &str, counts: &dyn Fn(&Visit) -> bool| {
        let expected =
            visits.iter().filter(|visit| visit.is_bounce() && counts(visit)).count() as f64 / count;
        let found = report["bounce_elsewhere"][name].as_f64().unwrap();
        assert!((found - expected).abs() < 1e-6, "{name}: {found}, expected {expected}");
    };
    elsewhere("metrika", &|visit| visit.seconds() < 15);
    elsewhere("ga4", &|visit| visit.engaged_ms() < 10_000);
    near("duration_seconds", visits.iter().map(|visit| visit.seconds()).sum::<u64>() as f64 / count);
    near(
        "engaged_seconds",
        visits.iter().map(|visit| visit.engaged_ms()).sum::<u64>() as f64 / 1000.0 / count,
    );
}

fn check_panel(report: &Value, dimension: &str, expected: &[(String, Value)]) {
    let panel = &report["panels"][dimension];
    assert_eq!(panel["total"], expected.len(), "{dimension}: {panel}");
    for (value, counts) in expected {
        let rows = panel["rows"].as_array().unwrap();
        let mut row = rows
            .iter()
            .find(|row| row["value"] == *value)
            .unwrap_or_else(|| panic!("no {value} in {panel}"))
            .clone();
        row.as_object_mut().unwrap().remove("value");
        assert_eq!(row, *counts, "{dimension} {value}");
    }
}

fn rows(counted: impl IntoIterator<Item = (String, (u64, u64, u64))>) -> Vec<(String, Value)> {
    counted
        .into_iter()
        .map(|(value, (visitors, visits, views))| {
            (value, json!({"visitors": visitors, "visits": visits, "views": views}))
        })
        .collect()
}

#[tokio::test]
async fn what_is_exact_equals_what_a_person_would_count() {
    let (_engine, owner, visits) = half_closed().await;
    let all: Vec<&Visit> = visits.iter().collect();

    let report = overview(&owner, "").await;
    assert_eq!(report["counting"], json!({"visitors": "exact", "visits": "exact"}));
    assert_eq!(number(&report, "visitors"), traffic::visitors(visits.iter()) as f64);
    check_visits(&report, &all);
    check_panel(&report, "source", &rows(traffic::by_value(&visits, |visit| visit.source.to_owned())));
    check_panel(&report, "country", &rows(traffic::by_value(&visits, Visit::country)));
    check_panel(&report, "browser", &rows(traffic::by_value(&visits, |visit| visit.browser.to_owned())));
    let autumn = traffic::by_value(&visits, |visit| visit.source.to_owned()).remove("Google").unwrap();
    check_panel(&report, "utm_campaign", &rows([("autumn".to_owned(), autumn)]));
    check_panel(&report, "utm_term", &[]);
    check_paths(&report, &visits);

    for (filter, matches) in [
        ("country:is:RU", (|visit: &Visit| visit.country() == "RU") as fn(&Visit) -> bool),
        ("browser:is:Chrome|Safari", |visit| visit.browser != "Firefox"),
        ("browser:contains:FIRE", |visit| visit.browser == "Firefox"),
        ("country:is_not:RU|Atlantis", |visit| visit.country() != "RU"),
        ("browser:matches:*fox|Saf*i", |visit| visit.browser != "Chrome"),
        ("source:is:Google", |visit| visit.source == "Google"),
        ("source:is:", |visit| visit.source.is_empty()),
    ] {
        let chosen: Vec<&Visit> = visits.iter().filter(|visit| matches(visit)).collect();
        let report = overview(&owner, &format!("&filter={filter}")).await;
        assert_eq!(report["counting"]["visitors"], "exact", "{filter}");
        assert_eq!(number(&report, "visitors"), traffic::visitors(chosen.iter().copied()) as f64, "{filter}");
        check_visits(&report, &chosen);
        let chosen: Vec<Visit> = chosen.into_iter().cloned().collect();
        check_panel(&report, "source", &rows(traffic::by_value(&chosen, |visit| visit.source.to_owned())));
    }
}

#[tokio::test]
async fn a_pattern_is_for_the_whole_value() {
    let (_engine, owner, visits) = half_closed().await;
    let firefox = visits.iter().filter(|visit| visit.browser == "Firefox").count();
    for (pattern, expected) in [("Firefox", firefox), ("Fire*", firefox), ("fox", 0), ("F.*", 0)] {
        let report = overview(&owner, &format!("&filter=browser:matches:{pattern}")).await;
        assert_eq!(number(&report, "visits"), expected as f64, "{pattern}");
    }
}

/// Pages, entries, exits and goals of a report without filters.
fn check_paths(report: &Value, visits: &[Visit]) {
    let distinct = |of: &dyn Fn(&Visit) -> bool| traffic::visitors(visits.iter().filter(|visit| of(visit)));
    let count = |of: &dyn Fn(&Visit) -> bool| visits.iter().filter(|visit| of(visit)).count();
    let steps = |of: &dyn Fn(&traffic::Step) -> bool| -> usize {
        visits.iter().map(|visit| visit.steps.iter().filter(|step| of(step)).count()).sum()
    };
    let mut pages = Vec::new();
    let mut exits = Vec::new();
    for path in ["/", "/tea", "/cups", "/it's \\ odd", "/about"] {
        let sees = |visit: &Visit| visit.views().any(|step| step.path == path);
        let views = steps(&|step| step.goal.is_none() && step.path == path);
        let row = json!({"visitors": distinct(&sees), "visits": count(&sees), "views": views});
        pages.push((path.to_owned(), row));
        exits.push((path.to_owned(), json!({"visits": count(&|visit| visit.exit() == Some(path))})));
    }
    check_panel(report, "page", &pages);
    check_panel(report, "exit", &exits);
    let goals: Vec<(String, Value)> = ["buy", "subscribe"]
        .into_iter()
        .map(|goal| {
            let reached = distinct(&|visit| visit.steps.iter().any(|step| step.goal == Some(goal)));
            (goal.to_owned(), json!({"visitors": reached, "events": steps(&|step| step.goal == Some(goal))}))
        })
        .collect();
    check_panel(report, "event", &goals);
    for entry in report["panels"]["entry"]["rows"].as_array().unwrap() {
        let began = visits.iter().filter(|visit| entry["value"] == visit.entry());
        assert_eq!(entry["visits"], began.clone().count(), "{entry}");
        assert_eq!(entry["views"], began.map(|visit| visit.views().count()).sum::<usize>(), "{entry}");
    }
}

#[tokio::test]
async fn pages_ends_and_goals_are_counted_as_defined() {
    let (_engine, owner, visits) = half_closed().await;
    // `/it's \ odd`, percent-encoded once for the value and once for the query.
    let odd = "%2Fit%27s%20%5C%20odd";
    for (path, encoded) in [("/tea", "/tea"), ("/it's \\ odd", odd)] {
        let report = overview(&owner, &format!("&filter=page:is:{encoded}")).await;
        let sees = |visit: &&Visit| visit.views().any(|step| step.path == path);
        let views: usize =
            visits.iter().map(|visit| visit.views().filter(|step| step.path == path).count()).sum();
        assert_eq!(report["counting"], json!({"visitors": "exact", "visits": "exact"}));
        assert_eq!(number(&report, "visitors"), traffic::visitors(visits.iter().filter(sees)) as f64);
        assert_eq!(number(&report, "visits"), visits.iter().filter(sees).count() as f64);
        assert_eq!(number(&report, "views"), views as f64);
        assert_eq!(report["panels"]["exit"]["unavailable"], true);
    }

    let report = overview(&owner, "&filter=entry:is:/tea").await;
    let began: Vec<&Visit> = visits.iter().filter(|visit| visit.entry() == "/tea").collect();
    check_visits(&report, &began);
    assert_eq!(report["counting"]["visitors"], "about");

    let report = overview(&owner, "&filter=exit:is:/tea").await;
    let ended: Vec<&Visit> = visits.iter().filter(|visit| visit.exit() == Some("/tea")).collect();
    assert_eq!(number(&report, "visits"), ended.len() as f64);
    assert_eq!(report["metrics"]["duration_seconds"]["value"], Value::Null);

    let report = overview(&owner, "&filter=event:is:buy").await;
    let reached = |visit: &&Visit| visit.steps.iter().any(|step| step.goal == Some("buy"));
    assert_eq!(number(&report, "visitors"), traffic::visitors(visits.iter().filter(reached)) as f64);
    assert_eq!(report["metrics"]["visits"]["value"], Value::Null);
    let from_google =
        traffic::visitors(visits.iter().filter(reached).filter(|visit| visit.source == "Google"));
    let rows = report["panels"]["source"]["rows"].as_array().unwrap();
    let google = rows.iter().find(|row| row["value"] == "Google").unwrap()["visitors"].as_u64().unwrap();
    assert!(
        google <= from_google,
        "a visitor counts where the goal was first reached: {google} of {from_google}"
    );
}

#[tokio::test]
async fn closing_a_day_changes_no_number() {
    let (engine, owner, _visits) = half_closed().await;
    let questions = [
        "",
        "&compare=previous",
        "&filter=page:is:/tea",
        "&filter=source:is:Google&filter=country:is:RU",
        "&filter=event:is:buy",
    ];
    let mut before = Vec::new();
    for question in questions {
        before.push(overview(&owner, question).await);
    }
    for day in FIRST_DAY + 7..LAST_DAY {
        engine.close(1, day, &Declared::default()).await;
    }
    for (question, before) in questions.iter().zip(before) {
        assert_eq!(overview(&owner, question).await, before, "{question}");
    }
}

#[tokio::test]
async fn a_series_has_every_day_and_adds_up_to_the_total() {
    let (_engine, owner, visits) = half_closed().await;
    let path = "/api/v1/sites/1/overview?period=30d&compare=previous";
    let report = owner.get(path).await.json();
    assert_eq!(report["series"]["at"].as_array().unwrap().len(), 30);
    assert_eq!(report["series"]["at"][0], "2026-10-25");
    assert_eq!(report["unfinished_from"], "2026-11-23");
    let visitors = report["series"]["visitors"].as_array().unwrap();
    assert_eq!(visitors[0], 0);
    assert_eq!(report["series"]["bounce_ratio"][0], Value::Null, "no visits: no ratio");
    let sum: u64 = visitors.iter().map(|day| day.as_u64().unwrap()).sum();
    assert_eq!(sum as f64, number(&report, "visitors"));
    assert_eq!(sum, traffic::visitors(visits.iter()));
    assert_eq!(report["series"]["previous"]["visitors"].as_array().unwrap().len(), 30);
    assert_eq!(report["metrics"]["visitors"]["previous"], 0);
}

#[tokio::test]
async fn today_is_drawn_by_the_hour_and_compared_until_the_same_hour() {
    let (_engine, owner, visits) = half_closed().await;
    let report = owner.get("/api/v1/sites/1/overview?period=today&compare=previous").await.json();
    assert_eq!(report["period"]["now"], "2026-11-23T15:00:00+03:00");
    assert_eq!(report["period"]["compare_until"], "2026-11-22T15");
    assert_eq!(report["series"]["at"].as_array().unwrap().len(), 24);
    assert_eq!(report["series"]["at"][15], "2026-11-23T15");
    assert_ne!(report["series"]["visits"][15], Value::Null);
    assert_eq!(report["series"]["visits"][16], Value::Null, "has not come yet");
    let today = visits.iter().filter(|visit| visit.day == LAST_DAY);
    assert_eq!(number(&report, "visits"), today.count() as f64);
}

#[tokio::test]
async fn a_breakdown_is_searched_paged_and_given_as_csv() {
    let (_engine, owner, _visits) = half_closed().await;
    let ask = async |more: &str| {
        let range = format!("period=custom&from={}&to={}", date(FIRST_DAY), date(LAST_DAY));
        let answer = owner.get(&format!("/api/v1/sites/1/breakdown?{range}{more}")).await;
        assert_eq!(answer.status, 200, "{more}: {:?}", answer.body);
        answer
    };
    let whole = ask("&dimension=page").await.json();
    assert_eq!(whole["total"], 5);
    let second = ask("&dimension=page&limit=2&offset=2").await.json();
    assert_eq!(second["rows"], json!([whole["rows"][2], whole["rows"][3]]));
    let odd = ask("&dimension=page&search=IT%27S%20%5C").await.json();
    assert_eq!((&odd["total"], &odd["rows"][0]["value"]), (&json!(1), &json!("/it's \\ odd")));
    let csv = ask("&dimension=source&format=csv").await;
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    assert!(csv.header("content-disposition").contains("example.ru-source-2026-11-10_2026-11-23.csv"));
    assert_eq!(String::from_utf8_lossy(&csv.body).lines().count(), 5);
    let panels = overview(&owner, "").await;
    assert_eq!(ask("&dimension=country").await.json()["rows"], panels["panels"]["country"]["rows"]);
}

#[tokio::test]
async fn now_and_the_balance_are_read_from_their_tables() {
    let (engine, owner, _visits) = half_closed().await;
    let db = engine.store.database();
    assert_eq!(owner.get("/api/v1/sites/1/status").await.json()["first_event"], true);
    for statement in [
        // Two visitors within five minutes of the clock's noon, one before.
        format!(
            "INSERT INTO {db}.events_hot (site_id, day, visitor, ts) SELECT 1, toDate({LAST_DAY}), arrayJoin([1, 1, 2]), toDateTime('2026-11-23 11:56:00', 'UTC')"
        ),
        format!(
            "INSERT INTO {db}.events_hot (site_id, day, visitor, ts) SELECT 1, toDate({LAST_DAY}), 3, toDateTime('2026-11-23 11:54:00', 'UTC')"
        ),
        // Moscow's 23rd begins at 21:00 UTC of the 22nd.
        format!(
            "INSERT INTO {db}.ledger (site_id, minute, outcome, reason, n, batch) SELECT 1, toDateTime('2026-11-22 20:59:00', 'UTC'), 'stored', '', 1000, 1"
        ),
        format!(
            "INSERT INTO {db}.ledger (site_id, minute, outcome, reason, n, batch) SELECT 1, toDateTime('2026-11-22 21:00:00', 'UTC'), 'stored', '', 40, 2"
        ),
        format!(
            "INSERT INTO {db}.ledger (site_id, minute, outcome, reason, n, batch) SELECT 1, toDateTime('2026-11-23 08:00:00', 'UTC'), 'refused', arrayJoin(['bot', 'bot', 'gpc']), 3, 3"
        ),
        format!(
            "INSERT INTO {db}.ledger (site_id, minute, outcome, reason, n, batch) SELECT 2, toDateTime('2026-11-23 08:00:00', 'UTC'), 'refused', 'bot', 99, 4"
        ),
    ] {
        engine.store.execute("fill a table in a test", &statement).await.unwrap();
    }
    let live = owner.get("/api/v1/sites/1/live").await.json()["visitors"].as_u64().unwrap();
    assert!(live >= 2, "{live}");
    let balance = owner.get("/api/v1/sites/1/overview?period=today").await.json()["balance"].clone();
    let refused = json!([{"reason": "bot", "n": 6}, {"reason": "gpc", "n": 3}]);
    assert_eq!(balance, json!({"received": 49, "stored": 40, "refused": refused, "waiting": 0}));
}

#[tokio::test]
async fn days_weeks_and_months_add_up_to_the_same_whole() {
    let (_engine, owner, _) = half_closed().await;
    for metric in ["visitors", "visits", "views"] {
        for grain in ["day", "week", "month"] {
            let report = overview(&owner, &format!("&grain={grain}")).await;
            assert_eq!(report["period"]["grain"], grain);
            let points = report["series"][metric].as_array().unwrap();
            let sum: f64 = points.iter().filter_map(Value::as_f64).sum();
            assert_eq!(sum, number(&report, metric), "{metric} by {grain}");
        }
    }
    let unfit = owner.get("/api/v1/sites/1/overview?period=today&grain=week").await;
    assert_eq!((unfit.status.as_u16(), unfit.code().as_str()), (422, "query_invalid"));
}

/// A group that is shown where questions are crossed is of five people or more, however many
/// visits they made.
#[tokio::test]
async fn many_visits_of_few_people_are_hidden_where_questions_are_crossed() {
    let (_engine, owner, visits) = half_closed().await;
    let (mut shown, mut hidden) = (0, 0);
    // Two questions and the rows' own, and three.
    for (country, source, browser) in
        [("RU", "Google", None), ("KZ", "Telegram", None), ("RU", "Yandex", Some("Safari"))]
    {
        let more = browser.map(|browser| format!("&filter=browser:is:{browser}")).unwrap_or_default();
        let filters = format!("&filter=country:is:{country}&filter=source:is:{source}{more}");
        let report = overview(&owner, &filters).await;
        let asked = |visit: &&Visit| {
            visit.country() == country
                && visit.source == source
                && browser.is_none_or(|browser| visit.browser == browser)
        };
        type End = fn(&Visit) -> Option<&'static str>;
        for (panel, end) in [("entry", (|visit| Some(visit.entry())) as End), ("exit", Visit::exit)] {
            let panel = &report["panels"][panel];
            hidden += panel["hidden"].as_u64().unwrap_or_default();
            for row in panel["rows"].as_array().unwrap() {
                let people = traffic::visitors(
                    visits.iter().filter(asked).filter(|visit| end(visit) == row["value"].as_str()),
                );
                assert!(people >= 5, "{filters}: {row} are {people} people");
                shown += 1;
            }
        }
    }
    assert!(shown > 0 && hidden > 0, "{shown} shown, {hidden} hidden");
}
