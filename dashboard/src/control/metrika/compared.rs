//! The nightly comparison, kept: the last word on each goal's day.

use rusqlite::params;
use serde_json::json;

use super::{Stored, all};
use crate::{
    control::{Control, ControlError, metrika::forwards::Ends},
    metrika::reconcile::{Judged, Verdict},
};

/// Days kept: what is older has been judged twice and is the weekly balance's matter.
const KEPT_SECONDS: i64 = 35 * 24 * 3600;

/// Rows shown: two weeks of ten goals.
const SHOWN_MAX: u32 = 140;

impl Control {
    /// Destinations, and when each was last compared.
    pub(crate) async fn compared_at(&self) -> Result<Vec<(Stored, Option<i64>)>, ControlError> {
        self.read("look when reports were compared", |connection| {
            let mut last = connection.prepare("SELECT max(at) FROM metrika_compared WHERE site_id = ?1")?;
            all(connection)?
                .into_iter()
                .map(|stored| {
                    let at = last.query_row([stored.site_id], |row| row.get(0))?;
                    Ok((stored, at))
                })
                .collect()
        })
        .await
    }

    pub(crate) async fn keep_compared(&self, site: u32, judged: Vec<Judged>) -> Result<(), ControlError> {
        let now = self.now();
        self.write("keep a comparison", move |transaction| {
            transaction.execute("DELETE FROM metrika_compared WHERE at < ?1", [now - KEPT_SECONDS])?;
            for Judged { goal, day, here, recorded, verdict } in judged {
                transaction
                    .prepare_cached(
                        "INSERT OR REPLACE INTO metrika_compared VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                    )?
                    .execute(params![
                        site,
                        goal,
                        day,
                        here.accepted.cast_signed(),
                        here.uncertain.cast_signed(),
                        here.lost.cast_signed(),
                        recorded.map(u64::cast_signed),
                        json!(verdict).as_str(),
                        now
                    ])?;
            }
            Ok(())
        })
        .await
    }

    /// The newest days first.
    pub(crate) async fn compared(&self, site: u32) -> Result<Vec<Judged>, ControlError> {
        self.read("read the comparisons", move |connection| {
            connection
                .prepare_cached(
                    "SELECT goal, day, accepted, uncertain, lost, recorded, verdict FROM metrika_compared \
                     WHERE site_id = ?1 ORDER BY day DESC, goal LIMIT ?2",
                )?
                .query_map(params![site, SHOWN_MAX], |row| {
                    let verdict: Verdict =
                        super::read(row, 6, |text: String| serde_json::from_value(json!(text)))?;
                    let number = |at| row.get(at).map(i64::unsigned_abs);
                    Ok(Judged {
                        goal: row.get(0)?,
                        day: row.get(1)?,
                        here: Ends { accepted: number(2)?, uncertain: number(3)?, lost: number(4)? },
                        recorded: row.get::<_, Option<i64>>(5)?.map(i64::unsigned_abs),
                        verdict,
                    })
                })?
                .collect()
        })
        .await
    }
}
