//! Joins the blocks of a streamed answer into one document.
//!
//! libchdb 26.7 writes each block as a document of its own: a format's header
//! stands before every block. Here it is cut off all but the first. Formats that
//! have an end as well (JSON, Parquet, …) cannot be joined and are held whole, and so
//! are those that may write nothing for a block of rows (Null, RawBLOB): libchdb takes an
//! empty block for the end.

/// How the blocks of a format become one answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Join {
    /// One block after the other.
    AsIs,
    /// Each block begins with this many lines of header.
    Lines(usize),
    /// The same, where a line end inside double quotes is no line end.
    CsvLines(usize),
    /// Each block begins with a count and, for every column, this many strings.
    BinaryNames(usize),
}

/// `None` for a format that must be held whole.
pub(super) fn join(format: &str) -> Option<Join> {
    Some(match format.to_ascii_lowercase().as_str() {
        "native"
        | "rowbinary"
        | "tabseparated"
        | "tsv"
        | "tabseparatedraw"
        | "tsvraw"
        | "raw"
        | "csv"
        | "jsoneachrow"
        | "jsonlines"
        | "ndjson"
        | "jsonstringseachrow"
        | "jsoncompacteachrow"
        | "jsoncompactstringseachrow"
        | "lineasstring" => Join::AsIs,
        "tabseparatedwithnames"
        | "tsvwithnames"
        | "jsoncompacteachrowwithnames"
        | "jsoncompactstringseachrowwithnames" => Join::Lines(1),
        "tabseparatedwithnamesandtypes"
        | "tsvwithnamesandtypes"
        | "jsoncompacteachrowwithnamesandtypes"
        | "jsoncompactstringseachrowwithnamesandtypes" => Join::Lines(2),
        "csvwithnames" => Join::CsvLines(1),
        "csvwithnamesandtypes" => Join::CsvLines(2),
        "rowbinarywithnames" => Join::BinaryNames(1),
        "rowbinarywithnamesandtypes" => Join::BinaryNames(2),
        _ => return None,
    })
}

impl Join {
    /// How many bytes of `block` are header; `None` if it does not hold a whole one.
    pub(super) fn header_bytes(self, block: &[u8]) -> Option<usize> {
        match self {
            Join::AsIs => Some(0),
            Join::Lines(lines) => nth_line_end(block, lines, false),
            Join::CsvLines(lines) => nth_line_end(block, lines, true),
            Join::BinaryNames(strings_per_column) => {
                let (columns, mut at) = varint(block)?;
                for _ in 0..columns.checked_mul(strings_per_column)? {
                    let (length, digits) = varint(block.get(at..)?)?;
                    at = at.checked_add(digits)?.checked_add(length)?;
                }
                (at <= block.len()).then_some(at)
            }
        }
    }
}

fn nth_line_end(block: &[u8], lines: usize, quotes_hide: bool) -> Option<usize> {
    let mut is_quoted = false;
    let mut left = lines;
    for (at, &byte) in block.iter().enumerate() {
        match byte {
            b'"' if quotes_hide => is_quoted = !is_quoted,
            b'\n' if !is_quoted => {
                left -= 1;
                if left == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
    }
    None
}

/// An unsigned LEB128 number and its length.
fn varint(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut value = 0_usize;
    for (at, &byte) in bytes.iter().enumerate().take(9) {
        value |= usize::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            return Some((value, at + 1));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_types_are_the_header_of_row_binary() {
        let block = b"\x02\x01a\x03bcd\x05UInt8\x06String\x01\x01x";
        let header = join("RowBinaryWithNamesAndTypes").unwrap().header_bytes(block).unwrap();
        assert_eq!(&block[header..], b"\x01\x01x");
        assert_eq!(Join::BinaryNames(2).header_bytes(&block[..10]), None);
    }

    #[test]
    fn a_line_end_inside_a_quoted_csv_name_ends_no_line() {
        let block = b"\"a\nb\",\"c\"\"\nd\"\n1,2\n";
        let header = join("CSVWithNames").unwrap().header_bytes(block).unwrap();
        assert_eq!(&block[header..], b"1,2\n");
    }

    #[test]
    fn formats_with_an_end_are_held_whole() {
        for format in [
            "JSON",
            "JSONCompact",
            "Parquet",
            "Arrow",
            "ArrowStream",
            "Pretty",
            "XML",
            "Values",
            "Null",
            "RawBLOB",
        ] {
            assert_eq!(join(format), None, "{format}");
        }
    }
}
