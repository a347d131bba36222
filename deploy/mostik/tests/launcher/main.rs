//! The launcher with real processes: the program itself, the real engine, real signals.

mod launcher;
mod refusals;
mod start;
mod supervision;
