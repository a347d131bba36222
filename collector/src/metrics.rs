//! Counters for the operator, served as OpenMetrics text on the local listener.
//! Nothing about visitors: no label holds anything a sender sent.

use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::refusal::Refusal;

/// A number that only grows.
#[derive(Default)]
pub struct Counter(AtomicU64);

impl Counter {
    pub fn inc(&self) {
        self.inc_by(1);
    }

    pub fn inc_by(&self, n: u64) {
        self.0.fetch_add(n, Ordering::Relaxed);
    }

    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

#[derive(Default)]
pub struct Metrics {
    pub events_received: Counter,
    pub events_stored: Counter,
    refused: [Counter; Refusal::ALL.len()],
    pub rows_shipped: Counter,
    pub ship_failures: Counter,
    pub segments_damaged: Counter,
    pub events_lost: Counter,
    pub rows_dead: Counter,
    pub erasures_done: Counter,
}

/// What is measured at the moment of asking.
pub struct Gauges {
    pub visits_live: usize,
    pub keys_alive: usize,
    pub spool_bytes: u64,
    pub spool_segments_pending: usize,
    pub settings_version: u64,
    pub erasures_unfinished: usize,
    pub ledger_unbalanced: u64,
}

impl Metrics {
    pub fn refused(&self, reason: Refusal) -> &Counter {
        let place = Refusal::ALL.iter().position(|&one| one == reason).expect("ALL holds every reason");
        &self.refused[place]
    }

    /// The exposition text.
    pub fn render(&self, gauges: &Gauges) -> String {
        let mut out = String::new();
        for (name, help, counter) in [
            ("collector_events_received", "Events in requests that were read", &self.events_received),
            ("collector_events_stored", "Events on stable storage in the spool", &self.events_stored),
            ("collector_rows_shipped", "Rows that ClickHouse has, of events and ledger", &self.rows_shipped),
            ("collector_ship_failures", "Attempts to ship that failed", &self.ship_failures),
            ("collector_segments_damaged", "Spool segments with damaged places", &self.segments_damaged),
            ("collector_events_lost", "Acknowledged events in damaged places", &self.events_lost),
            ("collector_rows_dead", "Rows that ClickHouse cannot read", &self.rows_dead),
            ("collector_erasures_done", "Erasures whose rows have left the disk", &self.erasures_done),
        ] {
            sample(&mut out, name, "counter", help);
            line(&mut out, &format!("{name}_total"), counter.get());
        }
        sample(&mut out, "collector_events_refused", "counter", "Events not stored, by reason");
        for reason in Refusal::ALL {
            let name = format!("collector_events_refused_total{{reason=\"{}\"}}", reason.label());
            line(&mut out, &name, self.refused(reason).get());
        }
        for (name, help, value) in [
            ("collector_visits_live", "Visits held in memory", gauges.visits_live as u64),
            ("collector_keys_alive", "Daily keys in memory", gauges.keys_alive as u64),
            ("collector_spool_bytes", "Bytes in the spool's folder", gauges.spool_bytes),
            (
                "collector_spool_segments_pending",
                "Segments not yet shipped",
                gauges.spool_segments_pending as u64,
            ),
            (
                "collector_ledger_unbalanced_events",
                "Difference between ledger and rows, over sites and days; anything but 0 is a fault",
                gauges.ledger_unbalanced,
            ),
            (
                "collector_erasures_unfinished",
                "Erasures whose rows may still be found",
                gauges.erasures_unfinished as u64,
            ),
            ("collector_settings_version", "Version of the settings in force", gauges.settings_version),
        ] {
            sample(&mut out, name, "gauge", help);
            line(&mut out, name, value);
        }
        out.push_str("# EOF\n");
        out
    }
}

fn sample(out: &mut String, name: &str, kind: &str, help: &str) {
    writeln!(out, "# TYPE {name} {kind}\n# HELP {name} {help}").expect("a String takes every write");
}

fn line(out: &mut String, name: &str, value: u64) {
    writeln!(out, "{name} {value}").expect("a String takes every write");
}
