//! A table as a spreadsheet (Office Open XML, ECMA-376), the few parts that a reader asks for.
//!
//! Texts are texts: a cell of the type `inlineStr` is never run as a formula, so a value from
//! the web needs no apostrophe before it as in CSV. The parts are stored, not deflated: the
//! answer is compressed on its way anyway.

use super::table::{Cell, Table};

const TYPES: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>"#;

const ROOT: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;

const WORKBOOK: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="mostik" sheetId="1" r:id="rId1"/></sheets></workbook>"#;

const SHEETS: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;

/// The file's bytes. A hundred thousand rows, the most that are asked for, are some ten megabytes.
pub fn file(table: &Table<'_>) -> Vec<u8> {
    let mut sheet = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n\
         <worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData>",
    );
    for row in table {
        sheet.push_str("<row>");
        for cell in row {
            match cell {
                Cell::Text(text) => {
                    sheet.push_str("<c t=\"inlineStr\"><is><t xml:space=\"preserve\">");
                    escape(text, &mut sheet);
                    sheet.push_str("</t></is></c>");
                }
                Cell::Number(number) => sheet.push_str(&format!("<c><v>{number}</v></c>")),
                Cell::Count(count) => sheet.push_str(&format!("<c><v>{count}</v></c>")),
                Cell::Empty => sheet.push_str("<c/>"),
            }
        }
        sheet.push_str("</row>");
    }
    sheet.push_str("</sheetData></worksheet>");
    zip(&[
        ("[Content_Types].xml", TYPES.as_bytes()),
        ("_rels/.rels", ROOT.as_bytes()),
        ("xl/workbook.xml", WORKBOOK.as_bytes()),
        ("xl/_rels/workbook.xml.rels", SHEETS.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
    ])
}

/// XML 1.0 has no place for most control characters, however they are written.
fn escape(text: &str, into: &mut String) {
    for letter in text.chars() {
        match letter {
            '&' => into.push_str("&amp;"),
            '<' => into.push_str("&lt;"),
            '>' => into.push_str("&gt;"),
            '\u{0}'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {
                into.push('\u{fffd}');
            }
            letter => into.push(letter),
        }
    }
}

/// A zip archive of stored files (APPNOTE.TXT 6.3, sections 4.3.7, 4.3.12, 4.3.16). All of it
/// stays far below the 4 GiB where another form begins.
fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in files {
        let at = u32_of(bytes.len());
        // Version, flags, method, time and the first day of 1980: what a header says twice.
        let mut shared = Vec::from([20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0]);
        shared.extend(crc32fast::hash(content).to_le_bytes());
        shared.extend(u32_of(content.len()).to_le_bytes());
        shared.extend(u32_of(content.len()).to_le_bytes());
        shared.extend([name.len() as u8, 0, 0, 0]);
        bytes.extend(b"PK\x03\x04");
        bytes.extend(&shared);
        bytes.extend(name.as_bytes());
        bytes.extend(*content);
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(&shared);
        directory.extend([0; 10]);
        directory.extend(at.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let (at, length, count) = (u32_of(bytes.len()), u32_of(directory.len()), files.len() as u8);
    bytes.extend(directory);
    bytes.extend(b"PK\x05\x06\x00\x00\x00\x00");
    bytes.extend([count, 0, count, 0]);
    bytes.extend(length.to_le_bytes());
    bytes.extend(at.to_le_bytes());
    bytes.extend([0, 0]);
    bytes
}

fn u32_of(length: usize) -> u32 {
    u32::try_from(length).expect("a hundred thousand rows are far below 4 GiB")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_stays_within_its_cell() {
        let mut text = String::new();
        escape("</t>&\u{1}=1+1", &mut text);
        assert_eq!(text, "&lt;/t&gt;&amp;\u{fffd}=1+1");
    }
}
