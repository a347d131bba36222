//! Where ClickHouse is: the embedded engine's socket, or a server's URL.

use std::path::{Path, PathBuf};

use serde::Deserialize;

/// The database all tables live in unless the owner names another. Never
/// `default`: the embedded engine overlays the working directory's files there.
pub const DATABASE_DEFAULT: &str = "mostik";

/// The `[clickhouse]` section of the configuration file, as written.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RawAddress {
    /// `https://host:8443`; when absent the embedded engine is used.
    pub url: Option<String>,
    pub user: Option<String>,
    pub password_file: Option<PathBuf>,
    pub database: Option<String>,
}

/// How to reach ClickHouse, complete and checked.
#[derive(Clone)]
pub struct Address {
    pub target: Target,
    pub database: String,
}

#[derive(Clone)]
pub enum Target {
    /// The embedded engine's 0600 socket.
    Socket(PathBuf),
    /// A server of the owner's. No `Debug`: it holds a password.
    Server { url: String, user: String, password: String },
}

impl Address {
    /// The embedded engine at `socket`, in the default database.
    pub fn socket(socket: impl Into<PathBuf>) -> Address {
        Address { target: Target::Socket(socket.into()), database: DATABASE_DEFAULT.to_owned() }
    }

    /// Completes the section; every mistake found is returned, not the first.
    pub fn from_raw(raw: RawAddress, engine_socket: &Path) -> Result<Address, Vec<String>> {
        let mut mistakes = Vec::new();
        let database = raw.database.unwrap_or_else(|| DATABASE_DEFAULT.to_owned());
        if !is_identifier(&database) || database == "default" {
            mistakes.push(format!(
                "clickhouse.database = {database:?}: use a name of its own made of letters, digits and _"
            ));
        }
        let target = match raw.url {
            None => Target::Socket(engine_socket.to_owned()),
            Some(url) => {
                if !url.starts_with("http://") && !url.starts_with("https://") {
                    mistakes.push(format!("clickhouse.url = {url:?}: must begin with https:// or http://"));
                }
                let password = match raw.password_file {
                    None => String::new(),
                    Some(file) => std::fs::read_to_string(&file).map_or_else(
                        |error| {
                            mistakes.push(format!("clickhouse.password_file = {file:?}: {error}"));
                            String::new()
                        },
                        |text| text.trim_end().to_owned(),
                    ),
                };
                Target::Server { url, user: raw.user.unwrap_or_else(|| "default".to_owned()), password }
            }
        };
        if mistakes.is_empty() { Ok(Address { target, database }) } else { Err(mistakes) }
    }
}

fn is_identifier(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mistake_in_the_section_is_reported_at_once() {
        let raw = RawAddress {
            url: Some("ftp://x".into()),
            password_file: Some("/does/not/exist".into()),
            database: Some("a-b".into()),
            ..RawAddress::default()
        };
        let mistakes = Address::from_raw(raw, Path::new("/run/engine.sock")).err().unwrap();
        assert_eq!(mistakes.len(), 3, "{mistakes:?}");
    }

    #[test]
    fn the_engines_overlay_database_is_refused() {
        let raw = RawAddress { database: Some("default".into()), ..RawAddress::default() };
        assert!(Address::from_raw(raw, Path::new("/run/engine.sock")).is_err());
    }
}
