//! The tables of the outbox's file, and how a file of an older program comes to have them.

use rusqlite::{Connection, TransactionBehavior};

use super::OutboxError;

/// `PRAGMA user_version` of the tables in schema.sql. A file without a number is of version
/// 1, whose rows knew no late goals; those of version 2 had no parameters.
const VERSION: u32 = 3;

pub(super) fn prepare(connection: &mut Connection) -> Result<(), OutboxError> {
    let at = |source| OutboxError::Database { step: "make the tables", source };
    let found: u32 = connection.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(at)?;
    if found > VERSION {
        return Err(OutboxError::TooNew { found });
    }
    upgrade(connection, found).map_err(at)
}

fn upgrade(connection: &mut Connection, found: u32) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let has_rows: bool = transaction.query_row(
        "SELECT count(*) > 0 FROM sqlite_schema WHERE type = 'table' AND name = 'rows'",
        [],
        |row| row.get(0),
    )?;
    let is_older = found < VERSION && has_rows;
    if is_older {
        // Their names are wanted for the new table's.
        for index in names(&transaction, "SELECT name FROM pragma_index_list('rows') WHERE origin = 'c'")? {
            transaction.execute_batch(&format!("DROP INDEX {index};"))?;
        }
        transaction.execute_batch("ALTER TABLE rows RENAME TO rows_before;")?;
    }
    transaction.execute_batch(include_str!("schema.sql"))?;
    if is_older {
        let columns = names(&transaction, "SELECT name FROM pragma_table_info('rows_before')")?.join(", ");
        // With the number of the last row ever made: the dashboard knows rows by theirs.
        transaction.execute_batch(&format!(
            "INSERT INTO sqlite_sequence (name, seq) \
                 SELECT 'rows', seq FROM sqlite_sequence WHERE name = 'rows_before'; \
             INSERT INTO rows ({columns}) SELECT {columns} FROM rows_before; \
             DROP TABLE rows_before;"
        ))?;
    }
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()
}

fn names(connection: &Connection, sql: &str) -> rusqlite::Result<Vec<String>> {
    connection.prepare(sql)?.query_map([], |row| row.get(0))?.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_the_first_version_keeps_its_rows_and_their_numbers() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(include_str!("schema_1.sql")).unwrap();
        connection
            .execute_batch(
                "INSERT INTO rows (id, site, goal, hour, state, reason, epoch, cid, et, due, held, attempts) \
                     VALUES (7, 1, 'srv_order', 3600, 'pending', '', 4, 99, 3660, 3700, 0, 1); \
                 INSERT INTO rows (id, site, goal, hour, state, hash) VALUES (8, 1, 'srv_order', 3600, 'accepted', x'01'); \
                 INSERT INTO rows (id, site, goal, hour, state) VALUES (20, 1, '', 3600, 'blocked'); \
                 DELETE FROM rows WHERE id = 20;",
            )
            .unwrap();
        prepare(&mut connection).unwrap();
        prepare(&mut connection).unwrap();
        let kept: (i64, i64, String) = connection
            .query_row("SELECT id, cid, state FROM rows WHERE cid IS NOT NULL", [], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })
            .unwrap();
        assert_eq!(kept, (7, 99, "pending".to_owned()));
        connection
            .execute("INSERT INTO rows (site, goal, hour, state) VALUES (1, 'g', 0, 'blocked')", [])
            .unwrap();
        assert_eq!(connection.last_insert_rowid(), 21, "no number is given twice");
        connection.execute("UPDATE rows SET state = 'late' WHERE id = 7", []).unwrap();
    }

    #[test]
    fn a_file_of_a_newer_program_is_refused() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.pragma_update(None, "user_version", VERSION + 1).unwrap();
        assert!(
            matches!(prepare(&mut connection), Err(OutboxError::TooNew { found }) if found == VERSION + 1)
        );
    }
}
