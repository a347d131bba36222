//! What no client may say, found by the words of a statement.
//!
//! The strong walls are elsewhere: the engine's own privileges (`configuration.rs`)
//! and the kernel (`confinement.rs`). This one stands before what libchdb runs as a
//! *client library*, unchecked by privileges, before what its privileges leave out,
//! and before what would silently do nothing here. It errs on the side of refusing: a
//! table named like a forbidden function cannot be followed by a bracket.

use std::collections::HashSet;

use super::{
    exception::{Code, Exception},
    library::{Analysis, Effect},
    tokens::{Kind, Token, tokens},
};

/// Table functions that stay inside of the database. Every other one that the engine
/// knows is refused, also those of versions to come.
const TABLE_FUNCTIONS_HARMLESS: &[&str] = &[
    "SQLStandardValues",
    "format",
    "generateRandom",
    "generateSeries",
    "generate_series",
    "loop",
    "merge",
    "mergeTreeAnalyzeIndexes",
    "mergeTreeAnalyzeIndexesUUID",
    "mergeTreeIndex",
    "mergeTreeProjection",
    "mergeTreeTextIndex",
    "null",
    "numbers",
    "numbers_mt",
    "primes",
    "values",
    "view",
    "viewExplain",
    "viewIfPermitted",
    "zeros",
    "zeros_mt",
];

/// Ordinary functions that reach outside, and that the engine's privileges do not
/// cover in libchdb 26.7: `file()` in an expression reads any path. The second needs a
/// helper program that is not there; it is listed in case that changes.
const FUNCTIONS_FORBIDDEN: &[&str] = &["file", "catboostevaluate"];

/// Engines of tables and databases that keep their data in the database. libchdb 26.7
/// does not read `table_engines_require_grant`, so only engines with a source of their
/// own are covered by its privileges; `Executable`, for one, is not.
const ENGINES_ALLOWED: &[&str] = &[
    "MergeTree",
    "ReplacingMergeTree",
    "CoalescingMergeTree",
    "SummingMergeTree",
    "AggregatingMergeTree",
    "CollapsingMergeTree",
    "VersionedCollapsingMergeTree",
    "Memory",
    "Null",
    "Log",
    "TinyLog",
    "StripeLog",
    "Set",
    "Join",
    "Merge",
    "Buffer",
    "GenerateRandom",
    "Atomic",
];

/// Statements that the engine calls control and that a database's client needs. An ALTER,
/// DELETE or UPDATE is called so as soon as it has SETTINGS; its privileges still hold.
const CONTROL_ALLOWED: &[&str] = &["SYSTEM", "KILL", "ALTER", "DELETE", "UPDATE"];

/// The words that no statement may use.
pub(super) struct Forbidden {
    /// In small letters: some of ClickHouse's names are found in any case.
    functions: HashSet<String>,
}

impl Forbidden {
    /// `table_functions` are all that the engine knows.
    pub(super) fn among<'a>(table_functions: impl Iterator<Item = &'a str>) -> Forbidden {
        let forbidden = table_functions.filter(|name| !TABLE_FUNCTIONS_HARMLESS.contains(name));
        let functions =
            forbidden.chain(FUNCTIONS_FORBIDDEN.iter().copied()).map(str::to_ascii_lowercase).collect();
        Forbidden { functions }
    }

    /// Refuses by words alone.
    pub(super) fn check(&self, sql: &[u8]) -> Result<(), Exception> {
        let all: Vec<Token<'_>> = tokens(sql).collect();
        let makes =
            all.first().is_some_and(|first| ["CREATE", "REPLACE", "ATTACH"].iter().any(|w| first.is_word(w)));
        let mut depth = 0_usize;
        for (at, token) in all.iter().enumerate() {
            let next = all.get(at + 1);
            match token.kind {
                Kind::Sign(b'(') => depth += 1,
                Kind::Sign(b')') => depth = depth.saturating_sub(1),
                _ => {}
            }
            if (token.is_word("INTO") || token.is_word("FROM"))
                && next.is_some_and(|next| next.is_word("OUTFILE") || next.is_word("INFILE"))
            {
                return Err(denied("INTO OUTFILE and FROM INFILE reach this machine's files"));
            }
            if token.is_word("CREATE") && creates_temporary(&all[at + 1..]) {
                return Err(Exception::new(
                    Code::NotImplemented,
                    "a temporary table would be gone with this statement: the embedded engine keeps no sessions",
                ));
            }
            if makes
                && depth == 0
                && token.is_word("ENGINE")
                && let Some(engine) = engine_named(&all[at + 1..])
                && !ENGINES_ALLOWED.contains(&engine.as_str())
            {
                return Err(denied(&format!("the engine {engine} keeps its data elsewhere")));
            }
            if let Some(name) = token.name()
                && self.functions.contains(&name.to_ascii_lowercase())
                && is_called(&all, at)
            {
                return Err(denied(&format!("{name}() reaches outside of the database")));
            }
        }
        Ok(())
    }
}

/// Refuses by what the engine's own parser says of the statement. `first_word` is in capitals.
pub(super) fn check_effect(analysis: Analysis, first_word: Option<&str>) -> Result<(), Exception> {
    if analysis.statements > 1 {
        return Err(Exception::new(Code::SyntaxError, "Multi-statements are not allowed"));
    }
    match (analysis.effect, first_word) {
        (Effect::ReadOnly | Effect::ChangesDatabase | Effect::Unknown, _) => Ok(()),
        (Effect::ChangesServer, _) => {
            Err(denied("functions, users and collections are not for clients to make"))
        }
        (Effect::Control, Some("SET" | "USE")) => Err(Exception::new(
            Code::NotImplemented,
            "the embedded engine keeps no sessions: send settings and the database with the statement they are for",
        )),
        (Effect::Control, Some(word)) if CONTROL_ALLOWED.contains(&word) => Ok(()),
        (Effect::Control, _) => Err(denied("this kind of statement reaches outside of the database")),
    }
}

fn denied(what: &str) -> Exception {
    Exception::new(Code::AccessDenied, format!("{what}; the embedded engine refuses it to every client."))
}

/// The name after `ENGINE` and perhaps `=`. `ENGINE` may also be a column; then a sign
/// or a keyword follows, which is no engine's name and lets the statement pass.
fn engine_named(after_engine: &[Token<'_>]) -> Option<String> {
    let has_equals = after_engine.first()?.is_sign(b'=');
    let name = after_engine.get(usize::from(has_equals))?;
    let is_column = !has_equals && ["FROM", "AS"].iter().any(|word| name.is_word(word));
    if is_column { None } else { name.name() }
}

/// A call is `name(`, or a function handed over by name as in `APPLY(name)` and `APPLY name`.
fn is_called(all: &[Token<'_>], at: usize) -> bool {
    let before = |distance: usize| at.checked_sub(distance).map(|index| &all[index]);
    let follows_apply = before(1).is_some_and(|token| token.is_word("APPLY"))
        || (before(1).is_some_and(|token| token.is_sign(b'('))
            && before(2).is_some_and(|token| token.is_word("APPLY")));
    follows_apply || all.get(at + 1).is_some_and(|next| next.is_sign(b'('))
}

/// `CREATE [OR REPLACE] TEMPORARY …`
fn creates_temporary(after_create: &[Token<'_>]) -> bool {
    let replaces = after_create.first().is_some_and(|token| token.is_word("OR"));
    let at = if replaces { 2 } else { 0 };
    after_create.get(at).is_some_and(|token| token.is_word("TEMPORARY") || token.is_word("TEMP"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(sql: &str) -> Result<(), Exception> {
        Forbidden::among(["file", "url", "eval", "numbers"].into_iter()).check(sql.as_bytes())
    }

    fn refused(sql: &str) {
        assert!(check(sql).is_err(), "{sql}");
    }

    fn allowed(sql: &str) {
        assert_eq!(check(sql), Ok(()), "{sql}");
    }

    #[test]
    fn a_forbidden_function_is_found_however_it_is_written() {
        for sql in [
            "SELECT file('/etc/passwd')",
            "SELECT FILE ('/etc/passwd')",
            "SELECT `file`('/etc/passwd')",
            "SELECT \"file\" /* x */ -- y\n ('/etc/passwd')",
            "SELECT * APPLY file FROM t",
            "SELECT * APPLY(file) FROM t",
            "SELECT arrayMap(x -> file(x), ['/etc/passwd'])",
            "SELECT * FROM eval('SELECT 1')",
            "SELECT * FROM uRl('http://127.0.0.1/')",
        ] {
            refused(sql);
        }
    }

    #[test]
    fn the_same_word_as_a_column_or_in_a_literal_is_no_call() {
        allowed("SELECT file, 'file(' FROM t WHERE note = 'INTO OUTFILE' -- file(1)");
        allowed("SELECT $$ file('x') $$ FROM numbers(3)");
    }

    #[test]
    fn files_of_this_machine_are_refused_by_any_spelling() {
        refused("SELECT 1 INTO OUTFILE '/tmp/x'");
        refused("select 1 into/**/outfile '/tmp/x'");
        refused("INSERT INTO t FROM INFILE '/etc/passwd' FORMAT CSV");
    }

    #[test]
    fn only_engines_that_keep_their_data_are_made() {
        for engine in
            ["= Executable('x')", "Executable('x')", "= `URL`('x')", "= /* x */ S3('x')", "= NewOne"]
        {
            refused(&format!("CREATE TABLE t (a Int8) ENGINE {engine} ORDER BY a"));
            refused(&format!("create database d engine {engine}"));
        }
        allowed("CREATE TABLE t (engine Int8 DEFAULT 1) ENGINE = MergeTree ORDER BY engine");
        allowed("CREATE VIEW v AS SELECT name, engine FROM system.tables WHERE engine = 'Memory'");
        allowed("SELECT engine Executable FROM system.tables");
    }

    #[test]
    fn a_temporary_table_is_refused_a_lasting_one_is_not() {
        refused("CREATE TEMPORARY TABLE t (a Int8)");
        refused("create or replace temporary table t (a Int8)");
        allowed("CREATE TABLE temporary (a Int8)");
    }
}
