//! `…/offline_conversions/`: takes files of late goals, and tells what became of them.

use hyper::Method;
use serde_json::{Value, json};

use super::{Answer, Call, Kind, Refusal, Scope, refused};
use crate::{ledger::Ledger, offline};

/// Longest comment, in characters (documented).
const COMMENT_CHARS_MAX: usize = 255;

/// `path` is what stands behind `offline_conversions`.
pub fn answer(ledger: &mut Ledger, call: &Call<'_>, method: &Method, id: &str, path: &[&str]) -> Answer {
    match (method, path) {
        (&Method::POST, ["upload"]) => upload(ledger, call, id),
        (&Method::GET, ["uploading", file]) => {
            let id = call.counter(ledger, id, Scope::OfflineData)?;
            let known =
                ledger.offline.files.iter().find(|one| one.counter == id && one.id.to_string() == *file);
            let known = known.ok_or_else(|| refused(Kind::NotFound, "Entity not found"))?;
            Ok(json!({ "uploading": known.shown(ledger.clock.now()) }))
        }
        (&Method::GET, ["uploadings"]) => {
            let id = call.counter(ledger, id, Scope::OfflineData)?;
            let number = |name: &str, usual: usize| {
                call.query
                    .get(name)
                    .map_or(Ok(usual), |text| text.parse().map_err(|_| refused(Kind::InvalidParameter, name)))
            };
            let (limit, offset) = (number("limit", 10_000)?, number("offset", 0)?);
            let now = ledger.clock.now();
            let own = ledger.offline.files.iter().filter(|one| one.counter == id);
            let shown: Vec<Value> = own.skip(offset).take(limit).map(|one| one.shown(now)).collect();
            Ok(json!({ "uploadings": shown }))
        }
        _ => Err(refused(Kind::NotFound, "Not found")),
    }
}

fn upload(ledger: &mut Ledger, call: &Call<'_>, id: &str) -> Answer {
    let id = call.counter(ledger, id, Scope::OfflineData)?;
    let comment = call.query.get("comment").map(String::as_str).unwrap_or_default();
    if comment.chars().count() > COMMENT_CHARS_MAX {
        return Err(refused(Kind::InvalidParameter, "comment"));
    }
    if call.query.get("client_id_type").is_some_and(|kind| kind != "CLIENT_ID") {
        return Err(refused(Kind::InvalidParameter, "the fake knows ClientIds only"));
    }
    let csv = file(call)?;
    let taken = offline::take(ledger, id, csv, comment)
        .map_err(|offline::NotAFile(why)| refused(Kind::InvalidUploading, why))?;
    Ok(json!({ "uploading": taken.shown(ledger.clock.now()) }))
}

/// The one part of the body, which must be named `file`.
fn file<'a>(call: &Call<'a>) -> Result<&'a str, Refusal> {
    let not = |why: &'static str| move || refused(Kind::InvalidUploading, why);
    let boundary =
        call.content_type.strip_prefix("multipart/form-data; boundary=").ok_or_else(not("no form"))?;
    let body = std::str::from_utf8(call.body).map_err(|_| refused(Kind::InvalidUploading, "not UTF-8"))?;
    let part = body.strip_prefix(&format!("--{boundary}\r\n")).ok_or_else(not("no part"))?;
    let part = part.strip_suffix(&format!("\r\n--{boundary}--\r\n")).ok_or_else(not("no end"))?;
    if part.contains(&format!("--{boundary}")) {
        return Err(refused(Kind::InvalidUploading, "more than one part"));
    }
    let (head, csv) = part.split_once("\r\n\r\n").ok_or_else(not("no head"))?;
    let is_named = head.lines().any(|line| {
        line.to_ascii_lowercase().starts_with("content-disposition: form-data;")
            && line.contains("name=\"file\"")
    });
    if is_named { Ok(csv) } else { Err(refused(Kind::InvalidUploading, "no file")) }
}
