//! Everything a start can fail by: one clear line, what to do about it, and a code
//! that tells "change something" (64) from "something is not there" (69).

use std::{
    fs::{self, Permissions},
    net::TcpListener,
    os::unix::{fs::PermissionsExt, process::CommandExt},
    path::Path,
    process::Command,
};

use crate::launcher::{FREE_PORTS, Launcher, PROGRAM, end_of, folder, given, mostik};

/// The user and group that owns nothing (Debian's base-passwd).
const NOBODY: u32 = 65534;

/// Runs a command that must fail with `code`, and gives its lines for people.
fn complaints(command: Command, code: i32) -> Vec<String> {
    let output = end_of(command);
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{stderr}");
    assert!(output.stdout.is_empty(), "{}", String::from_utf8_lossy(&output.stdout));
    stderr.lines().filter_map(|line| line.strip_prefix("mostik: ")).map(str::to_owned).collect()
}

/// One line, with these words in it.
fn check(command: Command, code: i32, words: &[&str]) {
    let lines = complaints(command, code);
    assert_eq!(lines.len(), 1, "{lines:#?}");
    for word in words {
        assert!(lines[0].contains(word), "{word:?} is not in {:?}", lines[0]);
    }
}

#[test]
fn every_mistake_in_the_file_is_named_before_a_port_is_taken() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let data = folder(&format!(
        "[collector]\nlisten = '{}'\nprecision = 'exact'\n[dashboard]\npublic_url = 'x'\n[engine]\nram = '1 KB'\n",
        taken.local_addr().unwrap()
    ));
    for command in ["up", "check-config", "collector"] {
        let lines = complaints(mostik(command, data.path()), 64);
        assert_eq!(lines.len(), 3, "{lines:#?}");
        for key in ["collector.precision", "dashboard.public_url", "engine.ram"] {
            assert!(lines.iter().any(|line| line.contains(key)), "{key} is not in {lines:#?}");
        }
    }
}

#[test]
fn a_setting_that_contradicts_its_profile_is_named_before_a_port_is_taken() {
    for (profile, setting) in [
        ("exempt", "precision = 'version'"),
        ("exempt", "precision = 'class'"),
        ("counter", "precision = 'strict'"),
    ] {
        let data = folder(&format!("[collector]\nprofile = '{profile}'\n{setting}\n"));
        for command in ["up", "check-config", "collector"] {
            check(mostik(command, data.path()), 64, &["collector.precision", profile]);
        }
    }
    let data = folder("[collector]\nprofile = 'exempt'\nretention_months = 26\n");
    check(mostik("up", data.path()), 64, &["collector.retention_months"]);
}

#[test]
fn a_configuration_without_mistakes_is_said_to_have_none() {
    let data = folder(FREE_PORTS);
    let output = end_of(mostik("check-config", data.path()));
    assert!(output.status.success());
    assert!(String::from_utf8(output.stdout).unwrap().contains("no mistakes"));
}

#[test]
fn a_misspelt_option_is_a_mistake() {
    let data = folder(FREE_PORTS);
    let mut command = mostik("up", data.path());
    command.arg("--jsno");
    let output = end_of(command);
    assert_eq!(output.status.code(), Some(64));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--jsno"));
}

#[test]
fn a_configuration_file_that_is_not_there_is_not_made() {
    let data = folder(FREE_PORTS);
    let missing = data.path().join("other.toml");
    let mut command = mostik("up", data.path());
    command.arg("--config").arg(&missing);
    check(command, 64, &["other.toml"]);
    assert!(!missing.exists());
}

#[test]
fn a_port_in_use_is_named_with_its_key() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for key in ["collector.listen", "collector.ops_listen", "dashboard.listen"] {
        let port = |of: &str| if of == key { address.as_str() } else { "127.0.0.1:0" };
        let data = folder(&format!(
            "[collector]\nlisten = '{}'\nops_listen = '{}'\n[dashboard]\nlisten = '{}'\n",
            port("collector.listen"),
            port("collector.ops_listen"),
            port("dashboard.listen")
        ));
        check(mostik("up", data.path()), 69, &[key, &address, "in use", "ss -ltnp"]);
    }
}

#[test]
fn a_library_that_is_not_there_is_a_mistake_with_the_way_to_get_it() {
    let data = folder(&format!("{FREE_PORTS}[engine]\nlibrary = '/nowhere/libchdb.so'\n"));
    check(mostik("up", data.path()), 64, &["/nowhere/libchdb.so", "deploy/up"]);
}

#[test]
fn a_library_that_is_cut_short_is_found_out_before_it_is_loaded() {
    let data = folder("");
    let library = data.path().join("libchdb.so");
    let head = fs::read(PROGRAM).unwrap();
    fs::write(&library, &head[..head.len() / 2]).unwrap();
    fs::write(data.path().join("mostik.toml"), format!("{FREE_PORTS}[engine]\nlibrary = {library:?}\n"))
        .unwrap();
    check(mostik("up", data.path()), 64, &["cut short", "deploy/up"]);
}

#[test]
fn an_engine_that_does_not_start_is_not_tried_again() {
    // A whole ELF file, but no library of ours: the dynamic loader refuses it.
    let data = folder(&format!("{FREE_PORTS}[engine]\nlibrary = {PROGRAM:?}\n"));
    check(mostik("up", data.path()), 69, &["engine: ", PROGRAM]);
}

#[test]
fn a_country_file_that_is_cut_short_is_named() {
    let whole = fs::read(given("MOSTIK_GEO")).unwrap();
    let data = folder("");
    let cut = data.path().join("cut.mmdb");
    fs::write(&cut, &whole[..whole.len() / 2]).unwrap();
    fs::write(
        data.path().join("mostik.toml"),
        FREE_PORTS.replacen("[collector]\n", &format!("[collector]\ngeo_file = {cut:?}\n"), 1),
    )
    .unwrap();
    check(mostik("up", data.path()), 69, &["collector: ", "cut.mmdb"]);
}

#[test]
fn a_country_file_that_is_not_there_is_named() {
    let data = folder(&FREE_PORTS.replacen("[collector]\n", "[collector]\ngeo_file = '/nowhere.mmdb'\n", 1));
    check(mostik("up", data.path()), 69, &["collector: ", "/nowhere.mmdb"]);
}

#[test]
fn a_second_launcher_on_one_data_folder_is_refused() {
    let data = folder(FREE_PORTS);
    let _first = Launcher::start(data.path());
    check(mostik("up", data.path()), 69, &["another mostik is running", "--data"]);
}

#[test]
fn a_data_folder_that_is_a_file_is_refused() {
    let parent = tempfile::tempdir().unwrap();
    let file = parent.path().join("data");
    fs::write(&file, "").unwrap();
    check(mostik("up", &file), 69, &["the data folder", "--data"]);
}

#[test]
fn a_data_folder_without_write_access_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    // Root may write everywhere, so root's test runs the program as nobody, from a
    // place that nobody can reach.
    let program = folder.path().join("mostik");
    fs::copy(PROGRAM, &program).unwrap();
    let data = folder.path().join("data");
    fs::create_dir(&data).unwrap();
    fs::set_permissions(&data, Permissions::from_mode(0o555)).unwrap();
    let mut command = Command::new(program);
    command.args(["up", "--data"]).arg(&data).current_dir("/");
    if is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    check(command, 69, &["the data folder", "write access", "--data"]);
}

fn is_root() -> bool {
    std::os::unix::fs::MetadataExt::uid(&fs::metadata("/proc/self").unwrap()) == 0
}

#[test]
fn a_data_folder_too_deep_for_a_socket_is_refused() {
    let parent = tempfile::tempdir().unwrap();
    let deep = parent.path().join("d".repeat(100));
    fs::create_dir(&deep).unwrap();
    fs::write(deep.join("mostik.toml"), FREE_PORTS).unwrap();
    check(mostik("up", Path::new(&deep)), 64, &["107", "shorter --data"]);
}
