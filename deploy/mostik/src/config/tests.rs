//! The configuration file from the owner's side.

use std::{fs, path::Path};

use super::*;

fn sources(data: &Path) -> Sources {
    Sources {
        data: data.to_owned(),
        config: None,
        collector_listen: None,
        ops_listen: None,
        dashboard_listen: None,
        metrika_url: None,
        demo: false,
        // Any whole ELF file will do: nothing here loads it.
        library: Some(std::env::current_exe().unwrap()),
        geo_file: None,
    }
}

/// Loads `text` as the configuration file.
fn load(text: &str) -> Result<Settings, Failure> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("mostik.toml"), text).unwrap();
    Settings::load(&sources(folder.path()))
}

fn mistakes(text: &str) -> Vec<String> {
    match load(text) {
        Err(Failure::Configuration(mistakes)) => mistakes,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("{text} was taken"),
    }
}

#[test]
fn the_first_start_writes_a_file_that_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings::load(&sources(folder.path())).unwrap_or_else(|failure| panic!("{failure}"));
    assert_eq!(fs::read_to_string(folder.path().join("mostik.toml")).unwrap(), file::DEFAULT_FILE);
    assert_eq!(settings.collector.listen.port(), 8787);
    assert_eq!(settings.dashboard.listen.port(), 8788);
    assert!(
        toml::from_str::<Table>(file::DEFAULT_FILE)
            .unwrap()
            .values()
            .all(|section| { section.as_table().is_some_and(Table::is_empty) })
    );
}

#[test]
fn every_commented_key_of_the_default_file_is_a_real_key_with_a_valid_value() {
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("secret");
    fs::write(&secret, "correct horse battery staple, and more\n").unwrap();
    let uncommented: Vec<String> = file::DEFAULT_FILE
        .lines()
        .map(|line| line.strip_prefix("# ").filter(|rest| rest.contains(" = ")).unwrap_or(line).to_owned())
        .map(|line| match line.split_once(" = ") {
            Some((key @ ("password_file" | "server_token_file"), _)) => format!("{key} = {secret:?}"),
            Some(("library" | "geo_file", _)) => String::new(),
            _ => line,
        })
        .collect();
    let text = uncommented.join("\n");
    assert!(text.contains("ops_listen = ") && text.contains("ram = "), "{text}");
    let settings = load(&text).unwrap_or_else(|failure| panic!("{failure}\n{text}"));
    assert!(settings.engine.is_none(), "clickhouse.url is among the keys, so no engine is started");
}

#[test]
fn mistakes_in_all_four_sections_are_reported_in_one_go() {
    let found = mistakes(
        "[collector]\nlisten = 'here'\nlissen = 1\n[dashboard]\npublic_url = 'x'\n[clickhouse]\ndatabase = 'default'\n\
         [engine]\nram = 'lots'\n[colector]\n",
    );
    for key in [
        "collector.listen ",
        "collector.lissen",
        "dashboard.public_url",
        "clickhouse.database",
        "engine.ram",
        "colector",
    ] {
        assert!(found.iter().any(|line| line.contains(key)), "{key} is not in {found:#?}");
    }
    assert_eq!(found.len(), 6, "{found:#?}");
}

#[test]
fn a_file_that_is_no_toml_is_reported_with_its_line() {
    let found = mistakes("[collector]\n\nlisten = = 1\n");
    assert!(found[0].contains("line 3"), "{found:?}");
}

#[test]
fn the_command_line_prevails_over_the_file() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("mostik.toml"), "[collector]\nlisten = '127.0.0.1:1'\n").unwrap();
    let sources = Sources { collector_listen: Some("127.0.0.1:2".into()), ..sources(folder.path()) };
    let settings = Settings::load(&sources).unwrap_or_else(|failure| panic!("{failure}"));
    assert_eq!(settings.collector.listen.port(), 2);
    assert_eq!(
        settings.dashboard.collector_url, "http://127.0.0.1:2",
        "the script tag follows the collector"
    );
}

#[test]
fn the_owners_country_file_prevails_over_the_one_that_was_fetched() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("mostik.toml"), "[collector]\ngeo_file = '/own.mmdb'\n").unwrap();
    let sources = Sources { geo_file: Some("/fetched.mmdb".into()), ..sources(folder.path()) };
    let settings = Settings::load(&sources).unwrap_or_else(|failure| panic!("{failure}"));
    assert_eq!(settings.collector.geo_file.as_deref(), Some(Path::new("/own.mmdb")));
}

#[test]
fn collector_and_dashboard_share_one_secret() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings::load(&sources(folder.path())).unwrap_or_else(|failure| panic!("{failure}"));
    let kept = fs::read_to_string(&settings.dashboard.settings_secret_file).unwrap();
    assert_eq!(settings.collector.around.settings_secret, kept.trim_end());
    assert_eq!(settings.collector.around.settings_url, "http://127.0.0.1:8788");
}

#[test]
fn servers_have_a_token_of_their_own_until_the_owner_names_another() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings::load(&sources(folder.path())).unwrap_or_else(|failure| panic!("{failure}"));
    assert!(settings.collector.server_token.is_some());
    let secret = |name: &str| fs::read_to_string(folder.path().join("secrets").join(name)).unwrap();
    assert_eq!(secret("server.token").trim_end().len(), 64);
    assert_ne!(secret("server.token"), secret("settings.key"));
    let short = folder.path().join("short");
    fs::write(&short, "0123456789\n").unwrap();
    let found = mistakes(&format!("[collector]\nserver_token_file = {short:?}\n"));
    assert!(
        found[0].contains("collector.server_token_file") && found[0].contains("32 characters"),
        "{found:?}"
    );
}

#[test]
fn a_second_place_for_clickhouse_is_refused() {
    let found = mistakes("[dashboard.clickhouse]\nurl = 'https://x'\n");
    assert!(found[0].contains("section [clickhouse]"), "{found:?}");
}

#[test]
fn a_data_folder_too_deep_for_a_socket_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let deep = folder.path().join("d".repeat(100));
    let message = Settings::load(&sources(&deep)).err().unwrap().to_string();
    assert!(message.contains("a unix socket may have 107") && message.contains("engine.socket"), "{message}");
}
