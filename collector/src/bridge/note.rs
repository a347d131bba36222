//! What travels through the spool for the bridge, beside the event it belongs to and in the
//! same write. Holds no visitor: a visit's number, for purging, and its random cid.

use serde::{Deserialize, Serialize};

use super::{consent::Withheld, payload::labels::Labels};

/// One note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    pub site_id: u32,
    /// When the event was received, in seconds since 1970-01-01: our clock, never the
    /// browser's.
    pub at: u32,
    /// Of the settings it was written under.
    pub epoch: u64,
    pub what: What,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    Goal(Goal),
    /// A goal that must not be forwarded: counted by the hour, without anything of whose.
    Withheld {
        event: String,
        reason: Withheld,
    },
    /// The visitor has taken consent back: nothing unsent of this visit may leave.
    Withdrawn {
        visit: u64,
    },
    /// Was one of these until its visitor's rows were erased; as long as it was.
    Erased {
        pad: String,
    },
}

/// A goal that may be forwarded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Goal {
    pub event: String,
    pub visit: u64,
    pub cid: u64,
    /// The event's random number, so that it becomes one row however often it comes.
    pub number: u64,
    pub host: String,
    pub path: String,
    pub revenue_e4: i64,
    pub currency: String,
    /// Words of the owner's lists.
    #[serde(default, skip_serializing_if = "Labels::is_empty")]
    pub labels: Labels,
}

impl Note {
    /// The visit it is about; none where it says nothing of whose it is.
    pub fn visit(&self) -> Option<u64> {
        match &self.what {
            What::Goal(goal) => Some(goal.visit),
            What::Withdrawn { visit } => Some(*visit),
            What::Withheld { .. } | What::Erased { .. } => None,
        }
    }

    /// What stands in its place once it is erased, in as many bytes.
    pub fn erased(&self) -> Note {
        let length = |note: &Note| {
            let mut bytes = Vec::new();
            note.encode(&mut bytes);
            bytes.len()
        };
        let with = |pad| Note { what: What::Erased { pad }, ..*self };
        let missing = length(self).saturating_sub(length(&with(String::new())));
        with(" ".repeat(missing))
    }

    pub fn encode(&self, out: &mut Vec<u8>) {
        serde_json::to_writer(out, self).expect("a note is plain data and a Vec takes every write");
    }

    pub fn decode(bytes: &[u8]) -> Option<Note> {
        serde_json::from_slice(bytes).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_erased_is_as_long_and_says_nothing() {
        let goal = Goal {
            event: "Order".into(),
            visit: 7,
            cid: 1_768_350_268_232_845_118,
            number: 3,
            host: "example.test".into(),
            path: "/somebodys/page".into(),
            revenue_e4: 0,
            currency: String::new(),
            labels: Labels::default(),
        };
        for what in [What::Goal(goal), What::Withdrawn { visit: 1 }] {
            let note = Note { site_id: 1, at: 5, epoch: 9, what };
            let (mut before, mut after) = (Vec::new(), Vec::new());
            note.encode(&mut before);
            note.erased().encode(&mut after);
            assert_eq!(before.len(), after.len());
            assert_eq!(Note::decode(&after).and_then(|note| note.visit()), None);
            assert!(!String::from_utf8_lossy(&after).contains("somebody"));
        }
    }
}
