//! What an objection leaves and gives away: a count by the hour, and an answer that comes neither
//! sooner nor later than another's.

use std::time::{Duration, Instant};

use collector::{clock::Clock, settle::Settler};
use e2e::{
    Instance,
    http::{CHROME, pageview},
};

/// Requests of each kind that are timed.
const ROUNDS: usize = 400;

/// Whoever guesses by the time alone which of two answers was the later one is right so often,
/// at most: half of the time is pure guessing. For two equal kinds of 400 the measured share
/// strays from it by 0.02 (one standard deviation).
const RIGHT_MAX: f64 = 0.6;

/// The same for a refusal that waits for no disk, at least.
const RIGHT_OF_ANOTHER_MIN: f64 = 0.8;

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Counted,
    Objection,
    /// Of a site that is none of ours: refused at once.
    Stranger,
}

async fn timed(mostik: &Instance, kind: Kind) -> Duration {
    let mut event = pageview("/");
    if kind == Kind::Stranger {
        event["d"] = "elsewhere.test".into();
    }
    let mut request = mostik
        .client
        .post(format!("http://{}/api/event", mostik.ready.public))
        .header("User-Agent", CHROME)
        .body(event.to_string());
    if kind == Kind::Objection {
        request = request.header("Sec-GPC", "1");
    }
    let began = Instant::now();
    let answer = request.send().await.unwrap();
    let took = began.elapsed();
    assert_eq!(answer.status().as_u16(), if kind == Kind::Stranger { 400 } else { 202 });
    took
}

/// How often the longer of two answers is the first kind's.
fn longer(of: &[Duration], than: &[Duration]) -> f64 {
    let wins = of.iter().map(|one| than.iter().filter(|&other| one > other).count()).sum::<usize>();
    wins as f64 / (of.len() * than.len()) as f64
}

#[tokio::test]
async fn the_time_of_an_answer_does_not_tell_an_objection() {
    // Nobody is refused for coming too often.
    let mostik = Instance::start_with("rate_network = 10000\nrate_site = 10000").await;
    let mut times: [Vec<Duration>; 3] = Default::default();
    let kinds = [Kind::Counted, Kind::Objection, Kind::Stranger];
    // In an order of its own in each round, so that none always follows the same one.
    let orders = [[0, 1, 2], [2, 1, 0], [1, 2, 0], [0, 2, 1], [2, 0, 1], [1, 0, 2]];
    for round in 0..ROUNDS {
        for of in orders[round % orders.len()] {
            times[of].push(timed(&mostik, kinds[of]).await);
        }
    }
    let [counted, objection, stranger] = times;
    let right = longer(&counted, &objection);
    assert!((1.0 - RIGHT_MAX..RIGHT_MAX).contains(&right), "an objection is told by its time: {right}");
    let control = longer(&counted, &stranger);
    assert!(control > RIGHT_OF_ANOTHER_MIN, "the attacker of this test sees nothing at all: {control}");
}

/// The batch of a count names the second it was made in; it does not stay.
#[tokio::test]
async fn the_ledger_forgets_the_second_of_an_objection() {
    let mostik = Instance::start().await;
    assert_eq!(mostik.send("192.0.2.7", &pageview("/")).await.0, 202);
    timed(&mostik, Kind::Objection).await;
    let store = mostik.store();
    let batch = async |outcome: &str| -> u64 {
        let sql = "SELECT batch FROM mostik.ledger WHERE outcome = ?";
        store.reader().query(sql).bind(outcome).fetch_one().await.unwrap()
    };
    mostik.until_shipped().await;
    let (stored, refused) = (batch("stored").await, batch("refused").await);
    let minute: u32 = store
        .reader()
        .query("SELECT toUInt32(minute) FROM mostik.ledger WHERE outcome = 'refused'")
        .fetch_one()
        .await
        .unwrap();
    assert_eq!(minute % 3600, 0, "by the hour");

    // As the collector does it, with a spool of which nothing is left or all.
    let clock = Clock::system();
    let node = u16::try_from(refused >> 48).unwrap();
    let settle = async |held: Option<u64>, now| {
        let spool = collector::spool::State::default();
        if let Some(sequence) = held {
            spool.wait_for(sequence, 0);
        }
        let (store, clock) = (mostik.store(), clock.clone());
        let settler =
            Settler { store, spool: spool.into(), node, shipping: std::sync::Arc::default(), clock };
        settler.settle(now).await.unwrap();
        (batch("stored").await, batch("refused").await)
    };
    let sequence = |batch: u64| batch & ((1 << 48) - 1);
    let oldest = sequence(stored.min(refused));
    assert_eq!(
        settle(Some(oldest), clock.now()).await,
        (stored, refused),
        "what may come again keeps its name"
    );
    assert_eq!(settle(None, clock.now()).await, (stored, 0), "stored counts are balanced by it for hours");
    mostik.assert_balanced().await;
    let later = clock.now() + Duration::from_secs(4 * 3600);
    assert_eq!(settle(None, later).await, (0, 0));
}
