//! What the fake answers to hits it does not record (metrika.md section 10).

use serde::{Deserialize, Serialize};

use crate::hit::Reason;

/// How much the sender is told. Nobody knows which one Yandex is, so tests run under all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// 200 to everything.
    Silent,
    /// 400 to a malformed hit, 403 to a wrong token.
    Strict,
    /// 400 only where an identifier is missing or cannot be one, 403 to a wrong token.
    #[default]
    Mixed,
}

impl Profile {
    pub const ALL: [Profile; 3] = [Profile::Silent, Profile::Strict, Profile::Mixed];

    /// The status for a hit dropped for `reason`.
    pub fn status(self, reason: Reason, lacks_identifier: bool) -> u16 {
        match reason {
            Reason::NoSession | Reason::SessionFull | Reason::GoalsFull => 200,
            Reason::MpDisabled | Reason::BadToken => match self {
                Profile::Silent => 200,
                Profile::Strict | Profile::Mixed => 403,
            },
            Reason::BadBody
            | Reason::NoTid
            | Reason::UnknownCounter
            | Reason::BadCid
            | Reason::BadType
            | Reason::MissingDl
            | Reason::DocRequiredMissing
            | Reason::ForeignHost
            | Reason::MissingEa
            | Reason::BadEt
            | Reason::TooOld => match self {
                Profile::Strict => 400,
                Profile::Mixed if lacks_identifier => 400,
                Profile::Silent | Profile::Mixed => 200,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statuses(reason: Reason, lacks_identifier: bool) -> [u16; 3] {
        Profile::ALL.map(|profile| profile.status(reason, lacks_identifier))
    }

    #[test]
    fn an_event_without_a_visit_is_answered_with_200_in_every_profile() {
        assert_eq!(statuses(Reason::NoSession, false), [200, 200, 200]);
    }

    #[test]
    fn a_wrong_token_is_told_except_by_the_silent_profile() {
        assert_eq!(statuses(Reason::BadToken, false), [200, 403, 403]);
    }

    #[test]
    fn a_malformed_hit_is_told_as_its_profile_says() {
        assert_eq!(statuses(Reason::BadCid, true), [200, 400, 400]);
        // A ClientID of 0 is a number.
        assert_eq!(statuses(Reason::BadCid, false), [200, 400, 200]);
        assert_eq!(statuses(Reason::MissingDl, false), [200, 400, 200]);
    }
}
