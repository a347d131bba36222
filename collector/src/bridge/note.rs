//! What travels through the spool for the bridge, beside the event it belongs to and in the
//! same write. Holds no visitor: a visit's number, for purging, and its random cid.

use serde::{Deserialize, Serialize};

use super::consent::Withheld;

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
}

impl Note {
    pub fn encode(&self, out: &mut Vec<u8>) {
        serde_json::to_writer(out, self).expect("a note is plain data and a Vec takes every write");
    }

    pub fn decode(bytes: &[u8]) -> Option<Note> {
        serde_json::from_slice(bytes).ok()
    }
}
