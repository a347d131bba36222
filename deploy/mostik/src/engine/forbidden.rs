//! What no client may say, found by the words of a statement.
//!
//! The strong walls are elsewhere: the engine's own privileges (`configuration.rs`)
//! and the kernel (`confinement.rs`). This one stands before what libchdb runs as a
//! *client library*, unchecked by privileges, and before what would silently do
//! nothing here. It errs on the side of refusing.

use super::{
    exception::{Code, Exception},
    library::{Analysis, Effect},
    tokens::{Kind, Token, tokens},
};

/// Functions that reach outside of the database and that the engine's privileges do
/// not cover in libchdb 26.7: `file()` as a scalar reads any path, `executable`
/// checks the script's folder only, `eval` runs SQL made at run time.
const FUNCTIONS: &[&str] = &["file", "executable", "eval", "arrowstream", "catboostevaluate"];

/// Statements that work on the server as a whole and that a database's client needs.
const CONTROL_ALLOWED: &[&str] = &["SYSTEM", "KILL"];

/// Refuses by words alone.
pub(super) fn check_words(sql: &[u8]) -> Result<(), Exception> {
    let all: Vec<Token<'_>> = tokens(sql).collect();
    for (at, token) in all.iter().enumerate() {
        let next = all.get(at + 1);
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
        if let Some(name) = token.name().filter(|name| is_forbidden_function(name))
            && is_called(&all, at)
        {
            return Err(denied(&format!("{name}() reaches outside of the database")));
        }
    }
    Ok(())
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

fn is_forbidden_function(name: &str) -> bool {
    FUNCTIONS.iter().any(|forbidden| forbidden.eq_ignore_ascii_case(name))
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

    fn refused(sql: &str) {
        assert!(check_words(sql.as_bytes()).is_err(), "{sql}");
    }

    fn allowed(sql: &str) {
        assert_eq!(check_words(sql.as_bytes()), Ok(()), "{sql}");
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
        ] {
            refused(sql);
        }
    }

    #[test]
    fn the_same_word_as_a_column_or_in_a_literal_is_no_call() {
        allowed("SELECT file, 'file(' FROM t WHERE note = 'INTO OUTFILE' -- file(1)");
        allowed("SELECT $$ file('x') $$");
    }

    #[test]
    fn files_of_this_machine_are_refused_by_any_spelling() {
        refused("SELECT 1 INTO OUTFILE '/tmp/x'");
        refused("select 1 into/**/outfile '/tmp/x'");
        refused("INSERT INTO t FROM INFILE '/etc/passwd' FORMAT CSV");
    }

    #[test]
    fn a_temporary_table_is_refused_a_lasting_one_is_not() {
        refused("CREATE TEMPORARY TABLE t (a Int8)");
        refused("create or replace temporary table t (a Int8)");
        allowed("CREATE TABLE temporary (a Int8)");
    }
}
