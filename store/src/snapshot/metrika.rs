//! What the owner has settled about forwarding to Yandex Metrika. A site that is not
//! named here, or whose mode is `Off`, forwards nothing.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where a collector tells the dashboard how forwarding goes. `POST`,
/// `Authorization: Bearer <secret>`, JSON.
pub const BRIDGE_PATH: &str = "/internal/bridge";

/// One site's counter and what may go there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Destination {
    pub site_id: u32,
    /// The counter's number (`tid`).
    pub counter: u32,
    /// Shown as the page's title (`dt`): the site's name, never a page's own title.
    pub title: String,
    /// The measurement token (`ms`), sealed for [`Destination::place`].
    pub token: Option<String>,
    pub mode: Mode,
    /// Another number with every change of mode or counter: what was noted or kept under
    /// one is never sent under another.
    pub epoch: u64,
    pub consent: ConsentRule,
    pub goals: Vec<GoalRule>,
    /// Pages that may be named, such as `/cart` or `/catalog/*`; every other one is `/`.
    #[serde(default)]
    pub paths: Vec<String>,
    /// A goal waits so long at least and so long at most, in seconds: the time in which
    /// a visitor may still withdraw.
    pub delay_seconds: [u32; 2],
    /// A goal leaves when so many equal ones wait; 1: at once.
    pub release_at: u32,
    /// Times are rounded down to so many seconds.
    pub round_seconds: u32,
    /// Silence that ends a visit at the counter, in seconds.
    pub visit_threshold_seconds: u32,
    /// Grows when the owner asks for a synthetic goal; 0: never asked.
    #[serde(default)]
    pub test: u64,
    /// The OAuth token that uploads late goals, sealed for [`Destination::late_place`]; none:
    /// such goals expire.
    #[serde(default)]
    pub late: Option<String>,
    /// Tags of campaigns that may be said, such as `utm_source`, each with its values.
    #[serde(default)]
    pub campaign: Vec<Listed>,
    /// Properties of events that may be said as session parameters, each with its values.
    #[serde(default)]
    pub params: Vec<Listed>,
}

/// A field and the values of it that the owner has written down; any other is dropped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "MetrikaListed")]
pub struct Listed {
    pub key: String,
    pub values: Vec<String>,
}

impl Destination {
    /// What the token is sealed for: moved to another site or counter it cannot be opened.
    pub fn place(site_id: u32, counter: u32) -> String {
        format!("metrika token of site {site_id} for counter {counter}")
    }

    /// What the token for late goals is sealed for.
    pub fn late_place(site_id: u32, counter: u32) -> String {
        format!("metrika token for late goals of site {site_id} for counter {counter}")
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "MetrikaMode")]
pub enum Mode {
    /// Nothing is sent, nothing is kept.
    Off,
    /// Requests are rendered and shown to the owner; none leaves.
    Preview,
    Live,
}

/// What a visitor must have said. Every rule is stricter than none: without consent on
/// the event itself nothing leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "MetrikaConsentRule")]
pub enum ConsentRule {
    /// The event carries consent.
    Event,
    /// It does, and so did every event of its visit before it.
    Visit,
}

/// One of our events and the goal it becomes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "MetrikaGoalRule")]
pub struct GoalRule {
    /// The custom event's name.
    pub event: String,
    /// The goal's identifier at Metrika (`ea`).
    pub goal: String,
    pub value: ValueRule,
    pub guarantee: Guarantee,
}

/// What a goal is worth.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[schemars(rename = "MetrikaValueRule")]
pub enum ValueRule {
    /// Nothing is said.
    None,
    /// The event's revenue when it is in this currency, rounded down to a multiple of
    /// `step_e4` ten-thousandths.
    Event { step_e4: i64, currency: String },
    /// Always so many ten-thousandths of a currency.
    Fixed { amount_e4: i64, currency: String },
}

/// What happens to a goal when nobody can tell whether Metrika has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "MetrikaGuarantee")]
pub enum Guarantee {
    /// It is not sent again: it may be missing.
    AtMostOnce,
    /// It is sent again: it may count twice.
    AtLeastOnce,
}
