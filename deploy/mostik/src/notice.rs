//! `mostik privacy notice`: a text for the site's own page, made from the settings in force.

use std::io::{self, Write};

use clap::{Args, ValueEnum};

use crate::{
    config::{Settings, Sources},
    failure::Failure,
};

#[derive(Debug, Args)]
pub struct NoticeOptions {
    #[arg(long, value_enum, default_value = "ru")]
    pub lang: NoticeLanguage,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum NoticeLanguage {
    Ru,
    En,
}

pub fn run(sources: &Sources, options: &NoticeOptions) -> Result<(), Failure> {
    let settings = Settings::load(sources)?;
    let facts = collector::serve::visitor::notice::Facts::of(&settings.collector);
    let text = match options.lang {
        NoticeLanguage::Ru => facts.russian(),
        NoticeLanguage::En => facts.english(),
    };
    write!(io::stdout(), "{text}").map_err(|error| Failure::unavailable(format!("stdout: {error}")))
}
