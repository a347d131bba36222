//! An answer's body, read as far as a limit: whoever we ask may answer without end.

use reqwest::Response;

/// Why a body is not whole.
#[derive(Debug)]
pub enum Cut {
    /// It broke off.
    Broken(reqwest::Error),
    /// There is more than the limit.
    TooLong,
}

/// What has come, at most one chunk more than `bytes_max`, and why that is not all.
pub async fn body(mut answer: Response, bytes_max: usize) -> (Vec<u8>, Option<Cut>) {
    let mut bytes = Vec::new();
    loop {
        match answer.chunk().await {
            Ok(None) => return (bytes, None),
            Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
            Err(broken) => return (bytes, Some(Cut::Broken(broken))),
        }
        if bytes.len() > bytes_max {
            return (bytes, Some(Cut::TooLong));
        }
    }
}
