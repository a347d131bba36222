//! `mostik`: one program for everything, and the launcher that keeps its parts running.
//!
//! ```text
//! mostik up ──┬─► mostik engine      ClickHouse as a library, on a unix socket
//!             ├─► mostik collector   visitors' browsers
//!             └─► mostik dashboard   the owner's browser
//! ```
//!
//! A command that fails says why on one line (on stderr, or on stdout as JSON when
//! `mostik up` started it) and ends with a code of sysexits.h.

mod announce;
mod backup;
mod canary;
mod cli;
mod config;
mod data;
mod dead;
mod doctor;
mod failure;
mod links;
mod log;
mod notice;
mod panic;
mod parts;
mod process;
mod receipts;
mod retention;
mod seed;
mod up;
mod verify;

use std::{
    io::{self, Write},
    process::ExitCode,
};

use clap::{Parser, error::ErrorKind};

use crate::{
    announce::Announcement,
    cli::{Cli, Command, MetrikaCommand, PrivacyCommand},
    failure::{EXIT_CONFIGURATION, Failure},
};

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return explain(&error),
    };
    match run(&cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            complain(&cli, &failure);
            ExitCode::from(&failure)
        }
    }
}

fn run(cli: &Cli) -> Result<(), Failure> {
    process::close_to_others();
    log::start(&cli.log)?;
    panic::report_place_only();
    if let Err(error) = process::call_ourselves(cli.command.process_name()) {
        tracing::debug!(%error, "the process keeps its file's name");
    }
    match &cli.command {
        Command::Up(options) => parts::up(&cli.sources, options),
        Command::Engine => parts::engine(&cli.sources),
        Command::Collector(options) => parts::collector(&cli.sources, options),
        Command::Dashboard => parts::dashboard(&cli.sources),
        Command::SetupLink => links::setup(&cli.sources),
        Command::PasswordLink(options) => links::password(&cli.sources, options),
        Command::Seed(options) => seed::run(&cli.sources, options),
        Command::CheckConfig => parts::check_config(&cli.sources),
        Command::Privacy(PrivacyCommand::Verify(options)) => verify::run(&cli.sources, options),
        Command::Privacy(PrivacyCommand::Notice(options)) => notice::run(&cli.sources, options),
        Command::Privacy(PrivacyCommand::Receipts) => receipts::run(&cli.sources),
        Command::Metrika(MetrikaCommand::Canary(options)) => canary::run(options),
        Command::Backup(options) => backup::run(&cli.sources, options),
        Command::Restore(options) => backup::run_restore(&cli.sources, options),
        Command::Doctor => doctor::run(&cli.sources),
        Command::Retention(options) => retention::run(&cli.sources, options),
        Command::Dead(command) => dead::run(&cli.sources, command),
    }
}

/// The last words of a command. Stderr and stdout may be closed; there is nobody left to
/// tell that to.
fn complain(cli: &Cli, failure: &Failure) {
    let said = if cli.supervised {
        announce::say(&Announcement::Failed {
            failed: cli.command.name().to_owned(),
            message: failure.to_string(),
            code: failure.code(),
        })
    } else {
        failure.to_string().lines().try_for_each(|line| writeln!(io::stderr(), "mostik: {line}"))
    };
    said.ok();
}

/// Help and version are answers, everything else from clap is a mistake.
fn explain(error: &clap::Error) -> ExitCode {
    error.print().ok();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => ExitCode::SUCCESS,
        _ => ExitCode::from(EXIT_CONFIGURATION),
    }
}
