//! May this goal be forwarded? One pure function: the owner's switch, and consent on this
//! very event, and no signal against it. Each alone forbids.

use serde::{Deserialize, Serialize};
use store::snapshot::metrika::{ConsentRule, Mode};

use crate::parse::Consent;

/// Everything the decision depends on.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    pub mode: Mode,
    pub rule: ConsentRule,
    pub consent: Consent,
    /// GPC, DNT or an opt-out came with the event.
    pub is_objecting: bool,
    /// Every earlier event of the visit carried consent.
    pub has_always_consented: bool,
}

/// Why a goal is not forwarded. The label is the same word in the outbox, in reports and
/// in tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Withheld {
    Off,
    Signal,
    NoConsent,
    Withdrawn,
    VisitWithoutConsent,
    VisitFull,
}

impl Withheld {
    pub fn label(self) -> &'static str {
        match self {
            Withheld::Off => "off",
            Withheld::Signal => "signal",
            Withheld::NoConsent => "no_consent",
            Withheld::Withdrawn => "withdrawn",
            Withheld::VisitWithoutConsent => "visit_without_consent",
            Withheld::VisitFull => "visit_full",
        }
    }
}

pub fn decide(asked: Asked) -> Result<(), Withheld> {
    if asked.mode == Mode::Off {
        return Err(Withheld::Off);
    }
    if asked.is_objecting {
        return Err(Withheld::Signal);
    }
    match asked.consent {
        Consent::Unknown => return Err(Withheld::NoConsent),
        Consent::Withdrawn => return Err(Withheld::Withdrawn),
        Consent::Given => {}
    }
    match asked.rule {
        ConsentRule::Event => Ok(()),
        ConsentRule::Visit if asked.has_always_consented => Ok(()),
        ConsentRule::Visit => Err(Withheld::VisitWithoutConsent),
    }
}
