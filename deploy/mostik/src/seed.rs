//! `mostik seed`: gives the demo site a year of made-up traffic, through the same
//! closing that real days go through. Runs the engine for itself, so it is refused
//! while `mostik up` uses the data folder.

mod bar;

use std::{ffi::OsString, time::Duration};

use clap::Args;
use collector::{
    clock::Clock,
    seed::past::{self, DemoSite},
};
use jiff::tz::TimeZone;
use store::Store;
use tokio::{runtime::Builder, sync::mpsc, task::LocalSet, time::timeout};

use crate::{
    config::{Settings, Sources},
    failure::Failure,
    up::{Event, Kept, Part},
};
use bar::Bar;

/// The engine opens a year of data in well under a second; a recovery takes longer.
const ENGINE_START_MAX: Duration = Duration::from_secs(60);

#[derive(Debug, Args)]
pub struct SeedOptions {
    /// Days before today to fill.
    #[arg(long, default_value_t = 365, value_parser = clap::value_parser!(u32).range(1..=730))]
    pub days: u32,
}

/// On one thread, the main one: the engine dies with the thread that started it.
pub fn run(sources: &Sources, options: &SeedOptions) -> Result<(), Failure> {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::unavailable(format!("a runtime could not be started: {error}")))?;
    LocalSet::new().block_on(&runtime, seed(sources, options))
}

async fn seed(sources: &Sources, options: &SeedOptions) -> Result<(), Failure> {
    let settings = Settings::load(sources)?;
    let _lock = settings.data.lock()?;
    let demo = dashboard::demo_site(&settings.dashboard).await.map_err(|error| Failure::of_part(&error))?;
    let zone = TimeZone::get(&demo.time_zone)
        .map_err(|error| Failure::unavailable(format!("the demo site's time zone: {error}")))?;
    let declared = demo.declared();
    let site = DemoSite { id: demo.id, zone, zone_name: demo.time_zone, declared, scale: 1.0 };
    let engine = engine_if_built_in(sources, &settings).await?;
    let store = Store::new(&settings.collector.around.clickhouse);
    let outcome = fill(&store, &site, options.days).await;
    if let Some(engine) = engine {
        engine.stop().await;
    }
    outcome
}

async fn fill(store: &Store, site: &DemoSite, days: u32) -> Result<(), Failure> {
    store.migrate().await.map_err(|error| Failure::of_part(&error.into()))?;
    let mut bar = Bar::new("filling the demo site", days);
    past::fill(store, site, days, Clock::system().now(), |done| bar.show(done))
        .await
        .map_err(|error| Failure::of_part(&error.into()))?;
    bar.end();
    Ok(())
}

/// The built-in engine by itself, if it is the one in use.
pub async fn engine_if_built_in(sources: &Sources, settings: &Settings) -> Result<Option<Kept>, Failure> {
    match settings.engine {
        Some(_) => start_engine(sources, settings).await.map(Some),
        None => Ok(None),
    }
}

async fn start_engine(sources: &Sources, settings: &Settings) -> Result<Kept, Failure> {
    let mut arguments: Vec<OsString> = vec![Part::Engine.name().into(), "--supervised".into()];
    arguments.extend(["--data".into(), settings.data.root().into()]);
    arguments.extend(["--config".into(), settings.file.clone().into_os_string()]);
    if let Some(library) = &sources.library {
        arguments.extend(["--library".into(), library.clone().into_os_string()]);
    }
    let (tell, mut events) = mpsc::unbounded_channel();
    let engine = Kept::start(Part::Engine, arguments, None, tell);
    match timeout(ENGINE_START_MAX, events.recv()).await {
        Ok(Some(Event::Ready { .. })) => Ok(engine),
        Ok(Some(Event::Failed { failure })) => Err(failure),
        Ok(Some(Event::Died { .. }) | None) | Err(_) => {
            engine.stop().await;
            Err(Failure::unavailable("the engine did not start: see the lines above"))
        }
    }
}
