//! The bridge to Yandex Metrika: forwards anonymous goals of consenting visitors, when the
//! owner has switched it on, and nothing else, ever.
//!
//! ```text
//! accept ─► consent, lanes ─► note ─► spool ─► intake ─► outbox ─► forwarder ─► Metrika
//!                                                          └─► report ─► dashboard
//! ```
//!
//! Promises: no note without switch, consent on that event, and no signal; nothing leaves
//! but what `payload` lists; a withdrawal or the owner's switch stops what is not sent; and
//! with every switch off there is no connection and no DNS query. A slow Metrika delays
//! nobody: everything behind the spool runs on a thread of its own.
//!
//! A visitor's number of the day never leaves the memory of `lanes`.

pub mod consent;
pub mod destination;
#[cfg(test)]
mod walk;

pub mod cid;
pub mod lanes;
pub mod note;
pub mod remember;

pub mod payload;

pub mod outbox;

pub mod intake;

pub mod answer;
pub mod breaker;
pub mod pace;
pub mod sender;
pub mod uploader;

pub mod forwarder;

use std::sync::Mutex;

use jiff::Timestamp;
use store::{
    event::{HotEvent, Kind},
    snapshot::metrika::Mode,
};
use tokio::sync::mpsc;

use crate::{clock::seconds, parse::Consent, visit::VisitorKey};
use consent::{Asked, Withheld};
use destination::Switches;
use lanes::Lanes;
use note::{Goal, Note, What};
use payload::labels::Labels;

/// Goals of one visit that are forwarded, at most: Metrika takes 400 of a visit
/// (metrika.md section 1.6), and some may be sent twice.
pub const GOALS_PER_VISIT_MAX: u32 = 350;

/// Withdrawals on their way to the outbox, at most. Above it they still travel through
/// the spool, a second later.
const WITHDRAWALS_WAITING_MAX: usize = 65_536;

/// The bridge as the path of an event sees it. Neither waits nor connects.
pub struct Bridge {
    pub switches: Switches,
    lanes: Mutex<Lanes>,
    withdrawals: mpsc::Sender<u64>,
}

/// Numbers of visits whose unsent goals are to be purged at once.
pub type Withdrawals = mpsc::Receiver<u64>;

impl Bridge {
    pub fn new(switches: Switches, began: Timestamp) -> (Bridge, Withdrawals) {
        let (withdrawals, received) = mpsc::channel(WITHDRAWALS_WAITING_MAX);
        (Bridge { switches, lanes: Mutex::new(Lanes::new(began)), withdrawals }, received)
    }

    /// What the spool keeps for the bridge of an event that was accepted: of a sender
    /// without an objecting signal, since those end before they are an event.
    pub fn notes(&self, event: &HotEvent, consent: Consent, now: Timestamp) -> Vec<Note> {
        let destinations = self.switches.load();
        let Some(destination) = destinations.of(event.site_id) else { return Vec::new() };
        let at = seconds(now);
        let note = |what| Note { site_id: event.site_id, at, epoch: destination.epoch, what };
        let mut notes = Vec::new();
        let mut held = self.lanes.lock().expect("nothing panics while the lanes are held");
        let lanes = &mut *held;
        let visitor = VisitorKey { site_id: event.site_id, day: event.day, visitor: event.visitor };
        if consent == Consent::Withdrawn {
            for visit in lanes.withdraw(visitor, event.visit, now) {
                // Full: the note does the same when the outbox reads it.
                let _ = self.withdrawals.try_send(visit);
                notes.push(note(What::Withdrawn { visit }));
            }
        }
        let lane = lanes.seen(event.visit, consent, now);
        let Some(rule) = destination.rule(&event.name).filter(|_| event.kind == Kind::Custom) else {
            return notes;
        };
        let asked = Asked {
            mode: destination.mode,
            rule: destination.consent,
            consent,
            is_objecting: false,
            has_always_consented: lane.has_always_consented,
        };
        let room = if lane.goals >= GOALS_PER_VISIT_MAX { Err(Withheld::VisitFull) } else { Ok(()) };
        let decision = consent::decide(asked).and(room);
        notes.push(note(match decision {
            Ok(()) => {
                lane.goals += 1;
                let cid = lane.cid;
                let visit = &event.attributes;
                let campaign = [
                    ("utm_source", visit.utm_source.as_str()),
                    ("utm_medium", &visit.utm_medium),
                    ("utm_campaign", &visit.utm_campaign),
                    ("utm_content", &visit.utm_content),
                    ("utm_term", &visit.utm_term),
                ];
                let is_preview = destination.mode == Mode::Preview;
                let labels = Labels::of(&destination.lists, &campaign, &event.props, is_preview);
                lanes.has_goal(visitor, event.visit, now);
                What::Goal(Goal {
                    event: rule.event.clone(),
                    visit: event.visit,
                    cid,
                    number: event.event_id,
                    host: event.host.clone(),
                    path: event.path.clone(),
                    revenue_e4: event.revenue_e4,
                    currency: event.currency.clone(),
                    labels,
                })
            }
            Err(reason) => What::Withheld { event: rule.event.clone(), reason },
        }));
        notes
    }

    /// A visit may have goals waiting that were noted before this process began.
    fn has_goal(&self, visitor: VisitorKey, visit: u64, now: Timestamp) {
        let mut lanes = self.lanes.lock().expect("nothing panics while the lanes are held");
        lanes.has_goal(visitor, visit, now);
    }

    /// Whether a goal's note with this cid was withdrawn a moment ago.
    pub fn is_withdrawn(&self, cid: u64) -> bool {
        self.lanes.lock().expect("nothing panics while the lanes are held").is_withdrawn(cid)
    }

    /// Purges what is unsent of a visitor; for whoever deletes a visitor's data. `live`: the
    /// visit that goes on, if one does.
    pub fn forget(&self, visitor: VisitorKey, live: Option<u64>, now: Timestamp) {
        let mut lanes = self.lanes.lock().expect("nothing panics while the lanes are held");
        let mut visits = lanes.forget(visitor);
        if let Some(visit) = live {
            visits.extend(lanes.withdraw(visitor, visit, now));
        }
        for visit in visits {
            // Full: 65,536 withdrawals wait, and this one's rows with them for a moment more.
            let _ = self.withdrawals.try_send(visit);
        }
    }
}
