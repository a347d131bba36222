//! The collector: accepts beacons, forgets who sent them, keeps them safe and
//! brings them to ClickHouse. In the order in which the data flows:
//!
//! ```text
//! serve ─► request(Arrival) ─► parse(Beacon) ─► privacy(Reduced) ─► visit, enrich(Event)
//!       ─► spool ─► ship ─► ClickHouse: events_hot ─► close ─► events
//!             └───► bridge ─► Metrika, if owner and visitor want it
//! ```
//!
//! `accept` is the path itself, stage by stage; `run` wires it to sockets and tasks.

pub mod config;
mod run;

pub mod bounded;
pub mod clock;
mod dashboard;
pub mod settings;
pub mod site;

pub mod serve;

pub mod request;

pub mod parse;

pub mod privacy;

pub mod rate;

pub mod enrich;
pub mod objection;
pub mod visit;

pub mod accept;

pub mod spool;

pub mod ledger;
pub mod refusal;

pub mod ship;

pub mod bridge;

pub mod close;

pub mod balance;
pub mod erase;
pub mod retain;
pub mod settle;

#[cfg(feature = "leaky")]
mod leak;

pub mod forget;
pub mod interruption;

pub mod metrics;

pub mod seed;

pub use config::{Config, RawConfig};
pub use run::run;
