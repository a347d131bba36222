//! The settings snapshot: what a collector needs to know of the owner's sites.
//!
//! The dashboard serves it, versioned, over [`SNAPSHOT_PATH`]; a collector keeps
//! the last good one on disk and works without the dashboard. It holds nothing
//! about visitors.

pub mod metrika;
pub mod sealed;

use serde::{Deserialize, Serialize};

use crate::goal::Declared;
use metrika::Destination;

/// Where the dashboard serves the snapshot. `Authorization: Bearer <secret>`,
/// `If-None-Match: "<version>"`; with `Prefer: wait=<seconds>` (at most 60) an
/// unchanged snapshot is answered with 304 only when the time is up.
pub const SNAPSHOT_PATH: &str = "/internal/settings";

/// All settings a collector works by, as one consistent version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    /// Grows by at least one with every change.
    pub version: u64,
    pub sites: Vec<Site>,
    /// Where goals are forwarded to; empty: nowhere.
    #[serde(default)]
    pub metrika: Vec<Destination>,
    /// Sites the owner has removed: whatever is held of them is erased.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<Removed>,
}

/// A site that is no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Removed {
    pub id: u32,
    /// As [`Site::uuid`]: names its keys, which die at once.
    pub uuid: String,
}

/// One site that may send events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Site {
    /// Never reused, never 0.
    pub id: u32,
    /// 32 hexadecimal digits, random; part of the visitor key's material.
    pub uuid: String,
    /// The key the script sends (`d`): a lower-case host name such as `example.ru`.
    pub domain: String,
    /// Further host names whose pages count for this site. The domain itself
    /// and its subdomains always do.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// IANA name, such as `Europe/Moscow`; decides where this site's day begins.
    pub time_zone: String,
    /// Custom event properties the owner has declared; others are not stored.
    #[serde(default)]
    pub props: Vec<String>,
    /// Goals and funnels that are decided when a day is closed.
    #[serde(default, skip_serializing_if = "Declared::is_empty")]
    pub declared: Declared,
}

impl Snapshot {
    /// What a collector starts from before it has ever met a dashboard.
    pub fn empty() -> Snapshot {
        Snapshot { version: 0, sites: Vec::new(), removed: Vec::new(), metrika: Vec::new() }
    }
}
