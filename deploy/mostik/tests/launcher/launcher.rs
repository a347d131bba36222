//! One `mostik up` under test.

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, ExitStatus, Output, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;

/// Longest that a condition may take to come true, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// How often a condition is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(20);

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_mostik");

/// Free ports for everything, so that tests run side by side.
pub const FREE_PORTS: &str = "[collector]\nlisten = '127.0.0.1:0'\nops_listen = '127.0.0.1:0'\n\
                              [dashboard]\nlisten = '127.0.0.1:0'\n";

pub struct Launcher {
    child: Child,
    stdout: BufReader<ChildStdout>,
    /// The line that says all parts are ready.
    pub ready: Value,
}

/// A file the test runner gives.
pub fn given(variable: &str) -> PathBuf {
    #[expect(clippy::disallowed_methods, reason = "tests/run hands over paths in the environment")]
    let value = std::env::var(variable);
    PathBuf::from(value.unwrap_or_else(|_| panic!("{variable} is not set: start the tests with tests/run")))
}

/// A data folder with this configuration file.
pub fn folder(configuration: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("mostik.toml"), configuration).unwrap();
    folder
}

/// `mostik <command> --data <data>` with the library and the country file.
pub fn mostik(command: &str, data: &Path) -> Command {
    let mut program = Command::new(PROGRAM);
    program.arg(command).arg("--data").arg(data);
    program.env("MOSTIK_LIBCHDB", given("MOSTIK_LIBCHDB")).env("MOSTIK_GEO", given("MOSTIK_GEO"));
    program.stdin(Stdio::null());
    program
}

impl Launcher {
    /// Starts everything and waits until it is ready.
    pub fn start(data: &Path) -> Launcher {
        Launcher::spawn(mostik("up", data))
    }

    /// The same, with the log in a file of its own.
    pub fn start_logging_to(data: &Path, log: fs::File) -> Launcher {
        let mut command = mostik("up", data);
        command.stderr(log);
        Launcher::spawn(command)
    }

    fn spawn(mut command: Command) -> Launcher {
        let mut child = command.arg("--json").stdout(Stdio::piped()).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let mut launcher = Launcher { child, stdout, ready: Value::Null };
        launcher.ready = launcher.next_line();
        assert_eq!(launcher.ready["ready"], "mostik", "{}", launcher.ready);
        launcher
    }

    /// The next line of JSON; waits for it.
    pub fn next_line(&mut self) -> Value {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{line:?}: {error}"))
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn pid_of(&self, part: &str) -> u32 {
        u32::try_from(self.ready["pids"][part].as_u64().unwrap()).unwrap()
    }

    pub fn address(&self, name: &str) -> String {
        self.ready[name].as_str().unwrap().to_owned()
    }

    /// Waits for the end.
    pub fn wait(&mut self) -> ExitStatus {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < end, "mostik up did not end");
            std::thread::park_timeout(LOOK_EVERY);
        }
    }
}

impl Drop for Launcher {
    fn drop(&mut self) {
        // The parts die with it.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Runs a command that must end by itself within the patience.
pub fn end_of(mut command: Command) -> Output {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // Read in another thread: a full pipe must not hold the child up.
    let mut stderr = child.stderr.take().unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let read = std::thread::spawn(move || {
        let mut text = Vec::new();
        stderr.read_to_end(&mut text).unwrap();
        text
    });
    let end = Instant::now() + PATIENCE;
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if Instant::now() >= end {
            child.kill().unwrap();
        }
        std::thread::park_timeout(LOOK_EVERY);
    };
    let mut said = Vec::new();
    stdout.read_to_end(&mut said).unwrap();
    Output { status, stdout: said, stderr: read.join().unwrap() }
}

pub fn signal(name: &str, pid: u32) {
    let status = Command::new("kill").args(["-s", name, &pid.to_string()]).status().unwrap();
    assert!(status.success(), "kill -s {name} {pid}");
}

/// Whether the process runs. One that has ended but was not waited for does not.
pub fn lives(pid: u32) -> bool {
    fs::read_to_string(format!("/proc/{pid}/stat"))
        .is_ok_and(|stat| !stat.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('Z')))
}

/// Waits for a condition; fails with `what` when it does not come true.
pub fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < end, "waited in vain until {what}");
        std::thread::park_timeout(LOOK_EVERY);
    }
}
