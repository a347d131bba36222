//! The kernel's wall around the engine: whatever SQL may find a way to, the process
//! has no way out.
//!
//! Landlock (Linux 5.13 and newer, landlock(7)) leaves it the files of its own folder, and
//! to read the few system files ClickHouse looks at. A seccomp filter (seccomp(2))
//! takes away new network sockets and starting programs. Both hold for every thread
//! started afterwards and cannot be taken off again. Where a kernel lacks Landlock the
//! engine runs without it, says so in the log, and relies on `configuration` and
//! `forbidden`.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
};

use landlock::{
    ABI, Access, AccessFs, AccessNet, PathBeneath, PathFd, Ruleset, RulesetAttr, RulesetCreatedAttr,
    RulesetStatus, Scope, path_beneath_rules,
};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
};
use tracing::{info, warn};

/// The newest Landlock whose rights we name; older kernels enforce what they know.
const LANDLOCK: ABI = ABI::V6;

/// Read-only: the dynamic loader's libraries, and what ClickHouse reads about the
/// machine: memory, processors, cgroup limits, the time zone.
const READABLE: &[&str] = &[
    "/lib",
    "/lib64",
    "/usr/lib",
    "/usr/lib64",
    "/usr/share/zoneinfo",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/proc/self",
    "/proc/meminfo",
    "/proc/cpuinfo",
    "/proc/stat",
    "/proc/loadavg",
    "/proc/sys/vm",
    "/proc/sys/kernel",
    "/sys/fs/cgroup",
    "/sys/devices/system",
    "/dev/urandom",
];

/// System calls that lead out of the process: programs, other processes' memory, and
/// io_uring, which would open sockets past the filter.
const FORBIDDEN_CALLS: &[libc::c_long] = &[
    libc::SYS_execve,
    libc::SYS_execveat,
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_io_uring_setup,
    libc::SYS_bpf,
    libc::SYS_mount,
];

/// The kernel refused to build the wall.
#[derive(Debug, thiserror::Error)]
pub enum ConfinementError {
    #[error("the engine's files cannot be fenced in by Landlock")]
    Landlock(#[from] landlock::RulesetError),
    #[error("a path cannot be opened for Landlock")]
    Path(#[from] landlock::PathFdError),
    #[error("the engine's system calls cannot be filtered by seccomp")]
    Seccomp(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Fences this process in, from here on and for ever. Must run before any other
/// thread exists, and after the TCP port is bound.
pub(super) fn confine(data: &Path, library: &Path, socket: &Path) -> Result<(), ConfinementError> {
    fence_files(data, library, socket)?;
    filter_calls(FORBIDDEN_CALLS.iter().map(|&call| (call, Vec::new())).collect(), libc::EPERM)?;
    filter_calls(BTreeMap::from([(libc::SYS_socket, vec![any_but_unix()?])]), libc::EAFNOSUPPORT)
}

fn fence_files(data: &Path, library: &Path, socket: &Path) -> Result<(), ConfinementError> {
    let read = AccessFs::from_read(LANDLOCK) & !AccessFs::Execute;
    let mut ruleset = Ruleset::default()
        .handle_access(AccessFs::from_all(LANDLOCK))?
        .handle_access(AccessNet::from_all(LANDLOCK))?
        .scope(Scope::from_all(LANDLOCK))?
        .create()?
        // Paths that this system lacks are passed over.
        .add_rules(path_beneath_rules(READABLE, read))?
        .add_rules(path_beneath_rules([library], read))?
        .add_rule(PathBeneath::new(PathFd::new(data)?, AccessFs::from_all(LANDLOCK) & !AccessFs::Execute))?
        .add_rules(path_beneath_rules(["/dev/null"], AccessFs::from_file(LANDLOCK) & !AccessFs::Execute))?;
    if let Some(folder) = folder_of(socket) {
        // To take the socket's file away at the end.
        ruleset = ruleset.add_rule(PathBeneath::new(PathFd::new(folder)?, AccessFs::RemoveFile))?;
    }
    match ruleset.restrict_self()?.ruleset {
        RulesetStatus::FullyEnforced => info!("files are fenced in by Landlock"),
        RulesetStatus::PartiallyEnforced => info!("files are fenced in by Landlock, in an older form"),
        RulesetStatus::NotEnforced => warn!(
            "this kernel has no Landlock: the engine's files are fenced in by ClickHouse's own privileges only"
        ),
    }
    Ok(())
}

fn folder_of(socket: &Path) -> Option<PathBuf> {
    socket
        .parent()
        .map(|folder| if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder.to_owned() })
}

/// Makes the listed calls fail with `errno`; every other one passes.
fn filter_calls(
    rules: BTreeMap<libc::c_long, Vec<SeccompRule>>,
    errno: libc::c_int,
) -> Result<(), ConfinementError> {
    let failed = |error| ConfinementError::Seccomp(error);
    let arch =
        std::env::consts::ARCH.try_into().map_err(|error: seccompiler::BackendError| failed(error.into()))?;
    let errno = u32::try_from(errno).map_err(|error| failed(error.into()))?;
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, SeccompAction::Errno(errno), arch)
        .map_err(|error| failed(error.into()))?;
    let program: BpfProgram =
        filter.try_into().map_err(|error: seccompiler::BackendError| failed(error.into()))?;
    seccompiler::apply_filter(&program).map_err(|error| failed(io::Error::other(error).into()))
}

fn any_but_unix() -> Result<SeccompRule, ConfinementError> {
    let failed = |error: seccompiler::BackendError| ConfinementError::Seccomp(error.into());
    let family_is_another =
        SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Ne, libc::AF_UNIX as u64)
            .map_err(failed)?;
    SeccompRule::new(vec![family_is_another]).map_err(failed)
}
