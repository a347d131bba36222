//! Logging to stderr: short text on a terminal, JSON lines otherwise.
//!
//! Never lets a library below us log more than warnings, whatever the filter
//! says: hyper, the resolver and the TLS stack name peers' addresses at `debug`
//! and `trace`, and no address may reach a log.

use std::io::{self, IsTerminal};

use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

use crate::failure::Failure;

/// The crates whose own events we have written and read for personal data.
const OURS: [&str; 4] = ["mostik", "collector", "dashboard", "store"];

/// Starts logging. `levels` is a list such as `info` or `warn,collector=debug`.
pub fn start(levels: &str) -> Result<(), Failure> {
    let filter = filter(levels)?;
    let stderr_is_terminal = io::stderr().is_terminal();
    let registry = tracing_subscriber::registry().with(filter);
    let started = if stderr_is_terminal {
        registry.with(fmt::layer().compact().with_writer(io::stderr)).try_init()
    } else {
        registry.with(fmt::layer().json().flatten_event(true).with_writer(io::stderr)).try_init()
    };
    started.map_err(|error| Failure::unavailable(format!("logging could not be started: {error}")))
}

/// A bare level holds for our own crates; everybody else stays at warnings.
fn filter(levels: &str) -> Result<EnvFilter, Failure> {
    let mut directives = vec!["warn".to_owned()];
    for part in levels.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        match part.split_once('=') {
            None => directives.extend(OURS.iter().map(|name| format!("{name}={part}"))),
            Some((target, _)) if is_ours(target) => directives.push(part.to_owned()),
            Some((target, _)) => {
                return Err(Failure::mistake(format!(
                    "log filter {part:?}: {target} is not one of {}, and the logs of libraries may name visitors' \
                     addresses: remove it from --log or MOSTIK_LOG",
                    OURS.join(", ")
                )));
            }
        }
    }
    EnvFilter::builder().parse(directives.join(",")).map_err(|error| {
        Failure::mistake(format!(
            "log filter {levels:?}: {error}: write it like info or warn,collector=debug"
        ))
    })
}

fn is_ours(target: &str) -> bool {
    OURS.iter().any(|name| target == *name || target.starts_with(&format!("{name}::")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(levels: &str, contains: &[&str]) {
        let text = filter(levels).unwrap().to_string();
        for part in contains {
            assert!(text.split(',').any(|directive| directive == *part), "{part} is not in {text}");
        }
    }

    #[test]
    fn a_bare_level_never_turns_up_the_libraries() {
        check("trace", &["collector=trace", "mostik=trace", "warn"]);
    }

    #[test]
    fn one_of_our_crates_can_be_turned_up_alone() {
        check("info,collector::ship=debug", &["collector::ship=debug", "dashboard=info"]);
    }

    #[test]
    fn a_library_cannot_be_turned_up() {
        let failure = filter("hyper=trace").unwrap_err();
        assert_eq!(failure.code(), crate::failure::EXIT_CONFIGURATION);
    }

    #[test]
    fn a_misspelt_level_is_refused() {
        assert!(filter("collector=lots").is_err());
    }
}
