//! `mostik metrika canary`: asks a live counter what its documentation does not say, with
//! synthetic visits only, and prints a transcript without the token. The counter is its owner's
//! own, who says so with `--yes`; without it nothing is sent.
//!
//! One request a second, each question once; stops at the first answer that asks for less.

use std::{
    io::{self, Write},
    path::PathBuf,
    time::Duration,
};

use clap::Args;
use collector::{
    bounded,
    bridge::{cid, sender::plain_client},
    clock::Clock,
};
use reqwest::{Client, StatusCode};
use serde_json::json;
use url::{Url, form_urlencoded::Serializer};

use crate::failure::Failure;

/// Milliseconds between two requests: far below what anybody has seen refused (metrika.md
/// section 8.7).
const PAUSE_MS: u64 = 1_000;

/// As much of an answer is shown, in bytes.
const ANSWER_BYTES_MAX: usize = 200;

/// Statuses that ask for fewer requests.
const BUSY: [u16; 3] = [420, 429, 503];

#[derive(Debug, Args)]
pub struct CanaryOptions {
    /// A counter of your own, best one made for this.
    #[arg(long)]
    pub counter: u32,
    /// A file with its measurement token.
    #[arg(long)]
    pub token_file: PathBuf,
    /// A host the counter takes.
    #[arg(long)]
    pub host: String,
    /// Where Metrika is.
    #[arg(long, default_value = "https://mc.yandex.ru")]
    pub url: Url,
    /// Milliseconds between two requests; fewer only for a fake.
    #[arg(long, hide = true, default_value_t = PAUSE_MS)]
    pub pause_ms: u64,
    /// Sends. Without it the questions are only listed.
    #[arg(long)]
    pub yes: bool,
}

/// One question: what is asked, and the forms whose answers tell.
struct Question {
    name: &'static str,
    forms: Vec<Vec<(&'static str, String)>>,
}

pub fn run(options: &CanaryOptions) -> Result<(), Failure> {
    let token = std::fs::read_to_string(&options.token_file)
        .map_err(|error| Failure::mistake(format!("{}: {error}", options.token_file.display())))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::unavailable(format!("a runtime could not be started: {error}")))?;
    runtime.block_on(ask(options, token.trim()))
}

async fn ask(options: &CanaryOptions, token: &str) -> Result<(), Failure> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = plain_client().map_err(|error| Failure::unavailable(error.to_string()))?;
    let collect = options.url.join("/collect").map_err(|error| Failure::mistake(error.to_string()))?;
    for question in questions(options, Clock::system().now().as_second()) {
        for form in &question.forms {
            let shown = written(form, "***");
            if !options.yes {
                say(&json!({"question": question.name, "would_send": shown}))?;
                continue;
            }
            let (told, status) = send(&client, &collect, &written(form, token)).await;
            say(&json!({"question": question.name, "sent": shown, "answer": told}))?;
            if status.is_some_and(|status| BUSY.contains(&status.as_u16())) {
                return say(&json!({"stopped": "Metrika asks for fewer requests: go on tomorrow"}));
            }
            tokio::time::sleep(Duration::from_millis(options.pause_ms)).await;
        }
    }
    say(&json!({"look": LOOK}))
}

/// What only the reports can tell, an hour later and the next day.
const LOOK: &str = "Reaches after an hour. srv_canary_1: hits are recorded at all. srv_canary_2: an event may come before \
                    its page view. srv_canary_3: 2 if doubles count. srv_canary_4: one second may hold both. \
                    srv_canary_5: nine minutes late is taken.";

async fn send(client: &Client, collect: &Url, body: &str) -> (serde_json::Value, Option<StatusCode>) {
    let request = client
        .post(collect.clone())
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(body.to_owned());
    let answer = match request.send().await {
        Ok(answer) => answer,
        // The error names the address and nothing of the body.
        Err(error) => return (json!({"error": error.to_string()}), None),
    };
    let status = answer.status();
    let named =
        |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let (kind, location) = (named("content-type"), named("location"));
    let sets_cookie = answer.headers().contains_key("set-cookie");
    let (mut bytes, _) = bounded::body(answer, ANSWER_BYTES_MAX).await;
    bytes.truncate(ANSWER_BYTES_MAX);
    let told = json!({
        "status": status.as_u16(), "content_type": kind, "location": location,
        "sets_cookie": sets_cookie, "body": String::from_utf8_lossy(&bytes),
    });
    (told, Some(status))
}

/// The open questions of docs/metrika.md that a request can answer.
fn questions(options: &CanaryOptions, now: i64) -> Vec<Question> {
    let fresh = || cid::draw(Clock::system().now()).to_string();
    let form = |cid: &str, kind: &str, et: i64, more: &[(&'static str, String)]| {
        let mut form = vec![
            ("tid", options.counter.to_string()),
            ("cid", cid.to_owned()),
            ("t", kind.to_owned()),
            ("dl", format!("https://{}/", options.host)),
            ("et", et.to_string()),
        ];
        for (name, value) in more {
            form.retain(|(known, _)| known != name);
            form.push((name, value.clone()));
        }
        form
    };
    let page = [("dr", String::new()), ("dt", options.host.clone())];
    let goal = |n: u32| [("ea", format!("srv_canary_{n}"))];
    let opened = |n: u32, et: i64| {
        let cid = fresh();
        vec![form(&cid, "pageview", et, &page), form(&cid, "event", et + 1, &goal(n))]
    };
    let one = |name, form| Question { name, forms: vec![form] };
    let without = |key: &str| {
        let mut form = form(&fresh(), "pageview", now, &page);
        form.retain(|(name, _)| *name != key);
        form
    };
    let (second, third, fourth) = (fresh(), fresh(), fresh());
    vec![
        Question { name: "a visit and its goal", forms: opened(1, now - 60) },
        Question {
            name: "a goal before its page view",
            forms: vec![form(&second, "event", now, &goal(2)), form(&second, "pageview", now - 1, &page)],
        },
        Question {
            name: "the same goal twice",
            forms: vec![
                form(&third, "pageview", now - 60, &page),
                form(&third, "event", now - 59, &goal(3)),
                form(&third, "event", now - 59, &goal(3)),
            ],
        },
        Question {
            name: "page view and goal in one second",
            forms: vec![form(&fourth, "pageview", now, &page), form(&fourth, "event", now, &goal(4))],
        },
        Question { name: "nine minutes late", forms: opened(5, now - 540) },
        one(
            "a wrong token",
            form(&fresh(), "pageview", now, &[("ms", "00000000-0000-4000-8000-000000000000".to_owned())]),
        ),
        one("another counter", form(&fresh(), "pageview", now, &[("tid", "1".to_owned())])),
        one("a cid of letters", form("canary", "pageview", now, &page)),
        one("a cid of five digits", form("12345", "pageview", now, &page)),
        one("a cid above 2^64", form("99999999999999999999", "pageview", now, &page)),
        one("no page", without("dl")),
        one("no referrer", without("dr")),
        one("no title", without("dt")),
        one("no goal", form(&fresh(), "event", now, &[])),
        one("an unknown kind", form(&fresh(), "foo", now, &page)),
        one("thirteen hours late", form(&fresh(), "pageview", now - 13 * 3600, &page)),
        one("an hour ahead", form(&fresh(), "pageview", now + 3600, &page)),
        one("milliseconds", form(&fresh(), "pageview", now * 1000, &page)),
    ]
}

/// The form, with the token that goes with it; one that brings its own keeps it.
fn written(form: &[(&str, String)], token: &str) -> String {
    let mut written = Serializer::new(String::new());
    for (name, value) in form {
        written.append_pair(name, value);
    }
    if !form.iter().any(|(name, _)| *name == "ms") {
        written.append_pair("ms", token);
    }
    written.finish()
}

fn say(line: &serde_json::Value) -> Result<(), Failure> {
    writeln!(io::stdout(), "{line}").map_err(|error| Failure::unavailable(format!("stdout: {error}")))
}
