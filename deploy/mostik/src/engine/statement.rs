//! Splits what a client sent into a statement and an INSERT's data.
//!
//! An INSERT's data begin after `VALUES` or after `FORMAT <name>`, and may be binary
//! and endless. Everything else is a statement as a whole.

use super::tokens::{Kind, Token, tokens};

/// What the bytes received so far turn out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Split {
    /// Not decidable yet: more bytes are needed.
    Unclear,
    /// No data follow; the statement is everything that was or will be received.
    Whole,
    /// `sql[..statement_end]` is the INSERT without its format, the data begin at `data_start`.
    Insert { statement_end: usize, format: String, data_start: usize },
    /// An INSERT with SETTINGS after FORMAT, which the streaming interface cannot take.
    SettingsAfterFormat,
}

/// Looks at the beginning of a request. `is_all` says that nothing follows.
pub(super) fn split(sql: &[u8], is_all: bool) -> Split {
    let mut depth = 0_usize;
    let mut stream = tokens(sql).peekable();
    match stream.next() {
        None if is_all => return Split::Whole,
        None => return Split::Unclear,
        Some(first) if first.is_word("INSERT") => {}
        // A word that touches the end may go on in the next piece.
        Some(first) if first.end() == sql.len() && !is_all => return Split::Unclear,
        Some(_) => return Split::Whole,
    }
    while let Some(token) = stream.next() {
        match token.kind {
            Kind::Sign(b'(') => depth += 1,
            Kind::Sign(b')') => depth = depth.saturating_sub(1),
            Kind::Unfinished if !is_all => return Split::Unclear,
            Kind::Word if depth == 0 && token.end() == sql.len() && !is_all => return Split::Unclear,
            Kind::Word if depth == 0 => {
                if token.is_word("SELECT") || token.is_word("WITH") || token.is_word("WATCH") {
                    return Split::Whole;
                }
                if token.is_word("VALUES") {
                    return Split::Insert {
                        statement_end: token.start,
                        format: "Values".to_owned(),
                        data_start: token.end(),
                    };
                }
                if token.is_word("FORMAT")
                    && let Some(name) = stream.peek().filter(|name| name.kind == Kind::Word)
                {
                    return after_format(sql, token, *name, is_all);
                }
            }
            _ => {}
        }
    }
    if is_all { Split::Whole } else { Split::Unclear }
}

/// The data begin after the blanks that follow the format's name and one line end,
/// as in ClickHouse's `ParserInsertQuery`.
fn after_format(sql: &[u8], format: Token<'_>, name: Token<'_>, is_all: bool) -> Split {
    let mut at = name.end();
    while sql.get(at).is_some_and(|b| matches!(b, b' ' | b'\t' | b'\x0c')) {
        at += 1;
    }
    if sql.get(at) == Some(&b'\r') {
        at += 1;
    }
    let line_ends = sql.get(at) == Some(&b'\n');
    if line_ends {
        at += 1;
    } else if at == sql.len() && !is_all {
        return Split::Unclear;
    }
    const SETTINGS: &[u8] = b"SETTINGS";
    let next = &sql[at..];
    let next = &next[..next.len().min(SETTINGS.len())];
    if next.eq_ignore_ascii_case(SETTINGS) {
        return Split::SettingsAfterFormat;
    }
    Split::Insert {
        statement_end: format.start,
        format: String::from_utf8_lossy(name.text).into_owned(),
        data_start: at,
    }
}

/// The first word of a statement, in capitals, opening brackets skipped.
pub(super) fn first_word(sql: &[u8]) -> Option<String> {
    tokens(sql)
        .find(|token| !token.is_sign(b'('))
        .filter(|token| token.kind == Kind::Word)
        .map(|token| String::from_utf8_lossy(token.text).to_ascii_uppercase())
}

/// The name after the last FORMAT outside of brackets, which rules the answer.
pub(super) fn answer_format(sql: &[u8]) -> Option<String> {
    let mut depth = 0_usize;
    let mut found = None;
    let mut previous_is_format = false;
    for token in tokens(sql) {
        match token.kind {
            Kind::Sign(b'(') => depth += 1,
            Kind::Sign(b')') => depth = depth.saturating_sub(1),
            Kind::Word if depth == 0 && previous_is_format => {
                found = Some(String::from_utf8_lossy(token.text).into_owned());
            }
            _ => {}
        }
        previous_is_format = depth == 0 && token.is_word("FORMAT");
    }
    found
}

/// Words that change what the blocks of a streamed answer look like: totals and
/// extremes come once at the end, and two settings wrap or encode the rows otherwise.
const BLOCK_CHANGING: &[&str] = &[
    "totals",
    "extremes",
    "output_format_json_array_of_rows",
    "output_format_binary_encode_types_in_binary_format",
];

/// Whether a word of the statement changes its answer's blocks.
pub(super) fn changes_blocks(sql: &[u8]) -> bool {
    tokens(sql).any(|token| BLOCK_CHANGING.iter().any(|word| token.is_word(word)))
}

/// The same for the name of a setting.
pub(super) fn setting_changes_blocks(name: &str) -> bool {
    BLOCK_CHANGING.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn insert(statement: &str, format: &str, data: &str) -> Option<(String, String, String)> {
        Some((statement.into(), format.into(), data.into()))
    }

    fn check(sql: &str, expected: Option<(String, String, String)>) {
        let found = match split(sql.as_bytes(), true) {
            Split::Insert { statement_end, format, data_start } => {
                Some((sql[..statement_end].trim_end().to_owned(), format, sql[data_start..].to_owned()))
            }
            Split::Whole => None,
            other => panic!("{other:?} for {sql}"),
        };
        assert_eq!(found, expected, "{sql}");
    }

    #[test]
    fn data_begin_after_the_formats_line() {
        check("INSERT INTO t (a) FORMAT Native\n\0\n", insert("INSERT INTO t (a)", "Native", "\0\n"));
        check("insert into t format CSV 1,2", insert("insert into t", "CSV", "1,2"));
        check("INSERT INTO t FORMAT TSV\r\n\n1", insert("INSERT INTO t", "TSV", "\n1"));
    }

    #[test]
    fn data_begin_after_values() {
        check("INSERT INTO t VALUES (1), (2)", insert("INSERT INTO t", "Values", " (1), (2)"));
        check("INSERT INTO t(a)VALUES(1)", insert("INSERT INTO t(a)", "Values", "(1)"));
    }

    #[test]
    fn words_in_quotes_comments_and_brackets_begin_no_data() {
        check(
            "INSERT INTO `FORMAT x` /* VALUES */ (values) VALUES (1)",
            insert("INSERT INTO `FORMAT x` /* VALUES */ (values)", "Values", " (1)"),
        );
    }

    #[test]
    fn a_select_is_whole_and_so_is_an_insert_from_one() {
        check("SELECT 1 FORMAT JSON", None);
        check("INSERT INTO t SELECT 1 FORMAT TSV", None);
        check("INSERT INTO t WITH x AS (SELECT 1) SELECT * FROM x", None);
        check("", None);
    }

    #[test]
    fn a_word_cut_in_two_is_waited_for() {
        for part in [
            "",
            "INS",
            "INSERT INTO t FORM",
            "INSERT INTO t FORMAT Row",
            "INSERT INTO t FORMAT RowBinary ",
            "INSERT INTO `t",
            "SEL",
        ] {
            assert_eq!(split(part.as_bytes(), false), Split::Unclear, "{part:?}");
        }
        assert_eq!(split(b"SELECT ", false), Split::Whole);
    }

    #[test]
    fn settings_after_the_format_are_noticed() {
        assert_eq!(
            split(b"INSERT INTO t FORMAT CSV SETTINGS async_insert=1\n1", true),
            Split::SettingsAfterFormat
        );
    }

    #[test]
    fn the_last_format_outside_of_brackets_rules_the_answer() {
        assert_eq!(answer_format(b"SELECT 1 FORMAT JSON").as_deref(), Some("JSON"));
        assert_eq!(answer_format(b"SELECT * FROM format(CSV, '1')"), None);
        assert_eq!(answer_format(b"SELECT 1 FORMAT Null SETTINGS max_threads = 1;").as_deref(), Some("Null"));
    }

    #[test]
    fn the_first_word_is_found_behind_brackets_and_comments() {
        assert_eq!(first_word(b"/* hi */ ((select 1))").as_deref(), Some("SELECT"));
        assert_eq!(first_word(b"'x'"), None);
    }
}
