//! One running Mostik.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
    time::Duration,
};

use serde::Deserialize;
use serde_json::{Value, json};

use crate::{http, wait};

/// The site every test has.
pub const DOMAIN: &str = "example.test";

/// The settings' version after a site was added to an empty dashboard (2) and its
/// properties were declared (3).
const SETTINGS_VERSION: u64 = 3;

/// Longest that anything in a test may take to appear, on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Where an instance started with [`Instance::start_logging`] logs.
const LOG_FILE: &str = "test.log";

/// What `mostik up --json` says when all parts are ready.
#[derive(Debug, Clone, Deserialize)]
pub struct Ready {
    pub public: String,
    pub ops: String,
    pub dashboard: String,
    pub setup_link: Option<String>,
    pub engine_socket: PathBuf,
    pub pids: Pids,
}

#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Pids {
    pub engine: i32,
    pub collector: i32,
    pub dashboard: i32,
}

/// A running instance; ended when dropped.
pub struct Instance {
    launcher: Child,
    _stdout: BufReader<ChildStdout>,
    pub ready: Ready,
    pub client: reqwest::Client,
    cookie: Option<String>,
    pub data: tempfile::TempDir,
}

/// A path the test runner gives; the tests cannot do without.
pub fn given(variable: &str) -> PathBuf {
    #[expect(clippy::disallowed_methods, reason = "tests/run hands over paths in the environment")]
    let value = std::env::var(variable);
    PathBuf::from(value.unwrap_or_else(|_| panic!("{variable} is not set: start the tests with tests/run")))
}

impl Instance {
    /// Starts on free ports with an owner and the test site.
    pub async fn start() -> Instance {
        Instance::start_with("").await
    }

    /// The same, with further lines for the `[collector]` section.
    pub async fn start_with(collector: &str) -> Instance {
        Instance::start_new(collector, None, |_| {}).await
    }

    /// The same, on a data folder that `prepare` has seen first.
    pub async fn start_on(prepare: impl FnOnce(&Path)) -> Instance {
        Instance::start_new("", None, prepare).await
    }

    /// Breaks one promise: `leak` is a name of collector/src/leak.rs. Needs the build that
    /// tests/run makes for it.
    pub async fn start_leaking(leak: &str) -> Instance {
        let data = tempfile::tempdir().expect("a temporary folder");
        let collector = format!("leak = \"{leak}\"");
        std::fs::write(data.path().join("mostik.toml"), configuration(&collector))
            .expect("a configuration file");
        let mut instance = Instance::launch_program(&given("MOSTIK_LEAKY_BIN"), data, Some("trace"), &[]);
        instance.set_up().await;
        instance
    }

    /// The same, with the log of all parts at `level` in the file [`Instance::log`].
    pub async fn start_logging(level: &str) -> Instance {
        Instance::start_new("", Some(level), |_| {}).await
    }

    /// The same, with lines for the `[collector]` section and the log of all parts at `level`.
    pub async fn start_with_logging(collector: &str, level: &str) -> Instance {
        Instance::start_new(collector, Some(level), |_| {}).await
    }

    /// The same, with lines for the `[collector]` section, and with an authority that every part
    /// trusts beside no other.
    pub async fn start_trusting(collector: &str, authority_pem: &str) -> Instance {
        let data = tempfile::tempdir().expect("a temporary folder");
        std::fs::write(data.path().join("mostik.toml"), configuration(collector))
            .expect("a configuration file");
        let authority = data.path().join("authority.pem");
        std::fs::write(&authority, authority_pem).expect("a certificate");
        let environment = [("SSL_CERT_FILE", authority)];
        let mut instance = Instance::launch_program(&given("MOSTIK_BIN"), data, None, &environment);
        instance.set_up().await;
        instance
    }

    async fn start_new(collector: &str, log_level: Option<&str>, prepare: impl FnOnce(&Path)) -> Instance {
        let data = tempfile::tempdir().expect("a temporary folder");
        std::fs::write(data.path().join("mostik.toml"), configuration(collector))
            .expect("a configuration file");
        prepare(data.path());
        let mut instance = Instance::launch(data, log_level);
        instance.set_up().await;
        instance
    }

    fn launch(data: tempfile::TempDir, log_level: Option<&str>) -> Instance {
        Instance::launch_program(&given("MOSTIK_BIN"), data, log_level, &[])
    }

    fn launch_program(
        program: &Path,
        data: tempfile::TempDir,
        log_level: Option<&str>,
        environment: &[(&str, PathBuf)],
    ) -> Instance {
        let mut command = Command::new(program);
        command.envs(environment.iter().map(|(name, value)| (name, value)));
        command.args(["up", "--json", "--data"]).arg(data.path()).stdout(Stdio::piped());
        if let Some(level) = log_level {
            let file = std::fs::File::create(data.path().join(LOG_FILE)).expect("a log file");
            command.env("MOSTIK_LOG", level).stderr(file);
        }
        let mut launcher = command.spawn().expect("the launcher starts");
        let mut stdout = BufReader::new(launcher.stdout.take().expect("stdout was piped"));
        let mut line = String::new();
        stdout.read_line(&mut line).expect("the launcher says when it is ready");
        let ready: Ready =
            serde_json::from_str(&line).unwrap_or_else(|error| panic!("not a ready line: {line:?}: {error}"));
        Instance { launcher, _stdout: stdout, ready, client: http::client(), cookie: None, data }
    }

    /// Stops by SIGTERM and starts again on the same data.
    pub async fn restart(mut self) -> Instance {
        self.stop();
        let cookie = self.cookie.take();
        let data = std::mem::replace(&mut self.data, tempfile::tempdir().expect("a temporary folder"));
        drop(self);
        let mut again = Instance::launch(data, None);
        again.cookie = cookie;
        again
    }

    async fn set_up(&mut self) {
        let link = self.ready.setup_link.clone().expect("a new instance has a set-up link");
        let token = link.split_once('#').expect("the token follows a #").1;
        let answer = self
            .client
            .post(self.url("/api/v1/setup"))
            .header("Origin", format!("http://{}", self.ready.dashboard))
            .json(
                &json!({"token": token, "email": "owner@example.test", "password": "correct horse battery"}),
            )
            .send()
            .await
            .expect("the dashboard answers");
        assert_eq!(answer.status(), 201, "{}", answer.text().await.unwrap_or_default());
        let cookie = answer.headers()["set-cookie"].to_str().expect("cookies are ASCII");
        self.cookie = cookie.split(';').next().map(str::to_owned);
        let site = self.write("/api/v1/sites", &json!({"domain": DOMAIN, "time_zone": "UTC"})).await;
        assert_eq!(site["id"], 1, "{site}");
        self.write_patch("/api/v1/sites/1", &json!({"props": ["plan"]})).await;
        self.until_settings_arrive().await;
    }

    /// A site exists for the collector when an event for it is accepted.
    async fn until_settings_arrive(&self) {
        wait::until("the collector to know the site", PATIENCE, async || {
            let metrics = self.metrics().await?;
            metric(&metrics, "collector_settings_version").filter(|&version| version >= SETTINGS_VERSION)
        })
        .await;
    }

    /// What was logged, of an instance that was started for it.
    pub fn log(&self) -> PathBuf {
        self.data.path().join(LOG_FILE)
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.ready.dashboard)
    }

    /// An answer of the owner's API.
    pub async fn get(&self, path: &str) -> Value {
        let answer = self
            .client
            .get(self.url(path))
            .header("Cookie", self.cookie.as_deref().unwrap_or_default())
            .send()
            .await
            .expect("the dashboard answers");
        answer.json().await.expect("the API answers JSON")
    }

    pub async fn write(&self, path: &str, body: &Value) -> Value {
        self.send_json(self.client.post(self.url(path)), body).await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Value {
        self.send_json(self.client.put(self.url(path)), body).await
    }

    async fn write_patch(&self, path: &str, body: &Value) -> Value {
        self.send_json(self.client.patch(self.url(path)), body).await
    }

    /// Deletes; the status.
    pub async fn remove(&self, path: &str, body: &Value) -> u16 {
        let request = self.client.delete(self.url(path)).json(body);
        let request = request.header("Cookie", self.cookie.as_deref().unwrap_or_default());
        let origin = format!("http://{}", self.ready.dashboard);
        request.header("Origin", origin).send().await.expect("the dashboard answers").status().as_u16()
    }

    async fn send_json(&self, request: reqwest::RequestBuilder, body: &Value) -> Value {
        request
            .header("Cookie", self.cookie.as_deref().unwrap_or_default())
            .header("Origin", format!("http://{}", self.ready.dashboard))
            .json(body)
            .send()
            .await
            .expect("the dashboard answers")
            .json()
            .await
            .expect("the API answers JSON")
    }

    /// Sends an event from `address` and gives status and reason.
    pub async fn send(&self, address: &str, event: &Value) -> (u16, Option<String>) {
        let answer = http::send(&self.client, &self.ready.public, address, event)
            .await
            .expect("the collector answers");
        let reason = answer.headers().get("x-dropped").map(|value| value.to_str().expect("ASCII").to_owned());
        (answer.status().as_u16(), reason)
    }

    /// Events that are in ClickHouse, and how many of them differ.
    pub async fn rows_and_distinct(&self) -> (u64, u64) {
        let sql = "SELECT count(), uniqExact(event_id) FROM mostik.events_hot";
        self.store().reader().query(sql).fetch_one().await.expect("ClickHouse answers")
    }

    /// What the ledger has of `outcome`, if ClickHouse answers.
    pub async fn in_ledger(&self, outcome: &str) -> Option<u64> {
        let sql = "SELECT sum(n) FROM mostik.ledger WHERE outcome = ?";
        self.store().reader().query(sql).bind(outcome).fetch_one().await.ok()
    }

    /// Every batch's count in the ledger is the number of its rows: by site and day, and finer
    /// than the ledger's minutes.
    pub async fn assert_balanced(&self) {
        let misplaced = collector::balance::misplaced(&self.store()).await.expect("ClickHouse answers");
        assert!(misplaced.is_empty(), "{misplaced:?}");
        let days = collector::balance::unbalanced(&self.store()).await.expect("ClickHouse answers");
        assert!(days.is_empty(), "{days:?}");
    }

    /// The collector's metrics, if it answers.
    pub async fn metrics(&self) -> Option<String> {
        let answer = self.client.get(format!("http://{}/metrics", self.ready.ops)).send().await.ok()?;
        answer.text().await.ok()
    }

    /// Waits until the collector has brought ClickHouse to the schema of this build: a test that
    /// writes to the tables itself would meet one of its steps otherwise.
    pub async fn until_migrated(&self) {
        wait::until("the schema", PATIENCE, async || {
            let sql = "SELECT max(version) FROM mostik.schema_versions";
            let version: u32 = self.store().reader().query(sql).fetch_one().await.ok()?;
            (version == store::migrate::VERSION).then_some(())
        })
        .await;
    }

    /// Waits until everything accepted is in ClickHouse.
    pub async fn until_shipped(&self) {
        wait::until("the spool to be empty", PATIENCE, async || {
            let metrics = self.metrics().await?;
            (metric(&metrics, "collector_spool_segments_pending")? == 0).then_some(())
        })
        .await;
    }

    /// ClickHouse, as the collector reaches it.
    pub fn store(&self) -> store::Store {
        store::Store::new(&store::Address::socket(&self.ready.engine_socket))
    }

    /// SIGKILL for a child of the launcher.
    pub fn kill(&self, pid: i32) {
        let status = Command::new("kill").args(["-9", &pid.to_string()]).status().expect("kill runs");
        assert!(status.success());
    }

    /// SIGKILL for a part, and waits until the launcher has started another: over the
    /// launcher's shoulder, since metrics would come from the old one as well.
    pub async fn lose(&self, part: &str) {
        let pid = self.child(part).expect("the part runs");
        self.kill(pid);
        wait::until("the part to come back", PATIENCE, async || {
            self.child(part).filter(|&again| again != pid)
        })
        .await;
    }

    /// The launcher's children, as the kernel lists them: pid and command line.
    pub fn children(&self) -> Vec<(i32, String)> {
        let launcher = self.launcher.id();
        let list = std::fs::read_to_string(format!("/proc/{launcher}/task/{launcher}/children"));
        list.unwrap_or_default()
            .split_whitespace()
            .filter_map(|pid| {
                let command = std::fs::read_to_string(format!("/proc/{pid}/cmdline")).ok()?;
                Some((pid.parse().ok()?, command.replace('\0', " ")))
            })
            .collect()
    }

    /// The launcher and all its children.
    pub fn pids(&self) -> Vec<i32> {
        let launcher = i32::try_from(self.launcher.id()).expect("pids are positive numbers of 31 bits");
        std::iter::once(launcher).chain(self.children().into_iter().map(|(pid, _)| pid)).collect()
    }

    /// The launcher's child that runs `part`, if it is alive.
    pub fn child(&self, part: &str) -> Option<i32> {
        let start = format!("mostik {part} ");
        self.children().into_iter().find_map(|(pid, command)| command.starts_with(&start).then_some(pid))
    }

    /// SIGTERM, and waits for the end.
    pub fn stop(&mut self) {
        let pid = self.launcher.id().to_string();
        let status = Command::new("kill").arg(&pid).status().expect("kill runs");
        assert!(status.success());
        let status = self.launcher.wait().expect("the launcher was ours to wait for");
        assert!(status.success(), "the launcher ended with {status}");
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        // Children die with their launcher.
        let _ = self.launcher.kill();
        let _ = self.launcher.wait();
    }
}

/// The value of a metric without labels, or with the labels given.
pub fn metric(text: &str, name: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok())
}

pub fn configuration(collector: &str) -> String {
    let library = given("MOSTIK_LIBCHDB");
    let geo = given("MOSTIK_GEO");
    format!(
        "[collector]\nlisten = \"127.0.0.1:0\"\nops_listen = \"127.0.0.1:0\"\n\
         trusted_proxies = [\"127.0.0.1\"]\ngeo_file = {}\n{collector}\n\
         [dashboard]\nlisten = \"127.0.0.1:0\"\n[engine]\nlibrary = {}\n",
        toml_path(&geo),
        toml_path(&library)
    )
}

fn toml_path(path: &Path) -> String {
    format!("{:?}", path.display().to_string())
}
