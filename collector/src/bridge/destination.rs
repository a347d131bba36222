//! The owner's settings for forwarding, opened: which sites forward where, by which rules.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use arc_swap::{ArcSwap, Guard};
use store::snapshot::{
    Snapshot,
    metrika::{self, ConsentRule, GoalRule, Mode, ValueRule},
    sealed::{self, Opened},
};
use tokio::sync::watch;
use tracing::error;

use super::payload::labels::Lists;

/// One site's counter, with its token opened. No `Debug`: it holds secrets.
#[derive(Clone)]
pub struct Destination {
    pub site_id: u32,
    pub counter: u32,
    pub title: String,
    /// None: not given, or sealed under another secret.
    pub token: Option<Opened>,
    pub mode: Mode,
    pub epoch: u64,
    pub consent: ConsentRule,
    pub delay_seconds: [u32; 2],
    pub release_at: u32,
    pub round_seconds: u32,
    pub visit_threshold_seconds: u32,
    pub test: u64,
    pub late: Late,
    pub paths: Vec<String>,
    pub lists: Lists,
    hosts: HashSet<String>,
    rules: HashMap<String, GoalRule>,
}

/// The second road, for goals that are too old for the first.
#[derive(Clone)]
pub enum Late {
    Off,
    /// The owner has opened it, and its token cannot be: it was sealed under another secret.
    NoToken,
    /// With the OAuth token that may upload.
    On(Opened),
}

impl Late {
    pub fn is_on(&self) -> bool {
        matches!(self, Late::On(_))
    }
}

/// All destinations that are not off, by site.
#[derive(Default)]
pub struct Destinations {
    by_site: HashMap<u32, Destination>,
}

impl Destinations {
    pub fn read(snapshot: &Snapshot, secret: &str) -> Destinations {
        let on = snapshot.metrika.iter().filter(|destination| destination.mode != Mode::Off);
        let hosts = |site_id| {
            let site = snapshot.sites.iter().find(|site| site.id == site_id);
            site.map(|site| site.hosts.iter().filter(|host| *host != "*").cloned().collect())
                .unwrap_or_default()
        };
        let open = |one: &metrika::Destination| Destination::open(one, hosts(one.site_id), secret);
        Destinations { by_site: on.map(|one| (one.site_id, open(one))).collect() }
    }

    pub fn of(&self, site_id: u32) -> Option<&Destination> {
        self.by_site.get(&site_id)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Destination> {
        self.by_site.values()
    }

    pub fn is_empty(&self) -> bool {
        self.by_site.is_empty()
    }
}

impl Destination {
    fn open(from: &metrika::Destination, hosts: HashSet<String>, secret: &str) -> Destination {
        let opened = |sealed: &Option<String>, place: String| {
            let sealed = sealed.as_deref()?;
            sealed::open(secret, &place, sealed)
                .inspect_err(|_| {
                    error!(site = from.site_id, "the Metrika token cannot be opened: enter it again")
                })
                .ok()
        };
        Destination {
            site_id: from.site_id,
            counter: from.counter,
            title: from.title.clone(),
            token: opened(&from.token, metrika::Destination::place(from.site_id, from.counter)),
            mode: from.mode,
            epoch: from.epoch,
            consent: from.consent,
            delay_seconds: from.delay_seconds,
            release_at: from.release_at.max(1),
            round_seconds: from.round_seconds.max(1),
            visit_threshold_seconds: from.visit_threshold_seconds,
            test: from.test,
            late: match opened(&from.late, metrika::Destination::late_place(from.site_id, from.counter)) {
                _ if from.late.is_none() => Late::Off,
                None => Late::NoToken,
                Some(token) => Late::On(token),
            },
            paths: from.paths.clone(),
            lists: Lists { campaign: from.campaign.clone(), params: from.params.clone() },
            hosts,
            rules: from.goals.iter().map(|rule| (rule.event.clone(), rule.clone())).collect(),
        }
    }

    /// The host to name for a page of `host`: the owner's own words, or the site itself. A
    /// subdomain that nobody has written down may be a visitor's name.
    pub fn host<'a>(&'a self, host: &'a str) -> &'a str {
        let is_own = host.strip_prefix("www.").unwrap_or(host) == self.title;
        if is_own || self.hosts.contains(host) { host } else { &self.title }
    }

    /// Whether any goal goes with a sum.
    pub fn tells_value(&self) -> bool {
        self.rules.values().any(|rule| rule.value != ValueRule::None)
    }

    /// What becomes of this event, if anything.
    pub fn rule(&self, event: &str) -> Option<&GoalRule> {
        self.rules.get(event)
    }
}

/// The destinations in force, and word of every change.
#[derive(Clone)]
pub struct Switches {
    current: Arc<ArcSwap<Destinations>>,
    changed: Arc<watch::Sender<u64>>,
}

impl Switches {
    pub fn new(destinations: Destinations) -> Switches {
        Switches {
            current: Arc::new(ArcSwap::from_pointee(destinations)),
            changed: Arc::new(watch::Sender::new(0)),
        }
    }

    pub fn load(&self) -> Guard<Arc<Destinations>> {
        self.current.load()
    }

    pub fn load_full(&self) -> Arc<Destinations> {
        self.current.load_full()
    }

    pub fn set(&self, destinations: Destinations) {
        self.current.store(Arc::new(destinations));
        self.changed.send_modify(|version| *version += 1);
    }

    pub fn watch(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }
}
