//! What the bench is asked for on its command line.

use anyhow::{Context as _, bail};

/// Events of the year, page views and custom ones.
const EVENTS: u32 = 10_000_000;

/// A little more than the overview's twelve calendar months.
const DAYS: u32 = 366;

/// Fewest days: the bench closes the third before today again.
const DAYS_MIN: u32 = 3;

/// How often each question is asked.
const ROUNDS: u32 = 10;

pub struct Options {
    pub events: u32,
    /// Before today, over which the events are spread.
    pub days: u32,
    pub rounds: u32,
}

impl Options {
    pub fn read(words: impl Iterator<Item = String>) -> anyhow::Result<Options> {
        let mut options = Options { events: EVENTS, days: DAYS, rounds: ROUNDS };
        // Cargo adds a word of its own, which says that a bench is to be run.
        let mut words = words.filter(|word| word != "--bench");
        while let Some(word) = words.next() {
            let number = words.next().with_context(|| format!("{word} needs a number"))?;
            let number = number.parse().with_context(|| format!("{word} {number}"))?;
            match word.as_str() {
                "--events" => options.events = number,
                "--days" if number >= DAYS_MIN => options.days = number,
                "--rounds" => options.rounds = number,
                _ => bail!("{word} {number}: there are --events, --days ({DAYS_MIN} or more) and --rounds"),
            }
        }
        Ok(options)
    }
}
