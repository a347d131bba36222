//! System calls of a running process that fail, by `strace` from Debian: the real program
//! on the real kernel, which says no now and then.

use std::{
    fs,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

/// Where calls fail.
#[derive(Debug, Clone, Copy)]
pub enum Target<'a> {
    Process(i32),
    /// One thread, by its name.
    Thread(i32, &'a str),
}

/// Calls that fail until [`Faults::end`], or until the process is gone.
pub struct Faults {
    strace: Child,
    log: tempfile::NamedTempFile,
}

impl Faults {
    /// `rule` as in strace's `--inject`: `fdatasync:error=EIO:when=3+5`.
    pub fn inject(target: Target<'_>, rule: &str) -> Faults {
        let log = tempfile::NamedTempFile::new().expect("a file for the log");
        let calls = rule.split(':').next().expect("a rule begins with calls");
        let mut command = Command::new("strace");
        command.args([&format!("--trace={calls}"), &format!("--inject={rule}")]).arg("-o").arg(log.path());
        match target {
            Target::Process(pid) => command.arg("--follow-forks").arg(format!("--attach={pid}")),
            Target::Thread(pid, name) => command.arg(format!("--attach={}", thread(pid, name))),
        };
        let mut strace = command
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("strace does not run: apt-get install strace: {error}"));
        let mut said = String::new();
        let mut stderr = BufReader::new(strace.stderr.take().expect("stderr was piped"));
        // "strace: Process 7 attached": from here on calls fail.
        stderr.read_line(&mut said).expect("strace says what it does");
        assert!(said.contains("attached"), "strace cannot trace here: {said}");
        // What else it says is about threads that come and go.
        std::thread::spawn(move || stderr.lines().for_each(drop));
        Faults { strace, log }
    }

    /// Calls that have failed so far.
    pub fn injected(&self) -> usize {
        let log = fs::read(self.log.path()).expect("strace's log");
        String::from_utf8_lossy(&log).matches("(INJECTED)").count()
    }

    /// Lets the process go on undisturbed and gives the number of calls that failed.
    pub fn end(mut self) -> usize {
        let _ = Command::new("kill").arg(self.strace.id().to_string()).status();
        let _ = self.strace.wait();
        self.injected()
    }
}

impl Drop for Faults {
    fn drop(&mut self) {
        // A traced process is let go when its tracer ends, however that is.
        let _ = self.strace.kill();
        let _ = self.strace.wait();
    }
}

fn thread(pid: i32, name: &str) -> i32 {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).expect("the process is alive");
    threads
        .flatten()
        .find(|thread| {
            fs::read_to_string(thread.path().join("comm")).is_ok_and(|known| known.trim_end() == name)
        })
        .and_then(|thread| thread.file_name().to_str()?.parse().ok())
        .unwrap_or_else(|| panic!("{pid} has no thread {name}"))
}
