//! How long it takes to read a user agent, cold and from the cache.
//!
//!     cargo bench -p collector --bench agent
//!
//! Plain timing, no framework: the question is "one microsecond or ten".
#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

use std::{hint::black_box, time::Instant};

use collector::enrich::agent::Agents;

/// Reads per measurement; a second or less.
const READS: usize = 300_000;

const AGENTS: &[&str] = &[
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/136.0.0.0 YaBrowser/25.6.0.0 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:143.0) Gecko/20100101 Firefox/143.0",
    "Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)",
];

fn main() {
    let started = Instant::now();
    let agents = Agents::new();
    println!("building the tables: {:?}", started.elapsed());
    measure("cold", |agent| {
        black_box(agents.read_cold(agent));
    });
    measure("cached", |agent| {
        black_box(agents.read(agent));
    });
}

fn measure(what: &str, read: impl Fn(&str)) {
    let best = (0..5)
        .map(|_| {
            let started = Instant::now();
            for turn in 0..READS {
                read(black_box(AGENTS[turn % AGENTS.len()]));
            }
            started.elapsed().as_nanos() / READS as u128
        })
        .min();
    println!("{what}: {} ns an agent", best.unwrap_or(0));
}
