//! The configuration file as text: found or made, split into its sections, and
//! each key read on its own so that one mistake does not hide the next.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use serde::de::DeserializeOwned;
use toml::{Table, Value};

use crate::{data::DataFolder, failure::Failure};

/// What a new data folder's mostik.toml says.
pub const DEFAULT_FILE: &str = include_str!("default.toml");

/// The five sections as written.
#[derive(Debug, Default)]
pub struct Sections {
    pub collector: Table,
    pub dashboard: Table,
    pub clickhouse: Table,
    pub engine: Table,
    pub backup: Table,
}

/// The file the owner named, which must exist, or the data folder's own.
pub fn ensure(named: Option<&Path>, data: &DataFolder) -> Result<PathBuf, Failure> {
    let Some(named) = named else {
        let path = data.root().join("mostik.toml");
        return match make_default(&path) {
            Ok(()) => Ok(path),
            Err(error) => Err(Failure::unavailable(format!("{}: {error}", path.display()))),
        };
    };
    fs::canonicalize(named)
        .map_err(|error| Failure::mistake(format!("--config {}: {error}", named.display())))
}

/// Splits the file into its sections. A file that is no TOML has one mistake: the
/// first, with its line.
pub fn read(path: &Path, mistakes: &mut Vec<String>) -> Result<Sections, Failure> {
    let text = fs::read_to_string(path)
        .map_err(|error| Failure::mistake(format!("{} cannot be read: {error}", path.display())))?;
    let table: Table = toml::from_str(&text).map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        Failure::mistake(format!("{}: line {line}: {}", path.display(), one_line(error.message())))
    })?;
    let mut sections = Sections::default();
    for (name, value) in table {
        let place = match name.as_str() {
            "collector" => &mut sections.collector,
            "dashboard" => &mut sections.dashboard,
            "clickhouse" => &mut sections.clickhouse,
            "engine" => &mut sections.engine,
            "backup" => &mut sections.backup,
            _ => {
                mistakes.push(format!(
                    "{name}: unknown; the sections are [collector], [dashboard], [clickhouse], [engine] and [backup]"
                ));
                continue;
            }
        };
        match value {
            Value::Table(section) => *place = section,
            _ => mistakes.push(format!("{name}: must be a section, [{name}]")),
        }
    }
    // ClickHouse is the same for both sides; a second place for it could only disagree.
    if sections.dashboard.remove("clickhouse").is_some() {
        mistakes.push(
            "dashboard.clickhouse: write it as the section [clickhouse], which holds for both sides".into(),
        );
    }
    Ok(sections)
}

/// Reads one section key by key; a key that cannot be read is reported and left out.
pub fn section<T: DeserializeOwned + Default>(name: &str, table: Table, mistakes: &mut Vec<String>) -> T {
    let mut good = Table::new();
    for (key, value) in table {
        let alone = Table::from_iter([(key.clone(), value.clone())]);
        match alone.try_into::<T>() {
            Ok(_) => {
                good.insert(key, value);
            }
            Err(error) => mistakes.push(format!("{name}.{key}: {}", one_line(error.message()))),
        }
    }
    good.try_into().unwrap_or_else(|error| {
        mistakes.push(format!("[{name}]: {}", one_line(error.message())));
        T::default()
    })
}

fn one_line(message: &str) -> String {
    message.trim().replace('\n', "; ")
}

fn make_default(path: &Path) -> io::Result<()> {
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
        Ok(mut file) => file.write_all(DEFAULT_FILE.as_bytes()),
    }
}
