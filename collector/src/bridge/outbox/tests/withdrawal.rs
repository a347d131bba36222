//! What a withdrawal and the owner's switch end, and what they bring not back.

use super::*;

#[test]
fn a_withdrawal_purges_the_visits_rows_and_no_other() {
    let mut desk = Desk::new(|one| one.delay_seconds = [600, 600]);
    let notes: Vec<Note> = (0..1_000).map(|number| goal("Order", number % 2, number, NOW)).collect();
    desk.take(&notes, NOW);
    desk.outbox.withdraw(1).unwrap();
    assert_eq!(desk.number("SELECT n FROM counts WHERE state = 'blocked' AND reason = 'withdrawn'"), 500);
    assert_eq!(desk.number("SELECT count(*) FROM rows WHERE state = 'pending'"), 500);
    desk.assert_balanced();
}

#[test]
fn what_was_under_way_at_a_withdrawal_is_not_sent_again() {
    for (event, outcome, state) in [
        ("Order", Outcome::Failed { retry_at: AGAIN }, "blocked"),
        ("Sure", Outcome::Failed { retry_at: AGAIN }, "blocked"),
        ("Sure", NO_ANSWER, "uncertain"),
    ] {
        let mut desk = Desk::new(|_| {});
        desk.take(&[goal(event, 5, 1, NOW)], NOW);
        let page = desk.lease(NOW).unwrap();
        desk.outbox.settle(page.id, OK).unwrap();
        let under_way = desk.lease(NOW).unwrap();
        desk.outbox.withdraw(5).unwrap();
        desk.outbox.settle(under_way.id, outcome).unwrap();
        assert_eq!(desk.states(), [state], "{event} {outcome:?}");
        desk.assert_balanced();
    }
    let mut desk = Desk::new(|_| {});
    desk.take(&[goal("Sure", 5, 1, NOW)], NOW);
    let page = desk.lease(NOW).unwrap();
    desk.outbox.settle(page.id, OK).unwrap();
    desk.lease(NOW).unwrap();
    desk.outbox.withdraw(5).unwrap();
    assert_eq!(desk.crash().states(), ["uncertain"], "nor after a crash");
}

#[test]
fn a_withdrawal_in_the_spool_reaches_what_was_noted_before_it_only() {
    let mut desk = Desk::new(|one| one.delay_seconds = [600, 600]);
    let withdrawn = Note { what: What::Withdrawn { visit: 5 }, ..goal("Order", 5, 0, NOW) };
    desk.take(&[goal("Order", 5, 1, NOW), withdrawn, goal("Order", 5, 2, NOW)], NOW);
    assert_eq!(desk.states(), ["blocked", "pending"]);
}

#[test]
fn a_switch_ends_what_waits_and_another_switch_brings_nothing_back() {
    let mut desk = Desk::new(|one| one.delay_seconds = [600, 600]);
    desk.take(&[goal("Order", 5, 1, NOW)], NOW);
    desk.destinations = read(|one| one.epoch = 3);
    desk.sweep(NOW);
    assert_eq!(desk.states(), ["blocked"]);
    desk.take(&[goal("Order", 5, 2, NOW)], NOW);
    assert_eq!(desk.states(), ["blocked"], "noted under earlier settings");
    desk.assert_balanced();
}
