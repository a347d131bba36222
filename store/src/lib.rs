//! The one crate that collector and dashboard share: how to reach ClickHouse,
//! the schema, the shape of an event, and the settings snapshot. Nothing else.
//!
//! ```text
//! snapshot ──► collector ──► event ──► events_hot ──► closing ──► events
//!                                          └──────── relation ──────┘ ──► dashboard
//! ```

pub mod address;
pub mod client;
mod connector;
pub mod error;
pub mod event;
pub mod goal;
pub mod interruption;
pub mod migrate;
pub mod paths;
pub mod pattern;
pub mod relation;
pub mod snapshot;

pub use address::{Address, RawAddress};
pub use client::Store;
pub use error::{Remedy, StoreError};
