//! What the end-to-end tests share: a real instance (launcher, engine, collector,
//! dashboard), started on free ports in a folder of its own and ended with the test.

pub mod disk;
pub mod faults;
pub mod forwarding;
pub mod golden;
pub mod http;
pub mod instance;
pub mod late;
pub mod parts;
pub mod road;
pub mod shop;
pub mod visitor;
pub mod wait;

pub use instance::Instance;
