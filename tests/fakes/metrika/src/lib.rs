//! A Yandex Metrika, for tests of the bridge: modules in the order in which a hit passes.
//!
//! What Yandex does not document must not become a comfortable assumption, so the fake
//! has profiles, and in every one of them a well-formed event without a visit is answered
//! with 200 and not recorded. Duplicates count twice. What is recorded is seen only after
//! a delay of virtual time. It listens on 127.0.0.1 and never connects anywhere.

pub mod serve;

pub mod fault;

pub mod collect;
pub mod form;

pub mod counter;
pub mod hit;
pub mod offline;
pub mod session;

mod currency;

pub mod api;

pub mod ledger;
pub mod profile;

pub mod clock;

mod admin;
mod reply;
pub mod setup;
pub mod tls;

pub use clock::Clock;
pub use counter::{Counter, Goal};
pub use fault::Fault;
pub use hit::{Note, Reason};
pub use ledger::{Ledger, Received, Verdict};
pub use profile::Profile;
pub use serve::Fake;
