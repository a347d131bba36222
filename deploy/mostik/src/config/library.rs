//! The engine's library: where it is, and whether all of it is there.
//!
//! A half-downloaded library must be found out here: the dynamic loader maps the
//! file without comparing lengths, and touching a page beyond its end kills the
//! process with SIGBUS, which explains nothing to anybody.

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

const FILE_NAME: &str = "libchdb.so";

/// Bytes of a 64-bit ELF file's header (elf(5), `Elf64_Ehdr`).
const HEADER_BYTES: usize = 64;

const HOW_TO_MEND: &str = "run deploy/up to fetch it, or set engine.library in mostik.toml";

/// The library the owner named, or the one next to the program.
pub fn find(named: Option<&Path>) -> Result<PathBuf, String> {
    let path = match named {
        Some(path) => path.to_owned(),
        None => beside_the_program().filter(|path| path.exists()).ok_or_else(|| {
            format!("engine.library: {FILE_NAME} is not next to the mostik program: {HOW_TO_MEND}")
        })?,
    };
    check(&path).map_err(|problem| format!("engine.library = {path:?}: {problem}: {HOW_TO_MEND}"))?;
    Ok(path)
}

fn beside_the_program() -> Option<PathBuf> {
    Some(std::env::current_exe().ok()?.parent()?.join(FILE_NAME))
}

fn check(path: &Path) -> Result<(), String> {
    let mut file = File::open(path).map_err(|error| error.to_string())?;
    let have = file.metadata().map_err(|error| error.to_string())?.len();
    let mut header = [0; HEADER_BYTES];
    match file.read_exact(&mut header) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            return Err("the file is cut short".into());
        }
        other => other.map_err(|error| error.to_string())?,
    }
    let need = bytes_needed(&header).ok_or("the file is not a 64-bit Linux library")?;
    if have < need {
        return Err(format!("the file is cut short: it has {have} bytes of {need}"));
    }
    Ok(())
}

/// The end of the section headers, which linkers write last. `None` if it is no
/// little-endian 64-bit ELF file.
fn bytes_needed(header: &[u8; HEADER_BYTES]) -> Option<u64> {
    const MAGIC_CLASS_64_LITTLE: &[u8] = b"\x7fELF\x02\x01";
    if !header.starts_with(MAGIC_CLASS_64_LITTLE) {
        return None;
    }
    let half = |at: usize| u64::from(u16::from_le_bytes([header[at], header[at + 1]]));
    let offset = u64::from_le_bytes(header[40..48].try_into().ok()?);
    offset.checked_add(half(58) * half(60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_linked_by_this_toolchain_is_whole() {
        assert_eq!(check(&std::env::current_exe().unwrap()), Ok(()));
    }

    #[test]
    fn a_file_that_lacks_its_last_byte_is_cut_short() {
        let whole = std::env::current_exe().unwrap();
        let mut file = File::open(&whole).unwrap();
        let mut header = [0; HEADER_BYTES];
        file.read_exact(&mut header).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let cut = folder.path().join(FILE_NAME);
        // Sparse: only the header's bytes and the length count.
        std::fs::write(&cut, header).unwrap();
        let file = File::options().write(true).open(&cut).unwrap();
        file.set_len(bytes_needed(&header).unwrap() - 1).unwrap();
        assert!(check(&cut).unwrap_err().contains("cut short"));
        file.set_len(bytes_needed(&header).unwrap()).unwrap();
        assert_eq!(check(&cut), Ok(()));
    }

    #[test]
    fn a_text_file_is_not_a_library() {
        let folder = tempfile::tempdir().unwrap();
        let text = folder.path().join(FILE_NAME);
        std::fs::write(&text, "x".repeat(100)).unwrap();
        assert!(check(&text).unwrap_err().contains("not a 64-bit Linux library"));
        std::fs::write(&text, "x").unwrap();
        assert!(check(&text).unwrap_err().contains("cut short"));
    }

    #[test]
    fn a_library_that_is_not_there_is_named_with_the_way_to_mend_it() {
        let message = find(Some(Path::new("/does/not/exist.so"))).unwrap_err();
        assert!(message.contains("/does/not/exist.so") && message.contains("deploy/up"), "{message}");
    }
}
