//! End-to-end tests, one binary. Each starts what it needs: real processes, the real
//! engine, free ports, a folder of its own.
#![expect(clippy::unwrap_used, reason = "a test ends with its first surprise")]

mod backup;
mod bad_input;
mod disk_full;
mod engine_away;
mod engine_killed;
mod erasure;
mod failing_calls;
mod forwarding;
mod forwarding_faults;
mod forwarding_kills;
mod forwarding_late;
mod forwarding_profiles;
mod forwarding_tls;
mod golden;
mod interruptions;
mod keys_held;
mod killed_under_load;
mod linkage;
mod main_job;
mod objections;
mod privacy;
mod server_side;
mod shipping;
mod site_check;
mod tidy;
mod verify;
