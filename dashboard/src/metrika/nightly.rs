//! The nightly comparison, for sites whose owner has asked for it, keeps an OAuth token and is
//! live. Everybody else's dashboard asks Metrika nothing by itself.

use std::{collections::HashMap, time::Duration};

use store::snapshot::metrika::Mode;
use tokio::sync::watch;
use tracing::{info, warn};

use super::{
    api::Trouble,
    compare::{self, CompareError},
};
use crate::{app::Dashboard, control::metrika::Stored};

/// How often it is looked whether a comparison is due.
const LOOK_EVERY: Duration = Duration::from_secs(600);

/// Between two comparisons of a site, in seconds: a little less than a day, so that the hour
/// does not wander into the afternoon.
const EVERY_SECONDS: i64 = 23 * 3600;

/// The first hour (UTC) in which reports of the day before are asked for: four in the
/// morning in Moscow, when the day's data are in.
const FIRST_HOUR: i8 = 1;

/// Wait after a failure, in seconds: a quota ends with the hour.
const AGAIN_SECONDS: i64 = 3600;

/// Yesterday, and the day by which 99 % of visits have ended.
const DAYS: [i32; 2] = [1, 3];

/// When a site that failed may be asked about again.
pub type Failed = HashMap<u32, i64>;

pub async fn run(dashboard: Dashboard, mut stop: watch::Receiver<bool>) {
    let mut failed = Failed::new();
    loop {
        round(&dashboard, &mut failed).await;
        tokio::select! {
            () = tokio::time::sleep(LOOK_EVERY) => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}

/// Compares what is due.
pub async fn round(dashboard: &Dashboard, failed: &mut Failed) {
    let destinations = match dashboard.control.compared_at().await {
        Ok(destinations) => destinations,
        Err(error) => return warn!(%error, "the nightly comparison could not begin"),
    };
    let now = dashboard.clock.now();
    let is_night = now.to_zoned(jiff::tz::TimeZone::UTC).hour() >= FIRST_HOUR;
    let now = now.as_second();
    for (stored, last) in destinations {
        let is_asked_for = stored.rules.nightly && stored.mode == Mode::Live;
        let is_due = last.is_none_or(|last| now - last >= EVERY_SECONDS);
        let may_try = failed.get(&stored.site_id).is_none_or(|&again| now >= again);
        if !(is_asked_for && is_night && is_due && may_try) {
            continue;
        }
        match compare(dashboard, &stored).await {
            Ok(()) => {
                failed.remove(&stored.site_id);
            }
            Err(error) => {
                info!(site = stored.site_id, ?error, "the nightly comparison waits");
                failed.insert(stored.site_id, now + AGAIN_SECONDS);
            }
        }
    }
}

async fn compare(dashboard: &Dashboard, stored: &Stored) -> Result<(), CompareError> {
    let oauth = compare::kept_token(dashboard, stored).ok_or(CompareError::Api(Trouble::NoToken))?;
    let counter = compare::counter(dashboard, stored.counter, &oauth).await.map_err(CompareError::Api)?;
    let judged = compare::days(dashboard, stored, &oauth, &counter, &DAYS).await?;
    dashboard.control.keep_compared(stored.site_id, judged).await.map_err(CompareError::Control)
}
