//! From a reduced sender and a beacon to the event that is stored. Pure: the time
//! and all tables are handed in.

pub mod agent;
pub mod geo;
pub mod guard;
pub mod page;
pub mod property;
pub mod source;
