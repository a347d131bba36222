//! Reports over ClickHouse, read-only.
//!
//! ```text
//! query string ─► period ┐
//!                 filter ┴► statement ─► sheet (points, values) ─► overview
//!      flag ──► metrics, conversion ┘   breakdown, live, realtime
//! ```
//!
//! Promises: nothing an owner writes ever becomes SQL, only a parameter of it; each
//! metric is computed by one expression, in `metrics`; what cannot be computed from
//! rows without visitors is null, never a guess.

pub mod at_once;
pub mod balance;
pub mod breakdown;
pub mod conversion;
pub mod dimension;
pub mod filter;
pub mod flag;
pub mod goals;
pub mod live;
pub mod metrics;
pub mod overview;
pub mod panels;
pub mod paths;
pub mod period;
pub mod plausible;
pub mod query;
pub mod realtime;
pub mod sealed;
pub mod series;
pub mod sheet;
pub mod statement;
pub mod table;
pub mod threshold;
pub mod vitals;
pub mod xlsx;
