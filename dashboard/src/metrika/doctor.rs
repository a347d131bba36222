//! Looks at a counter's settings for what would lose goals without a word (metrika.md
//! sections 3.1 and 8.9). Pure: a counter as Metrika shows it goes in, findings come out.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::{control::metrika::Rules, finding::Finding};

/// What the bridge is set to.
pub struct Ours<'a> {
    pub domain: &'a str,
    pub hosts: &'a [String],
    /// None: there is none, or it cannot be opened.
    pub token: Option<&'a str>,
    pub rules: &'a Rules,
}

/// A goal that an owner may want to forward, from the counter's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "MetrikaProposal")]
pub struct Proposal {
    pub name: String,
    pub goal: String,
}

pub fn look(counter: &Value, ours: &Ours<'_>) -> Vec<Finding> {
    let when = |is_wrong: bool, text: &str| if is_wrong { vec![text.to_owned()] } else { vec![] };
    let is_enabled = counter["counter_flags"]["measurement_enabled"] == true;
    let tokens = texts(&counter["measurement_tokens"]);
    let is_known = ours.token.is_some_and(|token| tokens.iter().any(|known| known == token));
    let threshold = counter["visit_threshold"].as_u64().unwrap_or(1_800);
    let is_shorter = threshold < u64::from(ours.rules.visit_threshold_seconds);
    vec![
        Finding::new("protocol_enabled", when(!is_enabled, "off")),
        Finding::new("token_known", when(!is_known, "unknown")),
        Finding::new("hosts_allowed", foreign_hosts(counter, ours)),
        Finding::new("goals_exist", missing_goals(counter, ours.rules)),
        Finding::new("no_address_filter", filters(counter, "client_ip")),
        Finding::new("visit_length", when(is_shorter, &threshold.to_string())),
    ]
}

/// Identifiers of the rules that no active goal of the counter matches exactly.
pub fn missing_goals(counter: &Value, rules: &Rules) -> Vec<String> {
    let known: Vec<String> = proposals(counter).into_iter().map(|proposal| proposal.goal).collect();
    let mut missing: Vec<String> =
        rules.goals.iter().map(|rule| rule.goal.clone()).filter(|goal| !known.contains(goal)).collect();
    missing.sort_unstable();
    missing.dedup();
    missing
}

/// Goals of the counter that a JavaScript event reaches by its exact identifier.
pub fn proposals(counter: &Value) -> Vec<Proposal> {
    let goals = counter["goals"].as_array().map(Vec::as_slice).unwrap_or_default();
    goals
        .iter()
        .filter(|goal| goal["type"] == "action" && goal["status"] != "Deleted")
        .flat_map(|goal| goal["conditions"].as_array().into_iter().flatten().map(move |one| (goal, one)))
        .filter(|(_, condition)| condition["type"] == "exact")
        .filter_map(|(goal, condition)| {
            Some(Proposal {
                name: goal["name"].as_str().unwrap_or_default().to_owned(),
                goal: condition["url"].as_str()?.to_owned(),
            })
        })
        .collect()
}

/// Our hosts that a counter with "only specified addresses" would drop without a word.
fn foreign_hosts(counter: &Value, ours: &Ours<'_>) -> Vec<String> {
    if filters(counter, "only_mirrors").is_empty() {
        return Vec::new();
    }
    let mirrors = counter["mirrors2"].as_array().into_iter().flatten();
    let mut known: Vec<&str> = mirrors.filter_map(|mirror| mirror["site"].as_str()).collect();
    known.extend(counter["site2"]["site"].as_str());
    let named = std::iter::once(ours.domain).chain(ours.hosts.iter().map(String::as_str));
    named.filter(|host| *host != "*" && !known.contains(host)).map(str::to_owned).collect()
}

/// Active filters of a kind.
fn filters(counter: &Value, kind: &str) -> Vec<String> {
    let filters = counter["filters"].as_array().into_iter().flatten();
    filters
        .filter(|filter| filter["status"] == "active" && (filter["type"] == kind || filter["attr"] == kind))
        .map(|filter| filter["value"].as_str().unwrap_or(kind).to_owned())
        .collect()
}

fn texts(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(|text| text.as_str().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use store::snapshot::metrika::{ConsentRule, GoalRule, Guarantee, ValueRule};

    use super::*;

    fn rules() -> Rules {
        Rules {
            consent: ConsentRule::Event,
            goals: vec![GoalRule {
                event: "Order".into(),
                goal: "srv_order".into(),
                value: ValueRule::None,
                guarantee: Guarantee::AtMostOnce,
            }],
            paths: vec![],
            delay_seconds: [0, 0],
            release_at: 1,
            round_seconds: 60,
            visit_threshold_seconds: 1_800,
            nightly: false,
            late: false,
            campaign: vec![],
            params: vec![],
        }
    }

    fn healthy() -> Value {
        json!({
            "counter_flags": {"measurement_enabled": true},
            "measurement_tokens": ["our-token"],
            "visit_threshold": 1800,
            "site2": {"site": "example.test"},
            "mirrors2": [],
            "filters": [{"attr": "url", "type": "only_mirrors", "action": "include", "status": "active"}],
            "goals": [{"name": "Order", "type": "action", "status": "Active",
                       "conditions": [{"type": "exact", "url": "srv_order"}]}],
        })
    }

    fn wrong(change: impl FnOnce(&mut Value)) -> Vec<&'static str> {
        let mut counter = healthy();
        change(&mut counter);
        let ours = Ours { domain: "example.test", hosts: &[], token: Some("our-token"), rules: &rules() };
        look(&counter, &ours)
            .into_iter()
            .filter(|finding| !finding.is_ok)
            .map(|finding| finding.check)
            .collect()
    }

    #[test]
    fn a_healthy_counter_has_no_finding() {
        assert!(wrong(|_| {}).is_empty());
    }

    #[test]
    fn every_silent_fault_is_found() {
        assert_eq!(wrong(|c| c["counter_flags"]["measurement_enabled"] = json!(false)), ["protocol_enabled"]);
        assert_eq!(wrong(|c| c["measurement_tokens"] = json!(["another"])), ["token_known"]);
        assert_eq!(wrong(|c| c["site2"]["site"] = json!("other.test")), ["hosts_allowed"]);
        assert_eq!(wrong(|c| c["goals"][0]["conditions"][0]["type"] = json!("contain")), ["goals_exist"]);
        assert_eq!(wrong(|c| c["goals"][0]["status"] = json!("Deleted")), ["goals_exist"]);
        assert_eq!(
            wrong(|c| c["filters"] = json!([{"attr": "client_ip", "type": "interval", "status": "active"}])),
            ["no_address_filter"]
        );
        let mut rules = rules();
        rules.visit_threshold_seconds = 3_600;
        let ours = Ours { domain: "example.test", hosts: &[], token: Some("our-token"), rules: &rules };
        assert!(!look(&healthy(), &ours)[5].is_ok);
    }
}
