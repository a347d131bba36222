//! What a start leaves behind, and what it says.

use std::{fs, net::TcpStream, os::unix::fs::PermissionsExt, path::Path, process::Stdio};

use crate::launcher::{FREE_PORTS, Launcher, end_of, folder, mostik, signal};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn the_ready_line_names_addresses_that_answer_and_processes_that_run() {
    let data = folder(FREE_PORTS);
    let launcher = Launcher::start(data.path());
    for name in ["public", "ops", "dashboard"] {
        TcpStream::connect(launcher.address(name)).unwrap();
    }
    for part in ["engine", "collector", "dashboard"] {
        let command = fs::read_to_string(format!("/proc/{}/cmdline", launcher.pid_of(part))).unwrap();
        assert_eq!(command.split('\0').nth(1), Some(part), "{command}");
    }
    let link = launcher.ready["setup_link"].as_str().unwrap();
    assert!(link.starts_with(&format!("http://{}/setup#", launcher.address("dashboard"))), "{link}");
}

#[test]
fn nobody_else_can_read_secrets_or_talk_to_the_engine() {
    let data = folder(FREE_PORTS);
    let launcher = Launcher::start(data.path());
    assert_eq!(mode(Path::new(launcher.ready["engine_socket"].as_str().unwrap())), 0o600);
    assert_eq!(mode(&data.path().join("secrets")), 0o700);
    assert_eq!(mode(&data.path().join("secrets/settings.key")), 0o600);
    let key = fs::read_to_string(data.path().join("secrets/settings.key")).unwrap();
    assert_eq!(key.trim_end().len(), 64);
}

#[test]
fn no_file_in_the_data_folder_is_open_to_others() {
    let data = folder(FREE_PORTS);
    let _launcher = Launcher::start(data.path());
    let mut folders = vec![data.path().to_owned()];
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            // A file that the engine has removed meanwhile is open to nobody.
            let Ok(found) = fs::symlink_metadata(&path) else { continue };
            // Written by the test itself.
            if path.file_name().unwrap() != "mostik.toml" && !found.is_symlink() {
                assert_eq!(found.permissions().mode() & 0o077, 0, "{}", path.display());
            }
            if found.is_dir() {
                folders.push(path);
            }
            seen += 1;
        }
    }
    assert!(seen > 20, "only {seen} files were looked at");
}

#[test]
fn the_ready_line_stands_in_a_file_for_as_long_as_it_is_true() {
    let data = folder(FREE_PORTS);
    let mut launcher = Launcher::start(data.path());
    let file = data.path().join("run/ready.json");
    let kept: serde_json::Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    assert_eq!(kept, launcher.ready);
    signal("TERM", launcher.pid());
    assert!(launcher.wait().success());
    assert!(!file.exists());
}

#[test]
fn a_new_set_up_link_leads_to_the_dashboard_that_runs_and_differs_from_the_first() {
    let data = folder(FREE_PORTS);
    let launcher = Launcher::start(data.path());
    let output = end_of(mostik("setup-link", data.path()));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let link = String::from_utf8(output.stdout).unwrap();
    assert!(link.starts_with(&format!("http://{}/setup#", launcher.address("dashboard"))), "{link}");
    assert_ne!(link.trim_end(), launcher.ready["setup_link"].as_str().unwrap());
}

#[test]
fn a_second_start_keeps_what_the_first_has_made() {
    let data = folder(FREE_PORTS);
    let mut first = Launcher::start(data.path());
    let key = fs::read(data.path().join("secrets/settings.key")).unwrap();
    signal("INT", first.pid());
    assert!(first.wait().success());
    let second = Launcher::start(data.path());
    assert_ne!(second.pid(), first.pid());
    assert_eq!(key, fs::read(data.path().join("secrets/settings.key")).unwrap());
}

#[test]
fn people_are_told_the_script_tag_with_the_collectors_address() {
    let data = folder(FREE_PORTS);
    let mut command = mostik("up", data.path());
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let mut text = String::new();
    let mut stdout = std::io::BufReader::new(child.stdout.take().unwrap());
    while !text.contains("Ctrl-C") {
        assert_ne!(std::io::BufRead::read_line(&mut stdout, &mut text).unwrap(), 0, "{text}");
    }
    let ready: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(data.path().join("run/ready.json")).unwrap()).unwrap();
    let tag = format!(r#"<script defer src="http://{}/i.js""#, ready["public"].as_str().unwrap());
    signal("TERM", child.id());
    assert!(child.wait().unwrap().success());
    assert!(text.contains(&tag), "{text}");
}
