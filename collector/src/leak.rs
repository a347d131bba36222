//! Breaks a promise on purpose, one at a time, so that `mostik privacy verify` can be seen to
//! turn red. Only in builds with the feature `leaky`, which nothing but its tests makes; the
//! configuration names the leak.

use std::{
    fmt::Display,
    path::{Path, PathBuf},
    sync::{Mutex, OnceLock},
};

use store::event::HotEvent;

use crate::privacy::KeyName;

/// The leak and the spool's folder.
static CHOSEN: OnceLock<(String, PathBuf)> = OnceLock::new();

/// What the last request's browser called itself.
static AGENT: Mutex<String> = Mutex::new(String::new());

/// The first day a key was asked for.
static FIRST: Mutex<Option<u16>> = Mutex::new(None);

pub fn set(leak: &str, spool: &Path) {
    // Set once a process; a second time it is the same.
    let _ = CHOSEN.set((leak.to_owned(), spool.to_owned()));
}

fn folder_if(leak: &str) -> Option<&'static Path> {
    CHOSEN.get().filter(|chosen| chosen.0 == leak).map(|chosen| chosen.1.as_path())
}

/// `log_address`: the log says who asks.
pub fn address(address: impl Display) {
    if folder_if("log_address").is_some() {
        tracing::warn!(%address, "a request");
    }
}

/// `store_agent`, first half.
pub fn agent(agent: &str) {
    agent.clone_into(&mut AGENT.lock().expect("nothing panics here"));
}

/// `store_agent`: the user agent stands in a column.
pub fn with_agent(mut event: HotEvent) -> HotEvent {
    if folder_if("store_agent").is_some() {
        event.name.clone_from(&AGENT.lock().expect("nothing panics here"));
    }
    event
}

/// `write_key`: the day's key lies in the data folder.
pub fn key(fresh: &[u8; 32]) {
    if let Some(spool) = folder_if("write_key") {
        std::fs::write(spool.join("key"), *fresh).expect("a folder that can be written to");
    }
}

/// `reuse_key`: a day has the key of the first day there was.
pub fn day(name: KeyName) -> KeyName {
    let mut first = FIRST.lock().expect("nothing panics here");
    let day = *first.get_or_insert(name.day);
    if folder_if("reuse_key").is_some() { KeyName { day, ..name } } else { name }
}

/// `keep_spool`: nothing is ever taken out of the spool.
pub fn keeps_spool() -> bool {
    folder_if("keep_spool").is_some()
}
