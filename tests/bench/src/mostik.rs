//! A running Mostik with the bench's sites, its collector on the measured core.

use e2e::{
    Instance,
    instance::{PATIENCE, metric},
    wait,
};
use serde_json::json;

use crate::{cores, load::SITES};

/// The settings' version of a new instance, which has one site already.
const VERSION_AT_FIRST: u64 = 3;

/// Starts one, with further lines for the `[collector]` section.
pub async fn start(collector: &str) -> anyhow::Result<Instance> {
    // What starts here counts the cores it may use: the collector must find one.
    cores::stay_on(cores::MEASURED)?;
    let mostik = Instance::start_with(collector).await;
    cores::stay_on(cores::REST)?;
    for pid in [mostik.ready.pids.engine, mostik.ready.pids.dashboard] {
        cores::move_to(cores::REST, pid)?;
    }
    for site in 0..SITES {
        let domain = format!("site{site}.test");
        let zone = if site % 2 == 0 { "Europe/Moscow" } else { "Asia/Yekaterinburg" };
        mostik.write("/api/v1/sites", &json!({"domain": domain, "time_zone": zone})).await;
    }
    let version = VERSION_AT_FIRST + SITES as u64;
    wait::until("the collector to know the sites", PATIENCE, async || {
        let metrics = mostik.metrics().await?;
        metric(&metrics, "collector_settings_version").filter(|&known| known >= version)
    })
    .await;
    Ok(mostik)
}
