//! Patterns as an owner writes them, for ClickHouse's RE2.

/// One RE2 expression for all patterns, anchored at both ends. Everything but `*`, which
/// stands for any run of characters, is taken for itself: an owner needs no knowledge of
/// expressions and cannot write a costly one. RE2 is linear in any case.
pub fn expression(patterns: &[String]) -> String {
    let one = |pattern: &String| {
        let mut text = String::with_capacity(pattern.len() + 8);
        for letter in pattern.chars() {
            match letter {
                '*' => text.push_str(".*"),
                letter if letter.is_ascii_punctuation() => text.extend(['\\', letter]),
                letter => text.push(letter),
            }
        }
        text
    };
    format!("(?s)^(?:{})$", patterns.iter().map(one).collect::<Vec<_>>().join("|"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_taken_for_itself_but_for_its_stars() {
        let patterns = ["/blog/*".to_owned(), "*.(a|b)+[c]".to_owned()];
        insta::assert_snapshot!(expression(&patterns), @r"(?s)^(?:\/blog\/.*|.*\.\(a\|b\)\+\[c\])$");
    }
}
