//! The second road: what becomes of goals that are eleven hours old.

use store::snapshot::sealed;

use super::*;
use crate::bridge::{
    outbox::late::{
        ASK_EVERY_SECONDS, ASK_SECONDS_MAX, Delivery, FILE_EVERY_SECONDS, FILES_PER_DAY_MAX, File, Finding,
        LATE_SECONDS_MAX, LINES_MAX,
    },
    payload::late::{LINE_BYTES_MAX, file},
};

const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// When goals of [`NOW`] have just become too old for the first road.
const LATE: i64 = NOW + AGE_SECONDS_MAX + 1;

const TAKEN: Delivery = Delivery::Taken { number: 77, lost: 0 };
const LOST: Delivery = Delivery::Failed { is_ambiguous: true };
const NOT_SENT: Delivery = Delivery::Failed { is_ambiguous: false };

fn open_road(change: impl FnOnce(&mut metrika::Destination)) -> Destinations {
    let mut destination = settings();
    let place = metrika::Destination::late_place(1, 7);
    destination.late = Some(sealed::seal(SECRET, &place, "writer-token", [3; sealed::NONCE_BYTES]));
    change(&mut destination);
    let snapshot = Snapshot { version: 1, sites: vec![], removed: vec![], metrika: vec![destination] };
    Destinations::read(&snapshot, SECRET)
}

impl Desk {
    /// With the second road open, and each of `goals` refused by a busy Metrika once its
    /// visit was opened, until it is late.
    fn late(goals: &[Note]) -> Desk {
        let mut desk = Desk::new(|_| {});
        desk.destinations = open_road(|_| {});
        desk.take(goals, NOW);
        desk.deliver(Outcome::Failed { retry_at: LATE }, NOW);
        desk.sweep(LATE);
        desk
    }

    fn lease_file(&mut self, now: i64) -> Option<File> {
        self.outbox.lease_file(self.destinations.of(1).unwrap(), now).unwrap()
    }

    fn reasons(&self) -> Vec<String> {
        self.texts("SELECT state || ' ' || reason FROM rows WHERE goal <> '' ORDER BY id")
    }
}

#[test]
fn a_late_goal_of_an_open_visit_goes_in_a_file_and_any_other_expires() {
    let mut desk = Desk::late(&[goal("Order", 5, 1, NOW)]);
    // Of another visit whose opening page view was never accepted.
    desk.take(&[goal("Order", 6, 2, NOW + 60)], NOW + 60);
    desk.sweep(LATE + 60);
    assert_eq!(desk.states(), ["late", "expired"]);
    let leased = desk.lease_file(LATE).unwrap();
    assert_eq!(
        file(&leased.goals),
        format!("ClientId,Target,DateTime\n{},srv_order,{}\n", 1_799_900_000_000_000_005_u64, NOW - NOW % 60)
    );
    desk.outbox.settle_file(leased.id, TAKEN, LATE).unwrap();
    assert_eq!(desk.states(), ["uploaded", "expired"]);
    assert_eq!(desk.outbox.file_to_ask(1, LATE + ASK_EVERY_SECONDS).unwrap(), Some((leased.id, 77)));
    desk.outbox.settle_finding(leased.id, Finding::Processed).unwrap();
    assert_eq!(desk.reasons(), ["accepted late", "expired too_old"]);
    desk.assert_balanced();
}

#[test]
fn with_the_second_road_closed_every_late_goal_expires() {
    let mut desk = Desk::late(&[]);
    desk.destinations = read(|_| {});
    desk.take(&[goal("Order", 5, 1, NOW)], NOW);
    desk.deliver(Outcome::Failed { retry_at: LATE }, NOW);
    desk.sweep(LATE);
    assert_eq!(desk.reasons(), ["expired too_old"]);
    assert_eq!(desk.lease_file(LATE), None);
    assert_eq!(desk.number("SELECT count(*) FROM uploads"), 0);
}

/// The same line twice counts once, so that both guarantees may send it again.
#[test]
fn a_crash_in_any_late_state_doubles_nothing_and_loses_nothing() {
    for event in ["Order", "Sure"] {
        let mut desk = Desk::late(&[goal(event, 5, 1, NOW)]).crash();
        assert_eq!(desk.states(), ["late"]);
        let first = desk.lease_file(LATE).unwrap();
        desk = desk.crash();
        assert_eq!(desk.states(), ["late"], "{event}");
        let later = LATE + FILE_EVERY_SECONDS;
        let second = desk.lease_file(later).unwrap();
        assert_eq!(second.goals, first.goals, "the same line, to the byte");
        desk.outbox.settle_file(second.id, TAKEN, later).unwrap();
        desk = desk.crash();
        assert_eq!(desk.states(), ["uploaded"]);
        assert_eq!(desk.lease_file(later + FILE_EVERY_SECONDS), None);
        assert_eq!(desk.outbox.file_to_ask(1, later + ASK_EVERY_SECONDS).unwrap(), Some((second.id, 77)));
        desk.outbox.settle_finding(second.id, Finding::Processed).unwrap();
        assert_eq!(desk.crash().reasons(), ["accepted late"]);
    }
}

#[test]
fn a_file_without_an_answer_is_sent_again_and_a_refused_one_is_not() {
    for (delivery, state) in [
        (LOST, "late"),
        (NOT_SENT, "late"),
        (Delivery::Rejected { reason: "refused" }, "rejected"),
        (Delivery::Abandoned, "uncertain"),
        (Delivery::Taken { number: 1, lost: 1 }, "uncertain"),
        (Delivery::Taken { number: 1, lost: 2 }, "rejected"),
    ] {
        let mut desk = Desk::late(&[goal("Order", 5, 1, NOW), goal("Sure", 6, 2, NOW)]);
        let leased = desk.lease_file(LATE).unwrap();
        desk.outbox.settle_file(leased.id, delivery, LATE).unwrap();
        assert_eq!(desk.states(), [state, state], "{delivery:?}");
        desk.assert_balanced();
    }
}

#[test]
fn what_metrika_makes_of_a_file_is_what_becomes_of_its_goals() {
    for (finding, ended) in [
        (Finding::Working, "uploaded "),
        (Finding::Processed, "accepted late"),
        (Finding::NotLinked, "rejected not_linked"),
        (Finding::Unknown, "uncertain no_outcome"),
    ] {
        let mut desk = Desk::late(&[goal("Order", 5, 1, NOW)]);
        let leased = desk.lease_file(LATE).unwrap();
        desk.outbox.settle_file(leased.id, TAKEN, LATE).unwrap();
        desk.outbox.settle_finding(leased.id, finding).unwrap();
        assert_eq!(desk.reasons(), [ended]);
        let is_told = !desk.outbox.forwards().unwrap().iter().all(|one| one.goal.is_empty());
        assert_eq!(is_told, finding != Finding::Working, "the log has it once it has ended");
        desk.assert_balanced();
    }
}

#[test]
fn questions_come_at_their_interval_and_end() {
    let mut desk = Desk::late(&[goal("Order", 5, 1, NOW)]);
    let leased = desk.lease_file(LATE).unwrap();
    desk.outbox.settle_file(leased.id, TAKEN, LATE).unwrap();
    let asked = (LATE..=LATE + ASK_SECONDS_MAX)
        .filter(|&now| desk.outbox.file_to_ask(1, now).unwrap().is_some())
        .count();
    assert_eq!(asked as i64, ASK_SECONDS_MAX / ASK_EVERY_SECONDS);
    desk.sweep(LATE + ASK_SECONDS_MAX);
    assert_eq!(desk.states(), ["uploaded"]);
    desk.sweep(LATE + ASK_SECONDS_MAX + 1);
    assert_eq!(desk.reasons(), ["uncertain no_outcome"]);
    assert_eq!(desk.outbox.file_to_ask(1, i64::MAX / 2).unwrap(), None);
}

#[test]
fn a_late_goal_expires_within_a_day() {
    let mut desk = Desk::late(&[goal("Order", 5, 1, NOW)]);
    let et = NOW - NOW % 60;
    desk.sweep(et + LATE_SECONDS_MAX);
    assert_eq!(desk.states(), ["late"]);
    desk.sweep(et + LATE_SECONDS_MAX + 1);
    assert_eq!(desk.reasons(), ["expired too_old"]);
    desk.assert_balanced();
}

#[test]
fn a_withdrawal_reaches_late_goals_and_a_file_under_way_is_not_repeated_for_them() {
    for (delivery, ended) in [(NOT_SENT, "blocked withdrawn"), (LOST, "uncertain no_answer")] {
        let mut desk = Desk::late(&[goal("Order", 5, 1, NOW), goal("Sure", 6, 2, NOW)]);
        let leased = desk.lease_file(LATE).unwrap();
        desk.outbox.withdraw(5).unwrap();
        desk.outbox.settle_file(leased.id, delivery, LATE).unwrap();
        assert_eq!(desk.reasons(), [ended, "late "], "{delivery:?}");
        desk.outbox.withdraw(6).unwrap();
        assert_eq!(desk.reasons(), [ended, "blocked withdrawn"]);
        assert_eq!(desk.lease_file(LATE + FILE_EVERY_SECONDS), None);
        desk.assert_balanced();
    }
    let mut desk = Desk::late(&[goal("Order", 5, 1, NOW)]);
    desk.lease_file(LATE).unwrap();
    desk.outbox.withdraw(5).unwrap();
    assert_eq!(desk.crash().states(), ["uncertain"], "nor after a crash");
}

#[test]
fn the_kill_switch_ends_late_goals_in_every_state() {
    let off = || open_road(|one| (one.mode, one.epoch) = (Mode::Off, 2));
    let mut desk = Desk::late(&[goal("Order", 5, 1, NOW)]);
    desk.destinations = off();
    desk.sweep(LATE);
    assert_eq!(desk.reasons(), ["blocked off"]);

    let mut desk = Desk::late(&[goal("Order", 5, 1, NOW)]);
    let leased = desk.lease_file(LATE).unwrap();
    desk.outbox.settle_file(leased.id, TAKEN, LATE).unwrap();
    desk.destinations = off();
    desk.sweep(LATE);
    assert_eq!(desk.reasons(), ["uncertain interrupted"], "not even a question leaves");
    assert_eq!(desk.outbox.file_to_ask(1, LATE + ASK_SECONDS_MAX).unwrap(), None);
    desk.assert_balanced();

    // The road alone.
    let mut desk = Desk::late(&[goal("Order", 5, 1, NOW)]);
    desk.destinations = read(|_| {});
    desk.sweep(LATE);
    assert_eq!(desk.reasons(), ["expired too_old"]);
    assert_eq!(desk.lease_file(LATE), None);
}

#[test]
fn two_equal_goals_of_a_minute_are_two_lines_of_their_own_seconds() {
    let mut desk =
        Desk::late(&[goal("Order", 5, 1, NOW), goal("Order", 5, 2, NOW), goal("Order", 6, 3, NOW)]);
    let times: Vec<i64> = desk.lease_file(LATE).unwrap().goals.iter().map(|goal| goal.et).collect();
    let et = NOW - NOW % 60;
    assert_eq!(times, [et, et + 1, et], "another visit has another number");
}

#[test]
fn goals_with_a_sum_and_without_go_in_different_files() {
    let mut desk = Desk::late(&[]);
    desk.destinations = open_road(|one| {
        one.goals[0].value = ValueRule::Fixed { amount_e4: 1_500_000, currency: "RUB".into() };
    });
    desk.take(&[goal("Sure", 5, 1, NOW), goal("Order", 6, 2, NOW)], NOW);
    desk.deliver(Outcome::Failed { retry_at: LATE }, NOW);
    desk.sweep(LATE);
    let first = desk.lease_file(LATE).unwrap();
    assert!(file(&first.goals).starts_with("ClientId,Target,DateTime\n"));
    desk.outbox.settle_file(first.id, TAKEN, LATE).unwrap();
    let second = desk.lease_file(LATE + FILE_EVERY_SECONDS).unwrap();
    assert!(file(&second.goals).ends_with(",150,RUB\n"), "{}", file(&second.goals));
    assert_eq!((first.goals.len(), second.goals.len()), (1, 1));
}

#[test]
fn goals_that_wait_for_company_never_take_the_second_road() {
    let mut desk = Desk::late(&[goal("Sure", 5, 1, NOW)]);
    desk.destinations = open_road(|one| one.release_at = 3);
    desk.take(&[goal("Order", 5, 2, NOW + 60)], NOW + 60);
    desk.sweep(LATE + 60);
    assert_eq!(desk.reasons(), ["late ", "expired too_few"]);
}

#[test]
fn files_have_a_length_an_interval_and_a_number_a_day() {
    let notes: Vec<Note> =
        (0..u64::from(LINES_MAX) + 1).map(|one| goal("Order", 5 + one % 3, one, NOW)).collect();
    let mut desk = Desk::late(&notes);
    let leased = desk.lease_file(LATE).unwrap();
    assert_eq!(leased.goals.len(), LINES_MAX as usize);
    assert!(file(&leased.goals).len() <= (LINES_MAX as usize + 1) * LINE_BYTES_MAX);
    desk.outbox.settle_file(leased.id, NOT_SENT, LATE).unwrap();
    assert_eq!(desk.lease_file(LATE + FILE_EVERY_SECONDS - 1), None);
    let mut now = LATE;
    for n in 1..FILES_PER_DAY_MAX {
        now += FILE_EVERY_SECONDS;
        let leased = desk.lease_file(now).unwrap_or_else(|| panic!("file {n}"));
        desk.outbox.settle_file(leased.id, NOT_SENT, now).unwrap();
    }
    assert_eq!(desk.lease_file(now + FILE_EVERY_SECONDS), None, "a day's number is used up");
    desk = desk.crash();
    assert_eq!(desk.lease_file(LATE + 24 * 3_600 - 1), None, "a restart begins no new day");
    assert!(desk.lease_file(LATE + 24 * 3_600).is_some());
}

#[test]
fn once_metrika_has_the_file_no_number_of_a_visit_is_left() {
    let mut desk = Desk::late(&[goal("Order", 5, 1, NOW)]);
    let leased = desk.lease_file(LATE).unwrap();
    desk.outbox.settle_file(leased.id, TAKEN, LATE).unwrap();
    assert_eq!(desk.number("SELECT count(*) FROM rows WHERE cid IS NOT NULL OR visit IS NOT NULL"), 0);
    let Desk { outbox, folder, .. } = desk;
    drop(outbox);
    let bytes = std::fs::read(folder.path().join("outbox.db")).unwrap();
    let cid = 1_799_900_000_000_000_005_i64.to_be_bytes();
    assert!(!bytes.windows(8).any(|window| window == cid), "what was taken out is overwritten");
}

#[test]
fn a_preview_shows_the_file_only_while_the_road_is_open() {
    for (is_open, lines) in [(true, 2), (false, 0)] {
        let mut desk = Desk::new(|_| {});
        let preview = |one: &mut metrika::Destination| one.mode = Mode::Preview;
        desk.destinations = if is_open { open_road(preview) } else { read(preview) };
        desk.take(&[goal("Order", 5, 1, NOW)], NOW);
        let shown = desk.outbox.previews(&desk.destinations).unwrap();
        assert_eq!(shown[0].late.as_deref().unwrap_or_default().lines().count(), lines);
    }
}

#[test]
fn a_closed_destination_leases_no_file() {
    let mut desk = Desk::late(&[goal("Order", 5, 1, NOW)]);
    desk.destinations = open_road(|one| one.mode = Mode::Preview);
    assert_eq!(desk.lease_file(LATE), None, "not even before the sweep");
}
