//! The forwarder's second road: files of late goals and questions about them, one at a time
//! over all sites.

use std::sync::Arc;

use tokio::task::{AbortHandle, JoinError, JoinSet};
use tracing::info;
use url::Url;

use super::{Running, report::LastAnswer};
use crate::{
    bridge::{
        answer::{Class, Seen},
        breaker::{Breaker, Open},
        destination::{Destination, Destinations, Late},
        outbox::{
            OutboxError,
            late::{Delivery, Finding},
        },
        payload::late,
        uploader::{self, Uploader},
    },
    clock::Clock,
};
use store::snapshot::{metrika::Mode, sealed::Opened};

/// How a destination's second road is doing.
#[derive(Default)]
pub(super) struct Standing {
    pub(super) breaker: Breaker,
    pub(super) last: Option<LastAnswer>,
    /// The token it was refused with: another one closes a denied breaker.
    token: Option<String>,
}

/// What is under way.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Errand {
    File(i64),
    Question(i64),
}

pub(super) type Done = (u32, Errand, Seen);

pub(super) struct Road {
    uploader: Arc<Uploader>,
    pub(super) in_flight: JoinSet<Done>,
    /// Its site, what it is, and the means to stop it.
    under_way: Option<(u32, Errand, AbortHandle)>,
}

impl Road {
    pub(super) fn new(base: &Url, clock: &Clock) -> Result<Road, reqwest::Error> {
        let uploader = Arc::new(Uploader::new(base, clock.clone())?);
        Ok(Road { uploader, in_flight: JoinSet::new(), under_way: None })
    }
}

/// Begins one errand, if one is due and none is under way.
pub(super) fn send_due(
    running: &mut Running,
    destinations: &Destinations,
    now: i64,
) -> Result<(), OutboxError> {
    for destination in destinations.iter().filter(|one| one.mode == Mode::Live) {
        if running.late.under_way.is_some() {
            return Ok(());
        }
        let Late::On(token) = &destination.late else { continue };
        let standing = &mut running.standings.entry(destination.site_id).or_default().late;
        if standing.token.as_deref() != Some(token.expose()) {
            standing.breaker = Breaker::default();
            standing.token = Some(token.expose().to_owned());
        }
        if standing.breaker.admits(now) {
            begin(running, destination, token, now)?;
        }
    }
    Ok(())
}

fn begin(
    running: &mut Running,
    destination: &Destination,
    token: &Opened,
    now: i64,
) -> Result<(), OutboxError> {
    let (site, counter, token) = (destination.site_id, destination.counter, token.clone());
    let uploader = running.late.uploader.clone();
    let (errand, handle) = if let Some((id, number)) = running.outbox.file_to_ask(site, now)? {
        let errand = Errand::Question(id);
        let asked = async move { (site, errand, uploader.ask(counter, &token, number).await) };
        (errand, running.late.in_flight.spawn(asked))
    } else if let Some(leased) = running.outbox.lease_file(destination, now)? {
        let (errand, text) = (Errand::File(leased.id), late::file(&leased.goals));
        let sent = async move { (site, errand, uploader.upload(counter, &token, &text).await) };
        (errand, running.late.in_flight.spawn(sent))
    } else {
        return Ok(());
    };
    if let Some(standing) = running.standings.get_mut(&site) {
        standing.late.breaker.went();
    }
    running.late.under_way = Some((site, errand, handle));
    Ok(())
}

/// Notes how an errand has ended.
pub(super) fn settle(
    running: &mut Running,
    done: Result<Done, JoinError>,
    now: i64,
) -> Result<(), OutboxError> {
    // Aborted by the switch: `abort_switched_off` has seen to its rows.
    let Ok((site, errand, seen)) = done else { return Ok(()) };
    if running.late.under_way.take_if(|(_, under_way, _)| *under_way == errand).is_none() {
        return Ok(());
    }
    let class = match errand {
        Errand::File(id) => {
            let (class, delivery) = uploader::of_file(&seen);
            running.outbox.settle_file(id, delivery, now)?;
            class
        }
        Errand::Question(id) => {
            let (class, finding) = uploader::of_question(&seen);
            running.outbox.settle_finding(id, finding)?;
            class
        }
    };
    note(&mut running.standings.entry(site).or_default().late, &seen, class, now);
    if running.standings.get(&site).is_some_and(|one| one.late.breaker.open != Open::Closed) {
        info!(site, answer = class.label(), "files of late goals rest");
    }
    Ok(())
}

fn note(standing: &mut Standing, seen: &Seen, class: Class, now: i64) {
    standing.breaker.saw(class, now);
    standing.last = Some(LastAnswer::of(seen, class, now));
}

/// The owner has switched: what is under way for a road that is closed now is stopped.
pub(super) fn abort_switched_off(
    running: &mut Running,
    destinations: &Destinations,
    now: i64,
) -> Result<(), OutboxError> {
    let is_open = |site| destinations.of(site).is_some_and(|one| one.mode == Mode::Live && one.late.is_on());
    let Some((site, errand, handle)) = running.late.under_way.take_if(|(site, ..)| !is_open(*site)) else {
        return Ok(());
    };
    handle.abort();
    running.standings.entry(site).or_default().late = Standing::default();
    match errand {
        Errand::File(id) => running.outbox.settle_file(id, Delivery::Abandoned, now),
        Errand::Question(id) => running.outbox.settle_finding(id, Finding::Working),
    }
}
