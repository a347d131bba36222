//! The `[engine]` section: the built-in ClickHouse.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use mostik::engine::{EngineOptions, Listen};
use serde::Deserialize;

use super::library;
use crate::data::{self, DataFolder};

/// Memory for queries and merges unless the owner says otherwise, in bytes. A year
/// of a site with ten million events is read within it.
const RAM_BYTES_DEFAULT: u64 = 1 << 30;

/// Below this the engine cannot merge parts, in bytes.
const RAM_BYTES_MIN: u64 = 256 << 20;

/// Statements that run at the same time. An overview page asks about this many at
/// once; the collector's INSERTs find a place between them.
const STATEMENTS_MAX: usize = 8;

/// The section as written. Every key is optional.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RawEngine {
    library: Option<PathBuf>,
    ram: Option<String>,
    listen: Option<String>,
    user: Option<String>,
    password_file: Option<PathBuf>,
    may_write: bool,
    socket: Option<PathBuf>,
}

/// The section, complete and checked. No `Debug`: it may hold a password.
pub struct EngineSettings {
    pub library: PathBuf,
    pub folder: PathBuf,
    pub socket: PathBuf,
    pub ram_bytes: u64,
    pub reader: Option<Reader>,
}

/// Who may read over TCP, and where.
pub struct Reader {
    pub listen: SocketAddr,
    pub user: String,
    pub password: String,
    /// Only if the owner says so: Mostik's own tables are the collector's to write.
    pub may_write: bool,
}

impl EngineSettings {
    /// Completes the section; every mistake is returned. An engine that is not used
    /// needs no library.
    pub fn from_raw(raw: RawEngine, data: &DataFolder, is_used: bool) -> Result<EngineSettings, Vec<String>> {
        let mut mistakes = Vec::new();
        let socket = raw.socket.clone().unwrap_or_else(|| data.engine_socket());
        if let Err(mistake) = data::check_socket_path(&socket) {
            mistakes.push(mistake);
        }
        let ram_bytes = raw.ram.as_deref().map_or(Ok(RAM_BYTES_DEFAULT), bytes);
        let ram_bytes = ram_bytes.unwrap_or_else(|mistake| {
            mistakes.push(mistake);
            RAM_BYTES_DEFAULT
        });
        let library = if is_used { library::find(raw.library.as_deref()) } else { Ok(PathBuf::new()) };
        let library = library.unwrap_or_else(|mistake| {
            mistakes.push(mistake);
            PathBuf::new()
        });
        let reader = reader(&raw, &mut mistakes);
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        Ok(EngineSettings { library, folder: data.engine(), socket, ram_bytes, reader })
    }
}

impl From<EngineSettings> for EngineOptions {
    fn from(settings: EngineSettings) -> EngineOptions {
        EngineOptions {
            library: settings.library,
            data: settings.folder,
            socket: settings.socket,
            listen: settings.reader.map(|reader| Listen {
                address: reader.listen,
                user: reader.user,
                password: reader.password,
                may_write: reader.may_write,
            }),
            ram_bytes_max: settings.ram_bytes,
            connections: STATEMENTS_MAX,
        }
    }
}

fn reader(raw: &RawEngine, mistakes: &mut Vec<String>) -> Option<Reader> {
    let Some(listen) = raw.listen.as_deref() else {
        if raw.user.is_some() || raw.password_file.is_some() || raw.may_write {
            mistakes
                .push("engine.user, engine.password_file and engine.may_write are for engine.listen, which is not set".into());
        }
        return None;
    };
    let address = listen.parse::<SocketAddr>().ok().filter(|address| address.ip().is_loopback());
    if address.is_none() {
        mistakes
            .push(format!("engine.listen = {listen:?}: a loopback address and port, such as 127.0.0.1:8123"));
    }
    if raw.user.is_none() {
        mistakes.push("engine.user: engine.listen needs a user's name".into());
    }
    let password = raw.password_file.as_deref().map_or_else(
        || Err("engine.password_file: engine.listen needs a password".to_owned()),
        read_password,
    );
    let password = password.map_err(|mistake| mistakes.push(mistake)).ok();
    Some(Reader { listen: address?, user: raw.user.clone()?, password: password?, may_write: raw.may_write })
}

fn read_password(file: &Path) -> Result<String, String> {
    match fs::read_to_string(file) {
        Err(error) => Err(format!("engine.password_file = {file:?}: {error}")),
        Ok(text) if text.trim_end().is_empty() => {
            Err(format!("engine.password_file = {file:?}: it is empty"))
        }
        Ok(text) => Ok(text.trim_end().to_owned()),
    }
}

/// Reads `1 GiB` or `512 MiB`.
fn bytes(text: &str) -> Result<u64, String> {
    let mistake =
        || format!("engine.ram = {text:?}: write it like \"1 GiB\" or \"512 MiB\", 256 MiB at least");
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let unit: u64 = match unit.trim() {
        "GiB" => 1 << 30,
        "MiB" => 1 << 20,
        _ => return Err(mistake()),
    };
    let number: u64 = number.parse().map_err(|_| mistake())?;
    number.checked_mul(unit).filter(|bytes| *bytes >= RAM_BYTES_MIN).ok_or_else(mistake)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_read_with_its_unit() {
        assert_eq!(bytes("1 GiB"), Ok(1 << 30));
        assert_eq!(bytes("512MiB"), Ok(512 << 20));
        for wrong in ["", "1", "1 GB", "GiB", "1.5 GiB", "255 MiB", "99999999999999 GiB"] {
            assert!(bytes(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_tcp_port_needs_loopback_a_user_and_a_password() {
        let raw = RawEngine { listen: Some("0.0.0.0:8123".into()), ..RawEngine::default() };
        let mut mistakes = Vec::new();
        assert!(reader(&raw, &mut mistakes).is_none());
        assert_eq!(mistakes.len(), 3, "{mistakes:?}");
    }
}
