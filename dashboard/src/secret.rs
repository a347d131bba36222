//! The secret that collector and dashboard share, in a file of mode 0600.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use store::snapshot::sealed::{self, CannotOpen, Opened};
use subtle::ConstantTimeEq;

use crate::token;

/// Fewest characters of a secret the owner wrote: 128 bits in hexadecimal.
const SECRET_CHARS_MIN: usize = 32;

/// What a collector proves itself with. No `Debug`, no `Display`.
pub struct Secret(String);

#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    #[error("could not read or make the settings secret {path:?}")]
    File { path: PathBuf, source: io::Error },
    #[error("the settings secret {path:?} is shorter than {SECRET_CHARS_MIN} characters")]
    Short { path: PathBuf },
}

impl Secret {
    /// Reads the secret. When the file is missing it is made: whoever starts first,
    /// collector or dashboard, makes it, and the other reads it.
    pub fn load_or_make(path: &Path) -> Result<Secret, SecretError> {
        let file = |source| SecretError::File { path: path.to_owned(), source };
        if !path.exists() {
            make(path).map_err(file)?;
        }
        let secret = fs::read_to_string(path).map_err(file)?.trim().to_owned();
        if secret.len() < SECRET_CHARS_MIN {
            return Err(SecretError::Short { path: path.to_owned() });
        }
        Ok(Secret(secret))
    }

    /// Seals a token for `place`; whoever has the secret can open it.
    pub fn seal(&self, place: &str, plain: &str) -> String {
        let mut nonce = [0; sealed::NONCE_BYTES];
        token::fill_random(&mut nonce);
        sealed::seal(&self.0, place, plain, nonce)
    }

    /// Opens what was sealed for `place`.
    pub fn open(&self, place: &str, text: &str) -> Result<Opened, CannotOpen> {
        sealed::open(&self.0, place, text)
    }

    /// A key for one purpose, which says nothing of the secret or of another key.
    pub(crate) fn key_for(&self, purpose: &str) -> [u8; 32] {
        blake3::derive_key(purpose, self.0.as_bytes())
    }

    /// Compares in constant time.
    pub fn is(&self, presented: &str) -> bool {
        self.0.as_bytes().ct_eq(presented.as_bytes()).into()
    }
}

/// Writes a whole file under another name and links it into place, so that the
/// other process never reads half a secret; the one who comes second keeps the first's.
fn make(path: &Path) -> io::Result<()> {
    let mut bytes = [0; 32];
    token::fill_random(&mut bytes);
    let written = path.with_extension(format!("new-{}", std::process::id()));
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&written)?;
    writeln!(file, "{}", token::hex(&bytes))?;
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
    fn a_missing_secret_is_made_once_and_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.secret");
        let first = Secret::load_or_make(&path).unwrap();
        let second = Secret::load_or_make(&path).unwrap();
        assert!(second.is(&first.0));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else is left behind");
    }

    #[test]
    fn a_short_secret_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.secret");
        fs::write(&path, "hunter2\n").unwrap();
        assert!(matches!(Secret::load_or_make(&path), Err(SecretError::Short { .. })));
    }
}
