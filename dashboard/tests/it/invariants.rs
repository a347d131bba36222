//! What holds of every report over any traffic: open days, closed days, a range over
//! both.
//!
//! Each case is a site of its own in one engine, asked the same questions three times
//! while its days are closed: none, one, all.

use std::cell::Cell;

use proptest::{
    prelude::*,
    sample::subsequence,
    test_runner::{Config, TestCaseResult, TestRunner},
};
use serde_json::{Value, json};

use crate::{
    engine::{Engine, date},
    goals::{declare, declared},
    harness::Owner,
    traffic::{self, FIRST_DAY, LAST_DAY, Visit, random},
};

mod question;

use question::{Question, Scope};

/// Sites of random traffic: each is asked some twenty questions three times, about ten seconds
/// on two cores.
const CASES: u32 = 3;

/// Fewer tries for a smaller example than usual: each is a site that is closed.
const SHRINKS_MAX: u32 = 20;

/// Filters drawn for a case; they are asked one by one and two by two.
const FILTERS: usize = 3;

/// Two days that reports keep when they are closed, and one that is too new for that.
const DAYS: [u16; 3] = [FIRST_DAY, FIRST_DAY + 3, LAST_DAY - 1];

const VISITOR: [&str; 4] = ["country", "browser", "os", "device"];
const SOURCE: [&str; 2] = ["source", "channel"];

#[test]
fn numbers_agree_with_each_other_over_any_traffic() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (engine, owner) = runtime.block_on(async {
        let engine = Engine::start().await;
        let owner = engine.owner().await;
        (engine, owner)
    });
    let config = Config {
        cases: CASES,
        max_shrink_iters: SHRINKS_MAX,
        failure_persistence: None,
        ..Config::default()
    };
    let filters = subsequence(question::FILTERS.to_vec(), FILTERS);
    let sites = Cell::new(0);
    let outcome = TestRunner::new(config).run(&(random::visits(&DAYS), filters), |(mut visits, filters)| {
        sites.set(sites.get() + 1);
        runtime.block_on(async {
            let site = owner.add_site(&format!("case-{}.example", sites.get())).await["id"].clone();
            let site = u32::try_from(site.as_u64().expect("a site has a number")).unwrap();
            declare(&owner, site).await;
            for visit in &mut visits {
                visit.site = site;
            }
            let case = Case { engine: &engine, owner: &owner, site, visits: &visits };
            case.check(&Question::all(&filters)).await
        })
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}

struct Case<'a> {
    engine: &'a Engine,
    owner: &'a Owner,
    site: u32,
    visits: &'a [Visit],
}

impl Case<'_> {
    async fn check(&self, questions: &[Question]) -> TestCaseResult {
        for day in DAYS {
            self.engine.ship(day, self.visits).await;
        }
        let open = self.reports(questions).await?;
        for (question, report) in questions.iter().zip(&open) {
            bounds_hold(question, report, self.visits)?;
            goals_fit(question, report)?;
            parts_add_up(question, report, self.visits)?;
        }
        filters_only_shrink(questions, &open)?;
        self.engine.close(self.site, DAYS[0], &declared()).await;
        prop_assert_eq!(&self.reports(questions).await?, &open, "one day closed");
        self.days_add_up(&open[0]).await?;
        self.the_nameless_are_the_rest(&open[0]).await?;
        for day in &DAYS[1..] {
            self.engine.close(self.site, *day, &declared()).await;
        }
        prop_assert_eq!(&self.reports(questions).await?, &open, "all days closed");
        Ok(())
    }

    async fn reports(&self, questions: &[Question]) -> Result<Vec<Value>, TestCaseError> {
        let mut reports = Vec::new();
        for question in questions {
            reports.push(self.ask((FIRST_DAY, LAST_DAY), &question.query()).await?);
        }
        Ok(reports)
    }

    async fn ask(&self, (from, to): (u16, u16), filters: &str) -> Result<Value, TestCaseError> {
        // One day is always drawn by the hour.
        let grain = if from == to { "" } else { "&grain=day" };
        let range = format!("period=custom&from={}&to={}{grain}", date(from), date(to));
        let answer = self.owner.get(&format!("/api/v1/sites/{}/overview?{range}{filters}", self.site)).await;
        prop_assert_eq!(answer.status, 200, "{}: {:?}", filters, answer.body);
        Ok(answer.json())
    }

    /// A range is the sum of its days, here one closed and the others open.
    async fn days_add_up(&self, whole: &Value) -> TestCaseResult {
        let mut sums = [0; 3];
        for day in DAYS {
            let report = self.ask((day, day), "").await?;
            for (sum, metric) in sums.iter_mut().zip(["visitors", "visits", "views"]) {
                *sum += metric_of(&report, metric).unwrap_or_default();
            }
        }
        let found =
            ["visitors", "visits", "views"].map(|metric| metric_of(whole, metric).unwrap_or_default());
        prop_assert_eq!(sums, found, "day by day");
        Ok(())
    }

    /// A panel of campaigns leaves out who came without one; a filter finds them.
    async fn the_nameless_are_the_rest(&self, whole: &Value) -> TestCaseResult {
        let rest = self.ask((FIRST_DAY, LAST_DAY), "&filter=utm_campaign:is:").await?;
        for metric in ["visits", "views"] {
            let parts = sum(whole, "utm_campaign", metric) + metric_of(&rest, metric).unwrap_or_default();
            prop_assert_eq!(Some(parts), metric_of(whole, metric), "campaigns' {}", metric);
        }
        Ok(())
    }
}

/// Visitors ≤ visits ≤ views and visits without one.
fn bounds_hold(question: &Question, report: &Value, traffic: &[Visit]) -> TestCaseResult {
    let (visitors, visits) = (metric_of(report, "visitors"), metric_of(report, "visits"));
    if let (Some(visitors), Some(visits)) = (visitors, visits) {
        prop_assert!(visitors <= visits, "{:?}: {} visitors, {} visits", question, visitors, visits);
    }
    let silent = traffic.iter().filter(|visit| visit.views().count() == 0).count() as u64;
    if question.is_everything() {
        prop_assert_eq!(visitors, Some(traffic::visitors(traffic.iter())));
        prop_assert_eq!(visits, Some(traffic.len() as u64));
        prop_assert_eq!(visits, Some(sum(report, "exit", "visits") + silent), "visits end on a page");
    }
    if let (Some(visits), Some(views)) = (visits, metric_of(report, "views")) {
        // A visit that saw a page has a view of it.
        let silent = if question.scope() == Scope::Page { 0 } else { silent };
        prop_assert!(visits <= views + silent, "{:?}: {} visits, {} views", question, visits, views);
    }
    Ok(())
}

/// A goal's visitors ≤ its visits ≤ all visits, and ≤ its times; no step of a funnel has more
/// visits than the one before.
fn goals_fit(question: &Question, report: &Value) -> TestCaseResult {
    let all = metric_of(report, "visits");
    if question.is_everything() {
        conversion_fits(report)?;
    }
    for row in report["panels"]["goal"]["rows"].as_array().expect("a panel has rows") {
        let of = |measure: &str| row[measure].as_u64();
        prop_assert!(
            of("visitors") <= of("visits") && of("visits") <= all,
            "{:?}: {} of {:?}",
            question,
            row,
            all
        );
        // A host chooses visits by their first event, but events by their own.
        if let (Some(events), false) = (of("events"), question.has_host()) {
            prop_assert!(of("visits") <= Some(events), "{:?}: {}", question, row);
        }
    }
    for funnel in report["funnels"].as_array().expect("funnels are a list") {
        let steps = funnel["steps"].as_array().expect("a funnel has steps");
        let visits: Vec<u64> = steps.iter().filter_map(|step| step["visits"].as_u64()).collect();
        prop_assert!(visits.is_sorted_by(|a, b| a >= b), "{:?}: {:?}", question, visits);
        prop_assert!(visits.first().copied() <= all, "{:?}: {:?} of {:?}", question, visits, all);
    }
    Ok(())
}

/// Who reached any goal is at least who reached the one that most did, and at most all of them
/// together.
fn conversion_fits(report: &Value) -> TestCaseResult {
    let rows = report["panels"]["goal"]["rows"].as_array().expect("a panel has rows");
    let reached: Vec<u64> = rows.iter().filter_map(|row| row["visitors"].as_u64()).collect();
    let visitors = metric_of(report, "visitors").expect("visitors are told without filters") as f64;
    let ratio = report["metrics"]["conversion_ratio"]["value"].as_f64().expect("somebody was there");
    let converted = (ratio * visitors).round() as u64;
    let most = reached.iter().max().copied().unwrap_or_default();
    prop_assert!(
        (0.0..=1.0).contains(&ratio) && most <= converted && converted <= reached.iter().sum(),
        "{} of {} visitors, {:?}",
        converted,
        visitors,
        reached
    );
    Ok(())
}

/// The rows of a panel, and the points of the chart, add up to the metric.
fn parts_add_up(question: &Question, report: &Value, traffic: &[Visit]) -> TestCaseResult {
    for (dimension, measure) in wholes(question) {
        let panel = &report["panels"][dimension];
        prop_assert_eq!(panel["rows"].as_array().map(Vec::len), Some(total(panel)), "all of {}", dimension);
        let (parts, whole) = (Some(sum(report, dimension, measure)), metric_of(report, measure));
        let told = format!("{question:?}: {measure} by {dimension}: {panel}");
        if panel["hidden"].as_u64().is_some() || report["few"] == true {
            // Few people are not shown where questions cross.
            prop_assert!(parts <= whole, "{}", told);
        } else {
            prop_assert_eq!(parts, whole, "{}", told);
        }
    }
    for metric in ["visitors", "visits", "views"] {
        let points = report["series"][metric].as_array().expect("a series is a list");
        let points: u64 = points.iter().filter_map(Value::as_u64).sum();
        prop_assert_eq!(
            points,
            metric_of(report, metric).unwrap_or_default(),
            "{:?}: {} by day",
            question,
            metric
        );
    }
    for dimension in SOURCE.iter().filter(|_| question.scope() == Scope::Visitor) {
        let found = sum(report, dimension, "visitors");
        let (visitors, visits) = (metric_of(report, "visitors"), metric_of(report, "visits"));
        // Few people are not shown where questions cross.
        let is_whole = report["panels"][dimension].get("hidden").is_none();
        let enough = !is_whole || visitors <= Some(found);
        prop_assert!(enough && Some(found) <= visits, "{:?}: by {}", question, dimension);
    }
    if question.is_everything() {
        let events = traffic.iter().flat_map(|visit| &visit.steps).filter(|step| step.goal.is_some()).count();
        prop_assert_eq!(sum(report, "event", "events"), events as u64, "goals reached");
    }
    if question.scope() == Scope::Event {
        let events = sum(report, "event", "events");
        let is_whole = |dimension: &&&str| report["panels"][**dimension].get("hidden").is_none();
        let is_shown = report.get("few").is_none() && is_whole(&&"event");
        for dimension in
            VISITOR.iter().chain(&SOURCE).chain(&["page", "host"]).filter(|one| is_shown && is_whole(one))
        {
            prop_assert_eq!(sum(report, dimension, "events"), events, "{:?}: by {}", question, dimension);
        }
    }
    Ok(())
}

/// Which panels are the metric cut into pieces.
fn wholes(question: &Question) -> Vec<(&'static str, &'static str)> {
    let all = ["visitors", "visits", "views"].as_slice();
    let whole_visits = &all[1..];
    let host = ["host"].as_slice();
    // Whether the filters are those of whole visits, so that pages and ends are theirs.
    let pages = if question.has_host() { &[] } else { &all[2..] };
    let cuts: Vec<(&[&'static str], &[&'static str])> = match question.scope() {
        Scope::Visitor => vec![
            (&VISITOR, all),
            (host, all),
            (&SOURCE, whole_visits),
            (&["entry"], whole_visits),
            (&["page"], pages),
        ],
        Scope::Source => {
            vec![(&VISITOR, all), (host, all), (&SOURCE, all), (&["entry"], whole_visits), (&["page"], pages)]
        }
        Scope::Goal => {
            vec![(&VISITOR, all), (host, all), (&SOURCE, all), (&["entry"], whole_visits)]
        }
        Scope::Page => vec![(&VISITOR, all), (host, all), (&SOURCE, all), (&["page"], all)],
        Scope::Entry => vec![(&VISITOR, all), (host, all), (&SOURCE, all), (&["entry"], all)],
        Scope::Exit => {
            vec![(&VISITOR, &all[..2]), (host, &all[..2]), (&SOURCE, &all[..2]), (&["exit"], &all[1..2])]
        }
        Scope::Event => vec![
            (&VISITOR, &all[..1]),
            (host, &all[..1]),
            (&SOURCE, &all[..1]),
            (&["page", "event"], &all[..1]),
        ],
    };
    cuts.into_iter()
        .flat_map(|(dimensions, measures)| {
            dimensions.iter().flat_map(|dimension| measures.iter().map(|measure| (*dimension, *measure)))
        })
        .collect()
}

/// A question with more filters never finds more than one with some of them, wherever
/// both count the same thing or say that they count exactly.
fn filters_only_shrink(questions: &[Question], reports: &[Value]) -> TestCaseResult {
    for (wide, of_wide) in questions.iter().zip(reports) {
        for (narrow, of_narrow) in questions.iter().zip(reports) {
            if !narrow.narrows(wide) {
                continue;
            }
            let alike = narrow.scope() == wide.scope();
            for metric in ["visitors", "visits", "views"] {
                let exact =
                    |report: &Value| report["counting"].get(metric).is_none_or(|how| *how == json!("exact"));
                let comparable = alike || exact(of_narrow) && exact(of_wide);
                if let (true, Some(few), Some(many)) =
                    (comparable, metric_of(of_narrow, metric), metric_of(of_wide, metric))
                {
                    prop_assert!(few <= many, "{:?} has {} {}, {:?} has {}", narrow, few, metric, wide, many);
                }
            }
        }
    }
    Ok(())
}

fn metric_of(report: &Value, metric: &str) -> Option<u64> {
    report["metrics"][metric]["value"].as_u64()
}

fn sum(report: &Value, dimension: &str, measure: &str) -> u64 {
    let rows = report["panels"][dimension]["rows"].as_array().expect("a panel has rows");
    rows.iter().filter_map(|row| row[measure].as_u64()).sum()
}

fn total(panel: &Value) -> usize {
    usize::try_from(panel["total"].as_u64().expect("a panel has a total")).unwrap()
}
