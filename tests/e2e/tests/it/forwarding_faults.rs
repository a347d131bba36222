//! Every fault that can strike a goal, under every profile of the fake: what each guarantee
//! promises of it (metrika.md section 10.5, test 1). Each fault has a site and a counter of its
//! own, so that all of them strike at once and the pace of one is not the pace of another.
//!
//! The eight honesty tests, and which test covers which profile and fault:
//!
//! | test | silent, strict, mixed | faults |
//! | --- | --- | --- |
//! | 1 reaches and guarantees | `every_fault_under_every_profile_…` here | all of [`cases`]; slow accept and wrong certificates: `forwarding_tls` |
//! | 2 nothing planted leaves | `forwarding::nothing_that_was_planted_…`, `forwarding_profiles::every_goal_is_recorded_and_carries_nothing_…` | none: the bytes are the same under all |
//! | 3 cids of two days | `bridge::cid`'s attacker: of no profile | none |
//! | 4 killed in every state | `forwarding_kills`: one test each, all states; `forwarding_late::a_collector_killed_…`: the API's answers know no profile | under way before and after the commit |
//! | 4 expiry | `forwarding_profiles::a_goal_too_old_…` | Metrika away |
//! | 5 a preview connects to nobody | `forwarding_profiles::a_preview_opens_no_connection_…` | none: there is no request |
//! | 6 tokens are nowhere | `forwarding::nothing_that_was_planted_…` | refused tokens: `forwarding_profiles` |
//! | 7 reconciliation | `dashboard` `reconciliation_says_ok_short_…` | hits dropped for `no_session`, `foreign_host` |
//! | 8 a refused token rests its own destination | `forwarding_profiles::a_refused_token_…` | 403, and the silence of `silent` |

use e2e::{
    forwarding::{Forwarding, GOAL, TOKEN, event, rules},
    instance::PATIENCE,
    wait,
};
use fake_metrika::{Counter, Goal, Profile, fault::Order};
use serde_json::{Value, json};

/// The goal that is sent again where nobody knows, and its number at every counter.
const SURE: &str = "srv_sure";
const SURE_ID: u64 = 3;
const ORDER_ID: u64 = 1;

/// The counter of the first case; the others follow.
const COUNTER_FIRST: u64 = 70_000;

/// What must become of two goals of a visit, each struck once.
#[derive(Debug, Clone, Copy)]
enum Then {
    /// Not taken, and everybody knows: both arrive, once.
    Again,
    /// Nobody knows. One goal is left uncertain, the other is sent again.
    Unknown {
        is_committed: bool,
    },
    /// As success goes, an odd one: it is not sent again, and never called recorded.
    Believed {
        is_committed: bool,
    },
    Refused(&'static str),
    Fine,
}

/// Each fault, and what follows from it. Those that take the sender's whole patience strike
/// one goal alone.
fn cases() -> Vec<(Value, Then)> {
    let status = |status: u16| (json!({"fault": "status", "status": status}), Then::Again);
    let broken = |status: u16, is_committed: bool| {
        let fault = json!({"fault": "status", "status": status, "is_committed": is_committed});
        (fault, Then::Unknown { is_committed })
    };
    let refused = |status: u16, reason| (json!({"fault": "status", "status": status}), Then::Refused(reason));
    let retry = json!({"fault": "status", "status": 429, "retry_after": "1"});
    let moved = json!({"fault": "status", "status": 302, "location": "https://elsewhere.example/"});
    let withheld = json!({"fault": "delay_after_commit", "for_ms": 60_000});
    vec![
        (json!({"fault": "reset_before_commit"}), Then::Unknown { is_committed: false }),
        (json!({"fault": "reset_after_commit"}), Then::Unknown { is_committed: true }),
        (withheld, Then::Unknown { is_committed: true }),
        status(408),
        status(420),
        (retry, Then::Again),
        status(503),
        broken(500, false),
        broken(502, true),
        broken(504, true),
        (moved, Then::Refused("redirected")),
        refused(400, "refused"),
        (json!({"fault": "empty_body"}), Then::Believed { is_committed: false }),
        (json!({"fault": "captive_portal"}), Then::Believed { is_committed: false }),
        (json!({"fault": "gzip"}), Then::Believed { is_committed: true }),
        // Eleven bytes in eleven seconds: the answer's body never comes whole.
        (json!({"fault": "drip", "every_ms": 1_000}), Then::Believed { is_committed: true }),
        (json!({"fault": "drip", "every_ms": 20}), Then::Fine),
        (json!({"fault": "chunked"}), Then::Fine),
    ]
}

fn is_slow(fault: &Value) -> bool {
    fault["for_ms"] == 60_000 || fault["every_ms"] == 1_000
}

/// The steps of one round: the opening page view passes, and each goal is struck once.
fn steps(fault: &Value, then: Then) -> Value {
    let pass = json!({"fault": "pass"});
    match then {
        _ if is_slow(fault) => json!([pass, fault, pass]),
        Then::Again => json!([pass, fault, pass, fault, pass]),
        Then::Unknown { .. } => json!([pass, fault, fault, pass]),
        Then::Believed { .. } | Then::Refused(_) | Then::Fine => json!([pass, fault, fault]),
    }
}

/// State, reason and completions that a round adds: of the order, and of the sure goal.
fn expected(fault: &Value, then: Then) -> [(&'static str, &'static str, usize); 2] {
    let fine = ("accepted", "", 1);
    let both = |one| if is_slow(fault) { [one, fine] } else { [one, one] };
    match then {
        Then::Again | Then::Fine => [fine, fine],
        Then::Unknown { is_committed } => {
            let again = if is_slow(fault) { 0 } else { usize::from(is_committed) };
            [("uncertain", "no_answer", usize::from(is_committed)), ("accepted", "", 1 + again)]
        }
        Then::Believed { is_committed } => both(("accepted", "unverified", usize::from(is_committed))),
        Then::Refused(reason) => both(("rejected", reason, 0)),
    }
}

#[tokio::test]
async fn every_fault_under_every_profile_ends_by_the_goals_guarantee() {
    let forwarding = Forwarding::start(Profile::Silent).await;
    let cases = cases();
    for at in 0..cases.len() {
        let mut counter = Counter::new(COUNTER_FIRST + at as u64, TOKEN);
        counter.goals = vec![Goal::exact(ORDER_ID, GOAL), Goal::exact(SURE_ID, SURE)];
        forwarding.fake.ledger().counters.insert(counter.id, counter);
        // The first site is there: its destination stays unset.
        let domain = format!("case{at}.test");
        let site =
            forwarding.mostik.write("/api/v1/sites", &json!({"domain": domain, "time_zone": "UTC"})).await;
        assert_eq!(site["id"], site_of(at), "{site}");
        let settings = json!({"counter": COUNTER_FIRST + at as u64, "token": TOKEN, "rules": rules()});
        let path = format!("/api/v1/sites/{}/metrika", site_of(at));
        forwarding.mostik.put(&path, &settings).await;
        forwarding.mostik.write(&format!("{path}/mode"), &json!({"mode": "live"})).await;
    }
    let last = format!("/api/v1/sites/{}/metrika", site_of(cases.len() - 1));
    wait::until("the collector to know every site", PATIENCE, async || {
        (forwarding.mostik.get(&last).await["collectors"][0]["state"]["mode"] == "live").then_some(())
    })
    .await;
    for (round, profile) in (1_usize..).zip(Profile::ALL) {
        forwarding.fake.ledger().profile = profile;
        for (at, (fault, then)) in cases.iter().enumerate() {
            let order = json!({"destination": COUNTER_FIRST + at as u64, "steps": steps(fault, *then)});
            let order: Order = serde_json::from_value(order).unwrap();
            forwarding.fake.ledger().script.append(order).unwrap();
            let of_site = |name: &str| {
                let mut event = event(name, Some(1));
                (event["d"], event["u"]) =
                    (json!(format!("case{at}.test")), json!(format!("https://case{at}.test/")));
                event
            };
            let address = format!("198.51.{round}.{}", at + 1);
            forwarding.send(&address, &json!([of_site("Order"), of_site("Sure")])).await;
        }
        wait::until("every goal to have ended", PATIENCE, async || {
            let eligible = "SELECT coalesce(sum(n), 0) FROM counts WHERE state = 'eligible'";
            let waiting = "SELECT count(*) FROM rows WHERE state IN ('pending', 'sending')";
            let is_whole = forwarding.outbox(eligible) as usize == 2 * round * cases.len();
            (is_whole && forwarding.outbox(waiting) == 0).then_some(())
        })
        .await;
        for (at, (fault, then)) in cases.iter().enumerate() {
            let goals = [(GOAL, ORDER_ID), (SURE, SURE_ID)];
            for ((goal, id), (state, reason, recorded)) in goals.into_iter().zip(expected(fault, *then)) {
                let place = format!("{profile:?}, {fault}, {goal}");
                let ended = forwarding.outbox(&format!(
                    "SELECT coalesce(sum(n), 0) FROM counts WHERE site = {} AND goal = '{goal}' \
                     AND state = '{state}' AND reason = '{reason}'",
                    site_of(at)
                ));
                assert_eq!(ended as usize, round, "{place}: {state} {reason}");
                let reaches = forwarding.fake.ledger().reaches_of(COUNTER_FIRST + at as u64, id).count();
                assert_eq!(reaches, round * recorded, "{place}: recorded");
            }
        }
    }
}

fn site_of(case: usize) -> usize {
    case + 2
}
