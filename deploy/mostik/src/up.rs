//! `mostik up`: engine, collector and dashboard as three processes of this same
//! program, kept running until a signal.
//!
//! Promises: all mistakes in the configuration are shown before anything is
//! started; a part that dies is started again while the others go on; nothing
//! outlives this process, even when it is killed; a stop goes collector,
//! dashboard, engine, each within a bound.
//!
//! Never reads or writes anything of the parts but their announcements. It holds the table
//! of the daily keys, so that they outlive a collector that dies; it reads none, and
//! overwrites those whose day is over when no collector does.

mod backoff;
mod keeper;
mod part;
mod ports;
mod standing;

use std::{
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use collector::{
    clock::Clock,
    privacy::{Vault, dump, vault::KEYS_MAX},
};
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::mpsc,
    time::{Instant, interval, sleep, sleep_until, timeout_at},
};
use tracing::{info, warn};

pub use self::{
    keeper::{Event, Kept},
    part::Part,
    standing::ReadyLine,
};
use self::{
    ports::HeldPort,
    standing::{Listener, News, Standing},
};
use crate::{
    announce,
    cli::UpOptions,
    config::{Settings, Sources},
    failure::Failure,
};

/// How long the engine may start alone. It spares the others a first attempt that
/// fails; they work without it, so a slow start (a recovery after a crash) does not
/// keep visitors' events out.
const ENGINE_HEAD_START: Duration = Duration::from_secs(5);

/// A second signal sooner than this belongs to the first: Ctrl-C in a terminal reaches
/// this process directly and, a moment later, through the script that started it.
const SAME_REQUEST: Duration = Duration::from_secs(1);

/// How often the launcher looks for keys whose day is over, as the collector does.
const KEYS_EVERY: Duration = Duration::from_secs(20);

/// After how long the owner is told what is still being waited for.
const SLOW_START: Duration = Duration::from_secs(30);

/// Runs until a signal, or until a part cannot start.
pub async fn run(sources: &Sources, options: &UpOptions) -> Result<(), Failure> {
    let settings = Settings::load(sources)?;
    let _lock = settings.data.lock()?;
    let ports = Ports::take(&settings)?;
    let mut signals = Signals::listen().map_err(|error| {
        Failure::unavailable(format!("signals cannot be listened for: {error}: start Mostik again"))
    })?;

    // Once more with the addresses that are held, which port 0 had left open.
    let sources = ports.in_place_of(sources, &settings);
    let settings = Settings::load(&sources)?;
    dump::refuse().map_err(|error| {
        Failure::unavailable(format!(
            "core dumps, which would hold the day's keys, can't be forbidden: {error}"
        ))
    })?;
    let keys = Arc::new(Vault::in_memory(KEYS_MAX).map_err(|error| Failure::unavailable(error.to_string()))?);
    let listener = if options.json { Listener::Program } else { Listener::person(&settings) };
    let (tell, events) = mpsc::unbounded_channel();
    let mut up = Up {
        arguments: sources.as_arguments(),
        standing: Standing::new(parts_of(&settings), listener),
        ready_file: settings.data.ready_file(),
        kept: Vec::new(),
        keys,
        clock: Clock::system(),
        tell,
        events,
    };
    let outcome = tokio::select! {
        outcome = up.look_after() => outcome,
        () = signals.any() => {
            info!("stopping: collector, dashboard, engine");
            Ok(())
        }
    };
    // What is still open belongs to a run that is over.
    if let Err(error) = fs::remove_file(&up.ready_file)
        && error.kind() != io::ErrorKind::NotFound
    {
        warn!(%error, "run/ready.json could not be removed");
    }
    tokio::select! {
        () = up.stop() => {}
        // Whoever asks twice does not want to wait; dropping the parts kills them.
        () = signals.asked_again() => warn!("asked twice to stop: not waiting any longer"),
    }
    outcome
}

/// The engine only when it is the built-in one.
fn parts_of(settings: &Settings) -> Vec<Part> {
    let engine = settings.engine.is_some().then_some(Part::Engine);
    engine.into_iter().chain([Part::Collector, Part::Dashboard]).collect()
}

struct Ports {
    collector: HeldPort,
    ops: HeldPort,
    dashboard: HeldPort,
}

impl Ports {
    fn take(settings: &Settings) -> Result<Ports, Failure> {
        Ok(Ports {
            collector: HeldPort::take(settings.collector.listen, "collector.listen")?,
            ops: HeldPort::take(settings.collector.ops_listen, "collector.ops_listen")?,
            dashboard: HeldPort::take(settings.dashboard.listen, "dashboard.listen")?,
        })
    }

    /// What all parts are started with: the same files, by absolute paths, and the
    /// addresses that are really held.
    fn in_place_of(&self, sources: &Sources, settings: &Settings) -> Sources {
        Sources {
            data: settings.data.root().to_owned(),
            config: Some(settings.file.clone()),
            collector_listen: Some(self.collector.address().to_string()),
            ops_listen: Some(self.ops.address().to_string()),
            dashboard_listen: Some(self.dashboard.address().to_string()),
            ..sources.clone()
        }
    }
}

struct Up {
    arguments: Vec<OsString>,
    standing: Standing,
    /// Says where everything is, for as long as it is there.
    ready_file: PathBuf,
    /// In the order of starting.
    kept: Vec<(Part, Kept)>,
    keys: Arc<Vault>,
    clock: Clock,
    tell: mpsc::UnboundedSender<Event>,
    events: mpsc::UnboundedReceiver<Event>,
}

impl Up {
    /// Returns only when a part cannot start.
    async fn look_after(&mut self) -> Result<(), Failure> {
        for part in self.standing.parts().to_vec() {
            self.start(part);
            if part == Part::Engine {
                tokio::select! {
                    event = self.events.recv() => self.hear(event)?,
                    () = sleep(ENGINE_HEAD_START) => {}
                }
            }
        }
        let slow = Instant::now() + SLOW_START;
        let mut look_at_keys = interval(KEYS_EVERY);
        loop {
            tokio::select! {
                event = self.events.recv() => self.hear(event)?,
                _ = look_at_keys.tick() => self.keys.wipe_over(self.clock.now().as_second()),
                () = sleep_until(slow), if Instant::now() < slow => {
                    if let Some(awaited) = self.standing.awaited() {
                        warn!(waiting_for = awaited, "still starting");
                    }
                }
            }
        }
    }

    fn start(&mut self, part: Part) {
        let mut arguments = vec![OsString::from(part.name()), "--supervised".into()];
        arguments.extend(self.arguments.iter().cloned());
        let keys = (part == Part::Collector).then(|| self.keys.clone());
        self.kept.push((part, Kept::start(part, arguments, keys, self.tell.clone())));
    }

    fn hear(&mut self, event: Option<Event>) -> Result<(), Failure> {
        match event.expect("this struct holds a sender, so the channel stays open") {
            Event::Failed { failure } => Err(failure),
            Event::Died { part } => {
                self.standing.died(part);
                Ok(())
            }
            Event::Ready { part, pid, ready } => {
                let news = self.standing.ready(part, pid, ready);
                self.publish(news);
                Ok(())
            }
        }
    }

    /// Tells whoever started us. That nobody reads it is no reason to stop.
    fn publish(&self, news: Option<News>) {
        let Some(news) = news else { return };
        let kept = news.file.as_deref().map_or(Ok(()), |text| write_whole(&self.ready_file, text));
        if let Err(error) = kept.and_then(|()| announce::say_text(&news.stdout)) {
            warn!(%error, "the addresses could not be published");
        }
    }

    async fn stop(&mut self) {
        for part in Part::STOP_ORDER {
            if let Some(place) = self.kept.iter().position(|(kept, _)| *kept == part) {
                let (_, kept) = self.kept.swap_remove(place);
                kept.stop().await;
            }
        }
    }
}

/// Under another name first, so that a reader finds a whole file.
fn write_whole(path: &Path, text: &str) -> io::Result<()> {
    let fresh = path.with_extension("new");
    // It may hold the set-up link; the folder above is closed to others (0700).
    fs::write(&fresh, text)?;
    fs::rename(&fresh, path)
}

struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn listen() -> io::Result<Signals> {
        Ok(Signals {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// A request that came after the first one was over.
    async fn asked_again(&mut self) {
        let first_is_over = Instant::now() + SAME_REQUEST;
        while timeout_at(first_is_over, self.any()).await.is_ok() {}
        self.any().await;
    }

    async fn any(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
