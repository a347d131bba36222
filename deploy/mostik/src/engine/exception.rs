//! ClickHouse's way of saying no: a code, a text, and the HTTP status the server
//! gives to that code (`exceptionCodeToHTTPStatus.cpp`, ClickHouse 26.7).

use hyper::StatusCode;

use super::library::Refusal;

/// An exception as a client sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Exception {
    pub(super) code: u32,
    /// `Code: 60. DB::Exception: … (UNKNOWN_TABLE)`, without a line end.
    pub(super) text: String,
}

/// Codes the facade raises itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Code {
    BadArguments,
    NotImplemented,
    SyntaxError,
    Timeout,
    RequiredPassword,
    TooManySimultaneousQueries,
    QueryTooLarge,
    CannotReadAllData,
    Aborted,
    AccessDenied,
    AuthenticationFailed,
    UnsupportedMediaType,
}

impl Code {
    fn number_and_name(self) -> (u32, &'static str) {
        match self {
            Code::BadArguments => (36, "BAD_ARGUMENTS"),
            Code::CannotReadAllData => (33, "CANNOT_READ_ALL_DATA"),
            Code::NotImplemented => (48, "NOT_IMPLEMENTED"),
            Code::SyntaxError => (62, "SYNTAX_ERROR"),
            Code::Timeout => (159, "TIMEOUT_EXCEEDED"),
            Code::RequiredPassword => (194, "REQUIRED_PASSWORD"),
            Code::TooManySimultaneousQueries => (202, "TOO_MANY_SIMULTANEOUS_QUERIES"),
            Code::QueryTooLarge => (229, "QUERY_IS_TOO_LARGE"),
            Code::Aborted => (236, "ABORTED"),
            Code::AccessDenied => (497, "ACCESS_DENIED"),
            Code::AuthenticationFailed => (516, "AUTHENTICATION_FAILED"),
            Code::UnsupportedMediaType => (779, "UNSUPPORTED_MEDIA_TYPE"),
        }
    }
}

impl Exception {
    pub(super) fn new(code: Code, message: impl AsRef<str>) -> Exception {
        let (code, name) = code.number_and_name();
        Exception { code, text: format!("Code: {code}. DB::Exception: {} ({name})", message.as_ref()) }
    }

    pub(super) fn status(&self) -> StatusCode {
        match self.code {
            194 => StatusCode::UNAUTHORIZED,
            // Unknown user, wrong password, role or privilege not granted.
            192 | 193 | 497 | 512 | 516 => StatusCode::FORBIDDEN,
            // Unreadable values, bad arguments, syntax, trees too deep or too big.
            6 | 8 | 15 | 25 | 26 | 27 | 36 | 37 | 38 | 41 | 44 | 53 | 62 | 72 | 117 | 123 | 167 | 168
            | 223 | 321 | 376 | 427 | 441 | 675 | 676 => StatusCode::BAD_REQUEST,
            // Unknown function, identifier, type, storage, table, aggregate, format, kind of
            // statement, database, setting, direction, database engine, role.
            46 | 47 | 50 | 56 | 60 | 63 | 73 | 78 | 81 | 115 | 152 | 336 | 511 => StatusCode::NOT_FOUND,
            159 => StatusCode::REQUEST_TIMEOUT,
            229 => StatusCode::PAYLOAD_TOO_LARGE,
            48 => StatusCode::NOT_IMPLEMENTED,
            76 | 209 | 439 => StatusCode::SERVICE_UNAVAILABLE,
            779 => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl From<Refusal> for Exception {
    fn from(Refusal(text): Refusal) -> Exception {
        let text = text.trim_end();
        match leading_code(text) {
            Some(code) => Exception { code, text: text.to_owned() },
            // The binding's own refusals carry no code; all of them say that a
            // statement cannot be run this way.
            None => Exception::new(Code::NotImplemented, text),
        }
    }
}

/// The number in `Code: 60. DB::Exception: …`.
fn leading_code(text: &str) -> Option<u32> {
    text.strip_prefix("Code: ")?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_engines_code_and_text_are_kept() {
        let text = "Code: 60. DB::Exception: Table a.b does not exist. (UNKNOWN_TABLE)";
        let exception = Exception::from(Refusal(format!("{text}\n")));
        assert_eq!(exception, Exception { code: 60, text: text.into() });
        assert_eq!(exception.status(), StatusCode::NOT_FOUND);
    }

    #[test]
    fn a_refusal_of_the_binding_gets_a_code() {
        let exception = Exception::from(Refusal("Another statement is active".into()));
        assert_eq!(exception.text, "Code: 48. DB::Exception: Another statement is active (NOT_IMPLEMENTED)");
        assert_eq!(exception.status(), StatusCode::NOT_IMPLEMENTED);
    }

    #[test]
    fn memory_and_too_many_queries_are_the_servers_fault_not_the_clients() {
        for code in [241, 202, 252, 243] {
            let exception = Exception { code, text: String::new() };
            assert_eq!(exception.status(), StatusCode::INTERNAL_SERVER_ERROR);
        }
    }
}
