//! Saved segments: filters of a report under a name, for everybody who works on the site.

use rusqlite::params;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use super::{
    Control, ControlError,
    audit::{self, Action, Entry},
    sites::Site,
    take_out,
    users::User,
};

/// Segments of one site, at most: a menu is still a menu.
pub const SEGMENTS_MAX: u32 = 50;

/// Longest title, in bytes.
const TITLE_BYTES_MAX: usize = 100;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Segment {
    pub id: i64,
    pub title: String,
    /// As in a report's query, `page:is:/`.
    pub filters: Vec<String>,
}

/// A segment about to be kept; its filters have been understood.
#[derive(Debug, PartialEq, Eq)]
pub struct SegmentDraft {
    title: String,
    filters: Vec<String>,
}

impl SegmentDraft {
    /// `None` for a title that is empty, long, or more than a line.
    pub fn new(title: &str, filters: Vec<String>) -> Option<SegmentDraft> {
        let title = title.trim();
        let is_line =
            !title.is_empty() && title.len() <= TITLE_BYTES_MAX && !title.chars().any(char::is_control);
        is_line.then(|| SegmentDraft { title: title.to_owned(), filters })
    }
}

/// What became of an attempt to keep one.
pub(crate) enum Keeping {
    Kept(Segment),
    TitleTaken,
    TooMany,
}

impl Control {
    pub(crate) async fn segments(&self, site_id: u32) -> Result<Vec<Segment>, ControlError> {
        self.read("list segments", move |connection| {
            connection
                .prepare("SELECT id, title, filters FROM segments WHERE site_id = ?1 ORDER BY title")?
                .query_map([site_id], |row| {
                    let filters: String = row.get(2)?;
                    let filters = serde_json::from_str(&filters).map_err(|error| {
                        rusqlite::Error::FromSqlConversionFailure(
                            2,
                            rusqlite::types::Type::Text,
                            Box::new(error),
                        )
                    })?;
                    Ok(Segment { id: row.get(0)?, title: row.get(1)?, filters })
                })?
                .collect()
        })
        .await
    }

    pub(crate) async fn keep_segment(
        &self,
        site: Site,
        draft: SegmentDraft,
        actor: User,
    ) -> Result<Keeping, ControlError> {
        let now = self.now();
        self.write("keep a segment", move |transaction| {
            let SegmentDraft { title, filters } = draft;
            let (count, taken): (u32, bool) = transaction.query_row(
                "SELECT count(*), coalesce(max(title = ?2), 0) FROM segments WHERE site_id = ?1",
                params![site.id, title],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )?;
            if taken {
                return Ok(Keeping::TitleTaken);
            }
            if count >= SEGMENTS_MAX {
                return Ok(Keeping::TooMany);
            }
            transaction.execute(
                "INSERT INTO segments (site_id, title, filters, created_at) VALUES (?1, ?2, ?3, ?4)",
                params![site.id, title, json!(filters).to_string(), now],
            )?;
            let segment = Segment { id: transaction.last_insert_rowid(), title, filters };
            let (action, detail) = (Action::SegmentKept, json!(segment));
            let entry = Entry { at: now, actor: &actor.email, action, subject: &site.domain, detail };
            audit::append(transaction, &entry)?;
            Ok(Keeping::Kept(segment))
        })
        .await
    }

    /// Whether there was one.
    pub(crate) async fn remove_segment(
        &self,
        site: Site,
        id: i64,
        actor: User,
    ) -> Result<bool, ControlError> {
        let now = self.now();
        self.write("remove a segment", move |transaction| {
            let Some(title) = take_out(transaction, "segments", "title", site.id, id)? else {
                return Ok(false);
            };
            let (action, detail) = (Action::SegmentRemoved, json!({"id": id, "title": title}));
            audit::append(
                transaction,
                &Entry { at: now, actor: &actor.email, action, subject: &site.domain, detail },
            )?;
            Ok(true)
        })
        .await
    }
}
