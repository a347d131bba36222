//! `mostik privacy receipts`: what was deleted and when, and whether the list is whole.

use std::io::{self, Write};

use collector::erase::{self, Verdict};

use crate::{
    config::{Settings, Sources},
    failure::Failure,
};

pub fn run(sources: &Sources) -> Result<(), Failure> {
    let path = Settings::load(sources)?.data.receipts();
    let (receipts, verdict) =
        erase::check(&path).map_err(|error| Failure::unavailable(format!("{}: {error}", path.display())))?;
    let mut out = io::stdout().lock();
    let mut say = |line: String| {
        writeln!(out, "{line}").map_err(|error| Failure::unavailable(format!("stdout: {error}")))
    };
    for receipt in &receipts {
        let site = receipt.site.map_or_else(|| "every site".to_owned(), |site| format!("site {site}"));
        say(format!(
            "{}  {:?} of {} on {site}: {} rows, out of the tables after {} s, out of every file after {} s",
            receipt.at,
            receipt.matter,
            receipt.of,
            receipt.rows,
            receipt.removed_after_s,
            receipt.gone_after_s
        ))?;
    }
    match verdict {
        Verdict::Whole { receipts } => say(format!("{receipts} receipts, the list is whole")),
        Verdict::Broken { line } => Err(Failure::Leak(vec![format!(
            "{}: line {line} was changed, or lines before it",
            path.display()
        )])),
    }
}
