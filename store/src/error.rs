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

    /// ClickHouse's error code, if it gave one.
    pub fn code(&self) -> Option<i32> {
        match self {
            StoreError::Refused { code, .. } => Some(*code),
            StoreError::Unknown { .. } | StoreError::Shape { .. } | StoreError::SchemaTooNew { .. } => None,
        }
    }

    /// What helps. Codes as in ClickHouse's `ErrorCodes.cpp`.
    pub fn remedy(&self) -> Remedy {
        match self {
            StoreError::Unknown { .. } => Remedy::Retry,
            StoreError::Refused { code, source, .. } => match code {
                // Parts of one INSERT in several partitions: a fault of ours, whatever
                // else the code stands for.
                252 if source.to_string().contains("single INSERT block") => Remedy::Hold,
                // Too slow, read-only, too many queries, memory, disk, parts, Keeper.
                159 | 164 | 202 | 241 | 242 | 243 | 252 | 319 | 999 => Remedy::Retry,
                // Values that cannot be parsed, or end too early, or do not fit.
                6 | 26 | 27 | 33 | 38 | 72 | 117 | 131 | 349 | 469 => Remedy::Bury,
                // Among them 16, 47, 53 and 60: the schema is not the one we know.
                _ => Remedy::Hold,
            },
            StoreError::Shape { .. } | StoreError::SchemaTooNew { .. } => Remedy::Hold,
        }
    }

    /// Whether the same statement may succeed later without anybody's help.
    pub fn retry_helps(&self) -> bool {
        self.remedy() == Remedy::Retry
    }
}

/// What helps against a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// Time.
    Retry,
    /// A person: a migration that was missed, a fault of ours. Data waits.
    Hold,
    /// Nothing: the data themselves cannot be read.
    Bury,
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

    fn remedy(text: &str) -> Remedy {
        StoreError::at("insert")(Error::BadResponse(text.into())).remedy()
    }

    #[test]
    fn every_code_of_the_failure_table_has_its_remedy() {
        for code in [159, 164, 202, 241, 242, 243, 252, 319, 999] {
            assert_eq!(remedy(&format!("Code: {code}. DB::Exception: x")), Remedy::Retry, "{code}");
        }
        for code in [16, 47, 53, 60, 516] {
            assert_eq!(remedy(&format!("Code: {code}. DB::Exception: x")), Remedy::Hold, "{code}");
        }
        for code in [6, 26, 27, 33, 38, 72, 117, 131, 349, 469] {
            assert_eq!(remedy(&format!("Code: {code}. DB::Exception: x")), Remedy::Bury, "{code}");
        }
    }

    #[test]
    fn two_partitions_in_one_insert_are_a_fault_of_ours() {
        let text = "Code: 252. DB::Exception: Too many partitions for single INSERT block (more than 1).";
        assert_eq!(remedy(text), Remedy::Hold);
    }
}
