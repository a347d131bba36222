//! Engine and dashboard without a collector, for tests that close days themselves.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use serde_json::{Value, json};

use crate::{
    http,
    instance::{self, DOMAIN},
};

/// Both parts; ended when dropped.
pub struct Parts {
    engine: Child,
    dashboard: Child,
    pub store: store::Store,
    pub engine_socket: PathBuf,
    client: reqwest::Client,
    address: String,
    cookie: String,
    _data: tempfile::TempDir,
}

impl Parts {
    /// Starts both, brings the schema up to date and creates the test site.
    pub async fn start() -> Parts {
        let data = tempfile::tempdir().expect("a temporary folder");
        std::fs::write(data.path().join("mostik.toml"), instance::configuration(""))
            .expect("a configuration file");
        let (engine, ready) = spawn("engine", data.path());
        let socket = PathBuf::from(ready["socket"].as_str().expect("the engine names its socket"));
        let store = store::Store::new(&store::Address::socket(&socket));
        store.migrate().await.expect("the schema is applied");
        let (dashboard, ready) = spawn("dashboard", data.path());
        let address = ready["address"].as_str().expect("the dashboard names its address").to_owned();
        let link = ready["setup_link"].as_str().expect("a new instance has a set-up link").to_owned();
        let mut parts = Parts {
            engine,
            dashboard,
            store,
            engine_socket: socket,
            client: http::client(),
            address,
            cookie: String::new(),
            _data: data,
        };
        parts.set_up(link.split_once('#').expect("the token follows a #").1).await;
        parts
    }

    pub fn engine_pid(&self) -> i32 {
        i32::try_from(self.engine.id()).expect("pids are positive numbers of 31 bits")
    }

    async fn set_up(&mut self, token: &str) {
        let owner =
            json!({"token": token, "email": "owner@example.test", "password": "correct horse battery"});
        let answer = self.post("/api/v1/setup", &owner).await;
        assert_eq!(answer.status(), 201);
        let cookie = answer.headers()["set-cookie"].to_str().expect("cookies are ASCII");
        self.cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        let site = json!({"domain": DOMAIN, "time_zone": "UTC"});
        assert_eq!(self.post("/api/v1/sites", &site).await.status(), 201);
    }

    async fn post(&self, path: &str, body: &Value) -> reqwest::Response {
        self.client
            .post(format!("http://{}{path}", self.address))
            .header("Origin", format!("http://{}", self.address))
            .header("Cookie", &self.cookie)
            .json(body)
            .send()
            .await
            .expect("the dashboard answers")
    }

    /// Adds a goal or a funnel.
    pub async fn declare(&self, path: &str, body: &Value) {
        assert_eq!(self.post(path, body).await.status(), 201, "{path}");
    }

    /// An answer of the owner's API.
    pub async fn get(&self, path: &str) -> Value {
        let answer = self
            .client
            .get(format!("http://{}{path}", self.address))
            .header("Cookie", &self.cookie)
            .send()
            .await
            .expect("the dashboard answers");
        assert!(answer.status().is_success(), "{path}: {}", answer.text().await.unwrap_or_default());
        answer.json().await.expect("the API answers JSON")
    }
}

/// Starts one part and reads its ready line.
fn spawn(part: &str, data: &Path) -> (Child, Value) {
    let mut child = Command::new(instance::given("MOSTIK_BIN"))
        .args([part, "--data"])
        .arg(data)
        .stdout(Stdio::piped())
        .spawn()
        .expect("the part starts");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("stdout was piped"))
        .read_line(&mut line)
        .expect("the part says when it is ready");
    let ready =
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("not a ready line: {line:?}: {error}"));
    (child, ready)
}

impl Drop for Parts {
    fn drop(&mut self) {
        for child in [&mut self.dashboard, &mut self.engine] {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
