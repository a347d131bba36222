//! A report's rows as a file to take away.

use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};

use crate::{
    control::sites::Site,
    stats::{
        period::Range,
        query::FileShape,
        table::{self, Table},
        xlsx,
    },
};

pub(super) const CSV: &str = "text/csv; charset=utf-8";
pub(super) const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// `example.ru-source-2026-11-01_2026-11-30.csv`. `what` is a word of ours.
pub(super) fn file(shape: FileShape, site: &Site, what: &str, range: Range, table: &Table<'_>) -> Response {
    let (ending, kind, bytes) = match shape {
        FileShape::Csv => ("csv", CSV, table::csv(table).into_bytes()),
        FileShape::Xlsx => ("xlsx", XLSX, xlsx::file(table)),
    };
    let name =
        format!("attachment; filename=\"{}-{what}-{}_{}.{ending}\"", site.domain, range.from, range.to);
    let name = HeaderValue::from_str(&name).expect("a domain, a word of ours and dates are ASCII");
    let kind = HeaderValue::from_static(kind);
    ([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name)], bytes).into_response()
}
