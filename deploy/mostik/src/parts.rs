//! Each command on the runtime it needs.

use std::{
    future::Future,
    io::{self, Write},
};

use tokio::{
    runtime::{Builder, Runtime},
    task::LocalSet,
};

use crate::{
    cli::{CollectorOptions, UpOptions},
    config::{Settings, Sources},
    failure::Failure,
    process, up,
};

/// On one thread, the main one: children die with the thread that started them
/// (see [`crate::process::die_with_parent`]).
pub fn up(sources: &Sources, options: &UpOptions) -> Result<(), Failure> {
    let runtime = started(Builder::new_current_thread())?;
    LocalSet::new().block_on(&runtime, up::run(sources, options))
}

/// The engine makes its own threads: its statements need deep stacks.
pub fn engine(sources: &Sources) -> Result<(), Failure> {
    let settings = Settings::load(sources)?;
    let engine = settings.engine.ok_or_else(|| {
        Failure::mistake(
            "clickhouse.url names a server of yours, so there is no engine to run: remove it first",
        )
    })?;
    mostik::engine::run(engine.into()).map_err(|error| Failure::of_part(&error.into()))
}

pub fn collector(sources: &Sources, options: &CollectorOptions) -> Result<(), Failure> {
    let settings = Settings::load(sources)?;
    let keys = options.keys_fd.map(process::inherited).transpose().map_err(|error| {
        Failure::mistake(format!("--keys-fd is for mostik up, which hands a file over: {error}"))
    })?;
    serve(collector::run(settings.collector, keys))
}

pub fn dashboard(sources: &Sources) -> Result<(), Failure> {
    let settings = Settings::load(sources)?;
    serve(dashboard::run(settings.dashboard))
}

pub fn check_config(sources: &Sources) -> Result<(), Failure> {
    let settings = Settings::load(sources)?;
    writeln!(io::stdout(), "{} holds no mistakes.", settings.file.display())
        .map_err(|error| Failure::unavailable(format!("stdout: {error}")))
}

fn serve(part: impl Future<Output = anyhow::Result<()>>) -> Result<(), Failure> {
    started(Builder::new_multi_thread())?.block_on(part).map_err(|error| Failure::of_part(&error))
}

fn started(mut builder: Builder) -> Result<Runtime, Failure> {
    builder.enable_all().build().map_err(|error| {
        Failure::unavailable(format!(
            "threads could not be started: {error}: raise this user's limits (ulimit -u)"
        ))
    })
}
