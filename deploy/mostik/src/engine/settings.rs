//! What a request asks for besides its statement: database, format, parameters,
//! settings. Read from the URL, the headers and a form's parts; checked by shape
//! here, by meaning in the engine.

use hyper::HeaderMap;

use super::{
    exception::{Code, Exception},
    library::Params,
    limits::PARAMS_MAX,
    statement,
};

/// ClickHouse's default database, which in libchdb overlays the working directory.
/// A client that names it, or none, gets ours.
const OVERLAY: &str = "default";

/// A setting without any effect of its own that every running statement shows; the
/// engine gives it no other name that we could know.
const TAG_SETTING: &str = "log_comment";

/// What HTTP clients get when they name no format, as with a server.
const FORMAT_DEFAULT: &str = "TabSeparated";

/// Everything of a request that is not its statement.
#[derive(Debug, Default)]
pub(super) struct Wishes {
    pub(super) query: Option<String>,
    pub(super) query_id: Option<String>,
    pub(super) user: Option<String>,
    pub(super) password: Option<String>,
    pub(super) params: Params,
    /// Hold the answer back until all of it is there.
    pub(super) whole_answer: bool,
    database: Option<String>,
    format: Option<String>,
    settings: Vec<(String, String)>,
}

impl Wishes {
    /// Reads the URL's parameters and the headers; a header gives way to the URL.
    pub(super) fn read(url_query: &str, headers: &HeaderMap) -> Result<Wishes, Exception> {
        let mut wishes = Wishes {
            database: header(headers, "x-clickhouse-database"),
            format: header(headers, "x-clickhouse-format"),
            ..Wishes::default()
        };
        for (name, value) in pairs(url_query)? {
            wishes.take(name, value)?;
        }
        Ok(wishes)
    }

    /// Takes one named value, of the URL or of a form.
    pub(super) fn take(&mut self, name: String, value: String) -> Result<(), Exception> {
        if self.settings.len() + self.params.len() >= PARAMS_MAX {
            return Err(Exception::new(
                Code::BadArguments,
                format!("more than {PARAMS_MAX} parameters and settings in one request"),
            ));
        }
        if let Some(parameter) = name.strip_prefix("param_") {
            self.params.push(parameter.to_owned(), value);
            return Ok(());
        }
        match name.as_str() {
            "query" => self.query = Some(value),
            "query_id" => self.query_id = Some(value).filter(|id| !id.is_empty()),
            "user" => self.user = Some(value),
            "password" => self.password = Some(value),
            "database" => self.database = Some(value),
            "default_format" => self.format = Some(value),
            "wait_end_of_query" | "http_wait_end_of_query" => {
                self.whole_answer = value == "1" || value == "true"
            }
            // A session keeps temporary tables and SET between statements. Here every
            // statement has a connection of its own, and those two are refused.
            "session_id" | "session_timeout" | "close_session" => {}
            "session_check" if value != "1" => {}
            // Of the server's own business, without a counterpart here.
            "quota_key" | "buffer_size" | "stacktrace" | "client_protocol_version" => {}
            "compress" | "decompress" if value == "0" || value == "false" => {}
            "compress" | "decompress" => {
                return Err(Exception::new(
                    Code::NotImplemented,
                    "the embedded engine does not speak ClickHouse's own compression: turn it off in the client, or \
                     use HTTP's (Content-Encoding: lz4 or gzip)",
                ));
            }
            "session_check" | "role" => {
                return Err(Exception::new(
                    Code::NotImplemented,
                    format!("the embedded engine has no {name}"),
                ));
            }
            _ if is_setting(&name) => self.settings.push((name, value)),
            _ => return Err(Exception::new(Code::BadArguments, format!("{name:?} is no name of a setting"))),
        }
        Ok(())
    }

    /// The database the statement runs in.
    pub(super) fn database<'a>(&'a self, ours: &'a str) -> &'a str {
        match self.database.as_deref() {
            None | Some("" | OVERLAY) => ours,
            Some(named) => named,
        }
    }

    /// The answer's format unless the statement names one.
    pub(super) fn format(&self) -> &str {
        self.format.as_deref().filter(|format| !format.is_empty()).unwrap_or(FORMAT_DEFAULT)
    }

    pub(super) fn has_setting(&self, name: &str) -> bool {
        self.settings.iter().any(|(known, _)| known == name)
    }

    /// Whether a setting changes what a streamed answer's blocks look like.
    pub(super) fn changes_blocks(&self) -> bool {
        self.settings.iter().any(|(name, _)| statement::setting_changes_blocks(name))
    }

    /// Turns writing off for this request, whatever the client asked for.
    pub(super) fn forbid_writes(&mut self) {
        let is_stricter = self.settings.iter().any(|(name, value)| name == "readonly" && value == "1");
        if !is_stricter {
            self.settings.retain(|(name, _)| name != "readonly");
            // 2, not 1: official clients send settings with every SELECT.
            self.settings.push(("readonly".to_owned(), "2".to_owned()));
        }
    }

    pub(super) fn add_setting(&mut self, name: &str, value: String) {
        self.settings.push((name.to_owned(), value));
    }

    /// One SET that applies all settings and marks the statement with `tag`. The engine
    /// checks names, values and bounds against the state before it, so their order does
    /// not matter, and `readonly` among them does not forbid the others.
    pub(super) fn set_statement(&self, tag: &str) -> String {
        let own = self.settings.iter().filter(|(name, _)| name != TAG_SETTING);
        let list: String = own.map(|(name, value)| format!("{name} = {}, ", literal(value))).collect();
        format!("SET {list}{TAG_SETTING} = {}", literal(tag))
    }
}

/// The condition that finds the statement with this mark among those that run.
pub(super) fn is_tagged(tag: &str) -> String {
    format!("Settings['{TAG_SETTING}'] = {}", literal(tag))
}

/// A string literal in ClickHouse's SQL.
pub(super) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

/// An identifier in ClickHouse's SQL.
pub(super) fn identifier(name: &str) -> String {
    format!("`{}`", name.replace('\\', "\\\\").replace('`', "\\`"))
}

fn is_setting(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

/// The decoded pairs of a URL's query or of a form in the same notation.
fn pairs(text: &str) -> Result<Vec<(String, String)>, Exception> {
    let decoded = |part: &str| {
        let spaced = part.replace('+', " ");
        percent_encoding::percent_decode_str(&spaced)
            .decode_utf8()
            .map(|text| text.into_owned())
            .map_err(|_| Exception::new(Code::BadArguments, "the URL's parameters are not UTF-8"))
    };
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Ok((decoded(name)?, decoded(value)?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url_query: &str) -> Result<Wishes, Exception> {
        Wishes::read(url_query, &HeaderMap::new())
    }

    #[test]
    fn every_other_name_is_a_setting_and_values_are_quoted() {
        let wishes = read("query=SELECT+1&max_threads=2&format_csv_null_representation=a%27%5C").unwrap();
        assert_eq!(wishes.query.as_deref(), Some("SELECT 1"));
        assert_eq!(
            wishes.set_statement("t"),
            r"SET max_threads = '2', format_csv_null_representation = 'a\'\\', log_comment = 't'"
        );
    }

    #[test]
    fn a_name_that_could_be_sql_is_refused() {
        for name in ["a=1,b", "a%20b", "%60a", "A", "1a", "a-b", ""] {
            assert!(read(&format!("{name}=x")).is_err() || name.contains('='), "{name}");
        }
        assert!(read("max_threads%3D1%2Creadonly=0").is_err());
    }

    #[test]
    fn the_overlay_database_is_never_used() {
        assert_eq!(read("database=default").unwrap().database("mostik"), "mostik");
        assert_eq!(read("").unwrap().database("mostik"), "mostik");
        assert_eq!(read("database=other").unwrap().database("mostik"), "other");
    }

    #[test]
    fn a_reader_cannot_ask_for_writes_back() {
        let mut wishes = read("readonly=0").unwrap();
        wishes.forbid_writes();
        assert_eq!(wishes.set_statement("t"), "SET readonly = '2', log_comment = 't'");
        let mut wishes = read("readonly=1").unwrap();
        wishes.forbid_writes();
        assert_eq!(wishes.set_statement("t"), "SET readonly = '1', log_comment = 't'");
    }

    #[test]
    fn a_client_cannot_take_our_mark_away() {
        assert_eq!(read("log_comment=mine").unwrap().set_statement("t"), "SET log_comment = 't'");
    }

    #[test]
    fn compression_is_refused_only_when_asked_for() {
        assert!(read("compress=0&decompress=0").is_ok());
        assert_eq!(read("compress=1").unwrap_err().code, 48);
    }

    #[test]
    fn more_parameters_than_the_limit_are_refused() {
        let url: String = (0..=PARAMS_MAX).map(|n| format!("param_p{n}=1&")).collect();
        assert_eq!(read(&url).unwrap_err().code, 36);
    }
}
