//! What the kernel knows of a running process.

use std::{fmt, fs, time::Duration};

use anyhow::Context;

/// The kernel's unit of processor time on Linux (`USER_HZ`), in ticks a second.
const TICKS_PER_SECOND: u64 = 100;

/// Processor time used so far, by all threads.
pub fn processor_time(pid: i32) -> anyhow::Result<Duration> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The name in parentheses may hold spaces; user and system time are fields 14 and 15.
    let after_name = stat.rsplit_once(')').context("a stat line has a name")?.1;
    let ticks =
        after_name.split_whitespace().skip(11).take(2).map(str::parse::<u64>).sum::<Result<u64, _>>()?;
    Ok(Duration::from_millis(ticks * 1000 / TICKS_PER_SECOND))
}

/// Resident memory now and at its highest, in KiB.
#[derive(Debug, Clone, Copy)]
pub struct Memory {
    pub now: u64,
    pub highest: u64,
}

impl fmt::Display for Memory {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} MiB, {} MiB at the highest", self.now / 1024, self.highest / 1024)
    }
}

/// Of several together. Pages they share count for each, and each had its highest at its own
/// time: it was less.
pub fn memory_of_all(pids: &[i32]) -> anyhow::Result<Memory> {
    pids.iter().try_fold(Memory { now: 0, highest: 0 }, |sum, &pid| {
        let one = memory(pid)?;
        Ok(Memory { now: sum.now + one.now, highest: sum.highest + one.highest })
    })
}

pub fn memory(pid: i32) -> anyhow::Result<Memory> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let field = |name: &str| {
        status
            .lines()
            .find_map(|line| line.strip_prefix(name)?.split_whitespace().next()?.parse().ok())
            .with_context(|| format!("no {name} in the status of {pid}"))
    };
    Ok(Memory { now: field("VmRSS:")?, highest: field("VmHWM:")? })
}
