//! A year of one site's traffic, shipped and closed day by day.

use std::{cell::Cell, time::Instant};

use collector::{
    clock::Clock,
    seed::{
        self,
        past::{self, DemoSite},
    },
};
use e2e::parts::Parts;
use jiff::{ToSpan, civil::Date, tz::TimeZone};
use serde_json::json;
use store::{
    Store,
    event::Kind,
    goal::{Declared, Funnel, Rule, What},
};

/// The test site's number and zone, as `Parts` creates it.
pub const SITE: u32 = 1;
const ZONE: &str = "UTC";

/// Every so many days one is made on trial, to see how many events there would be.
const TRIAL_EVERY_DAYS: usize = 15;

pub struct Year {
    /// A closed day of every period.
    day: String,
    closings: Cell<u32>,
}

impl Year {
    pub async fn fill(parts: &Parts, events: u32, days: u32) -> anyhow::Result<Year> {
        let store = &parts.store;
        let declared = declared();
        for (nth, rule) in declared.goals.iter().enumerate() {
            let goal = json!({"title": format!("goal {nth}"), "rule": rule});
            parts.declare(&format!("/api/v1/sites/{SITE}/goals"), &goal).await;
        }
        for funnel in &declared.funnels {
            let funnel = json!({"title": "funnel", "steps": funnel});
            parts.declare(&format!("/api/v1/sites/{SITE}/funnels"), &funnel).await;
        }
        let now = Clock::system().now();
        let today = now.to_zoned(TimeZone::UTC).date();
        let scale = f64::from(events) / f64::from(events_of_demo(today, days));
        let site = DemoSite { id: SITE, zone: TimeZone::UTC, zone_name: ZONE.to_owned(), declared, scale };
        let started = Instant::now();
        past::fill(store, &site, days, now, |_| {}).await?;
        let seconds = started.elapsed().as_secs_f64();
        let db = store.database();
        let (rows, bytes): (u64, u64) = store
            .reader()
            .query(
                "SELECT sum(rows), sum(bytes_on_disk) FROM system.parts \
                 WHERE active AND database = ? AND table = 'events'",
            )
            .bind(db)
            .fetch_one()
            .await?;
        println!(
            "{rows} events of {days} days made, shipped and closed in {seconds:.0} s; {:.1} bytes a closed event",
            bytes as f64 / rows as f64
        );
        Ok(Year { day: (today - 3.days()).to_string(), closings: Cell::new(0) })
    }

    /// Makes the dashboard read one month anew, as it does when a day of it was closed again: by
    /// another row that says so.
    pub async fn close_a_day_again(&self, store: &Store) -> anyhow::Result<()> {
        self.closings.set(self.closings.get() + 1);
        let db = store.database();
        let sql = format!(
            "INSERT INTO {db}.closed_days (site_id, day, gen, hot_rows, rows, goals, funnels, closed_at, dropped) \
             SELECT site_id, day, gen, hot_rows, rows, goals, funnels, closed_at + {}, dropped \
             FROM {db}.closed_days WHERE site_id = {SITE} AND day = '{}' ORDER BY closed_at LIMIT 1",
            self.closings.get(),
            self.day
        );
        Ok(store.execute("say that a day was closed again", &sql).await?)
    }
}

/// An owner's usual goals: an order, a call, a section that is read, a page of thanks.
fn declared() -> Declared {
    let rule = |what| Rule { what, props: Vec::new() };
    let page = |path: &str| rule(What::Page(path.to_owned()));
    let event = |name: &str| rule(What::Event(name.to_owned()));
    Declared {
        goals: vec![event("Order"), event("Call"), page("/blog/*"), page("/thanks/")],
        funnels: vec![Funnel(vec![page("/catalog/*"), page("/cart/"), event("Order")])],
    }
}

/// Page views and custom events of the demo's days, by some of them.
fn events_of_demo(today: Date, days: u32) -> u32 {
    let every = TRIAL_EVERY_DAYS.min(days as usize);
    let days = (1..=i64::from(days)).step_by(every);
    let trials: usize = days
        .map(|back| seed::day(SITE, &TimeZone::UTC, today - back.days()))
        .map(|events| events.iter().filter(|event| event.kind != Kind::Engagement).count())
        .sum();
    u32::try_from(trials * every).expect("a year of the demo is some million events")
}
