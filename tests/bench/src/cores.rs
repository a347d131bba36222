//! Which core does what: one serves, the other makes the load.

use std::{fs, io};

use anyhow::{Context, ensure};
use rustix::thread::{CpuSet, Pid, sched_setaffinity};

/// The core of what is measured.
pub const MEASURED: usize = 0;

/// The core of everything else: load, database, this program.
pub const REST: usize = 1;

/// Two cores are the least, and all that is used.
pub fn check() -> anyhow::Result<()> {
    let cores = std::thread::available_parallelism()?.get();
    ensure!(cores >= 2, "the bench needs two cores, one for the load; here is {cores}");
    Ok(())
}

/// Keeps this thread, and what it starts from now on, on one core.
pub fn stay_on(core: usize) -> anyhow::Result<()> {
    set(None, core).with_context(|| format!("cannot stay on core {core}"))
}

/// Moves all threads of a process to a core. New threads are born where their parents are.
pub fn move_to(core: usize, pid: i32) -> anyhow::Result<()> {
    for thread in fs::read_dir(format!("/proc/{pid}/task"))? {
        let id: i32 = thread?.file_name().to_string_lossy().parse()?;
        match set(Pid::from_raw(id), core) {
            // It has ended meanwhile.
            Err(error) if error.raw_os_error() == Some(rustix::io::Errno::SRCH.raw_os_error()) => {}
            moved => moved.with_context(|| format!("cannot move process {pid} to core {core}"))?,
        }
    }
    Ok(())
}

fn set(thread: Option<Pid>, core: usize) -> io::Result<()> {
    let mut cores = CpuSet::new();
    cores.set(core);
    Ok(sched_setaffinity(thread, &cores)?)
}

/// The processor's name, for the record.
pub fn machine() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    format!("{}, {cores} cores", model.map_or("an unknown processor", |(_, name)| name))
}
