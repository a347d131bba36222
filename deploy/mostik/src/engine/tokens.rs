//! Cuts SQL into tokens the way ClickHouse's lexer does: enough to find where an
//! INSERT's data begin and which words stand outside of strings and comments.
//!
//! Never decides what a statement means; that is the engine's own parser's part.

/// A piece of a statement. Comments and white space are no tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    /// The bytes as written, quotes included.
    pub(super) text: &'a [u8],
    /// Where it begins in the statement.
    pub(super) start: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A bare word: keyword, name or function.
    Word,
    /// A name in backticks or double quotes.
    Quoted,
    /// A literal in single quotes, or a heredoc.
    Text,
    Number,
    /// Any other byte.
    Sign(u8),
    /// A literal, a quoted name or a comment whose end is missing.
    Unfinished,
}

impl<'a> Token<'a> {
    pub(super) fn end(&self) -> usize {
        self.start + self.text.len()
    }

    /// Whether it is the bare word `word`, in any case.
    pub(super) fn is_word(&self, word: &str) -> bool {
        self.kind == Kind::Word && self.text.eq_ignore_ascii_case(word.as_bytes())
    }

    pub(super) fn is_sign(&self, sign: u8) -> bool {
        self.kind == Kind::Sign(sign)
    }

    /// The name it stands for, quotes and escapes removed; `None` if it is no name.
    pub(super) fn name(&self) -> Option<String> {
        match self.kind {
            Kind::Word => Some(String::from_utf8_lossy(self.text).into_owned()),
            Kind::Quoted => Some(unquoted(self.text)),
            _ => None,
        }
    }
}

/// The tokens of `sql`, first to last.
pub(super) fn tokens(sql: &[u8]) -> Tokens<'_> {
    Tokens { sql, at: 0 }
}

pub(super) struct Tokens<'a> {
    sql: &'a [u8],
    at: usize,
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            let rest = &self.sql[self.at..];
            let &first = rest.first()?;
            let (kind, length) = match first {
                b if b.is_ascii_whitespace() || b == 0x0b || b == 0 => {
                    self.at += 1;
                    continue;
                }
                b'-' if rest.starts_with(b"--") => {
                    self.at += line(rest);
                    continue;
                }
                // `#` begins a comment only before a blank or `!`.
                b'#' if rest.starts_with(b"# ") || rest.starts_with(b"#!") => {
                    self.at += line(rest);
                    continue;
                }
                b'/' if rest.starts_with(b"/*") => match comment(rest) {
                    Some(length) => {
                        self.at += length;
                        continue;
                    }
                    None => (Kind::Unfinished, rest.len()),
                },
                b'\'' => quoted(rest, Kind::Text),
                b'`' | b'"' => quoted(rest, Kind::Quoted),
                b'$' => heredoc(rest),
                b if b.is_ascii_alphabetic() || b == b'_' || b >= 0x80 => (Kind::Word, word(rest)),
                b if b.is_ascii_digit() => (Kind::Number, word(rest)),
                b => (Kind::Sign(b), 1),
            };
            let token = Token { kind, text: &rest[..length], start: self.at };
            self.at += length;
            return Some(token);
        }
    }
}

fn line(rest: &[u8]) -> usize {
    rest.iter().position(|&b| b == b'\n').map_or(rest.len(), |end| end + 1)
}

/// Comments nest, as in ClickHouse.
fn comment(rest: &[u8]) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = 0;
    while at + 1 < rest.len() {
        match &rest[at..at + 2] {
            b"/*" => {
                depth += 1;
                at += 2;
            }
            b"*/" => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => at += 1,
        }
    }
    None
}

/// A quote inside is written `\'` or doubled.
fn quoted(rest: &[u8], kind: Kind) -> (Kind, usize) {
    let quote = rest[0];
    let mut at = 1;
    while at < rest.len() {
        match rest[at] {
            b'\\' => at += 2,
            b if b == quote && rest.get(at + 1) == Some(&quote) => at += 2,
            b if b == quote => return (kind, at + 1),
            _ => at += 1,
        }
    }
    (Kind::Unfinished, rest.len())
}

/// `$tag$…$tag$`; a lone `$` is a sign.
fn heredoc(rest: &[u8]) -> (Kind, usize) {
    let Some(tag_end) = rest[1..].iter().position(|&b| b == b'$').map(|end| end + 2) else {
        return (Kind::Sign(b'$'), 1);
    };
    let tag = &rest[..tag_end];
    if !tag[1..tag_end - 1].iter().all(|&b| b.is_ascii_alphanumeric() || b == b'_') {
        return (Kind::Sign(b'$'), 1);
    }
    match rest[tag_end..].windows(tag.len()).position(|part| part == tag) {
        Some(end) => (Kind::Text, tag_end + end + tag.len()),
        None => (Kind::Unfinished, rest.len()),
    }
}

fn word(rest: &[u8]) -> usize {
    rest.iter()
        .position(|&b| !(b.is_ascii_alphanumeric() || b == b'_' || b == b'$' || b >= 0x80))
        .unwrap_or(rest.len())
}

fn unquoted(text: &[u8]) -> String {
    let (quote, inner) = (text[0], &text[1..text.len() - 1]);
    let mut name = Vec::with_capacity(inner.len());
    let mut bytes = inner.iter().copied();
    while let Some(b) = bytes.next() {
        match b {
            b'\\' => name.extend(bytes.next()),
            b if b == quote => name.extend(bytes.next()),
            b => name.push(b),
        }
    }
    String::from_utf8_lossy(&name).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(sql: &str, expected: &[&str]) {
        let found: Vec<String> =
            tokens(sql.as_bytes()).map(|token| String::from_utf8_lossy(token.text).into_owned()).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn comments_are_no_tokens_even_when_nested() {
        check("a -- b\n/* c /* d */ e */ f # g\nh #! i", &["a", "f", "h"]);
    }

    #[test]
    fn quotes_hide_words_and_may_be_escaped_or_doubled() {
        check(r"'it''s' 'a\'b' `x``y` $$ '$$", &["'it''s'", r"'a\'b'", "`x``y`", "$$ '$$"]);
        check("$t$ file( $t$ z", &["$t$ file( $t$", "z"]);
    }

    #[test]
    fn a_quoted_name_is_read_without_its_quotes() {
        let token = tokens(br#"`a``b\`c`"#).next().unwrap();
        assert_eq!(token.name().as_deref(), Some("a`b`c"));
    }

    #[test]
    fn a_literal_without_an_end_is_unfinished() {
        for sql in ["'abc", "`abc", "/* abc", "/* /* */", "$a$ abc", r"'abc\"] {
            assert_eq!(
                tokens(sql.as_bytes()).last().map(|token| token.kind),
                Some(Kind::Unfinished),
                "{sql}"
            );
        }
    }

    #[test]
    fn a_word_beyond_ascii_is_one_word() {
        check("SELECT дата, x2", &["SELECT", "дата", ",", "x2"]);
    }
}
