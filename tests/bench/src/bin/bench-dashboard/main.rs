//! How long the owner's overview and each of its panels take on a year of one site.
//!
//!     tests/bench/dashboard [--events N] [--days N] [--rounds N]
//!
//! The year is made up, shipped and closed by the collector's own code; engine and
//! dashboard are the real processes, and a time is that of a whole HTTP answer.
#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

mod options;
mod timing;
mod year;

use bench::process;
use e2e::parts::Parts;

use options::Options;
use timing::Times;
use year::Year;

/// Name in the figures, name in the API.
const PERIODS: [(&str, &str); 3] = [("7 days", "7d"), ("30 days", "30d"), ("12 months", "12mo")];

/// No filter, one that chooses whole visits, two of different kinds.
const FILTERS: [(&str, &str); 3] = [
    ("unfiltered", ""),
    ("one filter", "&filter=channel:is:search"),
    ("two filters", "&filter=page:contains:/catalog/&filter=device:is:mobile"),
];

/// As docs/api.md lists them.
const DIMENSIONS: [&str; 18] = [
    "page",
    "entry",
    "exit",
    "source",
    "channel",
    "referrer",
    "utm_source",
    "utm_medium",
    "utm_campaign",
    "utm_content",
    "utm_term",
    "country",
    "browser",
    "os",
    "device",
    "event",
    "goal",
    "host",
];

/// Rows of a panel on the overview.
const PANEL_ROWS: u32 = 9;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let options = Options::read(std::env::args().skip(1))?;
    let parts = Parts::start().await;
    let year = Year::fill(&parts, options.events, options.days).await?;
    println!("engine after that: {}", process::memory(parts.engine_pid())?);
    let mut last = None;
    for (kind, filters) in FILTERS {
        for (days, period) in PERIODS {
            println!("\n{kind}, {days}");
            let query = format!("period={period}{filters}");
            let overview = format!("/api/v1/sites/{}/overview?{query}", year::SITE);
            let mut first = Times::default();
            first.take(parts.get(&overview)).await;
            println!("  {:<24} {first}", "overview, first time");
            let mut closed = Times::default();
            for _ in 0..options.rounds {
                year.close_a_day_again(&parts.store).await?;
                closed.take(parts.get(&overview)).await;
            }
            println!("  {:<24} {closed}", "overview, a day closed");
            let kept = times(&parts, &overview, options.rounds).await;
            println!("  {:<24} {kept}", "overview");
            for dimension in DIMENSIONS {
                let panel = format!(
                    "/api/v1/sites/{}/breakdown?{query}&dimension={dimension}&limit={PANEL_ROWS}",
                    year::SITE
                );
                println!("  {dimension:<24} {}", times(&parts, &panel, options.rounds).await);
            }
            if (kind, period) == ("unfiltered", "12mo") {
                last = Some((first, closed, kept));
            }
        }
    }
    println!("\nengine after all: {}", process::memory(parts.engine_pid())?);
    if let Some((first, closed, kept)) = last {
        println!("\noverview 12 months, first time: {first}");
        println!("overview 12 months, a day closed: {closed}");
        println!("overview 12 months: {kept}");
    }
    Ok(())
}

async fn times(parts: &Parts, path: &str, rounds: u32) -> Times {
    let mut times = Times::default();
    for _ in 0..rounds {
        times.take(parts.get(path)).await;
    }
    times
}
