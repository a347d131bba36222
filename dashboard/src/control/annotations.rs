//! Annotations: what happened on a day (a release, a campaign), shown below the chart.

use jiff::civil::Date;
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

/// Annotations of one site, at most.
pub const ANNOTATIONS_MAX: u32 = 500;

/// Longest text, in characters: two lines below a chart.
const TEXT_CHARS_MAX: usize = 200;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Annotation {
    pub id: i64,
    /// Site-local, `2026-11-30`.
    pub day: String,
    pub text: String,
}

/// An annotation about to be kept.
#[derive(Debug, PartialEq, Eq)]
pub struct AnnotationDraft {
    day: Date,
    text: String,
}

impl AnnotationDraft {
    /// `None` for what is no day, and for a text that is empty, long, or more than a line.
    pub fn new(day: &str, text: &str) -> Option<AnnotationDraft> {
        let text = text.trim();
        let is_line =
            !text.is_empty() && text.chars().count() <= TEXT_CHARS_MAX && !text.chars().any(char::is_control);
        // jiff reads more forms than the contract has.
        let day = Some(day).filter(|day| day.len() == "2026-11-30".len()).and_then(|day| day.parse().ok());
        day.filter(|_| is_line).map(|day| AnnotationDraft { day, text: text.to_owned() })
    }
}

impl Control {
    pub(crate) async fn annotations(&self, site_id: u32) -> Result<Vec<Annotation>, ControlError> {
        self.read("list annotations", move |connection| {
            connection
                .prepare("SELECT id, day, text FROM annotations WHERE site_id = ?1 ORDER BY day, id")?
                .query_map([site_id], |row| {
                    Ok(Annotation { id: row.get(0)?, day: row.get(1)?, text: row.get(2)? })
                })?
                .collect()
        })
        .await
    }

    /// `None`: there are as many as there may be.
    pub(crate) async fn annotate(
        &self,
        site: Site,
        draft: AnnotationDraft,
        actor: User,
    ) -> Result<Option<Annotation>, ControlError> {
        let now = self.now();
        self.write("keep an annotation", move |transaction| {
            let count: u32 = transaction.query_row(
                "SELECT count(*) FROM annotations WHERE site_id = ?1",
                [site.id],
                |row| row.get(0),
            )?;
            if count >= ANNOTATIONS_MAX {
                return Ok(None);
            }
            let (day, text) = (draft.day.to_string(), draft.text);
            transaction.execute(
                "INSERT INTO annotations (site_id, day, text, created_at) VALUES (?1, ?2, ?3, ?4)",
                params![site.id, day, text, now],
            )?;
            let annotation = Annotation { id: transaction.last_insert_rowid(), day, text };
            let (action, detail) = (Action::Annotated, json!(annotation));
            audit::append(
                transaction,
                &Entry { at: now, actor: &actor.email, action, subject: &site.domain, detail },
            )?;
            Ok(Some(annotation))
        })
        .await
    }

    /// Whether there was one.
    pub(crate) async fn remove_annotation(
        &self,
        site: Site,
        id: i64,
        actor: User,
    ) -> Result<bool, ControlError> {
        let now = self.now();
        self.write("remove an annotation", move |transaction| {
            let Some(text) = take_out(transaction, "annotations", "text", site.id, id)? else {
                return Ok(false);
            };
            let (action, detail) = (Action::AnnotationRemoved, json!({"id": id, "text": text}));
            audit::append(
                transaction,
                &Entry { at: now, actor: &actor.email, action, subject: &site.domain, detail },
            )?;
            Ok(true)
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_annotation_is_a_line_of_a_day() {
        assert!(AnnotationDraft::new("2026-11-30", " Redesign ").is_some());
        assert!(AnnotationDraft::new("2026-11-30", &"я".repeat(TEXT_CHARS_MAX)).is_some());
        let long = "я".repeat(TEXT_CHARS_MAX + 1);
        for (day, text) in [
            ("2026-11-31", "a"),
            ("2026-1-1", "a"),
            ("2026-11-30T00", "a"),
            ("2026-11-30", " "),
            ("2026-11-30", "a\nb"),
            ("2026-11-30", &long),
        ] {
            assert_eq!(AnnotationDraft::new(day, text), None, "{day} {text}");
        }
    }
}
