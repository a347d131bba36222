//! Brings the schema to the version this program knows. Steps are plain `.sql`
//! files, applied in order and recorded one by one; every statement may be run
//! again after a crash between the two.

use crate::{client::Store, error::StoreError};

/// All steps, oldest first. A step that has shipped is never edited.
const STEPS: &[&str] = &[
    include_str!("../sql/0001_events.sql"),
    include_str!("../sql/0002_vitals.sql"),
    include_str!("../sql/0003_erasure.sql"),
    include_str!("../sql/0004_goals.sql"),
    include_str!("../sql/0005_goal_paths.sql"),
];

/// The version of a schema that has all steps.
pub const VERSION: u32 = STEPS.len() as u32;

impl Store {
    /// Creates the database if it is missing and applies the steps it lacks.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        let db = self.database();
        self.execute("create the database", &format!("CREATE DATABASE IF NOT EXISTS {db}")).await?;
        self.execute(
            "create the table of schema versions",
            &format!(
                "CREATE TABLE IF NOT EXISTS {db}.schema_versions (version UInt32, applied_at DateTime('UTC') \
                 DEFAULT now()) ENGINE = MergeTree ORDER BY version SETTINGS fsync_after_insert = 1"
            ),
        )
        .await?;
        let applied: u32 = self
            .writer()
            .query(&format!("SELECT max(version) FROM {db}.schema_versions"))
            .fetch_one()
            .await
            .map_err(StoreError::at("read the schema version"))?;
        if applied > VERSION {
            return Err(StoreError::SchemaTooNew { found: applied, known: VERSION });
        }
        for (version, step) in (1..).zip(STEPS).skip(applied as usize) {
            for statement in statements(&step.replace("{db}", db).replace("{engine}", "MergeTree")) {
                self.execute("apply a schema step", &statement).await?;
            }
            self.execute(
                "record a schema step",
                &format!("INSERT INTO {db}.schema_versions (version) VALUES ({version})"),
            )
            .await?;
        }
        Ok(())
    }
}

/// Splits a step into statements. Our files hold no `;` inside a literal or a
/// comment; a test keeps it so.
fn statements(step: &str) -> Vec<String> {
    let code: String = step.lines().map(without_comment).collect::<Vec<_>>().join("\n");
    code.split(';').map(str::trim).filter(|statement| !statement.is_empty()).map(str::to_owned).collect()
}

fn without_comment(line: &str) -> &str {
    line.split_once("--").map_or(line, |(code, _)| code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_splits_into_whole_statements() {
        for step in STEPS {
            for statement in statements(step) {
                assert!(statement.starts_with("CREATE ") || statement.starts_with("ALTER "), "{statement}");
                assert_eq!(statement.matches('(').count(), statement.matches(')').count(), "{statement}");
                assert_eq!(statement.matches('\'').count() % 2, 0, "{statement}");
            }
        }
    }
}
