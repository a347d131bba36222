//! The command line.

use std::os::fd::RawFd;

use clap::{Args, Parser, Subcommand};

use crate::{config::Sources, seed::SeedOptions};

/// Web analytics that keep visitors anonymous: collector, dashboard and an embedded
/// ClickHouse in one program.
#[derive(Debug, Parser)]
#[command(name = "mostik", version, after_help = EXIT_CODES)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
    #[command(flatten)]
    pub sources: Sources,
    /// What to log: a level, or levels by part, such as info or warn,collector=debug.
    #[arg(long, global = true, value_name = "LEVELS", env = "MOSTIK_LOG", default_value = "info")]
    pub log: String,
    /// Started by `mostik up`: a failed start is announced on stdout.
    #[arg(long, global = true, hide = true)]
    pub supervised: bool,
}

const EXIT_CODES: &str = "Exit codes: 0 stopped as asked, 64 the command line or the configuration is wrong, \
                          69 something needed is not there (a port, a file, a folder).";

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Runs everything until Ctrl-C or SIGTERM.
    Up(UpOptions),
    /// Runs the embedded ClickHouse alone.
    Engine,
    /// Runs the collector alone.
    Collector(CollectorOptions),
    /// Runs the dashboard alone.
    Dashboard,
    /// Makes a new one-time link for creating the owner's account and prints it.
    SetupLink,
    /// Fills the demo site with a year of made-up traffic; not while `up` runs.
    Seed(SeedOptions),
    /// Reports every mistake in the configuration and starts nothing.
    CheckConfig,
    /// Shows the rows ClickHouse could not read, or puts them back into the spool.
    #[command(subcommand)]
    Dead(DeadCommand),
}

#[derive(Debug, Args)]
pub struct CollectorOptions {
    /// The open file that holds the daily keys, from `mostik up`.
    #[arg(long, hide = true)]
    pub keys_fd: Option<RawFd>,
}

#[derive(Debug, Subcommand)]
pub enum DeadCommand {
    /// Lists them, with ClickHouse's error code.
    List,
    /// Puts all of them back; each is shipped once.
    Replay,
}

#[derive(Debug, Args)]
pub struct UpOptions {
    /// Prints one line of JSON when all parts are ready, and one for each part that is
    /// started again.
    #[arg(long)]
    pub json: bool,
}

impl Command {
    pub fn name(&self) -> &'static str {
        match self {
            Command::Up(_) => "up",
            Command::Engine => "engine",
            Command::Collector(_) => "collector",
            Command::Dashboard => "dashboard",
            Command::SetupLink => "setup-link",
            Command::Seed(_) => "seed",
            Command::CheckConfig => "check-config",
            Command::Dead(_) => "dead",
        }
    }

    /// What the process is called in `ps`.
    pub fn process_name(&self) -> &'static str {
        match self {
            Command::Engine => "mostik-engine",
            Command::Collector(_) => "mostik-collect",
            Command::Dashboard => "mostik-dashb",
            Command::Up(_)
            | Command::SetupLink
            | Command::Seed(_)
            | Command::CheckConfig
            | Command::Dead(_) => "mostik",
        }
    }
}
