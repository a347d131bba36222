//! `mostik setup-link`: a new link for creating the owner's account, when the one that was
//! printed at the start is lost. `mostik password-link`: a link for whoever forgot a password.
//!
//! Only tokens' hashes are kept, so an old link cannot be shown again; making a new one ends
//! the old.

use std::{
    fs,
    io::{self, ErrorKind, Write},
    net::SocketAddr,
};

use clap::Args;
use tokio::runtime::Builder;

use crate::{
    config::{Settings, Sources},
    data::DataFolder,
    failure::Failure,
    up::ReadyLine,
};

/// Whose password.
#[derive(Debug, Args)]
pub struct PasswordLinkOptions {
    /// The address the account signs in with.
    email: String,
    /// Lets it in without the second step, too, until it is switched on again.
    #[arg(long)]
    without_second_step: bool,
}

pub fn setup(sources: &Sources) -> Result<(), Failure> {
    let made = made(sources, async |config, address| dashboard::new_setup_link(config, address).await)?;
    say(&made.unwrap_or_else(|| "There is an owner already: sign in at the dashboard.".to_owned()))
}

pub fn password(sources: &Sources, options: &PasswordLinkOptions) -> Result<(), Failure> {
    let PasswordLinkOptions { email, without_second_step } = options;
    let made = made(sources, async |config, address| {
        dashboard::new_password_link(config, address, email, *without_second_step).await
    })?;
    match made {
        Some(link) => say(&link),
        None => Err(Failure::unavailable(format!("no account signs in with {email}"))),
    }
}

/// A link to the dashboard as it runs, or as it would.
fn made(
    sources: &Sources,
    make: impl AsyncFnOnce(&dashboard::Config, SocketAddr) -> anyhow::Result<Option<String>>,
) -> Result<Option<String>, Failure> {
    let settings = Settings::load(sources)?;
    // A running `up` may have taken another port than the file says.
    let address = running_address(&settings.data)?.unwrap_or(settings.dashboard.listen);
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::unavailable(format!("a runtime could not be started: {error}")))?;
    runtime.block_on(make(&settings.dashboard, address)).map_err(|error| Failure::of_part(&error))
}

fn say(line: &str) -> Result<(), Failure> {
    writeln!(io::stdout(), "{line}").map_err(|error| Failure::unavailable(format!("stdout: {error}")))
}

fn running_address(data: &DataFolder) -> Result<Option<SocketAddr>, Failure> {
    let path = data.ready_file();
    match fs::read_to_string(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::unavailable(format!("{}: {error}", path.display()))),
        Ok(text) => serde_json::from_str::<ReadyLine>(&text)
            .map(|line| Some(line.dashboard))
            .map_err(|error| Failure::unavailable(format!("{}: {error}: remove the file", path.display()))),
    }
}
