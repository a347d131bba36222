//! Backups by the clock: asks `mostik backup --if-due` again and again while everything runs.
//! A backup that fails is told and tried again; it keeps nothing else from running.

use std::{ffi::OsString, process::Stdio, time::Duration};

use tokio::{process::Command, time::sleep};
use tracing::{info, warn};

use crate::process;

/// How often it is asked whether one is due. Also how long after a start the first can come.
const LOOK_EVERY: Duration = Duration::from_secs(600);

/// Never returns. Dropping it ends a backup under way, which then does not count as one.
pub async fn by_the_clock(arguments: &[OsString], every_hours: u32) {
    if every_hours == 0 {
        return std::future::pending().await;
    }
    loop {
        sleep(LOOK_EVERY).await;
        match backup(arguments).await {
            Ok(said) if said.is_empty() => {}
            Ok(said) => info!(backup = said.trim_end(), "backed up"),
            Err(why) => warn!(%why, "the backup failed and is tried again"),
        }
    }
}

async fn backup(arguments: &[OsString]) -> Result<String, String> {
    let mut command = std::process::Command::new("/proc/self/exe");
    command.args(["backup", "--if-due", "--log", "warn"]).args(arguments);
    process::die_with_parent(&mut command);
    let mut command = Command::from(command);
    command.stdin(Stdio::null()).kill_on_drop(true);
    let output = command.output().await.map_err(|error| error.to_string())?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).trim().to_owned())
    }
}
