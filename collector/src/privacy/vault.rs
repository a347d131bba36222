//! Where the daily keys lie: memory that the kernel neither swaps nor dumps, in a file
//! that is on no disk.
//!
//! The file is a `memfd` of this process, one that the launcher holds so that the
//! collector's death does not split its visitors' day, or one in the owner's `key_dir`,
//! which must be a tmpfs. It is all the same to the code: two tables of fixed size, of keys
//! and of opt-outs (`objected`), each entry with the moment at which it must be gone, which
//! the launcher sees to when no collector does.
//!
//! Two processes may look at the table at once, so every word is an atomic.
#![expect(unsafe_code, reason = "a mapping is raw memory; mlock and madvise keep it out of swap and dumps")]

pub mod objected;

use std::{
    fs::{File, OpenOptions},
    io,
    os::{
        fd::{AsFd, BorrowedFd, OwnedFd},
        unix::fs::OpenOptionsExt,
    },
    path::Path,
    ptr::NonNull,
    sync::atomic::{AtomicU64, Ordering},
};

use rustix::{
    fs::{MemfdFlags, SealFlags, fcntl_add_seals, fstatfs, ftruncate, memfd_create},
    mm::{Advice, MapFlags, ProtFlags, madvise, mlock, mmap, munmap},
};
use zeroize::Zeroizing;

use super::keys::KeyName;

/// Keys alive at once: two for each of 4,096 sites, today's and the one of the carry. The
/// table takes 1 MiB, an eighth of what systemd lets a service lock; that of the opt-outs
/// half as much.
pub const KEYS_MAX: usize = 8_192;

/// Words of a slot: uuid 2, day and state 1, end 1, the day's key 4, the visitor key 4;
/// the rest keeps slots on cache lines of their own.
const SLOT_WORDS: usize = 16;
const SLOT_BYTES: usize = SLOT_WORDS * size_of::<u64>();

const STATE: usize = 2;
const END: usize = 3;
const DAY_KEY: usize = 4;
const VISITOR_KEY: usize = 8;

/// Beside the day, in the word that says whether a slot is used.
const ALIVE: u64 = 1 << 32;

/// `statfs` magics of file systems that are memory (`statfs(2)`).
const TMPFS: i64 = 0x0102_1994;
const RAMFS: i64 = 0x8584_58f6;

/// The tables. Nothing of them can be printed.
pub struct Vault {
    file: OwnedFd,
    words: NonNull<AtomicU64>,
    /// Keys there is room for; the opt-outs' table follows them.
    len: usize,
}

/// Of the whole file.
fn bytes_of(keys_max: usize) -> usize {
    keys_max * SLOT_BYTES + objected::TABLE_BYTES
}

#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    #[error("no memory for the daily keys")]
    Memory(#[source] io::Error),
    #[error("key_dir {0} is on a disk: keys may lie on a tmpfs only, such as /run/mostik")]
    OnADisk(String),
    #[error("cannot use key_dir {folder}")]
    Folder { folder: String, source: io::Error },
    #[error("the table of keys that was handed over has another size: it is another version's")]
    Foreign,
}

// SAFETY: the mapping is shared memory that is only touched through atomics and lives as
// long as the value.
unsafe impl Send for Vault {}
// SAFETY: as above.
unsafe impl Sync for Vault {}

impl Vault {
    /// A table in a file that no folder names, gone with the last process that has it.
    pub fn in_memory(keys_max: usize) -> Result<Vault, VaultError> {
        let memory = |error: rustix::io::Errno| VaultError::Memory(error.into());
        let file =
            memfd_create("mostik-keys", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING).map_err(memory)?;
        ftruncate(&file, bytes_of(keys_max) as u64).map_err(memory)?;
        fcntl_add_seals(&file, SealFlags::SHRINK | SealFlags::GROW | SealFlags::SEAL).map_err(memory)?;
        Vault::map(file, keys_max)
    }

    /// The table that another process made and holds.
    pub fn handed_over(file: OwnedFd, keys_max: usize) -> Result<Vault, VaultError> {
        let bytes = File::from(file.try_clone().map_err(VaultError::Memory)?)
            .metadata()
            .map_err(VaultError::Memory)?;
        if bytes.len() != bytes_of(keys_max) as u64 {
            return Err(VaultError::Foreign);
        }
        Vault::map(file, keys_max)
    }

    /// The table in a folder of the owner's, which survives the launcher. Refuses a disk:
    /// what was once on one may be found there for ever.
    pub fn in_folder(folder: &Path, keys_max: usize) -> Result<Vault, VaultError> {
        let failed = |source| VaultError::Folder { folder: folder.display().to_string(), source };
        let place = File::open(folder).map_err(failed)?;
        let kind = fstatfs(&place).map_err(|error| failed(error.into()))?.f_type;
        if ![TMPFS, RAMFS].contains(&kind) {
            return Err(VaultError::OnADisk(folder.display().to_string()));
        }
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .mode(0o600)
            .open(folder.join("keys"))
            .map_err(failed)?;
        let bytes = bytes_of(keys_max) as u64;
        let keys_alone = (keys_max * SLOT_BYTES) as u64;
        match file.metadata().map_err(failed)?.len() {
            // New, or of a version that kept no opt-outs here.
            size if size == 0 || size == keys_alone => file.set_len(bytes).map_err(failed)?,
            size if size == bytes => {}
            _ => return Err(VaultError::Foreign),
        }
        Vault::map(file.into(), keys_max)
    }

    fn map(file: OwnedFd, len: usize) -> Result<Vault, VaultError> {
        let bytes = bytes_of(len);
        let memory = |error: rustix::io::Errno| VaultError::Memory(error.into());
        // SAFETY: a fresh mapping of the whole file, whose size was checked or set just now;
        // nobody shrinks it (sealed, or in a folder that is the owner's alone).
        let start = unsafe {
            mmap(std::ptr::null_mut(), bytes, ProtFlags::READ | ProtFlags::WRITE, MapFlags::SHARED, &file, 0)
        }
        .map_err(memory)?;
        let words = NonNull::new(start.cast()).ok_or(VaultError::Foreign)?;
        let vault = Vault { file, words, len };
        // SAFETY: the mapping made above. Where a limit forbids mlock the keys still work,
        // and `/ready` says that they may be swapped.
        let _ = unsafe { mlock(start, bytes) };
        // SAFETY: the same; the advice changes no content.
        unsafe { madvise(start, bytes, Advice::LinuxDontDump) }.map_err(memory)?;
        Ok(vault)
    }

    /// The file, to hand it over.
    pub fn file(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }

    /// Which keys are there, and where.
    pub(super) fn alive(&self) -> Vec<(KeyName, usize)> {
        (0..self.len).filter_map(|slot| Some((self.name(slot)?, slot))).collect()
    }

    fn name(&self, slot: usize) -> Option<KeyName> {
        let words = self.words(slot);
        let state = words[STATE].load(Ordering::Acquire);
        let mut site_uuid = [0; 16];
        site_uuid[..8].copy_from_slice(&words[0].load(Ordering::Relaxed).to_le_bytes());
        site_uuid[8..].copy_from_slice(&words[1].load(Ordering::Relaxed).to_le_bytes());
        (state & ALIVE != 0).then_some(KeyName { site_uuid, day: state as u16 })
    }

    /// Puts a key into a free slot: none is free where it returns nothing. `end`: when it
    /// must be gone, in seconds since 1970-01-01.
    pub(super) fn put(
        &self,
        name: KeyName,
        end: i64,
        day_key: &[u8; 32],
        visitor_key: &[u8; 32],
    ) -> Option<usize> {
        let slot = (0..self.len).find(|&slot| self.words(slot)[STATE].load(Ordering::Relaxed) == 0)?;
        let words = self.words(slot);
        let (low, high) = name.site_uuid.split_at(8);
        for (word, bytes) in words.iter().zip([low, high]) {
            word.store(word_of(bytes), Ordering::Relaxed);
        }
        words[END].store(end.max(0).unsigned_abs(), Ordering::Relaxed);
        for (place, key) in [(DAY_KEY, day_key), (VISITOR_KEY, visitor_key)] {
            for (word, bytes) in words[place..].iter().zip(key.chunks_exact(8)) {
                word.store(word_of(bytes), Ordering::Relaxed);
            }
        }
        // Last: a slot that a kill left half filled counts as free.
        words[STATE].store(ALIVE | u64::from(name.day), Ordering::Release);
        Some(slot)
    }

    /// The visitor key in a slot.
    pub(super) fn visitor_key(&self, slot: usize) -> Zeroizing<[u8; 32]> {
        let mut key = Zeroizing::new([0; 32]);
        for (bytes, word) in key.chunks_exact_mut(8).zip(&self.words(slot)[VISITOR_KEY..]) {
            bytes.copy_from_slice(&word.load(Ordering::Relaxed).to_le_bytes());
        }
        key
    }

    /// Overwrites a slot with zeros.
    pub(super) fn wipe(&self, slot: usize) {
        let words = self.words(slot);
        // The state goes last, so that nobody fills the slot meanwhile.
        for word in words[..STATE].iter().chain(&words[END..]) {
            word.store(0, Ordering::Relaxed);
        }
        words[STATE].store(0, Ordering::Release);
    }

    /// Overwrites every key and opt-out whose time is over: for whoever holds the tables
    /// while no collector runs. `now` in seconds since 1970-01-01.
    pub fn wipe_over(&self, now: i64) {
        let now = now.max(0).unsigned_abs();
        for slot in 0..self.len {
            let words = self.words(slot);
            let end = words[END].load(Ordering::Relaxed);
            if words[STATE].load(Ordering::Acquire) != 0 && end <= now {
                self.wipe(slot);
            }
        }
        self.withdraw_over(now);
    }

    fn words(&self, slot: usize) -> &[AtomicU64; SLOT_WORDS] {
        assert!(slot < self.len, "slots are counted here only");
        self.entry(slot * SLOT_WORDS)
    }

    /// So many words from `at` on.
    fn entry<const WORDS: usize>(&self, at: usize) -> &[AtomicU64; WORDS] {
        assert!((at + WORDS) * size_of::<u64>() <= bytes_of(self.len), "entries are counted here only");
        // SAFETY: the entry lies within the mapping, which lives as long as `self`, is
        // aligned to a page, and is touched through atomics only.
        unsafe { self.words.add(at).cast().as_ref() }
    }
}

impl Drop for Vault {
    fn drop(&mut self) {
        // SAFETY: the mapping made in `map`, of the same length; nothing borrows from it,
        // since a borrow would borrow `self`. The file keeps its content for others.
        let unmapped = unsafe { munmap(self.words.as_ptr().cast(), bytes_of(self.len)) };
        debug_assert!(unmapped.is_ok(), "a mapping of ours");
    }
}

fn word_of(bytes: &[u8]) -> u64 {
    u64::from_le_bytes(bytes.try_into().expect("eight bytes each"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: KeyName = KeyName { site_uuid: [7; 16], day: 20_000 };

    fn content(vault: &Vault) -> Vec<u64> {
        (0..vault.len)
            .flat_map(|slot| vault.words(slot).iter().map(|word| word.load(Ordering::Relaxed)))
            .collect()
    }

    #[test]
    fn what_one_holder_puts_in_the_next_finds() {
        let first = Vault::in_memory(4).unwrap();
        let slot = first.put(NAME, 100, &[1; 32], &[2; 32]).unwrap();
        let file = first.file().try_clone_to_owned().unwrap();
        let second = Vault::handed_over(file, 4).unwrap();
        drop(first);
        assert_eq!(second.alive(), [(NAME, slot)]);
        assert_eq!(*second.visitor_key(slot), [2; 32]);
    }

    #[test]
    fn a_wiped_key_leaves_zeros_only() {
        let vault = Vault::in_memory(4).unwrap();
        let slot = vault.put(NAME, 100, &[1; 32], &[2; 32]).unwrap();
        assert!(content(&vault).iter().any(|&word| word != 0));
        vault.wipe(slot);
        assert!(content(&vault).iter().all(|&word| word == 0));
    }

    #[test]
    fn whoever_holds_the_table_ends_what_is_over_and_nothing_else() {
        let vault = Vault::in_memory(4).unwrap();
        vault.put(NAME, 100, &[1; 32], &[2; 32]).unwrap();
        let later = KeyName { day: 20_001, ..NAME };
        vault.put(later, 200, &[3; 32], &[4; 32]).unwrap();
        vault.wipe_over(99);
        assert_eq!(vault.alive().len(), 2);
        vault.wipe_over(100);
        assert_eq!(vault.alive(), [(later, 1)]);
    }

    #[test]
    fn a_full_table_takes_no_key_and_a_freed_slot_does() {
        let vault = Vault::in_memory(2).unwrap();
        let put = |day| vault.put(KeyName { day, ..NAME }, 100, &[1; 32], &[2; 32]);
        assert_eq!((put(1), put(2), put(3)), (Some(0), Some(1), None));
        vault.wipe(0);
        assert_eq!(put(3), Some(0));
    }

    #[test]
    fn a_table_of_another_size_is_refused() {
        let file = Vault::in_memory(2).unwrap().file().try_clone_to_owned().unwrap();
        assert!(matches!(Vault::handed_over(file, 4), Err(VaultError::Foreign)));
    }

    #[test]
    fn a_folder_in_memory_keeps_keys_and_one_on_a_disk_is_refused() {
        let folder = tempfile::tempdir_in("/dev/shm").unwrap();
        Vault::in_folder(folder.path(), 2).unwrap().put(NAME, 100, &[1; 32], &[2; 32]).unwrap();
        assert_eq!(Vault::in_folder(folder.path(), 2).unwrap().alive(), [(NAME, 0)]);
        // As a version left it that kept no opt-outs there.
        let file = OpenOptions::new().write(true).open(folder.path().join("keys")).unwrap();
        file.set_len(2 * SLOT_BYTES as u64).unwrap();
        assert_eq!(Vault::in_folder(folder.path(), 2).unwrap().alive(), [(NAME, 0)]);
        let disk = tempfile::tempdir_in(env!("CARGO_MANIFEST_DIR")).unwrap();
        assert!(matches!(Vault::in_folder(disk.path(), 2), Err(VaultError::OnADisk(_))));
    }

    #[test]
    fn the_table_is_left_out_of_dumps() {
        let vault = Vault::in_memory(4).unwrap();
        let start = format!("{:x}-", vault.words.as_ptr() as usize);
        let maps = std::fs::read_to_string("/proc/self/smaps").unwrap();
        let mut lines = maps.lines().skip_while(|line| !line.starts_with(&start));
        let flags = lines.find(|line| line.starts_with("VmFlags:")).unwrap();
        assert!(flags.contains(" dd"), "{flags}");
    }
}
