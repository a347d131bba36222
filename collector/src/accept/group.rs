//! Whose group a request belongs to: the same steps as an event's, without an event. For
//! `/privacy/me`; stores nothing and begins no visit.

use std::net::IpAddr;

use hyper::HeaderMap;
use jiff::Timestamp;

use super::Acceptor;
use crate::{
    privacy::{KeyName, Reduced},
    site::Site,
    visit::VisitorKey,
};

/// What a group is on a site now.
pub struct Whose {
    /// Today's, and yesterday's while its carry lasts. Only of days whose key is alive.
    pub groups: Vec<VisitorKey>,
    pub browser: &'static str,
    pub os: &'static str,
    /// As the table's `device`: 0 unknown, 1 desktop, 2 mobile, 3 tablet, 4 tv.
    pub device: u8,
    pub country: [u8; 2],
}

/// Who asks is not counted anyway: a program, or a server with a wrong token.
pub struct NotCounted;

impl Acceptor {
    /// The group as far as keys are alive: without one nobody has been counted.
    pub fn whose(
        &self,
        peer: IpAddr,
        headers: &HeaderMap,
        site: &Site,
        now: Timestamp,
    ) -> Result<Whose, NotCounted> {
        let reduced = self.reduced(peer, headers)?;
        let day = site.day_of(now);
        let groups = [Some(day.today), day.carried]
            .into_iter()
            .flatten()
            .filter_map(|day| {
                let name = KeyName { site_uuid: site.uuid, day };
                let visitor = self.keys.living_visitor(name, &reduced.message)?;
                Some(VisitorKey { site_id: site.id, day, visitor })
            })
            .collect();
        Ok(Whose {
            groups,
            browser: reduced.agent.browser.name(),
            os: reduced.agent.os.name(),
            device: reduced.agent.device as u8,
            country: reduced.country,
        })
    }

    /// Makes today's key if need be, so that a wish can be kept before the first visit.
    pub fn ensure_key(&self, peer: IpAddr, headers: &HeaderMap, site: &Site, now: Timestamp) -> bool {
        let Ok(reduced) = self.reduced(peer, headers) else { return true };
        let today = site.day_of(now).today;
        let name = KeyName { site_uuid: site.uuid, day: today };
        self.keys.visitor(name, &reduced.message, || site.end_of(today)).is_ok()
    }

    fn reduced(&self, peer: IpAddr, headers: &HeaderMap) -> Result<Reduced, NotCounted> {
        let sender = self.reader.sender(peer, headers).map_err(|_| NotCounted)?;
        sender.reduce(&self.agents, &self.geo, self.precision).map_err(|_| NotCounted)
    }
}
