//! A walk through a million random states: whatever owner and visitors do, in whatever
//! order, a goal is noted exactly when switch, consent and silence of signals agree. The
//! model beside it is written from the promise, not from the code.

use std::{collections::HashMap, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use store::{
    event::{DeviceClass, HotEvent, Kind, VisitAttributes, Vitals},
    snapshot::{
        Snapshot,
        metrika::{ConsentRule, Destination, GoalRule, Guarantee, Mode, ValueRule},
    },
};

use super::{
    Bridge, GOALS_PER_VISIT_MAX,
    destination::{Destinations, Switches},
    note::What,
};
use crate::{parse::Consent, request::Signals};

const STEPS: u32 = 1_000_000;

/// Few, so that each lives through everything many times over.
const VISITS: u64 = 40;

/// Marsaglia's xorshift: the walk is the same every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

fn settings(mode: Mode, consent: ConsentRule, epoch: u64) -> Snapshot {
    let destination = Destination {
        site_id: 1,
        counter: 7,
        title: "example.test".into(),
        token: None,
        mode,
        epoch,
        consent,
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
        test: 0,
        late: None,
        campaign: vec![],
        params: vec![],
    };
    Snapshot { version: epoch, sites: vec![], removed: vec![], metrika: vec![destination] }
}

fn event(visit: u64, name: &str, attributes: &Arc<VisitAttributes>) -> HotEvent {
    HotEvent {
        site_id: 1,
        day: 1,
        visitor: visit,
        visit,
        ts: 0,
        kind: if name.is_empty() { Kind::Pageview } else { Kind::Custom },
        name: name.into(),
        host: "example.test".into(),
        path: "/".into(),
        attributes: attributes.clone(),
        interactive: true,
        props: vec![],
        revenue_e4: 0,
        currency: String::new(),
        engaged_ms: 0,
        scroll: 0,
        vitals: Vitals::default(),
        page_view: 1,
        event_id: visit,
    }
}

/// What the promise says of a visit.
#[derive(Default)]
struct Model {
    has_ever_not_consented: bool,
    goals: u32,
    cid: Option<u64>,
    withdrawn: Vec<u64>,
}

#[test]
fn over_a_million_random_states_a_goal_is_noted_only_with_switch_consent_and_no_signal() {
    let attributes = Arc::new(VisitAttributes {
        source: String::new(),
        channel: "direct".into(),
        referrer: String::new(),
        utm_source: String::new(),
        utm_medium: String::new(),
        utm_campaign: String::new(),
        utm_content: String::new(),
        utm_term: String::new(),
        country: *b"ZZ",
        browser: "".into(),
        os: "".into(),
        device: DeviceClass::Desktop,
    });
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let (mut mode, mut rule, mut epoch) = (Mode::Off, ConsentRule::Event, 0);
    let mut now: Timestamp = "2026-11-25T12:00:00Z".parse().unwrap();
    let began = now - SignedDuration::from_hours(1);
    let (bridge, mut purges) = Bridge::new(Switches::new(Destinations::default()), began);
    let (mut models, mut first, mut noted): (HashMap<u64, Model>, u64, u32) = (HashMap::new(), 1, 0);
    for _ in 0..STEPS {
        match dice.below(100) {
            0 => {
                mode = [Mode::Off, Mode::Preview, Mode::Live][dice.below(3) as usize];
                rule = [ConsentRule::Event, ConsentRule::Visit][dice.below(2) as usize];
                epoch += 1;
                bridge.switches.set(Destinations::read(&settings(mode, rule, epoch), ""));
            }
            1 => {
                // A visit ends and another begins.
                models.remove(&first);
                first += 1;
            }
            _ => {
                now += SignedDuration::from_millis(10);
                let visit = first + dice.below(VISITS);
                let consent =
                    [Consent::Given, Consent::Given, Consent::Given, Consent::Withdrawn, Consent::Unknown]
                        [dice.below(5) as usize];
                let signals = Signals { gpc: dice.below(20) == 0, dnt: dice.below(20) == 0 };
                let name = ["Order", "Order", "Other", ""][dice.below(4) as usize];
                // As `accept` does: who objects is never an event.
                if signals.refusal().is_some() {
                    continue;
                }
                let notes = bridge.notes(&event(visit, name, &attributes), consent, now);
                let goals: Vec<_> = notes
                    .iter()
                    .filter_map(|note| match &note.what {
                        What::Goal(goal) => Some((goal.cid, note.epoch)),
                        What::Withheld { .. } | What::Withdrawn { .. } | What::Erased { .. } => None,
                    })
                    .collect();
                if mode == Mode::Off {
                    assert!(notes.is_empty(), "off, and something was noted");
                    continue;
                }
                let model = models.entry(visit).or_default();
                if consent == Consent::Withdrawn {
                    model.withdrawn.extend(model.cid.take());
                    model.goals = 0;
                }
                let has_consent = consent == Consent::Given
                    && (rule == ConsentRule::Event || !model.has_ever_not_consented);
                model.has_ever_not_consented |= consent != Consent::Given;
                let is_due = name == "Order" && has_consent && model.goals < GOALS_PER_VISIT_MAX;
                assert_eq!(
                    goals.len(),
                    usize::from(is_due),
                    "{mode:?} {rule:?} {consent:?} {signals:?} {name}"
                );
                if let Some(&(cid, of)) = goals.first() {
                    noted += 1;
                    model.goals += 1;
                    assert_eq!(of, epoch);
                    assert_eq!(*model.cid.get_or_insert(cid), cid, "one visit, one cid");
                    assert!(!model.withdrawn.contains(&cid), "a withdrawn cid was used again");
                    assert!(!bridge.is_withdrawn(cid));
                }
                while purges.try_recv().is_ok() {}
            }
        }
    }
    assert!(noted > STEPS / 20, "{noted}: the walk has met what it is about");
}
