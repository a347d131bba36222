//! The owner's settings as the dashboard serves them: fetched by long poll, kept on
//! disk, swapped in whole. A collector that cannot reach the dashboard works on with
//! the last good snapshot.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use arc_swap::ArcSwap;
use reqwest::{Client, StatusCode};
use store::snapshot::{SNAPSHOT_PATH, Snapshot};
use tokio::sync::watch;
use tracing::{debug, info, warn};

use crate::{
    bounded::{self, Cut},
    bridge::destination::{Destinations, Switches},
    site::{BadSite, Sites},
};

/// How long the dashboard holds a request while nothing changes.
const POLL_SECONDS: u64 = 25;

/// A poll that has not ended by then never will.
const POLL_TIMEOUT: Duration = Duration::from_secs(POLL_SECONDS + 10);

/// Wait after a failed poll. Short, since a switch must reach us within 2 s of the
/// dashboard's return.
const RETRY_AFTER: Duration = Duration::from_millis(500);

/// Largest snapshot read, in bytes: thousands of sites.
const SNAPSHOT_BYTES_MAX: usize = 8 << 20;

#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    #[error("the kept settings {path} cannot be read: remove the file, the dashboard will send them again")]
    Kept { path: PathBuf, source: Box<dyn std::error::Error + Send + Sync> },
    #[error("could not keep the settings in {path}")]
    Keep { path: PathBuf, source: io::Error },
    #[error("could not fetch the settings from the dashboard")]
    Fetch(#[source] reqwest::Error),
    #[error("the dashboard answered {0} when asked for settings")]
    Status(StatusCode),
    #[error("the settings from the dashboard cannot be read")]
    Read(#[source] serde_json::Error),
    #[error("the settings are larger than {SNAPSHOT_BYTES_MAX} bytes")]
    TooLarge,
    #[error("the settings are not usable")]
    Unusable(#[from] BadSite),
}

/// The settings in force, and the means to renew them.
pub struct Settings {
    pub sites: Arc<ArcSwap<Sites>>,
    pub switches: Switches,
    kept: PathBuf,
    url: String,
    secret: String,
    client: Client,
}

impl Settings {
    /// Starts from the kept snapshot, or with no sites at all.
    pub fn open(kept: &Path, dashboard_url: &str, secret: &str) -> Result<Settings, SettingsError> {
        let snapshot = Settings::kept(kept)?;
        let client = Client::builder()
            .timeout(POLL_TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .map_err(SettingsError::Fetch)?;
        Ok(Settings {
            sites: Arc::new(ArcSwap::from_pointee(Sites::read(&snapshot)?)),
            switches: Switches::new(Destinations::read(&snapshot, secret)),
            kept: kept.to_owned(),
            url: format!("{}{SNAPSHOT_PATH}", dashboard_url.trim_end_matches('/')),
            secret: secret.to_owned(),
            client,
        })
    }

    /// The kept snapshot, or an empty one.
    pub fn kept(path: &Path) -> Result<Snapshot, SettingsError> {
        let unreadable = |source| SettingsError::Kept { path: path.to_owned(), source };
        match fs::read(path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| unreadable(error.into())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Snapshot::empty()),
            Err(error) => Err(unreadable(error.into())),
        }
    }

    /// Renews the settings until told to stop.
    pub async fn follow(self, mut stop: watch::Receiver<bool>) {
        let mut told = false;
        while !*stop.borrow() {
            let outcome = tokio::select! {
                outcome = self.poll() => outcome,
                _ = stop.changed() => return,
            };
            match outcome {
                Ok(()) => told = false,
                Err(failure) => {
                    if !told {
                        warn!(error = %failure, "working on with the settings there are");
                        told = true;
                    }
                    tokio::select! {
                        () = tokio::time::sleep(RETRY_AFTER) => {}
                        _ = stop.changed() => return,
                    }
                }
            }
        }
    }

    /// Asks once; returns when something changed or the dashboard's patience ended.
    pub async fn poll(&self) -> Result<(), SettingsError> {
        let have = self.sites.load().version;
        let answer = self
            .client
            .get(&self.url)
            .bearer_auth(&self.secret)
            .header("If-None-Match", format!("\"{have}\""))
            .header("Prefer", format!("wait={POLL_SECONDS}"))
            .send()
            .await
            .map_err(SettingsError::Fetch)?;
        match answer.status() {
            StatusCode::NOT_MODIFIED => return Ok(()),
            StatusCode::OK => {}
            other => return Err(SettingsError::Status(other)),
        }
        let bytes = match bounded::body(answer, SNAPSHOT_BYTES_MAX).await {
            (bytes, None) => bytes,
            (_, Some(Cut::Broken(error))) => return Err(SettingsError::Fetch(error)),
            (_, Some(Cut::TooLong)) => return Err(SettingsError::TooLarge),
        };
        let snapshot: Snapshot = serde_json::from_slice(&bytes).map_err(SettingsError::Read)?;
        if snapshot.version == have {
            debug!(version = have, "the dashboard sent the settings we have");
            return Ok(());
        }
        let sites = Sites::read(&snapshot)?;
        keep(&self.kept, &bytes).map_err(|source| SettingsError::Keep { path: self.kept.clone(), source })?;
        info!(version = snapshot.version, sites = snapshot.sites.len(), "new settings");
        self.sites.store(Arc::new(sites));
        self.switches.set(Destinations::read(&snapshot, &self.secret));
        Ok(())
    }
}

/// Replaces the file in one step, so that a crash leaves the old or the new one.
fn keep(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let fresh = path.with_extension("new");
    let mut file = File::create(&fresh)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&fresh, path)
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    use super::*;

    /// A dashboard that answers one poll with so many bytes.
    async fn answered_with(bytes: usize) -> Result<(), SettingsError> {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let settings = Settings::open(&folder.path().join("settings.json"), &url, "secret").unwrap();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            assert!(stream.read(&mut [0; 4096]).await.unwrap() > 0);
            // Chunked: the length is not said before.
            let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
            stream.write_all(head.as_bytes()).await.unwrap();
            let chunk = [b"10000\r\n".as_slice(), &[b' '; 0x10000], b"\r\n"].concat();
            for _ in 0..bytes / 0x10000 {
                if stream.write_all(&chunk).await.is_err() {
                    return;
                }
            }
            let _ = stream.write_all(b"0\r\n\r\n").await;
        });
        settings.poll().await
    }

    #[tokio::test]
    async fn settings_above_the_limit_are_not_read_to_their_end() {
        assert!(matches!(answered_with(4 * SNAPSHOT_BYTES_MAX).await, Err(SettingsError::TooLarge)));
        assert!(matches!(answered_with(SNAPSHOT_BYTES_MAX).await, Err(SettingsError::Read(_))));
    }
}
