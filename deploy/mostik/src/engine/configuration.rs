//! What the engine is started with: two configuration files of ClickHouse's own
//! format, written anew at each start, never edited by hand.
//!
//! The second gives the engine's only user exactly the privileges that an analytics
//! database needs. Sources (files, URLs, other servers), dictionaries, functions,
//! users and backups are granted to nobody, so the engine itself refuses them.

use std::{
    ffi::CString,
    fs,
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use super::EngineError;

/// Part of the memory that one statement may take, so that merges go on beside it.
const STATEMENT_RAM_RATIO: (u64, u64) = (3, 4);

/// Part of the memory for each of ClickHouse's caches of marks and primary keys.
const CACHE_RAM_DIVISOR: u64 = 16;

/// What the engine's own code, tables of marks and threads take without any data, in
/// bytes: measured 245 MiB after the first statement (libchdb 26.7). It counts against
/// `max_server_memory_usage`, while the owner's figure is meant for queries and merges.
const BASE_RAM_BYTES: u64 = 256 << 20;

/// The folders of a data directory.
pub(super) struct Folders {
    /// All of them are in here. Absolute.
    pub(super) data: PathBuf,
    /// ClickHouse's own files.
    pub(super) clickhouse: PathBuf,
    /// The working directory: its files appear as tables of `default`, so it has none.
    pub(super) empty: PathBuf,
    configuration: PathBuf,
}

impl Folders {
    /// Makes what is missing below `data`, for the owner's user alone.
    pub(super) fn make(data: &Path) -> Result<Folders, EngineError> {
        let failed = |source| EngineError::Data { path: data.to_owned(), source };
        let make =
            |path: &Path| fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(failed);
        make(data)?;
        let data = fs::canonicalize(data).map_err(failed)?;
        let folders = Folders {
            clickhouse: data.join("clickhouse"),
            empty: data.join("empty"),
            configuration: data.join("configuration"),
            data,
        };
        make(&folders.clickhouse)?;
        make(&folders.empty)?;
        make(&folders.configuration)?;
        Ok(folders)
    }

    /// Writes both files and returns the engine's arguments.
    pub(super) fn configure(&self, ram_bytes_max: u64) -> Result<Vec<CString>, EngineError> {
        let users = self.configuration.join("users.xml");
        let server = self.configuration.join("server.xml");
        write(&users, &users_xml(ram_bytes_max))?;
        write(&server, &server_xml(&users, ram_bytes_max))?;
        let argument = |text: String| {
            CString::new(text).map_err(|_| EngineError::Data {
                path: self.clickhouse.clone(),
                source: io::Error::new(io::ErrorKind::InvalidInput, "the path holds a NUL byte"),
            })
        };
        Ok(vec![
            argument("clickhouse".to_owned())?,
            argument(format!("--path={}", self.clickhouse.display()))?,
            argument(format!("--config-file={}", server.display()))?,
        ])
    }
}

fn write(path: &Path, text: &str) -> Result<(), EngineError> {
    fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|source| EngineError::Data { path: path.to_owned(), source })
}

fn server_xml(users: &Path, ram_bytes_max: u64) -> String {
    let cache_bytes = ram_bytes_max / CACHE_RAM_DIVISOR;
    format!(
        "<clickhouse>
    <users_config>{users}</users_config>
    <max_server_memory_usage>{server_ram}</max_server_memory_usage>
    <merges_mutations_memory_usage_soft_limit>{merges_ram}</merges_mutations_memory_usage_soft_limit>
    <mark_cache_size>{cache_bytes}</mark_cache_size>
    <index_mark_cache_size>{cache_bytes}</index_mark_cache_size>
    <primary_index_cache_size>{cache_bytes}</primary_index_cache_size>
    <query_condition_cache_size>{cache_bytes}</query_condition_cache_size>
    <uncompressed_cache_size>0</uncompressed_cache_size>
</clickhouse>
",
        users = escaped(&users.display().to_string()),
        server_ram = ram_bytes_max.saturating_add(BASE_RAM_BYTES),
        merges_ram = ram_bytes_max / 2,
    )
}

/// Granted on every database but the two that are not ours.
const GRANTS: &[&str] = &[
    "GRANT SHOW DATABASES, SHOW TABLES, SHOW COLUMNS, SELECT, INSERT, ALTER, CREATE DATABASE, CREATE TABLE, \
     CREATE VIEW, DROP DATABASE, DROP TABLE, DROP VIEW, TRUNCATE, OPTIMIZE, CHECK, SYSTEM MERGES, SYSTEM TTL MERGES \
     ON *.*",
    // ClickHouse asks for these two for every table function, harmless or not.
    "GRANT CREATE TEMPORARY TABLE, CREATE ARBITRARY TEMPORARY TABLE, KILL QUERY ON *.*",
    // A frozen copy would outlive every deletion.
    "REVOKE ALTER FREEZE PARTITION ON *.*",
    // The overlay of the working directory.
    "REVOKE ALL ON default.*",
    "REVOKE INSERT, ALTER, CREATE DATABASE, CREATE TABLE, CREATE VIEW, DROP DATABASE, DROP TABLE, DROP VIEW, \
     TRUNCATE, OPTIMIZE ON system.*",
];

fn users_xml(ram_bytes_max: u64) -> String {
    let (part, whole) = STATEMENT_RAM_RATIO;
    let statement_ram = ram_bytes_max / whole * part;
    let grants: String =
        GRANTS.iter().map(|grant| format!("                <query>{grant}</query>\n")).collect();
    format!(
        "<clickhouse>
    <profiles>
        <default>
            <max_memory_usage>{statement_ram}</max_memory_usage>
            <!-- libchdb turns both on; a server has them off. -->
            <implicit_select>0</implicit_select>
            <allow_introspection_functions>0</allow_introspection_functions>
            <constraints>
                <max_memory_usage><min>1</min><max>{statement_ram}</max></max_memory_usage>
                <allow_experimental_eval_table_function><const/></allow_experimental_eval_table_function>
            </constraints>
        </default>
    </profiles>
    <quotas><default/></quotas>
    <users>
        <default>
            <password></password>
            <networks><ip>::/0</ip></networks>
            <profile>default</profile>
            <quota>default</quota>
            <grants>
{grants}            </grants>
        </default>
    </users>
</clickhouse>
"
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_statement_gets_three_quarters_and_cannot_ask_for_more() {
        let users = users_xml(1 << 30);
        assert!(users.contains("<max_memory_usage>805306368</max_memory_usage>"), "{users}");
        assert!(users.contains("<max>805306368</max>"), "{users}");
    }

    #[test]
    fn a_path_cannot_add_to_the_configuration() {
        let server = server_xml(Path::new("/a<b>&c"), 1);
        assert!(server.contains("/a&lt;b&gt;&amp;c"), "{server}");
    }

    #[test]
    fn no_source_is_granted() {
        let users = users_xml(1);
        for word in
            ["SOURCES", "READ", "WRITE", "DICTIONARY", "FUNCTION", "BACKUP", "USER", "ALL ON *", "FILE"]
        {
            assert!(!users.contains(word), "{word}");
        }
    }
}
