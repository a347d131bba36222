//! Embeds `dashboard/ui/dist` into the binary: writes a table of `include_bytes!`,
//! sorted by path, with the `.br` and `.gz` twins beside their files.

use std::{
    collections::BTreeMap,
    env, fs, io,
    path::{Path, PathBuf},
};

const BUILD_COMMAND: &str = "npm --prefix dashboard/ui ci && npm --prefix dashboard/ui run build";

fn main() {
    let crate_folder = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let dist = crate_folder.join("ui/dist");
    // The folder's own time changes when a build replaces it; naming every file
    // below catches one that was edited in place.
    println!("cargo::rerun-if-changed=ui/dist");
    println!("cargo::rerun-if-changed=build.rs");
    let mut files = BTreeMap::new();
    if let Err(error) = collect(&dist, "", &mut files) {
        fail(&format!("the UI is not built ({error})"));
    }
    if !files.contains_key("/index.html") {
        fail("dashboard/ui/dist has no index.html");
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it")).join("assets.rs");
    fs::write(out, table(&files)).expect("OUT_DIR can be written");
}

fn fail(what: &str) -> ! {
    println!("cargo::error={what}; run in the top folder: {BUILD_COMMAND}");
    std::process::exit(1);
}

fn collect(folder: &Path, prefix: &str, files: &mut BTreeMap<String, PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().into_string().map_err(|name| io::Error::other(format!("{name:?}")))?;
        let path = format!("{prefix}/{name}");
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &path, files)?;
        } else {
            println!("cargo::rerun-if-changed={}", entry.path().display());
            files.insert(path, entry.path());
        }
    }
    Ok(())
}

fn table(files: &BTreeMap<String, PathBuf>) -> String {
    let mut code = String::from("static ASSETS: &[Asset] = &[\n");
    for (path, file) in files {
        if path.ends_with(".br") || path.ends_with(".gz") {
            continue;
        }
        let twin = |ending: &str| match files.get(&format!("{path}{ending}")) {
            Some(twin) => format!("Some(include_bytes!({twin:?}))"),
            None => "None".to_owned(),
        };
        code.push_str(&format!(
            "    Asset {{ path: {path:?}, content_type: {:?}, immutable: {}, plain: include_bytes!({file:?}), \
             brotli: {}, gzip: {} }},\n",
            content_type(path),
            has_hash(path),
            twin(".br"),
            twin(".gz"),
        ));
    }
    code.push_str("];\n");
    code
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, ending)| ending) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json" | "map") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        Some("txt") => "text/plain; charset=utf-8",
        Some("webmanifest") => "application/manifest+json",
        _ => "application/octet-stream",
    }
}

/// Whether the name ends in a hash, as esbuild writes it: `app-7QX2ABCD.js`.
fn has_hash(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let stem = name.split_once('.').map_or(name, |(stem, _)| stem);
    let Some((_, hash)) = stem.rsplit_once('-') else { return false };
    hash.len() >= 8 && hash.chars().all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit())
}
