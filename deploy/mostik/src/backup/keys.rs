//! A key for each month of data. A month's key goes with the month: then no copy of a backup,
//! wherever it lies, gives that month back. So keys belong beside no backup: copy them
//! elsewhere while they live, and let that copy die too.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use super::sealed::MonthKey;

/// The folder of the keys.
pub struct Keys {
    folder: PathBuf,
}

impl Keys {
    pub fn open(folder: &Path) -> io::Result<Keys> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        Ok(Keys { folder: folder.to_owned() })
    }

    /// The key of a month such as `202611`, made the first time.
    pub fn of(&self, month: u32) -> io::Result<MonthKey> {
        match self.living(month)? {
            Some(key) => Ok(key),
            None => self.make(month),
        }
    }

    /// The key of a month, if it is alive.
    pub fn living(&self, month: u32) -> io::Result<Option<MonthKey>> {
        match fs::read_to_string(self.path(month)) {
            Ok(text) => read(text.trim_end())
                .map(|key| Some(MonthKey(key)))
                .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "a backup key is damaged")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn make(&self, month: u32) -> io::Result<MonthKey> {
        let mut key = [0; 32];
        getrandom::fill(&mut key).map_err(io::Error::other)?;
        let digits: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(self.path(month))?;
        writeln!(file, "{digits}")?;
        file.sync_all()?;
        fs::File::open(&self.folder)?.sync_all()?;
        Ok(MonthKey(key))
    }

    fn path(&self, month: u32) -> PathBuf {
        self.folder.join(format!("{month}.key"))
    }
}

fn read(digits: &str) -> Option<[u8; 32]> {
    let mut key = [0; 32];
    if digits.len() != 64 || !digits.is_ascii() {
        return None;
    }
    for (byte, pair) in key.iter_mut().zip(digits.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_keeps_its_key_and_another_has_another() {
        let folder = tempfile::tempdir().unwrap();
        let keys = Keys::open(&folder.path().join("keys")).unwrap();
        assert!(keys.living(202_611).unwrap().is_none());
        let first = keys.of(202_611).unwrap().0;
        assert_eq!(keys.of(202_611).unwrap().0, first);
        assert_ne!(keys.of(202_612).unwrap().0, first);
        fs::remove_file(folder.path().join("keys/202611.key")).unwrap();
        assert!(keys.living(202_611).unwrap().is_none(), "gone is gone");
    }
}
