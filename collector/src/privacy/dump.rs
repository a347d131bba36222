//! No core file of this process, and nobody but root looks into its memory: a dump
//! would write the day's keys and the requests under way to a disk.
#![expect(unsafe_code, reason = "prctl and setrlimit have no safe wrapper in std")]

use std::io;

/// Gives up the right to be dumped, for good: the hard limit of core files goes to
/// 0, and the kernel takes the process for one that must not be dumped or traced.
/// The second also holds where a core file goes to a program instead of a file,
/// which no limit forbids.
pub fn refuse() -> io::Result<()> {
    let none = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: setrlimit reads one struct, which lives until the call returns.
    if unsafe { libc::setrlimit(libc::RLIMIT_CORE, &raw const none) } != 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: PR_SET_DUMPABLE takes integers and touches no memory of ours.
    if unsafe { libc::prctl(libc::PR_SET_DUMPABLE, 0, 0, 0, 0) } != 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_takes_the_process_for_one_that_must_not_be_dumped() {
        refuse().unwrap();
        // SAFETY: PR_GET_DUMPABLE takes integers and touches no memory of ours.
        assert_eq!(unsafe { libc::prctl(libc::PR_GET_DUMPABLE, 0, 0, 0, 0) }, 0);
        refuse().expect("a second call changes nothing");
    }
}
