//! A report as rows of cells, which a file is made of: CSV here, a spreadsheet in `xlsx`.

use std::borrow::Cow;

/// One cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell<'a> {
    Text(Cow<'a, str>),
    Count(u64),
    Number(f64),
    Empty,
}

/// The first row names the columns.
pub type Table<'a> = Vec<Vec<Cell<'a>>>;

impl<'a> Cell<'a> {
    pub fn text(text: impl Into<Cow<'a, str>>) -> Cell<'a> {
        Cell::Text(text.into())
    }

    /// Nothing where it cannot be told.
    pub fn count(count: Option<u64>) -> Cell<'a> {
        count.map_or(Cell::Empty, Cell::Count)
    }

    pub fn number(number: Option<f64>) -> Cell<'a> {
        number.map_or(Cell::Empty, Cell::Number)
    }
}

/// RFC 4180.
pub fn csv(table: &Table<'_>) -> String {
    let mut text = String::new();
    for row in table {
        for (place, cell) in row.iter().enumerate() {
            if place > 0 {
                text.push(',');
            }
            match cell {
                Cell::Text(value) => text.push_str(&field(value)),
                Cell::Count(count) => text.push_str(&count.to_string()),
                Cell::Number(number) => text.push_str(&number.to_string()),
                Cell::Empty => {}
            }
        }
        text.push_str("\r\n");
    }
    text
}

/// A value comes from the web: a spreadsheet must not take it for a formula (OWASP,
/// CSV injection), so such a one gets an apostrophe before it.
fn field(value: &str) -> String {
    let formula = value.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let value = if formula { format!("'{value}") } else { value.to_owned() };
    if value.contains(['"', ',', '\n', '\r']) { format!("\"{}\"", value.replace('"', "\"\"")) } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_cannot_leave_its_field_or_become_a_formula() {
        assert_eq!(field("/a"), "/a");
        assert_eq!(field("a,\"b\""), "\"a,\"\"b\"\"\"");
        assert_eq!(field("=HYPERLINK(\"x\")"), "\"'=HYPERLINK(\"\"x\"\")\"");
    }

    #[test]
    fn what_cannot_be_told_is_an_empty_field() {
        let row = vec![Cell::text("/a"), Cell::count(Some(3)), Cell::count(None), Cell::number(Some(0.25))];
        assert_eq!(csv(&vec![row]), "/a,3,,0.25\r\n");
    }
}
