//! The configuration: one file, five sections, read once and checked as a whole.
//!
//! Every part reads the same file with the same command-line overrides, so that
//! they agree about each other's addresses. Every mistake is reported in one go, before a
//! port is bound or a process started.

mod engine;
mod file;
mod library;

use std::{ffi::OsString, path::PathBuf};

use clap::Args;
use store::{Address, RawAddress};
use toml::{Table, Value};

pub use self::engine::EngineSettings;
use self::{engine::RawEngine, file::Sections};
use crate::{
    backup::{BackupSettings, RawBackup},
    data::DataFolder,
    failure::Failure,
};

/// Where the settings come from. The same for `up` and for each part it starts.
#[derive(Debug, Clone, Args)]
pub struct Sources {
    /// The data folder: everything Mostik keeps is in here.
    #[arg(long, global = true, value_name = "DIR", default_value = "data")]
    pub data: PathBuf,
    /// The configuration file [default: mostik.toml in the data folder, made when missing].
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Overrides collector.listen; port 0 takes a free one.
    #[arg(long, global = true, value_name = "ADDRESS")]
    pub collector_listen: Option<String>,
    /// Overrides collector.ops_listen.
    #[arg(long, global = true, value_name = "ADDRESS")]
    pub ops_listen: Option<String>,
    /// Overrides dashboard.listen.
    #[arg(long, global = true, value_name = "ADDRESS")]
    pub dashboard_listen: Option<String>,
    /// Overrides collector.metrika_url, and metrika_api_url of both sections.
    #[arg(long, global = true, value_name = "URL")]
    pub metrika_url: Option<String>,
    /// Turns collector.demo on.
    #[arg(long, global = true)]
    pub demo: bool,
    /// The engine's library where engine.library names none.
    #[arg(long, global = true, value_name = "FILE", env = "MOSTIK_LIBCHDB")]
    pub library: Option<PathBuf>,
    /// The country file where collector.geo_file names none.
    #[arg(long, global = true, value_name = "FILE", env = "MOSTIK_GEO")]
    pub geo_file: Option<PathBuf>,
}

/// All sections, complete and checked. No `Debug`: it holds secrets.
pub struct Settings {
    pub data: DataFolder,
    /// The file they were read from.
    pub file: PathBuf,
    /// `None` when a ClickHouse server of the owner's is used.
    pub engine: Option<EngineSettings>,
    pub collector: collector::Config,
    pub dashboard: dashboard::Config,
    /// The file with the token of servers that count for their visitors.
    pub server_token: PathBuf,
    pub backup: BackupSettings,
}

impl Settings {
    /// Reads everything; makes the data folder, the default file and the shared key
    /// when they are missing.
    pub fn load(sources: &Sources) -> Result<Settings, Failure> {
        let data = DataFolder::open(&sources.data)?;
        let path = file::ensure(sources.config.as_deref(), &data)?;
        let made = Made { settings_key: data.settings_key()?, server_token: data.server_token()? };
        let mut mistakes = Vec::new();
        let sections = file::read(&path, &mut mistakes)?;
        let sections = sources.applied_to(sections);
        let complete = complete(sections, &data, made, &mut mistakes);
        match complete {
            Some((engine, collector, dashboard, server_token, backup)) if mistakes.is_empty() => {
                Ok(Settings { data, file: path, engine, collector, dashboard, server_token, backup })
            }
            _ => Err(Failure::Configuration(named_once(mistakes, &path.display().to_string()))),
        }
    }
}

impl Sources {
    /// The command line that says the same.
    pub fn as_arguments(&self) -> Vec<OsString> {
        let texts = [
            ("--collector-listen", &self.collector_listen),
            ("--ops-listen", &self.ops_listen),
            ("--dashboard-listen", &self.dashboard_listen),
            ("--metrika-url", &self.metrika_url),
        ];
        let paths =
            [("--config", &self.config), ("--library", &self.library), ("--geo-file", &self.geo_file)];
        let texts = texts.into_iter().filter_map(|(name, text)| Some((name, OsString::from(text.as_ref()?))));
        let paths = paths.into_iter().filter_map(|(name, path)| Some((name, OsString::from(path.as_ref()?))));
        let data = [("--data", OsString::from(&self.data))];
        let pairs = data.into_iter().chain(texts).chain(paths);
        pairs
            .flat_map(|(name, value)| [name.into(), value])
            .chain(self.demo.then(|| "--demo".into()))
            .collect()
    }

    /// The command line's word in place of the file's.
    fn applied_to(&self, mut sections: Sections) -> Sections {
        let overrides = [
            (&mut sections.collector, "listen", &self.collector_listen),
            (&mut sections.dashboard, "listen", &self.dashboard_listen),
        ];
        for (section, key, value) in overrides {
            if let Some(value) = value {
                section.insert(key.to_owned(), Value::String(value.clone()));
            }
        }
        if let Some(url) = &self.metrika_url {
            sections.collector.insert("metrika_url".to_owned(), Value::String(url.clone()));
            for section in [&mut sections.collector, &mut sections.dashboard] {
                section.insert("metrika_api_url".to_owned(), Value::String(url.clone()));
            }
        }
        if let Some(ops) = &self.ops_listen {
            sections.collector.insert("ops_listen".to_owned(), Value::String(ops.clone()));
        }
        if self.demo {
            sections.collector.insert("demo".to_owned(), Value::Boolean(true));
            sections.dashboard.insert("demo".to_owned(), Value::Boolean(true));
        }
        fill(&mut sections.engine, "library", &self.library);
        fill(&mut sections.collector, "geo_file", &self.geo_file);
        sections
    }
}

/// Secrets of the data folder, in force unless the file names others.
struct Made {
    settings_key: PathBuf,
    server_token: PathBuf,
}

type Complete = (Option<EngineSettings>, collector::Config, dashboard::Config, PathBuf, BackupSettings);

/// Turns the sections into what the parts work by. Goes on after a mistake, so that
/// all are found.
fn complete(
    sections: Sections,
    data: &DataFolder,
    made: Made,
    mistakes: &mut Vec<String>,
) -> Option<Complete> {
    let raw_engine: RawEngine = file::section("engine", sections.engine, mistakes);
    let raw_clickhouse: RawAddress = file::section("clickhouse", sections.clickhouse, mistakes);
    let mut raw_collector: collector::RawConfig = file::section("collector", sections.collector, mistakes);
    let mut raw_dashboard: dashboard::RawConfig = file::section("dashboard", sections.dashboard, mistakes);

    let raw_backup: RawBackup = file::section("backup", sections.backup, mistakes);
    let backup = BackupSettings::from_raw(raw_backup, data).map_err(|found| mistakes.push(found)).ok();

    let is_embedded = raw_clickhouse.url.is_none();
    let engine = EngineSettings::from_raw(raw_engine, data, is_embedded);
    let engine = engine.map_err(|found| mistakes.extend(found)).ok();
    let socket = engine.as_ref().map_or_else(|| data.engine_socket(), |engine| engine.socket.clone());
    let clickhouse = Address::from_raw(raw_clickhouse.clone(), &socket);
    let clickhouse = clickhouse.map_err(|found| mistakes.extend(found)).ok();

    raw_dashboard.clickhouse = raw_clickhouse;
    raw_dashboard.demo |= raw_collector.demo;
    raw_dashboard.control_db.get_or_insert_with(|| data.control_db());
    let key_file = raw_dashboard.settings_secret_file.get_or_insert(made.settings_key).clone();
    let server_token = raw_collector.server_token_file.get_or_insert(made.server_token).clone();
    let listen = raw_collector.listen.clone();
    if let Some(listen) = listen.as_deref() {
        raw_dashboard.collector_url.get_or_insert_with(|| format!("http://{}", reachable(listen)));
    }
    let dashboard = dashboard::Config::from_raw(raw_dashboard, data.root(), &socket);
    let dashboard = dashboard.map_err(|found| mistakes.extend(found)).ok();

    let settings_secret = std::fs::read_to_string(&key_file)
        .map(|text| text.trim_end().to_owned())
        .map_err(|error| {
            mistakes.push(format!("dashboard.settings_secret_file = {key_file:?}: {error}"));
        })
        .ok();
    // What is missing only because of a mistake found above stands in, so that the
    // collector's own section is still checked; nothing is started with it.
    let around = collector::config::Surroundings {
        spool: data.spool(),
        receipts: data.receipts(),
        backup_keys: backup.as_ref().map_or_else(|| data.backup_keys(), |backup| backup.keys.clone()),
        outbox: data.root().join("bridge/outbox.db"),
        snapshot: data.root().join("settings.json"),
        settings_url: dashboard
            .as_ref()
            .map_or_else(String::new, |config| format!("http://{}", reachable(&config.listen.to_string()))),
        settings_secret: settings_secret.unwrap_or_default(),
        clickhouse: clickhouse.unwrap_or_else(|| Address::socket(socket)),
    };
    let collector = collector::Config::from_raw(raw_collector, around);
    let collector = collector.map_err(|found| mistakes.extend(found)).ok();
    Some((Some(engine?).filter(|_| is_embedded), collector?, dashboard?, server_token, backup?))
}

/// An address another program on this machine can connect to: `0.0.0.0` is where to
/// listen, not where to go.
fn reachable(listen: &str) -> String {
    listen.replace("0.0.0.0:", "127.0.0.1:").replace("[::]:", "[::1]:")
}

/// Sets `key` unless the owner has.
fn fill(section: &mut Table, key: &str, value: &Option<PathBuf>) {
    if let (Some(value), false) = (value, section.contains_key(key)) {
        section.insert(key.to_owned(), Value::String(value.display().to_string()));
    }
}

/// Each mistake once (both sides check the `[clickhouse]` section), with the file's name.
fn named_once(mistakes: Vec<String>, file: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::with_capacity(mistakes.len());
    for mistake in mistakes {
        let line = format!("{file}: {mistake}");
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines
}

#[cfg(test)]
mod tests;
