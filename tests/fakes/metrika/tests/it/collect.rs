//! `/collect` over the wire, as a sender meets it.

use fake_metrika::{Note, Profile, Reason, Verdict, ledger::INGEST_SECONDS};

use crate::wire::{VISIT, fake, send, send_as, visits};

#[tokio::test]
async fn a_goal_counts_only_after_its_page_view_and_is_seen_20_minutes_later() {
    for profile in Profile::ALL {
        let fake = fake(profile).await;
        let goal = format!("{VISIT}&t=event&ea=srv_order");
        let ok = (200, "<!-- OK -->".to_owned());
        assert_eq!(send(&fake, "POST", "/collect", goal.clone()).await, ok);
        assert_eq!(fake.ledger().received[0].reason, Some(Reason::NoSession));
        assert_eq!(send(&fake, "POST", "/collect", format!("{VISIT}&t=pageview")).await, ok);
        assert_eq!(send(&fake, "POST", "/collect/", goal.clone()).await, ok);
        assert_eq!(send(&fake, "GET", &format!("/collect?{goal}"), String::new()).await, ok);
        assert_eq!(fake.ledger().visible(7, 1).count(), 0);
        fake.ledger().clock.advance(INGEST_SECONDS);
        assert_eq!(fake.ledger().visible(7, 1).count(), 2, "a duplicate counts twice");
        assert_eq!(visits(&fake), 1);
    }
}

#[tokio::test]
async fn a_wrong_token_is_answered_as_the_profile_says() {
    for (profile, status) in [(Profile::Silent, 200), (Profile::Strict, 403), (Profile::Mixed, 403)] {
        let fake = fake(profile).await;
        let forged = format!("{VISIT}&t=pageview").replace("secret", "guess");
        assert_eq!(send(&fake, "POST", "/collect", forged).await.0, status);
        assert_eq!(fake.ledger().received[0].reason, Some(Reason::BadToken));
        assert_eq!(visits(&fake), 0);
    }
}

#[tokio::test]
async fn what_is_too_large_is_refused() {
    let fake = fake(Profile::Mixed).await;
    assert_eq!(send(&fake, "POST", "/collect", "a".repeat(64 * 1024)).await.0, 400);
    assert_eq!(send(&fake, "POST", "/collect", "a".repeat(64 * 1024 + 1)).await.0, 413);
    let long = |bytes| format!("/collect?{}", "a".repeat(bytes - "/collect?".len()));
    assert_eq!(send(&fake, "GET", &long(8 * 1024), String::new()).await.0, 400);
    assert_eq!(send(&fake, "GET", &long(8 * 1024 + 1), String::new()).await.0, 414);
    assert_eq!(send(&fake, "PUT", "/collect", String::new()).await.0, 405);
    assert_eq!(send(&fake, "GET", "/watch/7", String::new()).await.0, 404);
    let statuses: Vec<u16> = fake.ledger().received.iter().map(|received| received.status).collect();
    assert_eq!(statuses, [400, 413, 400, 414, 405, 404], "the log leaves nothing out");
    assert_eq!(fake.ledger().received[1].verdict, Verdict::Refused);
}

#[tokio::test]
async fn a_batch_is_a_malformed_hit_unless_it_is_asked_for() {
    for (is_batch_taken, reason, visits_after) in [(false, Some(Reason::BadBody), 0), (true, None, 1)] {
        let fake = fake(Profile::Mixed).await;
        fake.ledger().is_batch_taken = is_batch_taken;
        let lines = "t=pageview&dl=https%3A%2F%2Fexample.ru\nt=event&ea=srv_order";
        let target = "/collect?tid=7&ms=secret&cid=1768350268232845118";
        let status = send_as(&fake, "text/plain", target, lines).await;
        assert_eq!(status, if is_batch_taken { 200 } else { 400 });
        assert_eq!(fake.ledger().received[0].reason, reason);
        assert_eq!(visits(&fake), visits_after);
    }
}

#[tokio::test]
async fn a_key_in_body_and_query_is_noted() {
    let fake = fake(Profile::Mixed).await;
    let form = "application/x-www-form-urlencoded";
    let status = send_as(&fake, form, "/collect?t=event", &format!("{VISIT}&t=pageview")).await;
    assert_eq!(status, 200);
    let received = fake.ledger().received[0].clone();
    assert_eq!(received.verdict, Verdict::Recorded);
    assert_eq!(received.notes, [Note::KeyTwice, Note::DocRequiredMissing]);
}
