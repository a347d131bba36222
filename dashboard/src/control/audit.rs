//! The audit log: every change, in order, each row sealed by the hash of the row
//! before it. Triggers refuse to edit or delete; whoever edits the file around
//! them breaks the chain, and [`verify`] names the first row that does not fit.
//!
//! Rows cut off at the end leave a shorter chain that is whole; to notice that,
//! compare the head with one noted elsewhere.

use rusqlite::{Connection, OptionalExtension, params};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::{Control, ControlError, users::User};
use crate::exports::Format;

/// The hash before the first row.
const START: [u8; 32] = [0; 32];

/// What is written about a change. Never a password, a token or anything about visitors.
pub struct Entry<'a> {
    pub at: i64,
    /// An e-mail address, or [`SYSTEM`].
    pub actor: &'a str,
    pub action: Action,
    /// What was changed: a domain, an e-mail address.
    pub subject: &'a str,
    pub detail: Value,
}

/// The actor of what happened without an account.
pub const SYSTEM: &str = "system";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    SetupLinkMade,
    OwnerCreated,
    SignedIn,
    SignedOut,
    SiteCreated,
    SiteChanged,
    SiteRemoved,
    MetrikaChanged,
    MetrikaSwitched,
    MetrikaTested,
    GoalSet,
    GoalRemoved,
    FunnelSet,
    FunnelRemoved,
    TokenMade,
    TokenEnded,
    LinkMade,
    LinkEnded,
    Invited,
    InvitationEnded,
    Joined,
    RoleChanged,
    MemberRemoved,
    PasswordChanged,
    PasswordLinkMade,
    TwoStepOn,
    TwoStepOff,
    RecoveryCodeUsed,
    SessionEnded,
    ExportBegun,
    SegmentKept,
    SegmentRemoved,
    Annotated,
    AnnotationRemoved,
}

impl Action {
    pub fn name(self) -> &'static str {
        match self {
            Action::SetupLinkMade => "setup_link_made",
            Action::OwnerCreated => "owner_created",
            Action::SignedIn => "signed_in",
            Action::SignedOut => "signed_out",
            Action::SiteCreated => "site_created",
            Action::SiteChanged => "site_changed",
            Action::SiteRemoved => "site_removed",
            Action::MetrikaChanged => "metrika_changed",
            Action::MetrikaSwitched => "metrika_switched",
            Action::MetrikaTested => "metrika_tested",
            Action::GoalSet => "goal_set",
            Action::GoalRemoved => "goal_removed",
            Action::FunnelSet => "funnel_set",
            Action::FunnelRemoved => "funnel_removed",
            Action::TokenMade => "token_made",
            Action::TokenEnded => "token_ended",
            Action::LinkMade => "link_made",
            Action::LinkEnded => "link_ended",
            Action::Invited => "invited",
            Action::InvitationEnded => "invitation_ended",
            Action::Joined => "joined",
            Action::RoleChanged => "role_changed",
            Action::MemberRemoved => "member_removed",
            Action::PasswordChanged => "password_changed",
            Action::PasswordLinkMade => "password_link_made",
            Action::TwoStepOn => "two_step_on",
            Action::TwoStepOff => "two_step_off",
            Action::RecoveryCodeUsed => "recovery_code_used",
            Action::SessionEnded => "session_ended",
            Action::ExportBegun => "export_begun",
            Action::SegmentKept => "segment_kept",
            Action::SegmentRemoved => "segment_removed",
            Action::Annotated => "annotated",
            Action::AnnotationRemoved => "annotation_removed",
        }
    }
}

/// Appends an entry; called inside the transaction of the change itself.
pub fn append(connection: &Connection, entry: &Entry<'_>) -> rusqlite::Result<()> {
    let before = head(connection)?;
    let detail = entry.detail.to_string();
    let hash = seal(&before, entry.at, &[entry.actor, entry.action.name(), entry.subject, &detail]);
    connection.execute(
        "INSERT INTO audit (at, actor, action, subject, detail, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![entry.at, entry.actor, entry.action.name(), entry.subject, detail, hash],
    )?;
    Ok(())
}

/// What a check of the whole log found.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    Whole {
        rows: u64,
    },
    /// The first row whose seal does not fit.
    Broken {
        id: i64,
    },
}

/// Follows the chain from its start.
pub fn verify(connection: &Connection) -> rusqlite::Result<Verdict> {
    let mut statement =
        connection.prepare("SELECT id, at, actor, action, subject, detail, hash FROM audit ORDER BY id")?;
    let mut rows = statement.query([])?;
    let mut before = START;
    let mut count = 0;
    while let Some(row) = rows.next()? {
        let texts: [String; 4] = [row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?];
        let hash = seal(&before, row.get(1)?, &[&texts[0], &texts[1], &texts[2], &texts[3]]);
        let kept: [u8; 32] = row.get(6)?;
        if hash != kept {
            return Ok(Verdict::Broken { id: row.get(0)? });
        }
        before = kept;
        count += 1;
    }
    Ok(Verdict::Whole { rows: count })
}

/// A line as it is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Line {
    pub id: i64,
    /// Seconds since 1970.
    pub at: i64,
    pub actor: String,
    pub action: String,
    pub subject: String,
    /// JSON, byte for byte as it was sealed.
    pub detail: String,
    /// The seal, in hexadecimal.
    pub hash: String,
}

impl Control {
    /// Notes that somebody takes a site's rows away.
    pub(crate) async fn note_export(
        &self,
        domain: String,
        format: Format,
        actor: User,
    ) -> Result<(), ControlError> {
        let at = self.now();
        self.write("note an export", move |transaction| {
            let detail = serde_json::json!({"format": format});
            append(
                transaction,
                &Entry { at, actor: &actor.email, action: Action::ExportBegun, subject: &domain, detail },
            )
        })
        .await
    }

    /// The newest lines, or those before a line.
    pub(crate) async fn audit_lines(
        &self,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<Line>, ControlError> {
        self.read("read the audit log", move |connection| {
            connection
                .prepare(&format!("{COLUMNS} WHERE id < ?1 ORDER BY id DESC LIMIT ?2"))?
                .query_map(params![before.unwrap_or(i64::MAX), limit], line)?
                .collect()
        })
        .await
    }

    /// Every line, oldest first, one JSON object in a line.
    pub(crate) async fn audit_export(&self) -> Result<String, ControlError> {
        self.read("export the audit log", |connection| {
            let mut statement = connection.prepare(&format!("{COLUMNS} ORDER BY id"))?;
            let mut text = String::new();
            for line in statement.query_map([], line)? {
                let line = serde_json::to_string(&line?).expect("numbers and texts can be written");
                text.push_str(&line);
                text.push('\n');
            }
            Ok(text)
        })
        .await
    }

    /// Follows the chain; also answers its head.
    pub(crate) async fn check_audit(&self) -> Result<(Verdict, [u8; 32]), ControlError> {
        self.read("check the audit log", |connection| Ok((verify(connection)?, head(connection)?))).await
    }
}

const COLUMNS: &str = "SELECT id, at, actor, action, subject, detail, hash FROM audit";

fn line(row: &rusqlite::Row<'_>) -> rusqlite::Result<Line> {
    Ok(Line {
        id: row.get(0)?,
        at: row.get(1)?,
        actor: row.get(2)?,
        action: row.get(3)?,
        subject: row.get(4)?,
        detail: row.get(5)?,
        hash: crate::token::hex(&row.get::<_, [u8; 32]>(6)?),
    })
}

fn head(connection: &Connection) -> rusqlite::Result<[u8; 32]> {
    let last = connection
        .query_row("SELECT hash FROM audit ORDER BY id DESC LIMIT 1", [], |row| row.get(0))
        .optional()?;
    Ok(last.unwrap_or(START))
}

/// Lengths stand before texts, so that no two rows have the same bytes.
fn seal(before: &[u8; 32], at: i64, texts: &[&str; 4]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_derive_key("mostik audit log row v1");
    hasher.update(before);
    hasher.update(&at.to_le_bytes());
    for text in texts {
        hasher.update(&(text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    }
    *hasher.finalize().as_bytes()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn log_of(entries: i64) -> (tempfile::TempDir, Connection) {
        let folder = tempfile::tempdir().unwrap();
        let connection = super::super::database::open(&folder.path().join("control.db")).unwrap();
        for at in 0..entries {
            let entry =
                Entry { at, actor: SYSTEM, action: Action::SiteCreated, subject: "a.ru", detail: json!({}) };
            append(&connection, &entry).unwrap();
        }
        (folder, connection)
    }

    #[test]
    fn an_untouched_log_is_whole() {
        let (_folder, connection) = log_of(3);
        assert_eq!(verify(&connection).unwrap(), Verdict::Whole { rows: 3 });
    }

    #[test]
    fn the_log_refuses_to_be_edited_or_cut() {
        let (_folder, connection) = log_of(1);
        for statement in
            ["UPDATE audit SET actor = 'x'", "DELETE FROM audit", "REPLACE INTO audit SELECT * FROM audit"]
        {
            let error = connection.execute(statement, []);
            let refused = error.is_err() || verify(&connection).unwrap() == Verdict::Whole { rows: 1 };
            assert!(refused, "{statement}");
        }
        assert!(connection.execute("DELETE FROM audit", []).is_err());
        assert!(connection.execute("UPDATE audit SET at = 7", []).is_err());
    }

    #[test]
    fn an_edit_around_the_triggers_is_found() {
        let (_folder, connection) = log_of(3);
        connection
            .execute_batch("DROP TRIGGER audit_is_never_changed; UPDATE audit SET actor = 'x' WHERE id = 2")
            .unwrap();
        assert_eq!(verify(&connection).unwrap(), Verdict::Broken { id: 2 });
    }

    #[test]
    fn a_row_taken_out_around_the_triggers_is_found() {
        let (_folder, connection) = log_of(3);
        connection.execute_batch("DROP TRIGGER audit_is_never_cut; DELETE FROM audit WHERE id = 1").unwrap();
        assert_eq!(verify(&connection).unwrap(), Verdict::Broken { id: 2 });
    }
}
