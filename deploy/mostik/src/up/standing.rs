//! What is known of the three parts, and what is to be told to whoever started us.

use std::{collections::BTreeMap, fmt::Write, net::SocketAddr, path::PathBuf};

use serde::{Deserialize, Serialize};

use super::part::Part;
use crate::{announce::Ready, config::Settings};

/// The line of `mostik up --json`, also kept in `run/ready.json` while it is true.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReadyLine {
    ready: String,
    pub public: SocketAddr,
    pub ops: SocketAddr,
    pub dashboard: SocketAddr,
    pub setup_link: Option<String>,
    /// `None` with a ClickHouse server of the owner's.
    pub engine_socket: Option<PathBuf>,
    pub pids: BTreeMap<String, u32>,
}

/// A part that is back after it had died.
#[derive(Debug, Serialize)]
struct RestartedLine<'a> {
    restarted: &'a str,
    pid: u32,
    setup_link: Option<&'a str>,
}

/// What to publish.
pub struct News {
    /// For `run/ready.json`.
    pub file: Option<String>,
    pub stdout: String,
}

/// Whoever started us.
pub enum Listener {
    /// Reads lines of JSON.
    Program,
    /// Reads a summary.
    Person {
        /// What the script tag points at.
        collector_url: String,
        data: PathBuf,
        demo: bool,
    },
}

impl Listener {
    pub fn person(settings: &Settings) -> Listener {
        Listener::Person {
            collector_url: settings.dashboard.collector_url.clone(),
            data: settings.data.root().to_owned(),
            demo: settings.collector.demo,
        }
    }
}

pub struct Standing {
    /// All that are looked after, in the order of starting.
    parts: Vec<Part>,
    listener: Listener,
    /// Parts that are up now.
    up: BTreeMap<Part, (u32, Ready)>,
    /// Whether all were up at some time, and it has been said.
    said: bool,
}

impl Standing {
    pub fn new(parts: Vec<Part>, listener: Listener) -> Standing {
        Standing { parts, listener, up: BTreeMap::new(), said: false }
    }

    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    pub fn died(&mut self, part: Part) {
        self.up.remove(&part);
    }

    /// Notes that a part is up; something is to be told once all are, and for each
    /// that comes back later.
    pub fn ready(&mut self, part: Part, pid: u32, ready: Ready) -> Option<News> {
        self.up.insert(part, (pid, ready));
        let line = self.line();
        let file = line.as_ref().map(json);
        if self.said {
            return Some(News { file, stdout: self.restarted(part, pid) });
        }
        let line = line?;
        self.said = true;
        Some(News { file, stdout: self.first_words(&line) })
    }

    /// The names of the parts that are not up, if the start is not over.
    pub fn awaited(&self) -> Option<String> {
        let missing: Vec<&str> =
            self.parts.iter().filter(|part| !self.up.contains_key(part)).map(|part| part.name()).collect();
        (!self.said && !missing.is_empty()).then(|| missing.join(", "))
    }

    /// Complete only while all parts are up.
    fn line(&self) -> Option<ReadyLine> {
        let (_, Ready::Collector { public, ops }) = self.up.get(&Part::Collector)? else { return None };
        let (_, Ready::Dashboard { address, setup_link }) = self.up.get(&Part::Dashboard)? else {
            return None;
        };
        let engine_socket = match self.up.get(&Part::Engine) {
            Some((_, Ready::Engine { socket })) => Some(socket.clone()),
            _ if self.parts.contains(&Part::Engine) => return None,
            _ => None,
        };
        Some(ReadyLine {
            ready: "mostik".to_owned(),
            public: *public,
            ops: *ops,
            dashboard: *address,
            setup_link: setup_link.clone(),
            engine_socket,
            pids: self.up.iter().map(|(part, (pid, _))| (part.name().to_owned(), *pid)).collect(),
        })
    }

    fn first_words(&self, line: &ReadyLine) -> String {
        match &self.listener {
            Listener::Program => json(line),
            Listener::Person { collector_url, data, demo } => {
                let script =
                    format!(r#"<script defer src="{collector_url}/i.js" data-domain="example.ru"></script>"#);
                let rows = [
                    ("Dashboard", Some(format!("http://{}/", line.dashboard))),
                    ("First visit", line.setup_link.as_ref().map(|link| format!("{link}  (opens once)"))),
                    ("Script tag", Some(format!("{script}  (with your domain)"))),
                    ("Demo page", demo.then(|| format!("http://{}/demo/", line.public))),
                    ("Metrics", Some(format!("http://{}/metrics", line.ops))),
                    ("Data", Some(data.display().to_string())),
                ];
                summary(rows.into_iter())
            }
        }
    }

    fn restarted(&self, part: Part, pid: u32) -> String {
        let setup_link = match self.up.get(&part) {
            Some((_, Ready::Dashboard { setup_link, .. })) => setup_link.as_deref(),
            _ => None,
        };
        if let Listener::Program = self.listener {
            return json(&RestartedLine { restarted: part.name(), pid, setup_link });
        }
        let mut text = format!("The {part} is back.");
        if let Some(link) = setup_link {
            write!(text, " The set-up link is now {link}").expect("writing to a String cannot fail");
        }
        text
    }
}

fn json(line: &impl Serialize) -> String {
    serde_json::to_string(line).expect("numbers, texts and maps with text keys always serialise")
}

fn summary<'a>(rows: impl Iterator<Item = (&'a str, Option<String>)>) -> String {
    let mut text = String::from("Mostik is running.\n\n");
    for (name, value) in rows {
        if let Some(value) = value {
            writeln!(text, "  {name:<12} {value}").expect("writing to a String cannot fail");
        }
    }
    text.push_str("\nStop it with Ctrl-C.");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Part; 3] = [Part::Engine, Part::Collector, Part::Dashboard];

    fn person() -> Listener {
        Listener::Person { collector_url: "https://c.example".into(), data: "/d".into(), demo: false }
    }

    fn engine() -> Ready {
        Ready::Engine { socket: "/d/run/engine.sock".into() }
    }

    fn collector() -> Ready {
        Ready::Collector { public: "127.0.0.1:1".parse().unwrap(), ops: "127.0.0.1:2".parse().unwrap() }
    }

    fn dashboard() -> Ready {
        Ready::Dashboard {
            address: "127.0.0.1:3".parse().unwrap(),
            setup_link: Some("http://x/setup#t".into()),
        }
    }

    #[test]
    fn the_line_comes_once_all_three_are_up_and_names_everything() {
        let mut standing = Standing::new(ALL.to_vec(), Listener::Program);
        assert!(standing.ready(Part::Engine, 10, engine()).is_none());
        assert_eq!(standing.awaited().as_deref(), Some("collector, dashboard"));
        assert!(standing.ready(Part::Collector, 11, collector()).is_none());
        let news = standing.ready(Part::Dashboard, 12, dashboard()).unwrap();
        assert_eq!(
            news.stdout,
            r#"{"ready":"mostik","public":"127.0.0.1:1","ops":"127.0.0.1:2","dashboard":"127.0.0.1:3","setup_link":"http://x/setup#t","engine_socket":"/d/run/engine.sock","pids":{"collector":11,"dashboard":12,"engine":10}}"#
        );
        assert_eq!(news.file.as_deref(), Some(news.stdout.as_str()));
        assert_eq!(standing.awaited(), None);
    }

    #[test]
    fn a_part_that_died_before_all_were_up_is_waited_for() {
        let mut standing = Standing::new(ALL.to_vec(), Listener::Program);
        standing.ready(Part::Engine, 10, engine());
        standing.died(Part::Engine);
        standing.ready(Part::Collector, 11, collector());
        assert!(standing.ready(Part::Dashboard, 12, dashboard()).is_none());
        assert!(standing.ready(Part::Engine, 13, engine()).unwrap().stdout.contains(r#""engine":13"#));
    }

    #[test]
    fn with_a_server_of_the_owners_no_engine_is_waited_for() {
        let mut standing = Standing::new(ALL[1..].to_vec(), Listener::Program);
        standing.ready(Part::Collector, 11, collector());
        let news = standing.ready(Part::Dashboard, 12, dashboard()).unwrap();
        assert!(news.stdout.contains(r#""engine_socket":null"#), "{}", news.stdout);
    }

    #[test]
    fn a_part_that_is_back_is_told_with_its_new_number() {
        let mut standing = Standing::new(ALL[1..].to_vec(), Listener::Program);
        standing.ready(Part::Collector, 11, collector());
        standing.ready(Part::Dashboard, 12, dashboard());
        standing.died(Part::Collector);
        let news = standing.ready(Part::Collector, 14, collector()).unwrap();
        assert_eq!(news.stdout, r#"{"restarted":"collector","pid":14,"setup_link":null}"#);
        assert!(news.file.unwrap().contains(r#""collector":14"#));
    }

    #[test]
    fn the_summary_for_people_names_the_set_up_link_only_while_there_is_one() {
        let mut standing = Standing::new(ALL[1..].to_vec(), person());
        standing.ready(Part::Collector, 11, collector());
        let text = standing.ready(Part::Dashboard, 12, dashboard()).unwrap().stdout;
        assert!(text.contains("First visit  http://x/setup#t"), "{text}");
        assert!(text.contains(r#"src="https://c.example/i.js""#), "{text}");
        let owned = Ready::Dashboard { address: "127.0.0.1:3".parse().unwrap(), setup_link: None };
        let mut standing = Standing::new(ALL[1..].to_vec(), person());
        standing.ready(Part::Collector, 11, collector());
        assert!(!standing.ready(Part::Dashboard, 12, owned).unwrap().stdout.contains("First visit"));
    }
}
