//! What can go wrong between us and ClickHouse, sorted by what to do about it.

use clickhouse::error::Error;

/// A failed statement. The text names the step; the cause is the source.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// ClickHouse read the statement and refused it with this code.
    #[error("ClickHouse refused to {step} (code {code})")]
    Refused { step: &'static str, code: i32, source: Error },
    /// No answer, or half of one: whether the statement ran is not known.
    #[error("no answer from ClickHouse while trying to {step}")]
    Unknown { step: &'static str, source: Error },
    /// The answer did not have the shape our code expects: a fault of ours.
    #[error("could not read ClickHouse's answer to {step}")]
    Shape { step: &'static str, source: Error },
    /// The schema in the database is newer than this program.
    #[error("the database has schema version {found}, this program knows {known}: start the newer version")]
    SchemaTooNew { found: u32, known: u32 },
}

impl StoreError {
    /// Gives a raw error its step and sorts it.
    pub fn at(step: &'static str) -> impl FnOnce(Error) -> StoreError {
        move |source| match &source {
            Error::BadResponse(text) => match exception_code(text) {
                Some(code) => StoreError::Refused { step, code, source },
                None => StoreError::Unknown { step, source },
            },
            Error::Network(_) | Error::TimedOut => StoreError::Unknown { step, source },
            _ => StoreError::Shape { step, source },
        }
    }

    /// Whether the same statement may succeed later without anybody's help.
    pub fn retry_helps(&self) -> bool {
        match self {
            StoreError::Unknown { .. } => true,
            // Codes that name a passing state: too slow, too many queries, read-only,
            // memory, parts, space, Keeper (clickhouse.md section 4.5).
            StoreError::Refused { code, .. } => {
                matches!(code, 159 | 164 | 202 | 241 | 242 | 243 | 252 | 319 | 999)
            }
            StoreError::Shape { .. } | StoreError::SchemaTooNew { .. } => false,
        }
    }
}

/// The number in `Code: 47. DB::Exception: …`.
fn exception_code(text: &str) -> Option<i32> {
    let digits = text.split_once("Code: ")?.1;
    digits.split(|letter: char| !letter.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exception_code_is_read_from_the_text() {
        assert_eq!(exception_code("Code: 47. DB::Exception: Unknown identifier"), Some(47));
        assert_eq!(exception_code("upstream said 502"), None);
    }

    #[test]
    fn an_answer_without_a_code_is_unknown_and_worth_a_retry() {
        let error = StoreError::at("count")(Error::BadResponse("bad gateway".into()));
        assert!(matches!(error, StoreError::Unknown { .. }));
        assert!(error.retry_helps());
    }
}
