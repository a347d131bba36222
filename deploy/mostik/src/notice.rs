//! `mostik privacy notice`: a text for the site's own page, made from the settings in force.

use std::io::{self, Write};

use clap::{Args, ValueEnum};
use collector::{
    bridge::destination::Destinations,
    serve::visitor::{forwarded::Forwarded, language::Language, notice::Facts},
};

use crate::{
    config::{Settings, Sources},
    failure::Failure,
};

#[derive(Debug, Args)]
pub struct NoticeOptions {
    #[arg(long, value_enum, default_value = "ru")]
    pub lang: NoticeLanguage,
    /// The site it is for; without it the text speaks of what any site here forwards.
    #[arg(long)]
    pub site: Option<String>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum NoticeLanguage {
    Ru,
    En,
}

pub fn run(sources: &Sources, options: &NoticeOptions) -> Result<(), Failure> {
    let settings = Settings::load(sources)?;
    let around = &settings.collector.around;
    let snapshot = collector::settings::Settings::kept(&around.snapshot)
        .map_err(|error| Failure::unavailable(error.to_string()))?;
    let site = match &options.site {
        None => None,
        Some(domain) => {
            let site = snapshot.sites.iter().find(|site| site.domain == *domain);
            let unknown = || Failure::mistake(format!("{domain} is no site of this instance"));
            Some(site.ok_or_else(unknown)?.id)
        }
    };
    let destinations = Destinations::read(&snapshot, &around.settings_secret);
    let facts = Facts { forwarded: Forwarded::of(&destinations, site), ..Facts::of(&settings.collector) };
    let text = match options.lang {
        NoticeLanguage::Ru => facts.text(Language::Russian),
        NoticeLanguage::En => facts.text(Language::English),
    };
    write!(io::stdout(), "{text}").map_err(|error| Failure::unavailable(format!("stdout: {error}")))
}
