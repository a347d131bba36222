//! Keeps one part running: starts it, hears what it announces, starts it again
//! when it dies, stops it when asked.
//!
//! A part that says it cannot start (exit code 64 or 69) before it was ever
//! ready is not tried again: the owner has to change something, and hears of it
//! at once. Everything later, and every crash, is met with patience, because the other
//! parts go on working meanwhile.

use std::{
    ffi::OsString,
    os::{
        fd::AsRawFd,
        unix::process::{CommandExt, ExitStatusExt},
    },
    process::{ExitStatus, Stdio},
    sync::Arc,
    time::Duration,
};

use collector::privacy::Vault;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    sync::{mpsc, oneshot},
    task::JoinHandle,
    time::{Instant, sleep, timeout},
};
use tracing::{error, info, warn};

use super::{backoff::Backoff, part::Part};
use crate::{
    announce::{Announcement, Ready},
    failure::{EXIT_CONFIGURATION, EXIT_UNAVAILABLE, Failure},
    process,
};

/// What the supervisor hears of a part.
#[derive(Debug)]
pub enum Event {
    Ready {
        part: Part,
        pid: u32,
        ready: Ready,
    },
    /// It has died and will be started again.
    Died {
        part: Part,
    },
    /// It cannot start and is not tried again.
    Failed {
        failure: Failure,
    },
}

/// A part being kept. Dropping it kills the part.
pub struct Kept {
    part: Part,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Kept {
    /// Starts `part` as `mostik <arguments>` and keeps it running. `keys` are handed over
    /// each time it is started.
    pub fn start(
        part: Part,
        arguments: Vec<OsString>,
        keys: Option<Arc<Vault>>,
        events: mpsc::UnboundedSender<Event>,
    ) -> Kept {
        let (stop, stopping) = oneshot::channel();
        let keeper = Keeper { part, arguments, keys, events, was_ready: false };
        Kept { part, stop, task: tokio::task::spawn_local(keeper.keep(stopping)) }
    }

    /// Asks the part to stop, waits for it within its bound, kills it after that.
    pub async fn stop(self) {
        // An error says that the part failed for good and nobody listens any more.
        self.stop.send(()).ok();
        if let Err(error) = self.task.await {
            error!(part = %self.part, %error, "the part's keeper ended abnormally");
        }
    }
}

struct Keeper {
    part: Part,
    arguments: Vec<OsString>,
    keys: Option<Arc<Vault>>,
    events: mpsc::UnboundedSender<Event>,
    was_ready: bool,
}

impl Keeper {
    async fn keep(mut self, mut stopping: oneshot::Receiver<()>) {
        let part = self.part;
        let mut backoff = Backoff::new();
        loop {
            let born = Instant::now();
            let mut child = match self.spawn() {
                Ok(child) => child,
                Err(error) => {
                    let message = format!("mostik could not start itself as {part}: {error}");
                    self.tell(Event::Failed { failure: Failure::unavailable(message) });
                    return;
                }
            };
            let life = tokio::select! {
                life = self.live(&mut child) => life,
                _ = &mut stopping => return end(part, child).await,
            };
            let wait = match life {
                Life::Hopeless(failure) => return self.tell(Event::Failed { failure }),
                Life::Over(cause) => {
                    let wait = backoff.after(born.elapsed());
                    warn!(%part, cause, wait_ms = wait.as_millis() as u64, "a part has died and is started again");
                    wait
                }
            };
            self.tell(Event::Died { part });
            tokio::select! {
                () = sleep(wait) => {}
                _ = &mut stopping => return,
            }
        }
    }

    /// Goes through `/proc/self/exe`: after an upgrade of the file on disk, a part
    /// that is started again is still of the supervisor's own version.
    fn spawn(&self) -> std::io::Result<Child> {
        let mut command = std::process::Command::new("/proc/self/exe");
        command.arg0("mostik").args(&self.arguments).stdin(Stdio::null()).stdout(Stdio::piped());
        // A group of its own: Ctrl-C in a terminal reaches `up` alone, which then
        // stops the parts in order.
        command.process_group(0);
        process::die_with_parent(&mut command);
        if let Some(keys) = &self.keys {
            let keys = keys.file();
            command.arg("--keys-fd").arg(keys.as_raw_fd().to_string());
            process::hand_over(&mut command, keys);
        }
        Command::from(command).kill_on_drop(true).spawn()
    }

    /// Hears the child out until it has ended.
    async fn live(&mut self, child: &mut Child) -> Life {
        let mut said = None;
        let stdout = child.stdout.take().expect("stdout was asked for as a pipe");
        let mut lines = BufReader::new(stdout).lines();
        // An error in reading is an end as well; what the child died of is in its status.
        while let Ok(Some(line)) = lines.next_line().await {
            match serde_json::from_str(&line) {
                Ok(Announcement::Ready(ready)) => self.ready(child, ready),
                Ok(Announcement::Failed { message, code, .. }) => said = Some((message, code)),
                Err(_) => info!(part = %self.part, line, "a part says on stdout"),
            }
        }
        match child.wait().await {
            Err(error) => Life::Over(format!("it could not be waited for: {error}")),
            Ok(status) => self.verdict(status, said),
        }
    }

    fn ready(&mut self, child: &Child, ready: Ready) {
        let Some(pid) = child.id() else { return };
        self.was_ready = true;
        self.tell(Event::Ready { part: self.part, pid, ready });
    }

    fn verdict(&self, status: ExitStatus, said: Option<(String, u8)>) -> Life {
        let hopeless_code = status
            .code()
            .and_then(|code| u8::try_from(code).ok())
            .filter(|code| [EXIT_CONFIGURATION, EXIT_UNAVAILABLE].contains(code));
        match (said, hopeless_code) {
            (Some((message, code)), _) if !self.was_ready => {
                Life::Hopeless(Failure::Child { message: format!("{}: {message}", self.part), code })
            }
            (None, Some(code)) if !self.was_ready => {
                let message =
                    format!("{} could not start (code {code}); its message stands above", self.part);
                Life::Hopeless(Failure::Child { message, code })
            }
            (Some((message, _)), _) => Life::Over(message),
            (None, _) => Life::Over(describe(status)),
        }
    }

    fn tell(&self, event: Event) {
        // An error says that the supervisor is gone, and with it this child.
        self.events.send(event).ok();
    }
}

enum Life {
    Over(String),
    Hopeless(Failure),
}

fn describe(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => "an unknown cause".to_owned(),
    }
}

async fn end(part: Part, mut child: Child) {
    let Some(pid) = child.id() else { return };
    if let Err(error) = process::terminate(pid) {
        warn!(%part, %error, "a part could not be asked to stop");
    }
    let bound: Duration = part.stop_max();
    match timeout(bound, child.wait()).await {
        Ok(Ok(status)) if status.success() => info!(%part, "stopped"),
        Ok(Ok(status)) => warn!(%part, cause = describe(status), "stopped, not cleanly"),
        Ok(Err(error)) => warn!(%part, %error, "could not be waited for"),
        Err(_) => {
            warn!(%part, seconds = bound.as_secs(), "did not stop in time and is killed");
            if let Err(error) = child.kill().await {
                warn!(%part, %error, "could not be killed");
            }
        }
    }
}
