//! What Linux must be asked for directly about processes: signals to a child, a
//! child's death with its parent, the mode of new files, a name.

use std::{
    io,
    os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd},
    process::Command,
};

/// Makes the child die with the thread that starts it, by SIGKILL, so that nothing
/// outlives a killed `mostik up`. A part survives a kill at any point by design;
/// one that outlives its supervisor would hold ports and the data folder.
///
/// Linux ties this to the *thread*: the caller must be the main thread, which is
/// why `up` runs on a runtime of one thread.
#[expect(
    unsafe_code,
    reason = "pre_exec: only prctl and getppid run between fork and exec, both async-signal-safe"
)]
pub fn die_with_parent(command: &mut Command) {
    use std::os::unix::process::CommandExt;
    let parent = std::process::id();
    // SAFETY: the closure calls nothing but two system calls and touches no memory
    // that another thread of the parent may have left locked.
    unsafe {
        command.pre_exec(move || {
            if libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) != 0 {
                return Err(io::Error::last_os_error());
            }
            // The parent may have died before the request was made.
            if u32::try_from(libc::getppid()) != Ok(parent) {
                return Err(io::Error::from_raw_os_error(libc::ESRCH));
            }
            Ok(())
        });
    }
}

/// Leaves a file open in the child, under the number it has here. The file must stay open
/// until the child has been started.
#[expect(unsafe_code, reason = "pre_exec: only fcntl runs between fork and exec, which is async-signal-safe")]
pub fn hand_over(command: &mut Command, file: BorrowedFd<'_>) {
    use std::os::unix::process::CommandExt;
    let number = file.as_raw_fd();
    // SAFETY: the closure calls nothing but a system call with integers.
    unsafe {
        command.pre_exec(move || match libc::fcntl(number, libc::F_SETFD, 0) {
            0 => Ok(()),
            _ => Err(io::Error::last_os_error()),
        });
    }
}

/// A file that was handed over under this number; not handed on.
#[expect(unsafe_code, reason = "a number from the command line becomes a file")]
pub fn inherited(number: RawFd) -> io::Result<OwnedFd> {
    // SAFETY: fcntl takes integers and touches no memory of ours.
    if unsafe { libc::fcntl(number, libc::F_SETFD, libc::FD_CLOEXEC) } != 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the file is open, as fcntl has shown, and was opened for this process by its
    // parent: nothing here knew of it before.
    Ok(unsafe { OwnedFd::from_raw_fd(number) })
}

/// Closes every file that this process and its children make to everybody else,
/// whatever mode they ask for.
#[expect(unsafe_code, reason = "umask(2) has no safe wrapper in std")]
pub fn close_to_others() {
    // SAFETY: umask takes an integer, touches no memory of ours and cannot fail.
    unsafe { libc::umask(0o077) };
}

/// Asks a child to stop. `pid` must not have been waited for yet, or it might
/// by now belong to somebody else.
#[expect(unsafe_code, reason = "kill(2) has no safe wrapper in std")]
pub fn terminate(pid: u32) -> io::Result<()> {
    let pid = libc::pid_t::try_from(pid).map_err(io::Error::other)?;
    // SAFETY: kill takes two integers and touches no memory of ours.
    if unsafe { libc::kill(pid, libc::SIGTERM) } == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Shows `name` in `ps` and `top` (15 bytes at most, the kernel cuts the rest),
/// where a child started through `/proc/self/exe` would be called `exe`.
#[expect(unsafe_code, reason = "prctl(2) has no safe wrapper in std")]
pub fn call_ourselves(name: &str) -> io::Result<()> {
    let name = std::ffi::CString::new(name)?;
    // SAFETY: PR_SET_NAME reads a NUL-terminated string, which lives until the call returns.
    let outcome = unsafe { libc::prctl(libc::PR_SET_NAME, name.as_ptr()) };
    if outcome == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
