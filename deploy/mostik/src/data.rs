//! The data folder: what lies where, who may read it, and that only one `mostik
//! up` uses it at a time.
//!
//! ```text
//! <data>/mostik.toml          the owner's configuration
//!        control.db           the dashboard's accounts, sites and audit log
//!        engine/              ClickHouse's own files (embedded engine)
//!        spool/               accepted events on their way to ClickHouse
//!        receipts             what was deleted and when; knows no visitor
//!        bridge/              goals on their way to Yandex Metrika
//!        secrets/settings.key what collector and dashboard prove themselves with
//!        secrets/server.token what a site's server proves itself with
//!        secrets/backup/      a key for each month of backed-up data
//!        backups/             backups, sealed by month
//!        run/                 sockets and locks, nothing that must be kept
//!        logs/                whatever a part writes besides stderr
//! ```
//!
//! Everything is for the owner's user alone: folders 0700, secrets 0600.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io::{self, Write},
    os::unix::{
        ffi::OsStrExt,
        fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    },
    path::{Path, PathBuf},
};

use crate::failure::Failure;

/// Bytes of a unix socket's path, without the closing NUL: `sun_path` of Linux's
/// `sockaddr_un` has 108 (unix(7)).
const SOCKET_PATH_BYTES_MAX: usize = 107;

/// Random bytes of a secret; written as twice as many hexadecimal digits.
const SECRET_BYTES: usize = 32;

const FOLDERS: [&str; 6] = ["engine", "spool", "bridge", "secrets", "run", "logs"];

/// A data folder that exists and can be written to. Its path is absolute.
#[derive(Debug, Clone)]
pub struct DataFolder {
    root: PathBuf,
}

impl DataFolder {
    /// Makes what is missing and proves that it can be written to.
    pub fn open(path: &Path) -> Result<DataFolder, Failure> {
        let explain = |error: &io::Error| {
            Failure::unavailable(format!(
                "the data folder {} cannot be used: {error}: give this user write access to it, or choose another \
                 with --data",
                path.display()
            ))
        };
        make_folder(path).map_err(|error| explain(&error))?;
        let root = fs::canonicalize(path).map_err(|error| explain(&error))?;
        for name in FOLDERS {
            make_folder(&root.join(name)).map_err(|error| explain(&error))?;
        }
        // With the process's number: all parts start at the same moment, and one would
        // take the other's file away.
        let probe = root.join(format!("run/.write-test-{}", std::process::id()));
        File::create(&probe).and_then(|_| fs::remove_file(&probe)).map_err(|error| explain(&error))?;
        Ok(DataFolder { root })
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    pub fn engine(&self) -> PathBuf {
        self.root.join("engine")
    }

    pub fn spool(&self) -> PathBuf {
        self.root.join("spool")
    }

    /// What was deleted, a line each.
    pub fn receipts(&self) -> PathBuf {
        self.root.join("receipts")
    }

    /// The months' keys of backups.
    pub fn backup_keys(&self) -> PathBuf {
        self.root.join("secrets/backup")
    }

    pub fn control_db(&self) -> PathBuf {
        self.root.join("control.db")
    }

    /// Where the embedded engine listens.
    pub fn engine_socket(&self) -> PathBuf {
        self.root.join("run/engine.sock")
    }

    /// Where `up` says what it has started, for as long as it runs.
    pub fn ready_file(&self) -> PathBuf {
        self.root.join("run/ready.json")
    }

    /// The key collector and dashboard share, made on the first call.
    pub fn settings_key(&self) -> Result<PathBuf, Failure> {
        self.secret("settings.key")
    }

    /// The token of servers that count for their visitors, made on the first call.
    pub fn server_token(&self) -> Result<PathBuf, Failure> {
        self.secret("server.token")
    }

    fn secret(&self, name: &str) -> Result<PathBuf, Failure> {
        let path = self.root.join("secrets").join(name);
        make_key(&path)
            .and_then(|()| read_mode(&path))
            .map_err(|error| Failure::unavailable(format!("{}: {error}", path.display())))
            .and_then(|mode| match mode & 0o077 {
                0 => Ok(()),
                _ => Err(Failure::mistake(format!(
                    "{} can be read by other users (mode {mode:o}): run chmod 600 on it",
                    path.display()
                ))),
            })?;
        let key = fs::read_to_string(&path)
            .map_err(|error| Failure::unavailable(format!("{}: {error}", path.display())))?;
        let key = key.trim_end();
        if key.len() != SECRET_BYTES * 2 || !key.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(Failure::mistake(format!(
                "{} is damaged: it must hold {} hexadecimal digits; remove it and a new one is made",
                path.display(),
                SECRET_BYTES * 2
            )));
        }
        Ok(path)
    }

    /// Holds the folder for this process until the guard is dropped.
    pub fn lock(&self) -> Result<File, Failure> {
        let path = self.root.join("run/up.lock");
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|error| Failure::unavailable(format!("{}: {error}", path.display())))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => Err(Failure::unavailable(format!(
                "another mostik is running on the data folder {}: stop it, or choose another folder with --data",
                self.root.display()
            ))),
            Err(TryLockError::Error(error)) => {
                Err(Failure::unavailable(format!("{}: {error}", path.display())))
            }
        }
    }
}

/// A longer path is cut by no one: `bind` refuses it, with a message that helps
/// nobody. So it is refused here, with one that does.
pub fn check_socket_path(socket: &Path) -> Result<(), String> {
    let bytes = socket.as_os_str().as_bytes().len();
    if bytes <= SOCKET_PATH_BYTES_MAX {
        return Ok(());
    }
    Err(format!(
        "the engine's socket {} has {bytes} bytes, and a unix socket may have {SOCKET_PATH_BYTES_MAX}: choose a \
         shorter --data, or set engine.socket to a short path",
        socket.display()
    ))
}

fn make_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

fn read_mode(path: &Path) -> io::Result<u32> {
    Ok(fs::metadata(path)?.permissions().mode())
}

/// Written under another name and linked into place: collector and dashboard may
/// start at the same moment, and neither may read half a key.
fn make_key(path: &Path) -> io::Result<()> {
    if path.try_exists()? {
        return Ok(());
    }
    let mut bytes = [0; SECRET_BYTES];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let written = path.with_extension(format!("new-{}", std::process::id()));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&written)?;
    writeln!(file, "{digits}")?;
    file.sync_all()?;
    let linked = match fs::hard_link(&written, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    };
    fs::remove_file(&written)?;
    linked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_else_may_enter_the_folder_or_read_the_key() {
        let parent = tempfile::tempdir().unwrap();
        let data = DataFolder::open(&parent.path().join("data")).unwrap();
        let key = data.settings_key().unwrap();
        assert_eq!(read_mode(data.root()).unwrap() & 0o777, 0o700);
        assert_eq!(read_mode(key.parent().unwrap()).unwrap() & 0o777, 0o700);
        assert_eq!(read_mode(&key).unwrap() & 0o777, 0o600);
    }

    #[test]
    fn the_key_stays_the_same_on_the_second_start() {
        let parent = tempfile::tempdir().unwrap();
        let first = DataFolder::open(parent.path()).unwrap().settings_key().unwrap();
        let digits = fs::read_to_string(&first).unwrap();
        let second = DataFolder::open(parent.path()).unwrap().settings_key().unwrap();
        assert_eq!(digits, fs::read_to_string(second).unwrap());
        assert_eq!(digits.trim_end().len(), 64);
        assert_eq!(fs::read_dir(first.parent().unwrap()).unwrap().count(), 1, "nothing else is left behind");
    }

    #[test]
    fn a_key_others_can_read_is_refused() {
        let parent = tempfile::tempdir().unwrap();
        let data = DataFolder::open(parent.path()).unwrap();
        let key = data.settings_key().unwrap();
        fs::set_permissions(&key, fs::Permissions::from_mode(0o640)).unwrap();
        let message = data.settings_key().unwrap_err().to_string();
        assert!(message.contains("chmod 600"), "{message}");
    }

    #[test]
    fn a_damaged_key_is_refused_and_not_replaced() {
        let parent = tempfile::tempdir().unwrap();
        let data = DataFolder::open(parent.path()).unwrap();
        let key = data.settings_key().unwrap();
        fs::write(&key, "0123").unwrap();
        assert!(data.settings_key().unwrap_err().to_string().contains("64 hexadecimal digits"));
        assert_eq!(fs::read_to_string(&key).unwrap(), "0123");
    }

    #[test]
    fn two_cannot_hold_one_data_folder() {
        let parent = tempfile::tempdir().unwrap();
        let data = DataFolder::open(parent.path()).unwrap();
        let held = data.lock().unwrap();
        assert!(data.lock().unwrap_err().to_string().contains("another mostik is running"));
        drop(held);
        assert!(data.lock().is_ok());
    }

    #[test]
    fn a_socket_path_is_too_long_from_the_108th_byte() {
        let fits = PathBuf::from(format!("/{}", "a".repeat(106)));
        let too_long = PathBuf::from(format!("/{}", "a".repeat(107)));
        assert!(check_socket_path(&fits).is_ok());
        assert!(check_socket_path(&too_long).unwrap_err().contains("has 108 bytes"));
    }
}
