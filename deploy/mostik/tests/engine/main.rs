//! The embedded engine with the real library: `mostik engine` as a process, spoken to
//! over its socket and its port.

#![expect(
    clippy::unwrap_used,
    reason = "a test may fail anywhere; the functions that tests share are no `#[test]`"
)]

mod client;
mod confined;
mod inserting;
mod lifecycle;
mod port;
mod protocol;
mod raw;
mod refused;
mod running;
mod selecting;
