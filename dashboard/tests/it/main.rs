//! The whole dashboard over HTTP: a real server on a free port, a real SQLite file,
//! and, in `reports`, the real engine.

#![expect(
    clippy::unwrap_used,
    reason = "clippy.toml's allowance reaches test functions, not the harness around them"
)]

mod account;
mod audit;
mod engine;
mod engine_down;
mod exports;
mod goal_settings;
mod goals;
mod harness;
mod interruptions;
mod invariants;
mod limits;
mod metrika;
mod metrika_tag;
mod openapi;
mod origin;
mod pages;
mod path;
mod paths;
mod people;
mod plausible;
mod properties;
mod realtime;
mod remarks;
mod reports;
mod sessions;
mod settings;
mod setup;
mod sharing;
mod site_check;
mod sites;
mod tokens;
mod traffic;
mod vitals;
