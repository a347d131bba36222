//! The JSON lines by which a part tells its supervisor that it is ready or that
//! it cannot start, and by which `mostik up --json` tells whoever started it.
//!
//! One line per event on stdout; everything meant for people goes to stderr.

use std::{
    io::{self, Write},
    net::SocketAddr,
    path::PathBuf,
};

use serde::{Deserialize, Serialize};

/// What a part says on its stdout, once, at its start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Announcement {
    Ready(Ready),
    /// Only when it was started by a supervisor; otherwise the message goes to stderr.
    Failed {
        failed: String,
        message: String,
        code: u8,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ready", rename_all = "snake_case")]
pub enum Ready {
    Engine {
        socket: PathBuf,
    },
    Collector {
        public: SocketAddr,
        ops: SocketAddr,
    },
    Dashboard {
        address: SocketAddr,
        /// Only until an owner exists.
        setup_link: Option<String>,
    },
}

/// Writes one line of JSON to stdout and flushes it.
pub fn say(line: &impl Serialize) -> io::Result<()> {
    say_text(&serde_json::to_string(line).map_err(io::Error::other)?)
}

/// Writes `text` and the end of a line to stdout and flushes it.
pub fn say_text(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{text}")?;
    stdout.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, announcement: Announcement) {
        assert_eq!(serde_json::to_string(&announcement).unwrap(), line);
        assert_eq!(serde_json::from_str::<Announcement>(line).unwrap(), announcement);
    }

    #[test]
    fn the_engines_line_names_its_socket() {
        check(
            r#"{"ready":"engine","socket":"/d/run/engine.sock"}"#,
            Announcement::Ready(Ready::Engine { socket: "/d/run/engine.sock".into() }),
        );
    }

    #[test]
    fn the_collectors_line_names_both_its_addresses() {
        check(
            r#"{"ready":"collector","public":"127.0.0.1:1","ops":"127.0.0.1:2"}"#,
            Announcement::Ready(Ready::Collector {
                public: "127.0.0.1:1".parse().unwrap(),
                ops: "127.0.0.1:2".parse().unwrap(),
            }),
        );
    }

    #[test]
    fn the_dashboards_set_up_link_is_null_once_there_is_an_owner() {
        check(
            r#"{"ready":"dashboard","address":"127.0.0.1:3","setup_link":null}"#,
            Announcement::Ready(Ready::Dashboard {
                address: "127.0.0.1:3".parse().unwrap(),
                setup_link: None,
            }),
        );
    }

    #[test]
    fn a_part_that_cannot_start_says_why_and_with_which_code() {
        check(
            r#"{"failed":"engine","message":"no library","code":69}"#,
            Announcement::Failed { failed: "engine".into(), message: "no library".into(), code: 69 },
        );
    }
}
