//! The fake over the wire.
#![expect(clippy::unwrap_used, reason = "a test ends with its first surprise")]

mod admin;
mod api;
mod collect;
mod fault;
mod logs;
mod offline;
mod process;
mod tls;
mod wire;
