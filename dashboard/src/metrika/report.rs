//! What a collector tells of forwarding, as `collector::bridge::forwarder::report` writes it
//! and as the owner's page shows it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::snapshot::metrika::Mode;

use crate::control::metrika::forwards::{Count, Forward};

/// A report, whole.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    pub node: u16,
    /// When it was written, in seconds since 1970-01-01.
    pub at: i64,
    pub sites: Vec<State>,
    pub waiting: Vec<Waiting>,
    pub previews: Vec<Preview>,
    pub forwards: Vec<Forward>,
    pub counts: Vec<Count>,
}

/// How one site's destination is doing.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "MetrikaState")]
pub struct State {
    pub site: u32,
    /// Of the settings it works by.
    pub epoch: u64,
    pub mode: Mode,
    /// `closed`: requests go; `resting`, `denied`, `no_token`: none does.
    pub breaker: String,
    /// When a resting one tries again, in seconds since 1970-01-01.
    pub until: Option<i64>,
    /// Requests a second, at most, as Metrika's answers have it now.
    pub per_second: Option<f64>,
    pub last: Option<LastAnswer>,
    /// The road of late goals; null: it is closed.
    pub late: Option<Road>,
}

/// How the road of late goals is doing.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "MetrikaRoad")]
pub struct Road {
    pub breaker: String,
    pub until: Option<i64>,
    pub last: Option<LastAnswer>,
}

/// The last answer, in our own words.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "MetrikaAnswer")]
pub struct LastAnswer {
    pub at: i64,
    /// Null: no answer came.
    pub status: Option<u16>,
    pub class: String,
}

/// Goals that wait, by goal and state.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "MetrikaWaiting")]
pub struct Waiting {
    pub site: u32,
    /// Empty: opening page views.
    pub goal: String,
    pub state: String,
    /// Of them wait for enough equal ones.
    pub held: u32,
    pub n: u32,
    /// When the next leaves, in seconds since 1970-01-01.
    pub next_due: i64,
}

/// What would leave, and what it comes from.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "MetrikaPreview")]
pub struct Preview {
    pub site: u32,
    pub source: Source,
    /// The bodies in their order: the opening page view, then the goal.
    pub requests: [String; 2],
    /// The file that would leave instead, were it eleven hours late; null: it would expire.
    pub late: Option<String>,
}

/// The event that a preview comes from.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "MetrikaSource")]
pub struct Source {
    pub event: String,
    pub at: i64,
    pub path: String,
    pub host: String,
    pub revenue_e4: i64,
    pub currency: String,
    /// Fields of the event that do not leave because of a list, and why.
    #[serde(default)]
    pub dropped: Vec<Dropped>,
}

#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "MetrikaDropped")]
pub struct Dropped {
    pub field: String,
    /// `not_listed`: the field; `other_value`: its value.
    pub why: String,
}
