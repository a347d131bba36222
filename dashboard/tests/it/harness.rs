//! Starts dashboards and speaks to them.

use std::path::PathBuf;

use dashboard::{Config, RawConfig, Running, clock::Clock};
use http_body_util::{BodyExt, Full};
use hyper::{
    HeaderMap, Method, Request, StatusCode,
    body::Bytes,
    header::{CONTENT_TYPE, COOKIE, HeaderName, SET_COOKIE},
};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use jiff::Timestamp;
use serde_json::{Value, json};

pub const EMAIL: &str = "owner@example.test";
pub const PASSWORD: &str = "correct horse battery";

/// A dashboard of its own folder, at noon UTC of a Monday.
pub struct Owner {
    pub running: Running,
    pub clock: Clock,
    pub folder: tempfile::TempDir,
    pub cookie: Option<String>,
    client: Client<HttpConnector, Full<Bytes>>,
}

/// An answer, read whole.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Owner {
    /// A dashboard nobody owns yet, whose engine is not there.
    pub async fn nobody() -> Owner {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("engine.sock");
        Owner::with_engine(folder, socket).await
    }

    /// A dashboard nobody owns yet.
    pub async fn with_engine(folder: tempfile::TempDir, socket: PathBuf) -> Owner {
        Owner::with(folder, socket, RawConfig::default()).await
    }

    /// A dashboard nobody owns yet, without an engine, whose Metrika is at `url`.
    pub async fn with_metrika(url: &str) -> Owner {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("engine.sock");
        let raw = RawConfig { metrika_api_url: Some(url.to_owned()), ..RawConfig::default() };
        Owner::with(folder, socket, raw).await
    }

    /// A dashboard nobody owns yet, without an engine, that a proxy serves at `url`.
    pub async fn at(url: &str) -> Owner {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("engine.sock");
        let raw = RawConfig { public_url: Some(url.to_owned()), ..RawConfig::default() };
        Owner::with(folder, socket, raw).await
    }

    /// A dashboard nobody owns yet, without an engine, whose collector is at `url`.
    pub async fn with_collector(url: &str) -> Owner {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("engine.sock");
        let raw = RawConfig { collector_url: Some(url.to_owned()), ..RawConfig::default() };
        Owner::with(folder, socket, raw).await
    }

    /// One with this Metrika, over this engine.
    pub async fn with_engine_and_metrika(socket: PathBuf, url: &str) -> Owner {
        let raw = RawConfig { metrika_api_url: Some(url.to_owned()), ..RawConfig::default() };
        Owner::with(tempfile::tempdir().unwrap(), socket, raw).await
    }

    async fn with(folder: tempfile::TempDir, socket: PathBuf, raw: RawConfig) -> Owner {
        let clock = Clock::standing_at("2026-11-23T12:00:00Z".parse::<Timestamp>().unwrap());
        let raw = RawConfig { listen: Some("127.0.0.1:0".to_owned()), ..raw };
        let config = Config::from_raw(raw, folder.path(), &socket).ok().unwrap();
        let running = dashboard::start(config, clock.clone()).await.unwrap();
        let client = Client::builder(TokioExecutor::new()).build_http();
        Owner { running, clock, folder, cookie: None, client }
    }

    /// A dashboard with an owner who is signed in.
    pub async fn signed_in() -> Owner {
        let mut owner = Owner::nobody().await;
        owner.set_up().await;
        owner
    }

    pub async fn set_up(&mut self) {
        let body = json!({"token": self.setup_token(), "email": EMAIL, "password": PASSWORD});
        let answer = self.post("/api/v1/setup", &body).await;
        assert_eq!(answer.status, 201, "{:?}", answer.body);
        self.cookie = Some(answer.cookie());
    }

    pub fn setup_token(&self) -> String {
        let link = self.running.setup_link.as_deref().expect("a new dashboard has a set-up link");
        link.split_once("/setup#").expect("the token follows a #").1.to_owned()
    }

    /// Ends the server and starts another on the same files.
    pub async fn restart(self) -> Owner {
        let Owner { running, folder, cookie, .. } = self;
        running.stop().await;
        let socket = folder.path().join("engine.sock");
        Owner { cookie, ..Owner::with_engine(folder, socket).await }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.running.address)
    }

    pub fn settings_secret(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("settings.secret")).unwrap().trim().to_owned()
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], None).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, &[], Some(body)).await
    }

    /// A request with the session's cookie, if there is one.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(HeaderName, &str)],
        body: Option<&Value>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(self.url(path));
        if let Some(cookie) = &self.cookie {
            request = request.header(COOKIE, cookie);
        }
        if body.is_some() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        let bytes = body.map_or(Bytes::new(), |body| body.to_string().into());
        self.exchange(request.body(Full::new(bytes)).unwrap()).await
    }

    pub async fn exchange(&self, request: Request<Full<Bytes>>) -> Answer {
        let response = self.client.request(request).await.unwrap();
        let (parts, body) = response.into_parts();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: body.collect().await.unwrap().to_bytes(),
        }
    }

    /// A token of the account's, with the scope and, if given, for one site only.
    pub async fn make_token(&self, scope: &str, site_id: Option<u32>) -> String {
        let body = json!({"name": "Grafana", "scope": scope, "site_id": site_id});
        let answer = self.post("/api/v1/tokens", &body).await;
        assert_eq!(answer.status, 201, "{:?}", answer.body);
        answer.json()["token"].as_str().expect("the answer holds the token").to_owned()
    }

    /// A request of a program: a token, no cookie.
    pub async fn ask_with(&self, token: &str, method: Method, path: &str, body: Option<&Value>) -> Answer {
        let mut request = Request::builder().method(method).uri(self.url(path));
        request = request.header(hyper::header::AUTHORIZATION, format!("Bearer {token}"));
        if body.is_some() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        let bytes = body.map_or(Bytes::new(), |body| body.to_string().into());
        self.exchange(request.body(Full::new(bytes)).unwrap()).await
    }

    pub async fn sign_in(&self, email: &str, password: &str) -> Answer {
        self.post("/api/v1/session", &json!({"email": email, "password": password})).await
    }

    pub async fn add_site(&self, domain: &str) -> Value {
        let answer =
            self.post("/api/v1/sites", &json!({"domain": domain, "time_zone": "Europe/Moscow"})).await;
        assert_eq!(answer.status, 201, "{:?}", answer.body);
        answer.json()
    }
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {:?}", self.body))
    }

    /// The stable code of a refusal.
    pub fn code(&self) -> String {
        self.json()["error"]["code"].as_str().expect("a refusal has a code").to_owned()
    }

    /// What the browser sends back.
    pub fn cookie(&self) -> String {
        let value = self.headers[SET_COOKIE].to_str().unwrap();
        value.split(';').next().unwrap().to_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}
