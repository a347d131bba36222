//! The outbox, on a real file: every state, every crash, every clock.

use jiff::Timestamp;
use store::snapshot::{
    Snapshot,
    metrika::{self, ConsentRule, GoalRule, Guarantee, Mode, ValueRule},
};

use super::{lease::Leased, settle::Outcome, *};
use crate::bridge::{
    destination::Destinations,
    note::{Goal, Note, What},
    payload::{Hit, labels::Labels},
};

mod late;
mod withdrawal;

const NOW: i64 = 1_800_000_015;
const AGAIN: i64 = NOW + 1;

fn settings() -> metrika::Destination {
    let goal = |event: &str, guarantee| GoalRule {
        event: event.into(),
        goal: format!("srv_{}", event.to_lowercase()),
        value: ValueRule::None,
        guarantee,
    };
    metrika::Destination {
        site_id: 1,
        counter: 7,
        title: "example.test".into(),
        token: None,
        mode: Mode::Live,
        epoch: 1,
        consent: ConsentRule::Event,
        goals: vec![goal("Order", Guarantee::AtMostOnce), goal("Sure", Guarantee::AtLeastOnce)],
        paths: vec![],
        delay_seconds: [0, 0],
        release_at: 1,
        round_seconds: 60,
        visit_threshold_seconds: 1_800,
        test: 0,
        late: None,
        campaign: vec![],
        params: vec![],
    }
}

fn goal(event: &str, visit: u64, number: u64, at: i64) -> Note {
    let what = What::Goal(Goal {
        event: event.into(),
        visit,
        cid: 1_799_900_000_000_000_000 + visit,
        number,
        host: "example.test".into(),
        path: "/".into(),
        revenue_e4: 0,
        currency: String::new(),
        labels: Labels::default(),
    });
    Note { site_id: 1, at: at.try_into().unwrap(), epoch: 1, what }
}

struct Desk {
    outbox: Outbox,
    destinations: Destinations,
    segment: u64,
    folder: tempfile::TempDir,
}

impl Desk {
    fn new(change: impl FnOnce(&mut metrika::Destination)) -> Desk {
        let folder = tempfile::tempdir().unwrap();
        let outbox = Outbox::open(&folder.path().join("outbox.db")).unwrap();
        Desk { outbox, destinations: read(change), segment: 0, folder }
    }

    fn take(&mut self, notes: &[Note], now: i64) {
        self.segment += 1;
        self.outbox.take(self.segment, notes, &self.destinations, |_| false, now).unwrap();
    }

    fn lease(&mut self, now: i64) -> Option<Leased> {
        self.outbox.lease(self.destinations.of(1).unwrap(), now).unwrap()
    }

    /// Sends everything that is due, with this outcome for goals.
    fn deliver(&mut self, outcome: Outcome, now: i64) {
        while let Some(leased) = self.lease(now) {
            let is_page = matches!(leased.payload.hit, Hit::Page { .. });
            let outcome = if is_page { Outcome::Accepted { is_verified: true } } else { outcome };
            self.outbox.settle(leased.id, outcome).unwrap();
        }
    }

    fn sweep(&mut self, now: i64) {
        self.outbox.sweep(&self.destinations, now).unwrap();
    }

    /// The process dies; another opens what is on the disk.
    fn crash(self) -> Desk {
        let Desk { outbox, destinations, segment, folder } = self;
        drop(outbox);
        let outbox = Outbox::open(&folder.path().join("outbox.db")).unwrap();
        Desk { outbox, destinations, segment, folder }
    }

    /// States of goals, in the order they came.
    fn states(&self) -> Vec<String> {
        self.texts("SELECT state FROM rows WHERE goal <> '' ORDER BY id")
    }

    fn texts(&self, sql: &str) -> Vec<String> {
        let mut statement = self.outbox.connection().prepare(sql).unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    fn number(&self, sql: &str) -> i64 {
        self.outbox.connection().query_row(sql, [], |row| row.get(0)).unwrap()
    }

    /// What was to be forwarded is what ended and what waits.
    fn assert_balanced(&self) {
        let eligible = self.number("SELECT coalesce(sum(n), 0) FROM counts WHERE state = 'eligible'");
        let ended =
            self.number("SELECT coalesce(sum(n), 0) FROM counts WHERE state <> 'eligible' AND goal <> ''");
        let waiting = self.number(
            "SELECT count(*) FROM rows WHERE state IN ('pending', 'sending', 'late', 'uploading', 'uploaded') \
             AND goal <> ''",
        );
        assert_eq!(eligible, ended + waiting);
    }
}

fn read(change: impl FnOnce(&mut metrika::Destination)) -> Destinations {
    let mut destination = settings();
    change(&mut destination);
    Destinations::read(
        &Snapshot { version: 1, sites: vec![], removed: vec![], metrika: vec![destination] },
        "",
    )
}

const OK: Outcome = Outcome::Accepted { is_verified: true };
const NO_ANSWER: Outcome = Outcome::Ambiguous { retry_at: AGAIN };

#[test]
fn an_event_becomes_one_row_however_often_it_comes() {
    let mut desk = Desk::new(|_| {});
    desk.take(&[goal("Order", 5, 1, NOW), goal("Order", 5, 1, NOW)], NOW);
    desk.deliver(OK, NOW);
    desk.take(&[goal("Order", 5, 1, NOW)], NOW);
    assert_eq!(desk.states(), ["accepted"]);
    desk.assert_balanced();
}

#[test]
fn an_opening_page_view_goes_before_the_first_goal_and_no_other() {
    let mut desk = Desk::new(|_| {});
    desk.take(&[goal("Order", 5, 1, NOW), goal("Order", 5, 2, NOW)], NOW);
    let page = desk.lease(NOW).unwrap();
    assert_eq!(page.payload.hit, Hit::Page { title: "example.test".into() });
    assert_eq!(desk.lease(NOW), None, "the lane is serial: nothing goes while its opening is under way");
    desk.outbox.settle(page.id, OK).unwrap();
    let first = desk.lease(NOW).unwrap();
    assert_eq!(desk.lease(NOW), None);
    assert_eq!(first.payload.cid, page.payload.cid);
    desk.outbox.settle(first.id, OK).unwrap();
    let second = desk.lease(NOW).unwrap();
    assert!(matches!(second.payload.hit, Hit::Goal { .. }), "one opening serves the visit");
    assert!(page.payload.et < first.payload.et && first.payload.et <= second.payload.et);
}

#[test]
fn other_lanes_go_on_beside_one_that_waits() {
    let mut desk = Desk::new(|_| {});
    desk.take(&[goal("Order", 5, 1, NOW), goal("Order", 6, 2, NOW)], NOW);
    let (first, second) = (desk.lease(NOW).unwrap(), desk.lease(NOW).unwrap());
    assert_ne!(first.payload.cid, second.payload.cid);
}

#[test]
fn a_goal_after_the_visits_end_opens_another() {
    let mut desk = Desk::new(|_| {});
    let end = 1_800 - 60;
    desk.take(
        &[goal("Order", 5, 1, NOW), goal("Order", 5, 2, NOW + end), goal("Order", 5, 3, NOW + 2 * end + 60)],
        NOW + 3_600,
    );
    desk.deliver(OK, NOW + 3_600);
    assert_eq!(desk.number("SELECT sum(n) FROM counts WHERE goal = '' AND state = 'accepted'"), 2);
    assert_eq!(desk.states(), ["accepted"; 3]);
}

#[test]
fn times_are_rounded_down_and_stay_in_the_window() {
    for (at, now, et) in [
        (NOW, NOW, NOW - NOW % 60),
        (NOW - AGE_SECONDS_MAX + 10, NOW, NOW - AGE_SECONDS_MAX + 10 - (NOW - AGE_SECONDS_MAX + 10) % 60),
    ] {
        let mut desk = Desk::new(|_| {});
        desk.take(&[goal("Order", 5, 1, at)], now);
        let stored = desk.number("SELECT et FROM rows");
        assert_eq!(stored, et.max(now - AGE_SECONDS_MAX));
        assert!((now - AGE_SECONDS_MAX..=now).contains(&stored));
    }
}

#[test]
fn a_lanes_times_never_go_back() {
    let mut desk = Desk::new(|_| {});
    desk.take(&[goal("Order", 5, 1, NOW), goal("Order", 5, 2, NOW - 600)], NOW);
    let mut times = Vec::new();
    while let Some(leased) = desk.lease(NOW) {
        times.push(leased.payload.et);
        desk.outbox.settle(leased.id, OK).unwrap();
    }
    assert_eq!(times.len(), 3);
    assert!(times.is_sorted(), "{times:?}");
}

#[test]
fn without_its_opening_a_lanes_goals_are_blocked() {
    let mut desk = Desk::new(|_| {});
    desk.take(&[goal("Order", 5, 1, NOW), goal("Sure", 5, 2, NOW), goal("Order", 6, 3, NOW)], NOW);
    let page = desk.lease(NOW).unwrap();
    desk.outbox.settle(page.id, Outcome::Rejected { reason: "refused" }).unwrap();
    assert_eq!(desk.states(), ["blocked", "blocked", "pending"]);
    desk.assert_balanced();
}

#[test]
fn what_may_have_arrived_is_sent_again_only_where_the_owner_says_so() {
    let mut desk = Desk::new(|_| {});
    desk.take(&[goal("Order", 5, 1, NOW), goal("Sure", 6, 2, NOW)], NOW);
    desk.deliver(NO_ANSWER, NOW);
    assert_eq!(desk.states(), ["uncertain", "pending"]);
    desk.deliver(OK, AGAIN);
    assert_eq!(desk.states(), ["uncertain", "accepted"]);
    desk.assert_balanced();
}

#[test]
fn what_has_not_been_sent_is_tried_again_in_both_guarantees() {
    let mut desk = Desk::new(|_| {});
    desk.take(&[goal("Order", 5, 1, NOW), goal("Sure", 6, 2, NOW)], NOW);
    desk.deliver(Outcome::Failed { retry_at: AGAIN }, NOW);
    assert_eq!(desk.states(), ["pending", "pending"]);
    assert_eq!(desk.lease(NOW), None, "not before it is time");
    desk.deliver(OK, AGAIN);
    assert_eq!(desk.states(), ["accepted", "accepted"]);
}

/// A crash before a lease, while a page view or a goal is under way, and after its end.
#[test]
fn a_crash_in_any_state_doubles_nothing_and_loses_nothing() {
    for (event, interrupted) in [("Order", "uncertain"), ("Sure", "pending")] {
        let mut desk = Desk::new(|_| {});
        desk.take(&[goal(event, 5, 1, NOW)], NOW);
        desk = desk.crash();
        assert_eq!(desk.states(), ["pending"]);
        desk.lease(NOW).unwrap();
        desk = desk.crash();
        let page = desk.lease(NOW).unwrap();
        assert!(matches!(page.payload.hit, Hit::Page { .. }), "a page view is sent again");
        desk.outbox.settle(page.id, OK).unwrap();
        desk = desk.crash();
        let goal_row = desk.lease(NOW).unwrap();
        assert!(matches!(goal_row.payload.hit, Hit::Goal { .. }), "its opening is remembered");
        desk = desk.crash();
        assert_eq!(desk.states(), [interrupted], "{event}");
        desk.deliver(OK, NOW);
        let ended = desk.states();
        desk = desk.crash();
        assert_eq!(desk.states(), ended);
        assert_eq!(desk.lease(NOW), None);
        desk.take(&[goal(event, 5, 1, NOW)], NOW);
        assert_eq!(desk.states(), ended, "a segment that is read twice adds nothing");
        desk.assert_balanced();
    }
}

#[test]
fn a_row_expires_at_eleven_hours_and_is_counted() {
    let mut desk = Desk::new(|one| one.delay_seconds = [3_600, 3_600]);
    let at = NOW - NOW % 60;
    desk.take(&[goal("Order", 5, 1, at)], at);
    desk.sweep(at + AGE_SECONDS_MAX);
    assert_eq!(desk.states(), ["pending"]);
    desk.sweep(at + AGE_SECONDS_MAX + 1);
    assert_eq!(desk.states(), ["expired"]);
    desk.take(&[goal("Order", 5, 2, at)], at + AGE_SECONDS_MAX + 1);
    assert_eq!(
        desk.number("SELECT n FROM counts WHERE state = 'expired'"),
        2,
        "one came too late to be a row"
    );
    desk.assert_balanced();
}

#[test]
fn a_settled_row_keeps_goal_hour_state_and_hash_and_nothing_else() {
    let mut desk = Desk::new(|_| {});
    desk.take(&[goal("Order", 5, 1, NOW), goal("Sure", 6, 2, NOW), goal("Order", 7, 3, NOW)], NOW);
    desk.deliver(OK, NOW);
    desk.take(&[goal("Order", 8, 4, NOW)], NOW);
    desk.outbox.withdraw(8).unwrap();
    let left = desk.number(
        "SELECT count(*) FROM rows WHERE coalesce(epoch, counter, visit, cid, et, opened, dl, amount, currency, \
         at_most_once, due, held, attempts, withdrawn, source, upload) IS NOT NULL",
    );
    assert_eq!(left, 0);
    assert_eq!(
        desk.number("SELECT count(*) FROM rows WHERE hash IS NOT NULL"),
        6,
        "three openings, three goals"
    );
    let Desk { outbox, folder, .. } = desk;
    // The last connection moves everything from the log into the file.
    drop(outbox);
    let file = std::fs::read(folder.path().join("outbox.db")).unwrap();
    for visit in 5..=8_i64 {
        let cid = (1_799_900_000_000_000_000 + visit).to_be_bytes();
        assert!(!file.windows(8).any(|window| window == cid), "what was taken out is overwritten");
    }
}

#[test]
fn a_preview_is_shown_and_never_leased() {
    let mut desk = Desk::new(|one| one.mode = Mode::Preview);
    desk.take(&[goal("Order", 5, 1, NOW)], NOW);
    assert_eq!(desk.states(), ["preview"]);
    assert_eq!(desk.lease(NOW), None);
    assert_eq!(desk.outbox.previews(&desk.destinations).unwrap().len(), 1);
    desk.destinations = read(|one| one.epoch = 2);
    assert_eq!(desk.lease(NOW), None, "not even before the sweep");
    desk.sweep(NOW);
    assert!(desk.states().is_empty());
    assert_eq!(desk.number("SELECT count(*) FROM counts"), 0, "a preview counts nowhere");
}

#[test]
fn previews_have_a_limit() {
    let mut desk = Desk::new(|one| one.mode = Mode::Preview);
    let notes: Vec<Note> =
        (0..u64::from(PREVIEWS_MAX) + 10).map(|number| goal("Order", number, number, NOW)).collect();
    desk.take(&notes, NOW);
    assert_eq!(desk.states().len(), PREVIEWS_MAX as usize);
}

#[test]
fn with_k_a_goal_leaves_only_among_k_equal_ones() {
    let mut desk = Desk::new(|one| one.release_at = 3);
    let release = |desk: &mut Desk| desk.outbox.release(&desk.destinations, NOW).unwrap();
    // Three goals of two visits are two.
    desk.take(
        &[
            goal("Order", 5, 1, NOW),
            goal("Order", 5, 2, NOW),
            goal("Order", 6, 3, NOW),
            goal("Sure", 7, 4, NOW),
        ],
        NOW,
    );
    release(&mut desk);
    assert_eq!(desk.lease(NOW + 3_600), None);
    desk.take(&[goal("Order", 8, 5, NOW)], NOW);
    release(&mut desk);
    desk.deliver(OK, NOW + 3_600);
    assert_eq!(desk.states(), ["accepted", "accepted", "accepted", "pending", "accepted"]);
    desk.sweep(NOW + AGE_SECONDS_MAX + 60);
    assert_eq!(desk.texts("SELECT reason FROM rows WHERE state = 'expired'"), ["too_few"]);
    desk.assert_balanced();
}

#[test]
fn goals_of_different_labels_are_not_equal_and_each_leaves_with_its_own() {
    let with = |number: u64, campaign: &str, plan: &str| {
        let mut note = goal("Order", 5 + number, number, NOW);
        let What::Goal(one) = &mut note.what else { unreachable!("made as a goal") };
        one.labels.campaign = vec![("utm_source".into(), campaign.into())];
        one.labels.params = vec![("plan".into(), plan.into())];
        note
    };
    let mut desk = Desk::new(|one| one.release_at = 2);
    desk.take(
        &[with(1, "vk", "pro"), with(2, "vk", "basic"), with(3, "mail", "pro"), with(4, "vk", "pro")],
        NOW,
    );
    desk.outbox.release(&desk.destinations, NOW).unwrap();
    let mut bodies = Vec::new();
    while let Some(leased) = desk.lease(NOW + 3_600) {
        bodies.push(leased.payload.body("***"));
        desk.outbox.settle(leased.id, OK).unwrap();
    }
    assert_eq!(desk.states(), ["accepted", "pending", "pending", "accepted"]);
    assert!(
        bodies.iter().all(|body| body.contains("&dl=https%3A%2F%2Fexample.test%2F%3Futm_source%3Dvk&")),
        "{bodies:?}"
    );
    let params = bodies.iter().filter(|body| body.contains("&params=%7B%22plan%22%3A%22pro%22%7D&")).count();
    assert_eq!((bodies.len(), params), (4, 2), "with the goals, not with their openings");
}

#[test]
fn a_full_outbox_counts_what_it_does_not_take() {
    let mut desk = Desk::new(|one| one.delay_seconds = [600, 600]);
    let notes: Vec<Note> =
        (0..u64::from(WAITING_MAX) + 5).map(|number| goal("Order", number, number, NOW)).collect();
    desk.take(&notes, NOW);
    assert_eq!(desk.number("SELECT count(*) FROM rows"), i64::from(WAITING_MAX));
    assert_eq!(desk.number("SELECT n FROM counts WHERE reason = 'outbox_full'"), 5);
    desk.assert_balanced();
}

#[test]
fn what_was_told_is_not_told_again_and_is_forgotten_in_time() {
    let mut desk = Desk::new(|_| {});
    desk.take(&[goal("Order", 5, 1, NOW)], NOW);
    desk.deliver(OK, NOW);
    let (forwards, counts) = (desk.outbox.forwards().unwrap(), desk.outbox.counts().unwrap());
    assert_eq!((forwards.len(), counts.len()), (2, 3));
    desk.sweep(NOW + 10 * KEEP_SECONDS);
    assert_eq!(desk.outbox.forwards().unwrap(), forwards, "kept until somebody knows");
    desk.outbox.told(&forwards, &counts).unwrap();
    assert!(desk.outbox.forwards().unwrap().is_empty() && desk.outbox.counts().unwrap().is_empty());
    desk.sweep(NOW + 10 * KEEP_SECONDS);
    for table in ["rows", "counts", "seen"] {
        assert_eq!(desk.number(&format!("SELECT count(*) FROM {table}")), 0, "{table}");
    }
}

#[test]
fn a_test_is_taken_once() {
    let mut desk = Desk::new(|one| one.test = 4);
    let now = Timestamp::from_second(NOW).unwrap();
    let destination = desk.destinations.of(1).unwrap().clone();
    desk.outbox.take_test(&destination, "srv_canary", now).unwrap();
    assert_eq!(desk.outbox.tested(1).unwrap(), 4);
    desk = desk.crash();
    assert_eq!(desk.outbox.tested(1).unwrap(), 4, "a restart does not repeat it");
    desk.deliver(OK, NOW);
    assert_eq!(desk.states(), ["accepted"]);
}
