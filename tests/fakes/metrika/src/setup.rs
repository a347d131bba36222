//! What a fake is given to begin with, or in its course: counters, profile, switches.

use std::collections::HashMap;

use anyhow::{Context, ensure};
use serde::Deserialize;

use crate::{
    api::Grant,
    counter::{Counter, TOKENS_MAX},
    fault::DELAY_MS_MAX,
    ledger::Ledger,
    profile::Profile,
};

/// Counters of one fake, at most; tests need a few.
pub const COUNTERS_MAX: usize = 100;

/// What is not said stays as it is.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setup {
    pub profile: Option<Profile>,
    pub is_batch_taken: Option<bool>,
    pub is_strict_docs: Option<bool>,
    pub is_quota_420: Option<bool>,
    pub is_sampled: Option<bool>,
    pub data_lag_seconds: Option<u64>,
    pub api_delay_ms: Option<u64>,
    pub counters: Option<Vec<Counter>>,
    /// By OAuth token.
    pub grants: Option<HashMap<String, Grant>>,
}

impl Setup {
    /// Reads JSON and refuses what no counter can be.
    pub fn parse(json: &[u8]) -> anyhow::Result<Setup> {
        let setup: Setup = serde_json::from_slice(json).context("no setup")?;
        let counters = setup.counters.as_deref().unwrap_or_default();
        ensure!(counters.len() <= COUNTERS_MAX, "more than {COUNTERS_MAX} counters");
        for counter in counters {
            ensure!(
                counter.tokens.len() <= TOKENS_MAX,
                "counter {}: more than {TOKENS_MAX} tokens",
                counter.id
            );
            counter.check_time_zone()?;
        }
        Ok(setup)
    }

    /// Puts it in force. What was recorded stays.
    pub fn apply(self, ledger: &mut Ledger) {
        ledger.profile = self.profile.unwrap_or(ledger.profile);
        ledger.is_batch_taken = self.is_batch_taken.unwrap_or(ledger.is_batch_taken);
        ledger.is_strict_docs = self.is_strict_docs.unwrap_or(ledger.is_strict_docs);
        ledger.is_quota_420 = self.is_quota_420.unwrap_or(ledger.is_quota_420);
        ledger.is_sampled = self.is_sampled.unwrap_or(ledger.is_sampled);
        ledger.data_lag_seconds = self.data_lag_seconds.unwrap_or(ledger.data_lag_seconds);
        ledger.api_delay_ms = self.api_delay_ms.map_or(ledger.api_delay_ms, |ms| ms.min(DELAY_MS_MAX));
        if let Some(grants) = self.grants {
            ledger.grants = grants;
        }
        if let Some(counters) = self.counters {
            ledger.counters = counters.into_iter().map(|counter| (counter.id, counter)).collect();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setup_that_cannot_be_is_refused() {
        for (json, word) in [
            (r#"{"profile": "kind"}"#.to_owned(), "setup"),
            (r#"{"counters": [{"id": 7, "tokens": [], "time_zone_name": "Moon/Sea"}]}"#.to_owned(), "zone"),
            (format!(r#"{{"counters": [{{"id": 7, "tokens": [{}"6"]}}]}}"#, r#""t","#.repeat(5)), "tokens"),
            (
                format!(
                    r#"{{"counters": [{}{{"id": 1, "tokens": []}}]}}"#,
                    r#"{"id": 1, "tokens": []},"#.repeat(100)
                ),
                "counters",
            ),
        ] {
            let error = Setup::parse(json.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(word), "{error}");
        }
    }
}
