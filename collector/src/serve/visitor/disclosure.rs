//! The same declaration for machines: made from the settings and from the list of what
//! is stored, never written by hand.

use serde_json::{Map, Value, json};

use super::{
    Visitor,
    forwarded::Forwarded,
    stored::{COUNTED, MATTERS, PATHS},
};
use crate::{privacy::Precision, site::CARRY_SECONDS};

pub fn json(facts: &Visitor, forwarded: Option<&Forwarded>) -> Value {
    let prefix = facts.precision.prefix();
    let mut inputs = vec!["network prefix", "browser family", "system family", "device class"];
    if facts.precision.keeps_version_and_language() {
        inputs.extend(["browser major version", "primary language"]);
    }
    let (mut open, mut closed) = (Map::new(), Map::new());
    for matter in MATTERS {
        let name = matter.name.en;
        open.extend(matter.open.iter().map(|&column| (column.to_owned(), name.into())));
        closed.extend(matter.closed.iter().map(|&column| (column.to_owned(), name.into())));
    }
    let counted: Map<String, Value> =
        COUNTED.iter().map(|&column| (column.to_owned(), "Count of events".into())).collect();
    let paths: Map<String, Value> = PATHS
        .iter()
        .map(|&column| (column.to_owned(), "Count of visitors by the pages before a goal".into()))
        .collect();
    json!({
        "software": {"name": "Mostik", "version": env!("CARGO_PKG_VERSION")},
        "visitor_number": {
            "precision": precision(facts.precision),
            "ipv4_prefix_bits": prefix.v4_bits(),
            "ipv6_prefix_bits": prefix.v6_bits(),
            "inputs": inputs,
            "key": {"per": "site and site-local day", "kept_in": "memory", "carry_seconds": CARRY_SECONDS},
            "status": "pseudonymous until the day is closed, then removed"
        },
        "country_looked_up": facts.knows_countries,
        "columns": {"open_days": open, "closed_days": closed, "event_counts": counted, "goal_paths": paths},
        "signals_honoured": ["Sec-GPC", "DNT", "opt-out on /privacy/me until the day's key dies"],
        "cookies": [],
        "profile": facts.facts.profile.name(),
        "retention_months": {"closed_days": facts.facts.retention_months, "event_counts": facts.facts.retention_months, "goal_paths": facts.facts.retention_months},
        "deletion": {"page": "/privacy/me", "disk_minutes_max": 15},
        "notice": "/privacy/notice.txt",
        "third_parties": forwarded.map(Forwarded::json).into_iter().collect::<Vec<_>>(),
        "contact": facts.contact.as_ref().map(super::Contact::as_str)
    })
}

/// As the configuration file calls it.
fn precision(precision: Precision) -> &'static str {
    match precision {
        Precision::Version => "version",
        Precision::Class => "class",
        Precision::Strict => "strict",
    }
}
