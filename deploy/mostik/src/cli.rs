//! The command line.

use std::os::fd::RawFd;

use clap::{Args, Parser, Subcommand};

use crate::{
    backup::{BackupOptions, RestoreOptions},
    canary::CanaryOptions,
    config::Sources,
    links::PasswordLinkOptions,
    notice::NoticeOptions,
    retention::RetentionOptions,
    seed::SeedOptions,
    verify::VerifyOptions,
};

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
                          69 something needed is not there (a port, a file, a folder), 65 mostik privacy verify has found a leak.";

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
    /// Makes a one-time link, good for an hour, by which an account gets another password.
    PasswordLink(PasswordLinkOptions),
    /// Fills the demo site with a year of made-up traffic; not while `up` runs.
    Seed(SeedOptions),
    /// Reports every mistake in the configuration and starts nothing.
    CheckConfig,
    /// Backs up closed days and control.db, sealed by month, and proves the backup good.
    Backup(BackupOptions),
    /// Restores a backup into a new data folder; not while `up` runs.
    Restore(RestoreOptions),
    /// Checks that the ledger balances, that receipts are whole, and that nothing is swapped.
    Doctor,
    /// Looks whether this instance keeps what it promises its visitors.
    #[command(subcommand)]
    Privacy(PrivacyCommand),
    /// Yandex Metrika: questions that only a live counter can answer.
    #[command(subcommand)]
    Metrika(MetrikaCommand),
    /// Tells which months are past their time, and drops them.
    Retention(RetentionOptions),
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
pub enum PrivacyCommand {
    /// Sends marked visits to the running instance and searches everywhere for the marks.
    Verify(VerifyOptions),
    /// Prints a privacy notice for the site, made from the settings in force.
    Notice(NoticeOptions),
    /// Lists what was deleted and when, and checks that the list is whole.
    Receipts,
}

#[derive(Debug, Subcommand)]
pub enum MetrikaCommand {
    /// Sends synthetic visits to a counter of yours and prints what it answers.
    Canary(CanaryOptions),
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
            Command::PasswordLink(_) => "password-link",
            Command::Seed(_) => "seed",
            Command::CheckConfig => "check-config",
            Command::Dead(_) => "dead",
            Command::Privacy(_) => "privacy",
            Command::Metrika(_) => "metrika",
            Command::Retention(_) => "retention",
            Command::Doctor => "doctor",
            Command::Backup(_) => "backup",
            Command::Restore(_) => "restore",
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
            | Command::PasswordLink(_)
            | Command::Seed(_)
            | Command::CheckConfig
            | Command::Privacy(_)
            | Command::Metrika(_)
            | Command::Retention(_)
            | Command::Doctor
            | Command::Backup(_)
            | Command::Restore(_)
            | Command::Dead(_) => "mostik",
        }
    }
}
