//! A running `mostik engine` in a folder of its own. Killed and removed when dropped.

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, ChildStderr, Command, ExitStatus, Stdio},
};

use tempfile::TempDir;

pub const USER: &str = "reader";
pub const PASSWORD: &str = "correct horse";

/// The real library. Without it there is nothing to test.
pub fn library() -> PathBuf {
    std::env::var_os("MOSTIK_LIBCHDB")
        .map(PathBuf::from)
        .expect("MOSTIK_LIBCHDB must name libchdb.so: run tests/run, which fetches it and sets this")
}

/// How an engine is started.
pub struct Setup {
    folder: TempDir,
    ram: &'static str,
    library: PathBuf,
    port: Option<bool>,
}

impl Setup {
    pub fn new() -> Setup {
        let folder = tempfile::tempdir().unwrap();
        Setup { folder, ram: "512 MiB", library: library(), port: None }
    }

    pub fn ram(self, ram: &'static str) -> Setup {
        Setup { ram, ..self }
    }

    pub fn library(self, library: &Path) -> Setup {
        Setup { library: library.to_owned(), ..self }
    }

    /// With a TCP port on which clients may write or not.
    pub fn port(self, may_write: bool) -> Setup {
        Setup { port: Some(may_write), ..self }
    }

    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub fn start(self) -> Running {
        let child = self.spawn();
        Running::of(self, child)
    }

    /// Starts it and waits until it has given up: its status and its last words.
    pub fn start_in_vain(self) -> (ExitStatus, String) {
        finish(self.spawn())
    }

    fn spawn(&self) -> Child {
        self.configure();
        spawn(&self.data(), self.folder.path())
    }

    fn configure(&self) {
        let data = self.data();
        fs::create_dir_all(&data).unwrap();
        let mut toml = format!("[engine]\nlibrary = {:?}\nram = {:?}\n", self.library, self.ram);
        if let Some(may_write) = self.port {
            let password_file = self.folder.path().join("password");
            fs::write(&password_file, PASSWORD).unwrap();
            toml += &format!(
                "listen = \"127.0.0.1:0\"\nuser = {USER:?}\npassword_file = {password_file:?}\nmay_write = {may_write}\n"
            );
        }
        fs::write(data.join("mostik.toml"), toml).unwrap();
    }
}

/// `mostik engine` on `data`, whatever else runs there.
pub fn spawn(data: &Path, working_directory: &Path) -> Child {
    Command::new(env!("CARGO_BIN_EXE_mostik"))
        .args(["engine", "--data"])
        .arg(data)
        .current_dir(working_directory)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Waits for a process that ends by itself.
pub fn finish(mut child: Child) -> (ExitStatus, String) {
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    (child.wait().unwrap(), said)
}

pub struct Running {
    pub socket: PathBuf,
    pub port: Option<SocketAddr>,
    setup: Setup,
    child: Option<Child>,
    stderr: Option<ChildStderr>,
}

impl Running {
    fn of(setup: Setup, mut child: Child) -> Running {
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let stderr = child.stderr.take();
        let Ok(ready) = serde_json::from_str::<serde_json::Value>(&line) else {
            let mut said = String::new();
            stderr.unwrap().read_to_string(&mut said).unwrap();
            panic!("the engine did not start: {line:?} {said}");
        };
        assert_eq!(ready["ready"], "engine");
        Running {
            socket: PathBuf::from(ready["socket"].as_str().unwrap()),
            port: ready["tcp"].as_str().map(|address| address.parse().unwrap()),
            setup,
            child: Some(child),
            stderr,
        }
    }

    pub fn data(&self) -> PathBuf {
        self.setup.data()
    }

    pub fn pid(&self) -> u32 {
        self.child.as_ref().unwrap().id()
    }

    /// SIGTERM, then what it ended with and what it had said.
    pub fn stop(&mut self) -> (ExitStatus, String) {
        let mut child = self.child.take().unwrap();
        let pid = rustix::process::Pid::from_raw(child.id().try_into().unwrap()).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        let mut said = String::new();
        self.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        (child.wait().unwrap(), said)
    }

    /// SIGKILL, as a crash would.
    pub fn kill(&mut self) {
        let mut child = self.child.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Starts it again in the same folder, after `stop` or `kill`.
    pub fn again(self) -> Running {
        assert!(self.child.is_none(), "stop it first");
        let mut ended = self;
        std::mem::replace(&mut ended.setup, Setup::new()).start()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }
}
