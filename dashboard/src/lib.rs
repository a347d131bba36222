//! The owner's side: accounts, sites, settings, statistics and the UI.
//!
//! ```text
//! browser ──► web ──► control   (control.db: accounts, sites, audit log)
//!              ├────► stats     (read-only over ClickHouse)
//! collector ───┘ /internal/settings, /internal/bridge, /internal/interruptions
//! ```
//!
//! It starts and serves without ClickHouse; statistics then answer 503. It never
//! writes an event and never sees one: what it reads is already anonymous.

mod app;
pub mod clock;
pub mod config;
pub mod control;
pub mod exports;
mod finding;
pub mod metrika;
pub mod secret;
pub mod serve;
mod site_check;
pub mod stats;
mod token;
mod web;

pub use app::Dashboard;
pub use config::{Config, RawConfig};
pub use serve::{Running, copy_control, demo_site, new_password_link, new_setup_link, run, start};
