//! `mostik privacy verify`: sends visits that are marked in every place a visit can carry
//! something, then looks for the marks in every place where something could have stayed.
//!
//! A search that finds nothing proves nothing unless it can find: a harmless word travels
//! in the path, which is kept, and has to turn up in the tables, in their decompressed
//! parts and in the spool. The marked visits come from addresses set aside for
//! documentation (RFC 5737, RFC 3849), so they are a group of their own, which is deleted
//! on `/privacy/me` in the end.
//!
//! Reads the data folder, sends to this instance only, and changes nothing but by visiting.

mod canary;
mod keys;
mod needles;
mod parts;
mod scan;
mod send;

use std::{
    fmt::Write as _,
    fs,
    io::{self, Write},
    path::PathBuf,
    time::Duration,
};

use clap::Args;
use store::{Store, snapshot::Snapshot};
use tokio::{runtime::Builder, time::Instant};

use self::{canary::Canary, needles::Needles, scan::Surface};
use crate::{
    config::{Settings, Sources},
    failure::Failure,
    up::ReadyLine,
};

/// How long a visit may take to reach ClickHouse.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long a deletion may take to leave tables and spool.
const DELETED_MAX: Duration = Duration::from_secs(30);

/// What is promised for the disk's bytes.
const GONE_MAX: Duration = Duration::from_secs(15 * 60);

/// How often a condition that is waited for is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// How often everything is searched again.
const SEARCH_EVERY: Duration = Duration::from_secs(2);

/// Marks are made anew when one of them is in the data already, at most so often.
const TRIES: u32 = 8;

#[derive(Debug, Args)]
pub struct VerifyOptions {
    /// Searches this file or folder too: logs that go elsewhere, backups; may be repeated.
    #[arg(long, value_name = "PATH")]
    pub also: Vec<PathBuf>,
    /// The site that is visited [default: the first].
    #[arg(long, value_name = "DOMAIN")]
    pub site: Option<String>,
    /// Waits until no file holds the deleted visits any more: up to 15 minutes.
    #[arg(long)]
    pub until_gone: bool,
}

/// What one search is made with.
struct Verify<'a> {
    settings: &'a Settings,
    options: &'a VerifyOptions,
    store: Store,
    ready: ReadyLine,
    site: store::snapshot::Site,
}

pub fn run(sources: &Sources, options: &VerifyOptions) -> Result<(), Failure> {
    let settings = Settings::load(sources)?;
    let path = settings.data.ready_file();
    let ready = fs::read_to_string(&path).ok().and_then(|text| serde_json::from_str(&text).ok());
    let ready: ReadyLine = ready.ok_or_else(|| {
        Failure::unavailable("no running instance on this data folder: start mostik up, then verify it")
    })?;
    let site = site(&settings, options.site.as_deref())?;
    let store = Store::new(&settings.collector.around.clickhouse);
    let verify = Verify { settings: &settings, options, store, ready, site };
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::unavailable(format!("a runtime could not be started: {error}")))?;
    let report = runtime.block_on(verify.run()).map_err(|error| Failure::of_part(&error))?;
    write!(io::stdout(), "{}", report.text)
        .map_err(|error| Failure::unavailable(format!("stdout: {error}")))?;
    if report.red.is_empty() { Ok(()) } else { Err(Failure::Leak(report.red)) }
}

fn site(settings: &Settings, domain: Option<&str>) -> Result<store::snapshot::Site, Failure> {
    let path = &settings.collector.around.snapshot;
    let text =
        fs::read(path).map_err(|error| Failure::unavailable(format!("{}: {error}", path.display())))?;
    let snapshot: Snapshot = serde_json::from_slice(&text)
        .map_err(|error| Failure::unavailable(format!("{}: {error}", path.display())))?;
    snapshot
        .sites
        .into_iter()
        .find(|site| domain.is_none_or(|domain| site.domain == domain))
        .ok_or_else(|| Failure::unavailable("there is no such site to visit: add one in the dashboard"))
}

/// What is printed, and what is wrong.
#[derive(Default)]
struct Report {
    text: String,
    red: Vec<String>,
}

impl Report {
    fn line(&mut self, line: &str) {
        writeln!(self.text, "{line}").expect("a String takes every write");
    }

    /// A check and its outcome; `wrong` is said again at the end.
    fn check(&mut self, what: &str, wrong: Option<String>) {
        match wrong {
            None => self.line(&format!("  ok    {what}")),
            Some(wrong) => {
                self.line(&format!("  RED   {what}: {wrong}"));
                self.red.push(format!("{what}: {wrong}"));
            }
        }
    }
}

impl Verify<'_> {
    async fn run(&self) -> anyhow::Result<Report> {
        let mut report = Report::default();
        report.check("recipe: ids of two days have nothing in common", keys::two_day_game());
        let (canary, needles) = self.fresh_canary().await?;
        let entries = send::all(self, &canary).await?;
        report.line(&format!(
            "sent    {entries} marked requests to {}; {} marks in {} encodings",
            self.ready.public,
            canary.marks().len(),
            needles.len()
        ));
        let visitor = self.until_stored(&canary).await?;
        let surfaces = scan::all(self, &needles).await?;
        for surface in &surfaces {
            report.check(&surface.to_string(), surface.leak());
        }
        for (kind, what) in [("table", "tables"), ("parts", "decompressed parts"), ("spool", "spool")] {
            let found = surfaces.iter().any(|surface| surface.kind == kind && surface.control);
            let blind =
                (!found).then(|| "the word that is kept was not found: this search is blind".to_owned());
            report.check(&format!("control in {what}"), blind);
        }
        let (searched, key) = keys::on_disk(self, &canary, visitor)?;
        report.check(&format!("the day's key: {searched} places of 32 bytes tried"), key);
        self.delete(&canary, &needles, &mut report).await?;
        report
            .line("not searched: what leaves this machine (the tests capture it), memory, other hosts' logs");
        let verdict = if report.red.is_empty() { "GREEN: nothing found" } else { "RED" };
        report.line(verdict);
        Ok(report)
    }

    /// Marks of which nothing is in the data yet.
    async fn fresh_canary(&self) -> anyhow::Result<(Canary, Needles)> {
        for _ in 0..TRIES {
            let canary = Canary::new(&self.site.domain)?;
            let needles = Needles::new(&canary)?;
            let before = scan::all(self, &needles).await?;
            if before.iter().all(|surface| surface.hits.is_empty() && !surface.control) {
                return Ok((canary, needles));
            }
        }
        anyhow::bail!("the data hold every mark that was tried before anything was sent")
    }

    /// Waits for the marked visit; its number.
    async fn until_stored(&self, canary: &Canary) -> anyhow::Result<u64> {
        let end = Instant::now() + PATIENCE;
        let sql = format!("SELECT max(visitor) FROM {}.events_hot WHERE path LIKE ?", self.store.database());
        loop {
            let visitor: u64 =
                self.store.reader().query(&sql).bind(format!("/{}%", canary.control)).fetch_one().await?;
            if visitor != 0 {
                return Ok(visitor);
            }
            anyhow::ensure!(Instant::now() < end, "the marked visits did not reach ClickHouse");
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Deletes the marked visits as a visitor would and looks for them again.
    async fn delete(&self, canary: &Canary, needles: &Needles, report: &mut Report) -> anyhow::Result<()> {
        let began = Instant::now();
        send::delete(self, canary).await?;
        let at_once = self.until_clean(needles, began + DELETED_MAX, &["table", "spool"]).await?;
        let seconds = began.elapsed().as_secs();
        report.check(&format!("deleted: out of tables and spool after {seconds} s"), at_once);
        if self.options.until_gone {
            let gone =
                self.until_clean(needles, began + GONE_MAX, &["table", "spool", "parts", "file"]).await?;
            let seconds = began.elapsed().as_secs();
            report.check(&format!("deleted: out of every file after {seconds} s"), gone);
        }
        Ok(())
    }

    /// What still holds the word when the time is up.
    async fn until_clean(
        &self,
        needles: &Needles,
        end: Instant,
        kinds: &[&str],
    ) -> anyhow::Result<Option<String>> {
        loop {
            let surfaces = scan::all(self, needles).await?;
            let dirty: Vec<&Surface> =
                surfaces.iter().filter(|surface| kinds.contains(&surface.kind) && surface.control).collect();
            if dirty.is_empty() {
                return Ok(None);
            }
            if Instant::now() >= end {
                let names: Vec<String> = dirty.iter().map(|surface| surface.name.clone()).collect();
                return Ok(Some(format!("still in {}", names.join(", "))));
            }
            tokio::time::sleep(SEARCH_EVERY).await;
        }
    }
}
