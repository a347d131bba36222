//! The bridge's own thread: takes notes, sends what is due, hears of switches, withdrawals
//! and answers, and reports to the dashboard. Nobody waits for it.

mod late;
pub mod report;

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use governor::DefaultDirectRateLimiter;
use store::snapshot::metrika::Mode;
use tokio::{
    sync::{oneshot, watch},
    task::{AbortHandle, JoinSet},
};
use tracing::{error, info, warn};
use url::Url;

use super::{
    Bridge, Withdrawals,
    answer::{Class, Seen, classify},
    breaker::{Breaker, Open},
    cid, intake,
    outbox::{Outbox, OutboxError, lease::Leased, settle::Outcome},
    pace::{self, Pace},
    sender::Sender,
};
use crate::{
    clock::Clock,
    spool::{Directory, State},
};
use report::Reporter;

/// The identifier of the goal that a test sends.
pub const TEST_GOAL: &str = "srv_canary";

/// How often the spool and the clock are looked at.
const TICK: Duration = Duration::from_millis(200);

/// The same while every switch is off. A switch wakes us at once.
const IDLE_TICK: Duration = Duration::from_secs(1);

/// Requests under way at once, over all destinations.
const IN_FLIGHT_MAX: usize = 4;

/// Longest wait before the next attempt, in seconds; it begins at one and doubles, and is
/// drawn anew below that every time.
const BACKOFF_SECONDS_MAX: u64 = 300;

/// What the thread is given.
pub struct Forwarder {
    pub outbox: PathBuf,
    /// Such as `https://mc.yandex.ru`.
    pub metrika_url: Url,
    /// Such as `https://api-metrika.yandex.net`.
    pub metrika_api_url: Url,
    pub bridge: Arc<Bridge>,
    pub withdrawals: Withdrawals,
    pub directory: Arc<Directory>,
    pub spool: Arc<State>,
    pub clock: Clock,
    pub reporter: Reporter,
}

/// How a destination is doing.
#[derive(Default)]
struct Standing {
    breaker: Breaker,
    pace: Option<Pace>,
    /// The settings it was opened with: other ones close a denied breaker.
    epoch: u64,
    token: Option<String>,
    last: Option<report::LastAnswer>,
    late: late::Standing,
}

struct Running {
    outbox: Outbox,
    sender: Arc<Sender>,
    standings: HashMap<u32, Standing>,
    overall: DefaultDirectRateLimiter,
    in_flight: JoinSet<(Leased, Seen)>,
    /// By row: its site, and the means to stop it.
    under_way: HashMap<i64, (u32, AbortHandle)>,
    late: late::Road,
}

impl Forwarder {
    /// Runs on a thread of its own until told to stop. A failure to start is logged and
    /// costs forwarding alone.
    pub fn start(self, stop: watch::Receiver<bool>) -> std::io::Result<oneshot::Receiver<()>> {
        let (ended, end) = oneshot::channel();
        std::thread::Builder::new().name("bridge".into()).spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let outcome = runtime
                .context("cannot start the bridge's runtime")
                .and_then(|runtime| runtime.block_on(self.run(stop)));
            if let Err(failure) = outcome {
                error!(
                    error = format!("{failure:#}"),
                    "nothing is forwarded to Metrika until the next start"
                );
            }
            // Nobody waits any more when the collector has gone on without us.
            let _ = ended.send(());
        })?;
        Ok(end)
    }

    async fn run(mut self, mut stop: watch::Receiver<bool>) -> anyhow::Result<()> {
        let mut running = Running {
            outbox: Outbox::open(&self.outbox).context("cannot open the outbox")?,
            sender: Arc::new(
                Sender::new(&self.metrika_url, self.clock.clone()).context("cannot make a client")?,
            ),
            standings: HashMap::new(),
            overall: pace::of_all(),
            in_flight: JoinSet::new(),
            under_way: HashMap::new(),
            late: late::Road::new(&self.metrika_api_url, &self.clock).context("cannot make a client")?,
        };
        let mut switched = self.bridge.switches.watch();
        let mut told = false;
        while !*stop.borrow() {
            match self.round(&mut running) {
                Ok(()) => told = false,
                Err(failure) if !told => {
                    warn!(error = format!("{failure:#}"), "the bridge cannot work now; it goes on trying");
                    told = true;
                }
                Err(_) => {}
            }
            tokio::select! {
                () = tokio::time::sleep(if self.bridge.switches.load().is_empty() { IDLE_TICK } else { TICK }) => {}
                _ = switched.changed() => self.abort_switched_off(&mut running)?,
                Some(visit) = self.withdrawals.recv() => {
                    running.outbox.withdraw(visit)?;
                    while let Ok(visit) = self.withdrawals.try_recv() {
                        running.outbox.withdraw(visit)?;
                    }
                }
                Some(done) = running.in_flight.join_next() => self.settle(&mut running, done)?,
                Some(done) = running.late.in_flight.join_next() => late::settle(&mut running, done, self.now())?,
                _ = stop.changed() => {}
            }
        }
        // What is under way may arrive or not; the next start takes it for ambiguous.
        while let Some(done) = running.in_flight.join_next().await {
            self.settle(&mut running, done)?;
        }
        while let Some(done) = running.late.in_flight.join_next().await {
            late::settle(&mut running, done, self.now())?;
        }
        Ok(())
    }

    fn now(&self) -> i64 {
        self.clock.now().as_second()
    }

    fn round(&mut self, running: &mut Running) -> anyhow::Result<()> {
        let now = self.now();
        intake::take(&self.directory, &self.spool, &self.bridge, &mut running.outbox, now)?;
        let destinations = self.bridge.switches.load_full();
        running.outbox.sweep(&destinations, now)?;
        for destination in destinations.iter() {
            if destination.mode == Mode::Live
                && destination.test > running.outbox.tested(destination.site_id)?
            {
                running.outbox.take_test(destination, TEST_GOAL, self.clock.now())?;
            }
        }
        if !destinations.is_empty() {
            running.outbox.release(&destinations, now)?;
            self.send_due(running, now)?;
            late::send_due(running, &destinations, now)?;
        }
        self.reporter.tell(&mut running.outbox, &destinations, &running.standings, now)?;
        Ok(())
    }

    fn send_due(&self, running: &mut Running, now: i64) -> Result<(), OutboxError> {
        let destinations = self.bridge.switches.load_full();
        for site in running.outbox.sites_due(now)? {
            let Some(destination) = destinations.of(site) else { continue };
            let standing = running.standings.entry(site).or_default();
            let token = destination.token.as_ref().map(|token| token.expose().to_owned());
            if standing.epoch != destination.epoch || standing.token != token {
                standing.breaker = Breaker::default();
                (standing.epoch, standing.token) = (destination.epoch, token.clone());
            }
            let Some(token) = token else { continue };
            let instant = Instant::now();
            let pace = standing.pace.get_or_insert_with(|| Pace::new(instant));
            pace.tick(instant);
            while running.in_flight.len() < IN_FLIGHT_MAX
                && standing.breaker.admits(now)
                && pace.admits()
                && running.overall.check().is_ok()
            {
                let Some(leased) = running.outbox.lease(destination, now)? else { break };
                standing.breaker.went();
                let (sender, token) = (running.sender.clone(), token.clone());
                let id = leased.id;
                let handle = running.in_flight.spawn(async move {
                    let seen = sender.send(&leased.payload, &token).await;
                    (leased, seen)
                });
                running.under_way.insert(id, (site, handle));
            }
        }
        Ok(())
    }

    fn settle(
        &self,
        running: &mut Running,
        done: Result<(Leased, Seen), tokio::task::JoinError>,
    ) -> Result<(), OutboxError> {
        // Aborted by the switch: `abort_switched_off` has seen to its row.
        let Ok((leased, seen)) = done else { return Ok(()) };
        if running.under_way.remove(&leased.id).is_none() {
            return Ok(());
        }
        let now = self.now();
        let class = classify(&seen);
        let standing = running.standings.entry(leased.site).or_default();
        standing.breaker.saw(class, now);
        standing.last = Some(report::LastAnswer::of(&seen, class, now));
        let retry_at = now + backoff(leased.attempts);
        let outcome = match class {
            Class::Accepted => Outcome::Accepted { is_verified: true },
            Class::Unverified => Outcome::Accepted { is_verified: false },
            Class::Ambiguous => Outcome::Ambiguous { retry_at },
            Class::Safe | Class::Denied => Outcome::Failed { retry_at },
            Class::Busy(wait) | Class::Broken(wait) => {
                if let Some(pace) = &mut standing.pace {
                    pace.was_busy(Instant::now());
                }
                let wait = wait.map_or(0, |wait| i64::try_from(wait.as_secs()).unwrap_or(i64::MAX));
                let retry_at = retry_at.max(now.saturating_add(wait));
                match class {
                    Class::Broken(_) => Outcome::Ambiguous { retry_at },
                    _ => Outcome::Failed { retry_at },
                }
            }
            Class::Rejected(reason) => Outcome::Rejected { reason },
        };
        if standing.breaker.open != Open::Closed {
            info!(site = leased.site, answer = class.label(), "forwarding rests");
        }
        running.outbox.settle(leased.id, outcome)
    }

    /// The owner has switched: what is not yet written must not be.
    fn abort_switched_off(&self, running: &mut Running) -> Result<(), OutboxError> {
        let destinations = self.bridge.switches.load_full();
        let is_live = |site| destinations.of(site).is_some_and(|one| one.mode == Mode::Live);
        let off: Vec<i64> =
            running.under_way.iter().filter(|(_, (site, _))| !is_live(*site)).map(|(&id, _)| id).collect();
        for id in off {
            if let Some((_, handle)) = running.under_way.remove(&id) {
                handle.abort();
                running.outbox.settle(id, Outcome::Abandoned)?;
            }
        }
        late::abort_switched_off(running, &destinations, self.now())?;
        running.outbox.sweep(&destinations, self.now())
    }
}

/// Full jitter: nobody comes back at the same moment.
fn backoff(attempts: u32) -> i64 {
    let longest = 1_u64.checked_shl(attempts).unwrap_or(BACKOFF_SECONDS_MAX).min(BACKOFF_SECONDS_MAX);
    1 + cid::random_below(longest).cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_their_longest_and_differ() {
        for attempts in [0, 3, 40, u32::MAX] {
            let longest = 2_i64.pow(attempts.min(9)).min(300);
            assert!((0..200).all(|_| (1..=longest).contains(&backoff(attempts))), "{attempts}");
        }
        let waits: std::collections::HashSet<i64> = (0..200).map(|_| backoff(20)).collect();
        assert!(waits.len() > 50);
    }
}
