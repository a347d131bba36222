//! The file of control.db: its mode, its pragmas, its schema steps.

use std::{fs::OpenOptions, os::unix::fs::OpenOptionsExt, path::Path, time::Duration};

use rusqlite::{Connection, TransactionBehavior};

use super::ControlError;

/// All steps, oldest first; `PRAGMA user_version` counts those applied. A step that
/// has shipped is never edited.
const STEPS: &[&str] = &[
    include_str!("../../sql/0001_control.sql"),
    include_str!("../../sql/0002_removed_sites.sql"),
    include_str!("../../sql/0003_metrika.sql"),
    include_str!("../../sql/0004_goals.sql"),
    include_str!("../../sql/0005_access.sql"),
    include_str!("../../sql/0006_share_links.sql"),
    include_str!("../../sql/0007_people.sql"),
    include_str!("../../sql/0008_metrika_compared.sql"),
    include_str!("../../sql/0009_metrika_late.sql"),
    include_str!("../../sql/0010_password_links.sql"),
    include_str!("../../sql/0011_segments.sql"),
    include_str!("../../sql/0012_interruptions.sql"),
];

/// How long a statement waits for another process, such as a backup, to let go.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Opens the file and brings its tables to the version this program knows.
pub(super) fn open(path: &Path) -> Result<Connection, ControlError> {
    // Made by us before SQLite opens it, so that it is never readable by others;
    // SQLite gives the WAL beside it the same mode.
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
        .map_err(|source| ControlError::File { source })?;
    let at = |step| move |source| ControlError::Database { step, source };
    let mut connection = Connection::open(path).map_err(at("open the file"))?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(at("set the time-out"))?;
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
             PRAGMA trusted_schema = OFF; PRAGMA secure_delete = ON;",
        )
        .map_err(at("set the pragmas"))?;
    migrate(&mut connection)?;
    Ok(connection)
}

fn migrate(connection: &mut Connection) -> Result<(), ControlError> {
    let at = |source| ControlError::Database { step: "upgrade the tables", source };
    let known = STEPS.len() as u32;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Exclusive).map_err(at)?;
    let applied: u32 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(at)?;
    if applied > known {
        return Err(ControlError::TooNew { found: applied, known });
    }
    for step in STEPS.iter().skip(applied as usize) {
        transaction.execute_batch(step).map_err(at)?;
    }
    transaction.pragma_update(None, "user_version", known).map_err(at)?;
    transaction.commit().map_err(at)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn nobody_else_can_read_the_file_or_its_log() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("control.db");
        let _connection = open(&path).unwrap();
        for file in ["control.db", "control.db-wal", "control.db-shm"] {
            let mode = std::fs::metadata(folder.path().join(file)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{file}");
        }
    }

    #[test]
    fn a_database_of_a_newer_program_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("control.db");
        open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
        assert!(matches!(open(&path), Err(ControlError::TooNew { found: 99, .. })));
    }

    #[test]
    fn opening_twice_applies_each_step_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("control.db");
        drop(open(&path).unwrap());
        let connection = open(&path).unwrap();
        let strict: u32 = connection
            .query_row("SELECT count(*) FROM pragma_table_list WHERE strict AND schema = 'main'", [], |row| {
                row.get(0)
            })
            .unwrap();
        assert_eq!(strict, 23);
    }
}
