//! Compiles the script and the demo site into the program, with compressed forms.
#![expect(clippy::disallowed_methods, reason = "a build script takes its settings from the environment")]

use std::{env, fmt::Write as _, fs, path::Path};

/// Files of `sdk-js/dist` that are served; the rest of `dist` is for npm.
fn is_served(name: &str) -> bool {
    name.ends_with(".js")
}

fn main() {
    let root = env::var("CARGO_MANIFEST_DIR").expect("cargo sets it");
    let out = env::var("OUT_DIR").expect("cargo sets it");
    let scripts = Path::new(&root).join("../sdk-js/dist");
    let demo = Path::new(&root).join("demo");
    if !scripts.join("i.js").is_file() {
        panic!(
            "sdk-js/dist/i.js is missing. Build the script first:\n    npm --prefix sdk-js ci && npm --prefix sdk-js run build"
        );
    }
    let mut code = String::new();
    list(&mut code, "SCRIPTS", &scripts, Path::new(&out), is_served);
    list(&mut code, "DEMO", &demo, Path::new(&out), |_| true);
    fs::write(Path::new(&out).join("assets.rs"), code).expect("OUT_DIR takes files");
}

fn list(code: &mut String, name: &str, folder: &Path, out: &Path, wanted: fn(&str) -> bool) {
    println!("cargo::rerun-if-changed={}", folder.display());
    writeln!(code, "static {name}: &[Embedded] = &[").expect("a String takes every write");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("cannot read {}: {error}", folder.display()))
        .map(|entry| entry.expect("a folder just opened can be listed").path())
        .filter(|path| path.is_file())
        .collect();
    files.sort();
    for path in files {
        let file = path.file_name().and_then(|file| file.to_str()).expect("our own names are UTF-8");
        if !wanted(file) {
            continue;
        }
        let bytes = fs::read(&path).expect("a file just listed can be read");
        let (brotli, gzip) = if is_text(file) {
            (
                Some(save(out, &format!("{name}-{file}.br"), &brotli(&bytes))),
                Some(save(out, &format!("{name}-{file}.gz"), &gzip(&bytes))),
            )
        } else {
            (None, None)
        };
        writeln!(
            code,
            "Embedded {{ path: {file:?}, identity: include_bytes!({path:?}), brotli: {}, gzip: {} }},",
            option(brotli.as_deref()),
            option(gzip.as_deref()),
        )
        .expect("a String takes every write");
    }
    code.push_str("];\n");
}

fn option(path: Option<&str>) -> String {
    path.map_or("None".to_owned(), |path| format!("Some(include_bytes!({path:?}))"))
}

fn save(out: &Path, name: &str, bytes: &[u8]) -> String {
    let path = out.join(name);
    fs::write(&path, bytes).expect("OUT_DIR takes files");
    path.to_str().expect("OUT_DIR is UTF-8").to_owned()
}

fn is_text(file: &str) -> bool {
    [".js", ".html", ".css", ".svg", ".json", ".txt"].iter().any(|ending| file.ends_with(ending))
}

fn brotli(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let params = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, ..Default::default() };
    brotli::BrotliCompress(&mut &bytes[..], &mut out, &params).expect("memory takes every write");
    out
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).expect("memory takes every write");
    encoder.finish().expect("memory takes every write")
}
