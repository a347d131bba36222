//! When a collector did not run: the gaps of the chart, and the days whose visitors were counted
//! twice since a key was lost.

use jiff::{Timestamp, tz::TimeZone};
use rusqlite::{OptionalExtension, params};
use schemars::JsonSchema;
use serde::Serialize;
use store::interruption::Interruptions;

use super::{Control, ControlError, sites::Site};

/// So many are kept, over all collectors; newer ones push the oldest out.
pub const INTERRUPTIONS_MAX: u32 = 1_000;

/// As a report shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Interruption")]
pub struct Shown {
    /// When the collector was last known to run: site-local, `2026-11-30T14:05`.
    pub from: String,
    /// When it listened again.
    pub until: String,
    /// Nothing was counted in between. False: a restart, too short to be seen.
    pub gap: bool,
    /// The key of the day was lost: from `until` on, the visitors of that day are counted once more.
    pub split: bool,
}

impl Control {
    /// Keeps what is new of a collector's report; it may tell the same twice.
    pub(crate) async fn take_interruptions(&self, told: Interruptions) -> Result<(), ControlError> {
        self.write("keep interruptions", move |transaction| {
            for one in &told.interruptions {
                let kept: Option<i64> = transaction
                    .query_row(
                        "INSERT INTO interruptions (node, began_at, ended_at, gap) VALUES (?1, ?2, ?3, ?4) \
                         ON CONFLICT DO NOTHING RETURNING id",
                        params![told.node, one.from, one.until, one.gap],
                        |row| row.get(0),
                    )
                    .optional()?;
                let Some(id) = kept else { continue };
                for site in &one.split {
                    // A site that has been removed since has no chart.
                    transaction.execute(
                        "INSERT INTO interruption_splits SELECT ?1, id FROM sites WHERE id = ?2",
                        params![id, site],
                    )?;
                }
            }
            transaction.execute(
                "DELETE FROM interruptions WHERE id <= (SELECT max(id) FROM interruptions) - ?1",
                [INTERRUPTIONS_MAX],
            )?;
            Ok(())
        })
        .await
    }

    /// Those that can be seen on the site's chart, oldest first.
    pub(crate) async fn interruptions(
        &self,
        site: &Site,
        zone: TimeZone,
    ) -> Result<Vec<Shown>, ControlError> {
        let (site_id, created_at) = (site.id, site.created_at);
        self.read("list interruptions", move |connection| {
            connection
                .prepare(
                    "SELECT began_at, ended_at, gap, site_id IS NOT NULL AS split FROM interruptions \
                     LEFT JOIN interruption_splits ON interruption_id = id AND site_id = ?1 \
                     WHERE (gap OR split) AND ended_at > ?2 ORDER BY began_at, id",
                )?
                .query_map([i64::from(site_id), created_at], |row| {
                    Ok(Shown {
                        from: local(row.get(0)?, &zone),
                        until: local(row.get(1)?, &zone),
                        gap: row.get(2)?,
                        split: row.get(3)?,
                    })
                })?
                .collect()
        })
        .await
    }
}

fn local(seconds: i64, zone: &TimeZone) -> String {
    let time = Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX);
    time.to_zoned(zone.clone()).strftime("%Y-%m-%dT%H:%M").to_string()
}
