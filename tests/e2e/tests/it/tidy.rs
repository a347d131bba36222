//! Rules of the code that no compiler checks.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Above this many lines a file gives a reason at its head.
const LINES_MAX: usize = 500;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// All files below `folder` with one of the endings.
fn files(folder: &str, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            if path.is_dir() && !matches!(name.as_str(), "target" | "node_modules" | "dist" | ".git") {
                folders.push(path);
            } else if endings.iter().any(|ending| name.ends_with(ending)) {
                found.push(path);
            }
        }
    }
    assert!(!found.is_empty(), "no files in {folder}");
    found
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

#[test]
fn addresses_and_agents_are_named_in_request_and_privacy_only() {
    // Listening addresses are ours, not a visitor's; the geo look-up gets the
    // truncated network's first address.
    let allowed =
        ["src/request", "src/privacy", "src/serve", "src/config.rs", "src/enrich/geo", "src/accept"];
    for path in files("collector/src", &[".rs"]) {
        let name = path.display().to_string();
        if allowed.iter().any(|allowed| name.contains(allowed)) {
            continue;
        }
        let text = text(&path);
        for word in ["IpAddr", "SocketAddr", "USER_AGENT", "\"user-agent\""] {
            assert!(!text.contains(word), "{name} names {word}");
        }
    }
}

#[test]
fn types_that_hold_personal_data_cannot_be_printed_or_copied() {
    for (file, kind) in [
        ("network.rs", "ClientIp"),
        ("sender.rs", "Sender"),
        ("sender.rs", "Reduced"),
        ("identity.rs", "Message"),
        ("identity.rs", "VisitorKey"),
        ("keys.rs", "KeyRing"),
        ("vault.rs", "Vault"),
    ] {
        let text = text(&root().join("collector/src/privacy").join(file));
        let (before, _) = text.split_once(&format!("struct {kind}")).expect(kind);
        let own = before.rsplit("\n\n").next().unwrap();
        let attributes: String = own.lines().filter(|line| line.starts_with("#[")).collect();
        for banned in ["Debug", "Display", "Clone", "Serialize"] {
            assert!(!attributes.contains(banned), "{kind} has {banned}");
            assert!(!text.contains(&format!("impl {banned} for {kind}")), "{kind} has {banned}");
        }
    }
}

#[test]
fn files_are_short_or_say_why_not() {
    for folder in ["store", "collector", "dashboard/src", "deploy", "tests", "sdk-js/src"] {
        for path in files(folder, &[".rs", ".ts", ".tsx"]) {
            let text = text(&path);
            let code = text.split("#[cfg(test)]").next().unwrap().lines().count();
            let head: String = text.lines().take(12).collect();
            assert!(code <= LINES_MAX || head.contains("long"), "{} has {code} lines", path.display());
        }
    }
}

#[test]
fn no_module_is_named_for_a_leftover() {
    for folder in ["store/src", "collector/src", "dashboard/src", "deploy/mostik/src"] {
        for path in files(folder, &[".rs"]) {
            let stem = path.file_stem().unwrap().to_str().unwrap();
            let banned = ["utils", "util", "common", "types", "core", "misc", "helpers", "mod"];
            assert!(!banned.contains(&stem), "{}", path.display());
        }
    }
}

#[test]
fn tests_neither_sleep_nor_retry_nor_are_switched_off() {
    let banned = [concat!("#[ig", "nore"), concat!("thread::sl", "eep"), concat!("#[should_", "panic")];
    for folder in ["store", "collector", "dashboard", "deploy/mostik", "tests/e2e"] {
        for path in files(folder, &[".rs"]) {
            let text = text(&path);
            // In the product a thread may rest; in what tests it may not.
            let is_product = path.components().any(|part| part.as_os_str() == "src")
                && !path.starts_with(root().join("tests"));
            let tests = if is_product {
                text.split_once("#[cfg(test)]").map_or("", |(_, tests)| tests)
            } else {
                &text
            };
            for word in banned {
                assert!(!tests.contains(word), "{} has {word}", path.display());
            }
        }
    }
}
