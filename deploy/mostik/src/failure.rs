//! Why a command of `mostik` ended without doing its work, and with which code.
//!
//! The codes are those of sysexits.h, so that a supervisor can tell "the owner
//! must change something" (64) from "something we need is not there" (69) from
//! a crash. Every message says what is wrong and how to mend it, on one line.

use std::process::ExitCode;

use thiserror::Error;

/// `EX_USAGE` of sysexits.h: the command line or the configuration is wrong.
/// Starting again without a change cannot help.
pub const EXIT_CONFIGURATION: u8 = 64;

/// `EX_UNAVAILABLE` of sysexits.h: a port, a file or a folder we need is not to be
/// had right now.
pub const EXIT_UNAVAILABLE: u8 = 69;

/// `EX_DATAERR` of sysexits.h: the data hold what they must not.
pub const EXIT_LEAK: u8 = 65;

#[derive(Debug, Error)]
pub enum Failure {
    /// All mistakes found, one line each.
    #[error("{}", .0.join("\n"))]
    Configuration(Vec<String>),
    #[error("{0}")]
    Unavailable(String),
    /// `mostik privacy verify` has found something that must not be there.
    #[error("{}", .0.join("\n"))]
    Leak(Vec<String>),
    /// A child could not start and has said why and with which code.
    #[error("{message}")]
    Child { message: String, code: u8 },
}

impl Failure {
    /// One mistake in what the owner wrote.
    pub fn mistake(message: impl Into<String>) -> Failure {
        Failure::Configuration(vec![message.into()])
    }

    pub fn unavailable(message: impl Into<String>) -> Failure {
        Failure::Unavailable(message.into())
    }

    /// The whole chain of a part's error on one line.
    pub fn of_part(error: &anyhow::Error) -> Failure {
        Failure::Unavailable(format!("{error:#}").replace('\n', " "))
    }

    pub fn code(&self) -> u8 {
        match self {
            Failure::Configuration(_) => EXIT_CONFIGURATION,
            Failure::Unavailable(_) => EXIT_UNAVAILABLE,
            Failure::Leak(_) => EXIT_LEAK,
            Failure::Child { code, .. } => *code,
        }
    }
}

impl From<&Failure> for ExitCode {
    fn from(failure: &Failure) -> ExitCode {
        ExitCode::from(failure.code())
    }
}
