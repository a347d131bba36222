//! What every request handler works with.

use std::sync::Arc;

use anyhow::Context;
use store::Store;
use tokio::sync::{Semaphore, watch};
use url::Url;

use crate::{
    clock::Clock,
    config::{Config, PublicUrl},
    control::{Control, password::Passwords},
    exports::Exports,
    metrika::{Reports, api::MetrikaApi},
    secret::Secret,
    site_check::Fetcher,
    stats::{sealed::Sealed, threshold::Few},
    web::{Page, rate::Rates, throttle::Throttle},
};

/// Reports worked on at once. Each runs a handful of statements, and ClickHouse
/// has two cores on the machine we aim at; more wait in line.
const REPORTS_AT_ONCE: usize = 4;

/// Collectors waiting for a change at once; a machine has one, a cluster a few.
const WAITING_COLLECTORS_MAX: usize = 64;

/// Checks of sites at once: each waits for strangers, up to half a minute.
const SITE_CHECKS_AT_ONCE: usize = 4;

/// What reaches out, when the owner says so.
pub(crate) struct Clients {
    pub(crate) metrika_api: MetrikaApi,
    pub(crate) fetcher: Fetcher,
}

impl Clients {
    pub(crate) fn new(config: &Config) -> anyhow::Result<Clients> {
        // With a slash at its end, so that what is joined comes below it.
        let collector = Url::parse(&format!("{}/", config.collector_url)).context("reading collector_url")?;
        Ok(Clients {
            metrika_api: MetrikaApi::new(&config.metrika_api_url).context("making a client for Metrika")?,
            fetcher: Fetcher::new(collector).context("making a client for the check of a site")?,
        })
    }
}

/// The dashboard's parts. Cheap to clone.
#[derive(Clone)]
pub struct Dashboard(Arc<Parts>);

/// What a [`Dashboard`] shares; only this crate sees inside.
pub struct Parts {
    pub(crate) control: Control,
    pub(crate) store: Store,
    /// Sheets of closed days.
    pub(crate) sealed: Sealed,
    pub(crate) exports: Exports,
    pub(crate) clock: Clock,
    pub(crate) passwords: Passwords,
    pub(crate) throttle: Throttle,
    pub(crate) rates: Rates,
    pub(crate) secret: Secret,
    pub(crate) reports_of_collectors: Reports,
    pub(crate) clients: Clients,
    pub(crate) reports: Semaphore,
    pub(crate) site_checks: Semaphore,
    pub(crate) waiting_collectors: Semaphore,
    pub(crate) collector_url: String,
    pub(crate) public_url: Option<PublicUrl>,
    /// The UI's page.
    pub(crate) page: Page,
    pub(crate) over_tls: bool,
    /// How few people a group is hidden for where questions are crossed.
    pub(crate) few: Few,
    /// True once the server is stopping; ends long polls.
    pub(crate) stopping: watch::Receiver<bool>,
}

impl Dashboard {
    pub(crate) fn new(
        config: &Config,
        control: Control,
        exports: Exports,
        secret: Secret,
        clock: Clock,
        clients: Clients,
        stopping: watch::Receiver<bool>,
    ) -> Dashboard {
        Dashboard(Arc::new(Parts {
            control,
            store: Store::new(&config.clickhouse),
            throttle: Throttle::new(clock.clone()),
            rates: Rates::new(clock.clone()),
            clock,
            sealed: Sealed::default(),
            exports,
            passwords: Passwords::new(),
            secret,
            reports_of_collectors: Reports::default(),
            clients,
            reports: Semaphore::new(REPORTS_AT_ONCE),
            site_checks: Semaphore::new(SITE_CHECKS_AT_ONCE),
            waiting_collectors: Semaphore::new(WAITING_COLLECTORS_MAX),
            collector_url: config.collector_url.clone(),
            page: Page::under(config.public_url.as_ref().map_or("", |url| &url.path)),
            public_url: config.public_url.clone(),
            over_tls: config.is_public_over_tls(),
            few: config.few,
            stopping,
        }))
    }

    /// The accounts, sites and audit log.
    pub fn control(&self) -> &Control {
        &self.0.control
    }
}

impl Parts {
    /// The path that a proxy serves the dashboard under; empty at the root.
    pub(crate) fn base_path(&self) -> &str {
        self.public_url.as_ref().map_or("", |url| &url.path)
    }
}

impl std::ops::Deref for Dashboard {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
