//! `mostik setup-link`: a new link for creating the owner's account, when the one
//! that was printed at the start is lost.
//!
//! Only the token's hash is kept, so the old link cannot be shown again; making a
//! new one ends the old.

use std::{
    fs,
    io::{self, ErrorKind, Write},
    net::SocketAddr,
};

use tokio::runtime::Builder;

use crate::{
    config::{Settings, Sources},
    data::DataFolder,
    failure::Failure,
    up::ReadyLine,
};

pub fn print(sources: &Sources) -> Result<(), Failure> {
    let settings = Settings::load(sources)?;
    // A running `up` may have taken another port than the file says.
    let address = running_address(&settings.data)?.unwrap_or(settings.dashboard.listen);
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::unavailable(format!("a runtime could not be started: {error}")))?;
    let link = runtime
        .block_on(dashboard::new_setup_link(&settings.dashboard, address))
        .map_err(|error| Failure::of_part(&error))?;
    let line = link.unwrap_or_else(|| "There is an owner already: sign in at the dashboard.".to_owned());
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
