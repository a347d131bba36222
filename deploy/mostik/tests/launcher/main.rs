//! The launcher with real processes: the program itself, the real engine, real signals.

#![expect(
    clippy::unwrap_used,
    reason = "a test may fail anywhere; the functions that tests share are no `#[test]`"
)]

mod launcher;
mod refusals;
mod start;
mod supervision;
