//! `mostik dead`: rows that ClickHouse cannot read, and their way back once the cause
//! is mended. Safe beside a running `mostik up`.

use std::io::{self, Write};

use collector::spool::dead;

use crate::{
    cli::DeadCommand,
    config::{Settings, Sources},
    failure::Failure,
};

pub fn run(sources: &Sources, command: &DeadCommand) -> Result<(), Failure> {
    let spool = Settings::load(sources)?.data.spool();
    let failed = |error| Failure::of_part(&anyhow::Error::new(error));
    let rows = dead::list(&spool).map_err(failed)?;
    let mut out = io::stdout().lock();
    let mut say = |line: String| {
        writeln!(out, "{line}").map_err(|error| Failure::unavailable(format!("stdout: {error}")))
    };
    match command {
        DeadCommand::List => {
            for row in &rows {
                say(format!(
                    "{:016x}  site {}  day {}  ClickHouse's code {}",
                    row.sequence,
                    row.site_id,
                    collector::site::date_of(row.day),
                    row.death.code
                ))?;
            }
            say(format!("rows that ClickHouse cannot read: {}", rows.len()))
        }
        DeadCommand::Replay => {
            for row in &rows {
                dead::replay(&spool, row.sequence).map_err(failed)?;
            }
            say(format!("rows put back into the spool: {}", rows.len()))
        }
    }
}
