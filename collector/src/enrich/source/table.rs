//! The table of known sources, from the compiled-in `sources.toml`.

use std::collections::HashMap;

use serde::Deserialize;

use super::{Channel, host::Referrer};

const BUILT_IN: &str = include_str!("../../../data/sources.toml");

/// One source.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Row {
    pub(super) name: String,
    pub(super) channel: Channel,
    #[serde(default)]
    pub(super) hosts: Vec<String>,
    #[serde(default)]
    pub(super) apps: Vec<String>,
    #[serde(default)]
    pub(super) aliases: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    source: Vec<Row>,
}

#[derive(Debug, thiserror::Error)]
pub(super) enum TableError {
    #[error("the table of sources is not what it should be")]
    Toml(#[from] toml::de::Error),
    #[error("{0} stands in two rows of the table of sources")]
    Twice(String),
    #[error("{0} is not in lower case")]
    Case(String),
}

pub(super) struct Table {
    rows: Vec<Row>,
    hosts: HashMap<String, usize>,
    apps: HashMap<String, usize>,
    aliases: HashMap<String, usize>,
}

impl Table {
    pub(super) fn built_in() -> Table {
        Table::read(BUILT_IN).expect("the table is compiled in and a test reads it")
    }

    pub(super) fn read(text: &str) -> Result<Table, TableError> {
        let rows = toml::from_str::<File>(text)?.source;
        let hosts = index(&rows, |row| &row.hosts)?;
        let apps = index(&rows, |row| &row.apps)?;
        let aliases = index(&rows, |row| &row.aliases)?;
        Ok(Table { rows, hosts, apps, aliases })
    }

    pub(super) fn by_referrer(&self, referrer: &Referrer) -> Option<&Row> {
        self.matching(referrer).and_then(|(row, _)| self.rows.get(row))
    }

    pub(super) fn by_alias(&self, alias: &str) -> Option<&Row> {
        self.aliases.get(alias).and_then(|&row| self.rows.get(row))
    }

    /// The row and the entry of it that matched.
    fn matching(&self, referrer: &Referrer) -> Option<(usize, String)> {
        if referrer.is_app {
            return self.apps.get(&referrer.host).map(|&row| (row, referrer.host.clone()));
        }
        referrer
            .candidates()
            .into_iter()
            .find_map(|candidate| self.hosts.get(&candidate).map(|&row| (row, candidate)))
    }
}

fn index(rows: &[Row], entries: impl Fn(&Row) -> &Vec<String>) -> Result<HashMap<String, usize>, TableError> {
    let mut index = HashMap::new();
    for (number, row) in rows.iter().enumerate() {
        for entry in entries(row) {
            if entry.to_lowercase() != *entry {
                return Err(TableError::Case(entry.clone()));
            }
            if index.insert(entry.clone(), number).is_some() {
                return Err(TableError::Twice(entry.clone()));
            }
        }
    }
    Ok(index)
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;

    #[test]
    fn the_built_in_table_is_read_whole() {
        let table = Table::built_in();
        assert_eq!(table.rows.len(), BUILT_IN.lines().filter(|line| *line == "[[source]]").count());
        let names: std::collections::BTreeSet<_> = table.rows.iter().map(|row| &row.name).collect();
        assert_eq!(names.len(), table.rows.len(), "a name in two rows");
    }

    #[test]
    fn a_host_in_two_rows_is_an_error() {
        let text = "[[source]]\nname='A'\nchannel='ai'\nhosts=['a.ru']\n[[source]]\nname='B'\nchannel='ai'\nhosts=['a.ru']";
        assert!(matches!(Table::read(text), Err(TableError::Twice(host)) if host == "a.ru"));
        assert!(Table::read("[[source]]\nname='A'\nchannel='tv'").is_err());
        assert!(Table::read("[[source]]\nname='A'\nchannel='ai'\nhost=['a.ru']").is_err());
    }

    #[test]
    fn every_entry_has_a_case_that_matches_it() {
        let table = Table::built_in();
        let mut met = std::collections::BTreeSet::new();
        for &(referrer, _) in super::super::cases::REFERRERS {
            let read = Referrer::read(&Url::parse(referrer).unwrap());
            met.extend(read.and_then(|read| table.matching(&read)).map(|(_, entry)| entry));
        }
        met.extend(
            super::super::cases::ALIASES
                .iter()
                .flat_map(|(aliases, _)| aliases.split(' ').map(str::to_owned)),
        );
        let all = table.rows.iter().flat_map(|row| row.hosts.iter().chain(&row.apps).chain(&row.aliases));
        let unmet: Vec<_> = all.filter(|entry| !met.contains(*entry)).collect();
        assert!(unmet.is_empty(), "without a case: {unmet:?}");
    }

    #[test]
    fn every_click_ids_owner_is_in_the_table() {
        let table = Table::built_in();
        for name in super::super::Click::ALL.iter().filter_map(|click| click.source()) {
            assert!(table.rows.iter().any(|row| row.name == name), "{name}");
        }
    }
}
