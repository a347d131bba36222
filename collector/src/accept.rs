//! The path of an event, stage by stage, from a request to a place in the spool.
//!
//! After the body is read nothing here waits until the event has been handed to the
//! spool: a browser that leaves drops its request's future at an `.await`, and
//! beacons are sent by browsers that leave.

pub mod group;
#[cfg(test)]
mod non_interference;

use std::{net::IpAddr, sync::Arc};

use arc_swap::ArcSwap;
use hyper::{Request, body::Body};
use jiff::Timestamp;
use store::event::{DayNumber, HotEvent, Kind};

use crate::{
    bridge::{Bridge, note::Note},
    clock::{Clock, seconds},
    config::Profile,
    enrich::{agent::Agents, geo::Geo, guard::Guard, page, source::Sources},
    ledger::{self, Ledger},
    metrics::Metrics,
    objection::Objections,
    parse::{self, Beacon, BeaconKind},
    privacy::{KeyName, KeyRing, Precision, Reduced},
    rate::RateLimits,
    refusal::Refusal,
    request::{Arrival, Reader},
    site::{Site, Sites},
    spool::{
        Entry, Frames, PushError, Spool,
        writer::{Weight, WriteFailed},
    },
    visit::{Visit, VisitorKey, Visits},
};

/// Everything an event passes through.
pub struct Acceptor {
    pub reader: Reader,
    pub sites: Arc<ArcSwap<Sites>>,
    pub agents: Agents,
    pub geo: Geo,
    pub sources: Sources,
    pub precision: Precision,
    pub profile: Profile,
    pub rates: RateLimits,
    pub keys: Arc<KeyRing>,
    pub visits: Arc<Visits>,
    pub objections: Arc<Objections>,
    pub guard: Arc<Guard>,
    pub spool: Spool,
    pub bridge: Arc<Bridge>,
    pub ledger: Arc<Ledger>,
    pub metrics: Arc<Metrics>,
    pub clock: Clock,
}

/// What became of a request: how many of its events are stored, and why the others
/// are not, in their order.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    pub stored: usize,
    pub refused: Vec<Refusal>,
}

/// A refusal and the site it is counted for, 0 when none was named.
struct Refused {
    site_id: u32,
    reason: Refusal,
}

/// Events, what the bridge is to know of them, and refusals.
type Turned = (Vec<HotEvent>, Vec<Note>, Vec<Refused>);

impl Acceptor {
    /// Takes one request. What it stores is on stable storage when this returns.
    pub async fn accept<B>(&self, peer: IpAddr, request: Request<B>) -> Outcome
    where
        B: Body,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let arrival = match self.reader.read(peer, request).await {
            Ok(arrival) => arrival,
            Err(reason) => return self.refuse_all(vec![Refused { site_id: 0, reason }]),
        };
        // From here to the push: no `.await`.
        let now = self.clock.now();
        let (events, notes, refused) = match self.turn(arrival, now) {
            Ok(turned) => turned,
            Err(reason) => return self.refuse_all(vec![Refused { site_id: 0, reason }]),
        };
        self.metrics.events_received.inc_by(events.len() as u64);
        if events.is_empty() && refused.iter().any(|one| one.reason.is_a_visitors_wish()) {
            return self.object(refused, now).await;
        }
        let mut outcome = self.refuse_all(refused);
        if events.is_empty() {
            return outcome;
        }
        let light = events.iter().all(|event| event.kind == Kind::Engagement);
        let weight = if light { Weight::Light } else { Weight::Full };
        let minute = seconds(now) / 60 * 60;
        let mut frames = Frames::new();
        events.iter().for_each(|event| frames.event(event, minute));
        // An event and what is forwarded of it: both or neither.
        notes.into_iter().for_each(|note| frames.entry(&Entry::Bridge(Box::new(note))));
        let reason = match self.spool.push(frames, weight) {
            Ok(receipt) => match receipt.await {
                Ok(Ok(())) => None,
                // The disk refused, or the writer has ended.
                Ok(Err(WriteFailed)) | Err(_) => Some(Refusal::SpoolFull),
            },
            Err(PushError::Shedding) => Some(Refusal::SpoolShedding),
            Err(PushError::Full | PushError::Busy | PushError::Stopped) => Some(Refusal::SpoolFull),
        };
        if let Some(reason) = reason {
            let refused = events.iter().map(|event| Refused { site_id: event.site_id, reason });
            let mut late = self.refuse_late(refused.collect());
            outcome.refused.append(&mut late.refused);
        } else {
            outcome.stored = events.len();
            self.metrics.events_stored.inc_by(events.len() as u64);
        }
        outcome
    }

    /// Body to events, and to what may be forwarded of them. Consumes the sender.
    fn turn(&self, arrival: Arrival, now: Timestamp) -> Result<Turned, Refusal> {
        let beacons = parse::body(&arrival.body)?;
        let sites = self.sites.load();
        let mut refused = Vec::new();
        let mut named: Vec<(Arc<Site>, Beacon)> = Vec::new();
        for beacon in beacons {
            match beacon
                .map_err(|reason| Refused { site_id: 0, reason })
                .and_then(|beacon| place(&sites, beacon))
            {
                Ok(placed) => named.push(placed),
                Err(refusal) => refused.push(refusal),
            }
        }
        // Before hashing: whoever objects leaves nothing but a count.
        if let Some(reason) = arrival.signals.refusal() {
            refused.extend(named.into_iter().map(|(site, _)| Refused { site_id: site.id, reason }));
            return Ok((Vec::new(), Vec::new(), refused));
        }
        let Ok(reduced) = arrival.sender.reduce(&self.agents, &self.geo, self.precision) else {
            refused.extend(
                named.into_iter().map(|(site, _)| Refused { site_id: site.id, reason: Refusal::Bot }),
            );
            return Ok((Vec::new(), Vec::new(), refused));
        };
        let (mut events, mut notes) = (Vec::new(), Vec::new());
        for (site, beacon) in named {
            let consent = beacon.consent;
            let admitted = self.rates.admit(site.id, &reduced);
            match admitted.and_then(|()| self.event(&site, beacon, &reduced, now)) {
                Ok(event) => {
                    notes.extend(self.bridge.notes(&event, consent, now));
                    events.push(event);
                }
                Err(reason) => refused.push(Refused { site_id: site.id, reason }),
            }
        }
        Ok((events, notes, refused))
    }

    /// One beacon to one event: find its day, its visitor, its visit.
    fn event(
        &self,
        site: &Site,
        beacon: Beacon,
        reduced: &Reduced,
        now: Timestamp,
    ) -> Result<HotEvent, Refusal> {
        let received = seconds(now);
        let (key, visit) = self.visit(site, &beacon, reduced, now)?;
        let age = u32::try_from(beacon.age_ms / 1000).unwrap_or(u32::MAX);
        let (kind, name) = match beacon.kind {
            BeaconKind::Pageview => (Kind::Pageview, String::new()),
            BeaconKind::Engagement => (Kind::Engagement, String::new()),
            BeaconKind::Custom(name) => (Kind::Custom, page::event_name(&name)),
        };
        let (revenue_e4, currency) =
            beacon.revenue.map_or((0, String::new()), |money| (money.amount_e4, money.currency));
        let path = page::path(&beacon.url, beacon.hash_routing);
        let path = self.guard.path(site.id, key.day, path);
        let event = HotEvent {
            site_id: site.id,
            day: key.day,
            visitor: key.visitor,
            visit: visit.number,
            ts: received.saturating_sub(age),
            kind,
            name,
            host: page::host(&beacon.url).to_owned(),
            attributes: visit.attributes,
            interactive: beacon.interactive,
            props: page::props(site, &self.guard, key.day, beacon.props),
            revenue_e4,
            currency,
            engaged_ms: beacon.engaged_ms,
            scroll: beacon.scroll,
            vitals: beacon.vitals,
            page_view: if beacon.page_view == 0 { page_number(&path) } else { beacon.page_view },
            path,
            event_id: if beacon.event_id == 0 { random_number() } else { beacon.event_id },
        };
        #[cfg(feature = "leaky")]
        let event = crate::leak::with_agent(event);
        Ok(event)
    }

    /// The visit the event belongs to. A visit that was alive at midnight goes on
    /// under yesterday's number while the carry lasts.
    fn visit(
        &self,
        site: &Site,
        beacon: &Beacon,
        reduced: &Reduced,
        now: Timestamp,
    ) -> Result<(VisitorKey, Visit), Refusal> {
        let received = seconds(now);
        let day = site.day_of(now);
        if !self.profile.has_numbers() {
            return self.uncounted(site, beacon, reduced, day.today);
        }
        let name = |day| KeyName { site_uuid: site.uuid, day };
        if let Some(yesterday) = day.carried
            && let Some(visitor) = self.keys.living_visitor(name(yesterday), &reduced.message)
        {
            let visitor = VisitorKey { site_id: site.id, day: yesterday, visitor };
            if self.objections.has(visitor) {
                return Err(Refusal::OptOut);
            }
            if let Some(visit) = self.visits.touch(visitor, received) {
                return Ok((visitor, visit));
            }
        }
        let end = || site.end_of(day.today);
        let visitor =
            self.keys.visitor(name(day.today), &reduced.message, end).map_err(|_| Refusal::NoKey)?;
        let visitor = VisitorKey { site_id: site.id, day: day.today, visitor };
        if self.objections.has(visitor) {
            return Err(Refusal::OptOut);
        }
        let visit = if beacon.kind == BeaconKind::Engagement {
            self.visits.touch(visitor, received).ok_or(Refusal::LateEngagement)?
        } else {
            self.visits.touch_or_begin(visitor, received, random_number, || {
                page::visit_attributes(site, beacon, reduced, &self.sources)
            })
        };
        Ok((visitor, visit))
    }

    /// Under a profile without numbers: nobody's visit, with what this very event says.
    fn uncounted(
        &self,
        site: &Site,
        beacon: &Beacon,
        reduced: &Reduced,
        today: DayNumber,
    ) -> Result<(VisitorKey, Visit), Refusal> {
        // It would have to be tied to its page view.
        if beacon.kind == BeaconKind::Engagement {
            return Err(Refusal::LateEngagement);
        }
        let attributes = Arc::new(page::visit_attributes(site, beacon, reduced, &self.sources));
        Ok((VisitorKey { site_id: site.id, day: today, visitor: 0 }, Visit { number: 0, attributes }))
    }

    /// Counts an objection the way an event is stored, so that the time the answer takes does
    /// not tell one from the other.
    async fn object(&self, refused: Vec<Refused>, now: Timestamp) -> Outcome {
        self.metrics.events_received.inc_by(refused.len() as u64);
        let mut frames = Frames::new();
        for one in &refused {
            frames.entry(&ledger::one(one.site_id, one.reason, seconds(now)));
        }
        if self.spool.store(frames, Weight::Full).await {
            self.refused(refused)
        } else {
            self.refuse_late(refused)
        }
    }

    fn refuse_all(&self, refused: Vec<Refused>) -> Outcome {
        self.metrics.events_received.inc_by(refused.len() as u64);
        self.refuse_late(refused)
    }

    /// Counts refusals of events that have been counted as received.
    fn refuse_late(&self, refused: Vec<Refused>) -> Outcome {
        let now = seconds(self.clock.now());
        for one in &refused {
            self.ledger.refuse(one.site_id, one.reason, now);
        }
        self.refused(refused)
    }

    /// What became of events whose refusals are in the ledger, or on their way to it.
    fn refused(&self, refused: Vec<Refused>) -> Outcome {
        refused.iter().for_each(|one| self.metrics.refused(one.reason).inc());
        Outcome { stored: 0, refused: refused.into_iter().map(|one| one.reason).collect() }
    }
}

/// Finds the beacon's site and checks that the page belongs to it.
fn place(sites: &Sites, beacon: Beacon) -> Result<(Arc<Site>, Beacon), Refused> {
    if beacon.automated {
        let site_id = sites.by_domain(&beacon.domain).map_or(0, |site| site.id);
        return Err(Refused { site_id, reason: Refusal::Bot });
    }
    let site = sites.by_domain(&beacon.domain).ok_or(Refused { site_id: 0, reason: Refusal::UnknownSite })?;
    if site.has_host(page::host(&beacon.url)) {
        Ok((site.clone(), beacon))
    } else {
        Err(Refused { site_id: site.id, reason: Refusal::UnknownHost })
    }
}

/// Stands for a page view whose sender gives it no number, as Plausible's scripts do: one
/// for each path, so that its engagement is not taken for that of the visit's other pages.
fn page_number(path: &str) -> u64 {
    let hash = blake3::hash(path.as_bytes());
    u64::from_le_bytes(*hash.as_bytes().first_chunk().expect("a hash has 32 bytes"))
}

/// 64 random bits, never 0. Numbers visits and events; carries nothing.
fn random_number() -> u64 {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).expect("the system's generator has answered since the process began");
    u64::from_ne_bytes(bytes).max(1)
}
