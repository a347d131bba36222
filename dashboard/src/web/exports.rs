//! `/api/v1/sites/{id}/exports`: everything of a site as one file, made in the background.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use axum::{
    Json,
    body::{Body, Bytes},
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use hyper::body::Frame;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::{
    fs::File,
    io::{AsyncRead, ReadBuf},
};

use super::{access::MayOwn, body::JsonBody, error::ApiError, named};
use crate::{
    app::Dashboard,
    exports::{Export, Format, TooMany},
};

/// Bytes read from a file at once.
const PIECE_BYTES: usize = 64 * 1024;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewExport {
    format: Format,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct ExportList {
    exports: Vec<Export>,
}

pub(super) async fn list(
    MayOwn(site, _): MayOwn,
    State(dashboard): State<Dashboard>,
) -> Result<Json<ExportList>, ApiError> {
    Ok(Json(ExportList { exports: dashboard.exports.of_site(site.id, dashboard.control.now()) }))
}

pub(super) async fn begin(
    MayOwn(site, user): MayOwn,
    State(dashboard): State<Dashboard>,
    JsonBody(new): JsonBody<NewExport>,
) -> Result<(StatusCode, Json<Export>), ApiError> {
    let domain = site.domain.clone();
    let begun = dashboard.exports.begin(&dashboard.store, site, new.format, dashboard.control.now());
    let export = begun.map_err(|TooMany| ApiError::TooManyExports)?;
    dashboard.control.note_export(domain, new.format, user).await?;
    Ok((StatusCode::ACCEPTED, Json(export)))
}

pub(super) async fn end(
    MayOwn(site, _): MayOwn,
    State(dashboard): State<Dashboard>,
    Path((_, id)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    named::done(dashboard.exports.end(site.id, &id))
}

pub(super) async fn file(
    MayOwn(site, _): MayOwn,
    State(dashboard): State<Dashboard>,
    Path((_, id)): Path<(String, String)>,
) -> Result<Response, ApiError> {
    let found = dashboard.exports.file(site.id, &id, dashboard.control.now());
    let (path, format) = found.ok_or(ApiError::NotFound)?;
    let unreadable = |error: std::io::Error| {
        tracing::error!(%error, "an export's file cannot be read");
        ApiError::Internal
    };
    let file = File::open(path).await.map_err(unreadable)?;
    let length = file.metadata().await.map_err(unreadable)?.len();
    let kind = match format {
        Format::Csv => "csv",
        Format::Parquet => "parquet",
    };
    let name = format!("attachment; filename=\"{}-{kind}.tar\"", site.domain);
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/x-tar")),
        (header::CONTENT_LENGTH, HeaderValue::from(length)),
        // Parquet is compressed, and a length must stay true.
        (header::CONTENT_ENCODING, HeaderValue::from_static("identity")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_str(&name).expect("a domain is ASCII")),
    ];
    Ok((headers, Body::new(FileBody { file, piece: vec![0; PIECE_BYTES] })).into_response())
}

/// A file as a body, a piece at a time.
struct FileBody {
    file: File,
    piece: Vec<u8>,
}

impl hyper::body::Body for FileBody {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        let body = self.get_mut();
        let mut read = ReadBuf::new(&mut body.piece);
        match ready!(Pin::new(&mut body.file).poll_read(context, &mut read)) {
            Err(error) => Poll::Ready(Some(Err(error))),
            Ok(()) if read.filled().is_empty() => Poll::Ready(None),
            Ok(()) => Poll::Ready(Some(Ok(Frame::data(Bytes::copy_from_slice(read.filled()))))),
        }
    }
}
