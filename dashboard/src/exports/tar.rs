//! A tar archive (POSIX ustar) written while its files' sizes are not known yet: a header is
//! written when its file is whole. Every system opens it, and it needs no second copy of the
//! bytes, as a zip made of streams would.

use std::{io::SeekFrom, path::Path};

use anyhow::{Context as _, ensure};
use tokio::{
    fs::{File, OpenOptions},
    io::{AsyncSeekExt, AsyncWriteExt, BufWriter},
};

/// Bytes of a block; everything is padded to it.
const BLOCK: usize = 512;

/// Largest file, in bytes: what eleven octal digits of the header can say.
const FILE_BYTES_MAX: u64 = 0o777_7777_7777;

/// Longest name that fits into a header, in bytes.
const NAME_BYTES_MAX: usize = 100;

pub struct Archive {
    file: BufWriter<File>,
    /// Where the next byte goes.
    at: u64,
    /// The file being written: its name and where its header is.
    open: Option<(String, u64)>,
}

impl Archive {
    /// Makes the file, readable by us only.
    pub async fn create(path: &Path) -> std::io::Result<Archive> {
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).await?;
        Ok(Archive { file: BufWriter::new(file), at: 0, open: None })
    }

    /// A whole file at once.
    pub async fn add(&mut self, name: &str, bytes: &[u8]) -> anyhow::Result<()> {
        self.begin(name).await?;
        self.write(bytes).await?;
        self.end().await
    }

    pub async fn begin(&mut self, name: &str) -> anyhow::Result<()> {
        ensure!(name.len() <= NAME_BYTES_MAX && self.open.is_none(), "{name} cannot be begun");
        let header = self.at;
        self.open = Some((name.to_owned(), header));
        self.write(&[0; BLOCK]).await
    }

    pub async fn write(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        self.file.write_all(bytes).await.context("writing an export: is the disk full?")?;
        self.at += bytes.len() as u64;
        Ok(())
    }

    pub async fn end(&mut self) -> anyhow::Result<()> {
        let (name, header_at) = self.open.take().context("no file was begun")?;
        let size = self.at - header_at - BLOCK as u64;
        ensure!(size <= FILE_BYTES_MAX, "{name} is larger than an archive can hold");
        let padding = (BLOCK - (size % BLOCK as u64) as usize) % BLOCK;
        self.write(&[0; BLOCK][..padding]).await?;
        let end = self.at;
        self.file.seek(SeekFrom::Start(header_at)).await.context("going back to a header")?;
        self.file.write_all(&header(&name, size)).await.context("writing a header")?;
        self.file.seek(SeekFrom::Start(end)).await.context("going on after a header")?;
        Ok(())
    }

    /// Two empty blocks end an archive.
    pub async fn finish(mut self) -> anyhow::Result<()> {
        self.write(&[0; 2 * BLOCK]).await?;
        self.file.flush().await.context("writing the end of an export")
    }
}

/// `name` and `size` were checked.
fn header(name: &str, size: u64) -> [u8; BLOCK] {
    let mut header = [0; BLOCK];
    let mut put = |at: usize, text: &str| header[at..at + text.len()].copy_from_slice(text.as_bytes());
    put(0, name);
    put(100, "0000600");
    put(108, "0000000");
    put(116, "0000000");
    put(124, &format!("{size:011o}"));
    // The time stays at the beginning of 1970: what is in an export says when it was.
    put(136, "00000000000");
    put(148, "        ");
    put(156, "0");
    put(257, "ustar");
    put(263, "00");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    header
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[tokio::test]
    async fn the_systems_own_tar_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.tar");
        let mut archive = Archive::create(&path).await.unwrap();
        let long = vec![7; 100_000];
        archive.add("README.txt", b"read me\n").await.unwrap();
        archive.add("events/2026-11.csv", &long).await.unwrap();
        archive.add("empty", b"").await.unwrap();
        archive.finish().await.unwrap();
        let status = Command::new("tar").arg("xf").arg(&path).current_dir(folder.path()).status().unwrap();
        assert!(status.success());
        assert_eq!(std::fs::read(folder.path().join("README.txt")).unwrap(), b"read me\n");
        assert_eq!(std::fs::read(folder.path().join("events/2026-11.csv")).unwrap(), long);
        assert_eq!(std::fs::read(folder.path().join("empty")).unwrap(), b"");
    }
}
