//! One thing that was looked at for the owner: a counter's set-up, a site's page.

use schemars::JsonSchema;
use serde::Serialize;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Finding {
    pub check: &'static str,
    pub is_ok: bool,
    /// What was found, for the page's words.
    pub found: Vec<String>,
}

impl Finding {
    /// In order when nothing was found.
    pub fn new(check: &'static str, found: Vec<String>) -> Finding {
        Finding { check, is_ok: found.is_empty(), found }
    }
}
