//! Notices that the process which started the engine has ended, so that a killed
//! test or launcher leaves no engine behind that holds the data folder.
//!
//! By a pidfd, not by `PR_SET_PDEATHSIG`: that one is tied to the parent's *thread*.

use std::{io, thread};

use rustix::{
    event::{PollFd, PollFlags, poll},
    process::{Pid, PidfdFlags, getppid, pidfd_open},
};
use tokio::sync::oneshot;

/// The starting process, or nobody to watch (init, or a parent of another container).
pub(super) struct Parent(Option<oneshot::Receiver<()>>);

impl Parent {
    /// Starts watching, on a thread that ends with the process.
    pub(super) fn watch() -> io::Result<Parent> {
        let Some(pid) = getppid().filter(|pid| *pid != Pid::INIT) else { return Ok(Parent(None)) };
        let pidfd = pidfd_open(pid, PidfdFlags::empty())?;
        let (ended, parent) = oneshot::channel();
        thread::Builder::new().name("parent-watch".to_owned()).spawn(move || {
            // Readable once the process has ended (pidfd_open(2)); interrupted by signals.
            while poll(&mut [PollFd::new(&pidfd, PollFlags::IN)], None).is_err() {}
            // An error says that the engine has ended first.
            ended.send(()).ok();
        })?;
        Ok(Parent(Some(parent)))
    }

    /// Returns when it has ended.
    pub(super) async fn gone(self) {
        match self.0 {
            Some(parent) => parent.await.unwrap_or_default(),
            None => std::future::pending().await,
        }
    }
}
