//! The `/collect` half of Yandex Metrika, for tests of the bridge.
//!
//! What Yandex does not document must not become a comfortable assumption, so the fake
//! has profiles, and in every one of them a well-formed event without a visit is answered
//! with 200 and not recorded. Duplicates count twice. What is recorded is seen only after
//! a delay of virtual time. It listens on 127.0.0.1 and never connects anywhere.
//!
//! Not here yet: the management, statistics and logs API, offline conversions and fault
//! injection (metrika.md sections 10.3 and 10.4).

pub mod hit;
pub mod ledger;
pub mod serve;
pub mod session;

pub use hit::{Counter, Reason};
pub use ledger::{Ledger, Profile, Received};
pub use serve::Fake;
