//! Everything the API refuses or fails at, each with its status and stable code.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;
use store::StoreError;

use super::rate::Wait;
use crate::control::{
    ControlError,
    api_tokens::Mistake as TokenMistake,
    goals::draft::Mistake as GoalMistake,
    metrika::{Unready, draft::Mistake as MetrikaMistake},
    share_links::Mistake as LinkMistake,
    sites::draft::Mistake,
};
use crate::metrika::api::Trouble;

/// Matched without `_`: a new one does not compile until it has status, code and words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ApiError {
    NotFound,
    MethodNotAllowed,
    SignedOut,
    WrongCredentials,
    /// A link that has one.
    PasswordNeeded,
    /// The password is right; a code is asked for beside it.
    CodeNeeded,
    CodeWrong,
    /// One's own, asked for again.
    PasswordWrong,
    TwoStepIsOn,
    IsMember,
    TooManyPeople,
    TooManyExports,
    /// The account may not do that with this site, or this token may not.
    Forbidden,
    TooManyAttempts {
        retry_after_seconds: u64,
    },
    TooManyRequests {
        retry_after_seconds: u64,
    },
    CrossOrigin,
    NotJson,
    BadJson,
    BodyTooLarge,
    BodyTooSlow,
    SetupDone,
    TokenWrong,
    EmailInvalid,
    PasswordUnfit,
    DomainTaken,
    TooManySites,
    SiteInvalid(Mistake),
    ApiTokenInvalid(TokenMistake),
    LinkInvalid(LinkMistake),
    MetrikaInvalid(MetrikaMistake),
    MetrikaUnready(Unready),
    MetrikaApi(Trouble),
    GoalInvalid(GoalMistake),
    TitleTaken,
    TooManyGoals,
    SegmentInvalid,
    TooManySegments,
    AnnotationInvalid,
    PageInvalid,
    TooManyAnnotations,
    QueryInvalid(String),
    FiltersConflict(String),
    StoreUnavailable,
    Busy,
    Internal,
}

impl ApiError {
    /// Too many attempts at a password or a code.
    pub(super) fn attempts(Wait { seconds }: Wait) -> ApiError {
        ApiError::TooManyAttempts { retry_after_seconds: seconds }
    }

    /// Too many requests of a program or of readers.
    pub(super) fn requests(Wait { seconds }: Wait) -> ApiError {
        ApiError::TooManyRequests { retry_after_seconds: seconds }
    }

    pub(super) fn status(&self) -> StatusCode {
        match self {
            ApiError::NotFound => StatusCode::NOT_FOUND,
            ApiError::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            ApiError::SignedOut
            | ApiError::WrongCredentials
            | ApiError::PasswordNeeded
            | ApiError::CodeNeeded => StatusCode::UNAUTHORIZED,
            ApiError::TooManyAttempts { .. } | ApiError::TooManyRequests { .. } => {
                StatusCode::TOO_MANY_REQUESTS
            }
            ApiError::CrossOrigin | ApiError::TokenWrong | ApiError::Forbidden => StatusCode::FORBIDDEN,
            ApiError::NotJson => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            ApiError::BadJson => StatusCode::BAD_REQUEST,
            ApiError::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            ApiError::BodyTooSlow => StatusCode::REQUEST_TIMEOUT,
            ApiError::SetupDone => StatusCode::GONE,
            ApiError::DomainTaken
            | ApiError::TitleTaken
            | ApiError::MetrikaUnready(_)
            | ApiError::TwoStepIsOn
            | ApiError::IsMember => StatusCode::CONFLICT,
            ApiError::EmailInvalid
            | ApiError::PasswordUnfit
            | ApiError::TooManySites
            | ApiError::TooManyPeople
            | ApiError::TooManyExports
            | ApiError::CodeWrong
            | ApiError::PasswordWrong
            | ApiError::SiteInvalid(_)
            | ApiError::ApiTokenInvalid(_)
            | ApiError::LinkInvalid(_)
            | ApiError::MetrikaInvalid(_)
            | ApiError::GoalInvalid(_)
            | ApiError::TooManyGoals
            | ApiError::SegmentInvalid
            | ApiError::TooManySegments
            | ApiError::AnnotationInvalid
            | ApiError::PageInvalid
            | ApiError::TooManyAnnotations
            | ApiError::QueryInvalid(_)
            | ApiError::FiltersConflict(_) => StatusCode::UNPROCESSABLE_ENTITY,
            ApiError::MetrikaApi(_) => StatusCode::BAD_GATEWAY,
            ApiError::StoreUnavailable | ApiError::Busy => StatusCode::SERVICE_UNAVAILABLE,
            ApiError::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            ApiError::NotFound => "not_found",
            ApiError::MethodNotAllowed => "method_not_allowed",
            ApiError::SignedOut => "signed_out",
            ApiError::WrongCredentials => "wrong_credentials",
            ApiError::PasswordNeeded => "password_needed",
            ApiError::CodeNeeded => "code_needed",
            ApiError::CodeWrong => "code_wrong",
            ApiError::PasswordWrong => "password_wrong",
            ApiError::TwoStepIsOn => "two_step_is_on",
            ApiError::IsMember => "is_member",
            ApiError::TooManyPeople => "too_many_people",
            ApiError::TooManyExports => "too_many_exports",
            ApiError::Forbidden => "forbidden",
            ApiError::TooManyAttempts { .. } => "too_many_attempts",
            ApiError::TooManyRequests { .. } => "too_many_requests",
            ApiError::CrossOrigin => "cross_origin",
            ApiError::NotJson => "not_json",
            ApiError::BadJson => "bad_json",
            ApiError::BodyTooLarge => "body_too_large",
            ApiError::BodyTooSlow => "body_too_slow",
            ApiError::SetupDone => "setup_done",
            ApiError::TokenWrong => "token_wrong",
            ApiError::EmailInvalid => "email_invalid",
            ApiError::PasswordUnfit => "password_unfit",
            ApiError::DomainTaken => "domain_taken",
            ApiError::TooManySites => "too_many_sites",
            ApiError::SiteInvalid(Mistake::Domain) => "domain_invalid",
            ApiError::SiteInvalid(Mistake::TimeZone) => "time_zone_invalid",
            ApiError::SiteInvalid(Mistake::Hosts) => "hosts_invalid",
            ApiError::SiteInvalid(Mistake::Props) => "props_invalid",
            ApiError::ApiTokenInvalid(TokenMistake::Name) | ApiError::LinkInvalid(LinkMistake::Name) => {
                "name_invalid"
            }
            ApiError::ApiTokenInvalid(TokenMistake::Life) | ApiError::LinkInvalid(LinkMistake::Life) => {
                "life_invalid"
            }
            ApiError::LinkInvalid(LinkMistake::Frames) => "frames_invalid",
            ApiError::LinkInvalid(LinkMistake::Password) => "public_with_password",
            ApiError::LinkInvalid(LinkMistake::TooMany) => "too_many_links",
            ApiError::ApiTokenInvalid(TokenMistake::Site) => "site_invalid",
            ApiError::ApiTokenInvalid(TokenMistake::TooMany) => "too_many_tokens",
            ApiError::MetrikaInvalid(MetrikaMistake::Counter) => "counter_invalid",
            ApiError::MetrikaInvalid(MetrikaMistake::Token) => "metrika_token_invalid",
            ApiError::MetrikaInvalid(MetrikaMistake::Goals) => "goals_invalid",
            ApiError::MetrikaInvalid(MetrikaMistake::Value) => "value_invalid",
            ApiError::MetrikaInvalid(MetrikaMistake::Paths) => "paths_invalid",
            ApiError::MetrikaInvalid(MetrikaMistake::Delay) => "delay_invalid",
            ApiError::MetrikaInvalid(MetrikaMistake::ReleaseAt) => "release_at_invalid",
            ApiError::MetrikaInvalid(MetrikaMistake::Rounding) => "rounding_invalid",
            ApiError::MetrikaInvalid(MetrikaMistake::Threshold) => "threshold_invalid",
            ApiError::MetrikaInvalid(MetrikaMistake::Campaign) => "campaign_invalid",
            ApiError::MetrikaInvalid(MetrikaMistake::Params) => "params_invalid",
            ApiError::MetrikaUnready(Unready::NoSettings) => "metrika_not_set",
            ApiError::MetrikaUnready(Unready::NoToken) => "metrika_no_token",
            ApiError::MetrikaUnready(Unready::NoGoals) => "metrika_no_goals",
            ApiError::MetrikaUnready(Unready::NoUploadToken) => "metrika_no_upload_token",
            ApiError::MetrikaApi(trouble) => trouble.code(),
            ApiError::GoalInvalid(GoalMistake::Title) => "title_invalid",
            ApiError::GoalInvalid(GoalMistake::Rule) => "rule_invalid",
            ApiError::GoalInvalid(GoalMistake::Value) => "value_invalid",
            ApiError::GoalInvalid(GoalMistake::Steps) => "steps_invalid",
            ApiError::TitleTaken => "title_taken",
            ApiError::TooManyGoals => "too_many_goals",
            ApiError::SegmentInvalid => "segment_invalid",
            ApiError::TooManySegments => "too_many_segments",
            ApiError::AnnotationInvalid => "annotation_invalid",
            ApiError::PageInvalid => "page_invalid",
            ApiError::TooManyAnnotations => "too_many_annotations",
            ApiError::QueryInvalid(_) => "query_invalid",
            ApiError::FiltersConflict(_) => "filters_conflict",
            ApiError::StoreUnavailable => "store_unavailable",
            ApiError::Busy => "busy",
            ApiError::Internal => "internal",
        }
    }

    pub(super) fn message(&self) -> &str {
        match self {
            ApiError::NotFound => "There is nothing here.",
            ApiError::MethodNotAllowed => "This path does not know that method.",
            ApiError::SignedOut => "Sign in first.",
            ApiError::WrongCredentials => "The e-mail address or the password is wrong.",
            ApiError::PasswordNeeded => "This link has a password.",
            ApiError::CodeNeeded => "Enter the code of your application too.",
            ApiError::CodeWrong => "The code is wrong, or was used already.",
            ApiError::PasswordWrong => "The password is wrong.",
            ApiError::TwoStepIsOn => "The second step is on already. Switch it off first.",
            ApiError::IsMember => "They have a role on this site already.",
            ApiError::TooManyExports => "Eight exports are kept already. Remove one.",
            ApiError::TooManyPeople => "The site has 200 people already.",
            ApiError::Forbidden => "This account, or this token, may not do that.",
            ApiError::TooManyAttempts { .. } => "Too many attempts. Wait a little.",
            ApiError::TooManyRequests { .. } => "Too many requests. Wait a little.",
            ApiError::CrossOrigin => "The request came from another origin.",
            ApiError::NotJson => "Send Content-Type: application/json.",
            ApiError::BadJson => "The body is not the JSON this call expects.",
            ApiError::BodyTooLarge => "The body is larger than 64 KiB.",
            ApiError::BodyTooSlow => "The body did not arrive in time.",
            ApiError::SetupDone => "This dashboard has an owner already.",
            ApiError::TokenWrong => {
                "This set-up link is not valid. The newest one is in the server's output."
            }
            ApiError::EmailInvalid => "This is not an e-mail address.",
            ApiError::PasswordUnfit => "A password has 10 characters or more, and at most 1024 bytes.",
            ApiError::DomainTaken => "There is a site with this domain already.",
            ApiError::TooManySites => "There are 1000 sites already.",
            ApiError::SiteInvalid(Mistake::Domain) => "This is not a domain such as example.ru.",
            ApiError::SiteInvalid(Mistake::TimeZone) => {
                "This is not an IANA time zone such as Europe/Moscow."
            }
            ApiError::SiteInvalid(Mistake::Hosts) => "Host names, at most 50, such as shop.example.ru.",
            ApiError::SiteInvalid(Mistake::Props) => "Property names, at most 30, of at most 64 bytes each.",
            ApiError::LinkInvalid(LinkMistake::Frames) => "At most 10 sites, such as https://example.ru.",
            ApiError::LinkInvalid(LinkMistake::Password) => {
                "A link that is open to everybody has no password."
            }
            ApiError::LinkInvalid(LinkMistake::TooMany) => "The site has 50 links already. End one.",
            ApiError::ApiTokenInvalid(TokenMistake::Name) | ApiError::LinkInvalid(LinkMistake::Name) => {
                "A name of 1 to 80 characters."
            }
            ApiError::ApiTokenInvalid(TokenMistake::Life) | ApiError::LinkInvalid(LinkMistake::Life) => {
                "From 1 to 3650 days."
            }
            ApiError::ApiTokenInvalid(TokenMistake::Site) => "There is no such site.",
            ApiError::ApiTokenInvalid(TokenMistake::TooMany) => "There are 100 tokens already. End one.",
            ApiError::MetrikaInvalid(MetrikaMistake::Counter) => "A counter's number, such as 12345678.",
            ApiError::MetrikaInvalid(MetrikaMistake::Token) => {
                "This is not a token: letters, digits and hyphens, 8 to 200 of them."
            }
            ApiError::MetrikaInvalid(MetrikaMistake::Goals) => {
                "At most 50 goals, each event once; identifiers are of letters, digits, _ . - and 64 at most."
            }
            ApiError::MetrikaInvalid(MetrikaMistake::Value) => {
                "A sum from 0, a step above 0, a currency such as RUB."
            }
            ApiError::MetrikaInvalid(MetrikaMistake::Paths) => {
                "Pages such as /cart or /catalog/*, at most 50 of 200 bytes."
            }
            ApiError::MetrikaInvalid(MetrikaMistake::Delay) => {
                "A delay from the shortest to the longest, at most 3600 seconds."
            }
            ApiError::MetrikaInvalid(MetrikaMistake::ReleaseAt) => "From 1 to 100 equal goals.",
            ApiError::MetrikaInvalid(MetrikaMistake::Rounding) => "From 60 to 900 seconds.",
            ApiError::MetrikaInvalid(MetrikaMistake::Threshold) => "From 1800 to 21600 seconds.",
            ApiError::MetrikaInvalid(MetrikaMistake::Campaign) => {
                "utm_source, utm_medium, utm_campaign, utm_content or utm_term, each once, with 1 to 50 values of letters, digits and _ . ~ -"
            }
            ApiError::MetrikaInvalid(MetrikaMistake::Params) => {
                "At most 10 properties, each once, with 1 to 50 values of at most 64 bytes; 2 KB together."
            }
            ApiError::MetrikaUnready(Unready::NoSettings) => "Enter a counter first.",
            ApiError::MetrikaUnready(Unready::NoToken) => {
                "Enter the counter's token and switch it to live first."
            }
            ApiError::MetrikaUnready(Unready::NoGoals) => "Choose at least one goal first.",
            ApiError::MetrikaUnready(Unready::NoUploadToken) => {
                "Late goals need an OAuth token with the right to write."
            }
            ApiError::MetrikaApi(trouble) => trouble.message(),
            ApiError::GoalInvalid(GoalMistake::Title) => "A title has from 1 to 100 bytes.",
            ApiError::GoalInvalid(GoalMistake::Rule) => {
                "A page such as /thanks or /blog/*, or an event's name; at most 5 conditions of 20 values each."
            }
            ApiError::GoalInvalid(GoalMistake::Value) => "A sum from 0 and a currency such as RUB.",
            ApiError::GoalInvalid(GoalMistake::Steps) => "A funnel has from 2 to 8 steps.",
            ApiError::TitleTaken => "There is one with this title already.",
            ApiError::TooManyGoals => "A site has at most 64 goals and 8 funnels.",
            ApiError::SegmentInvalid => {
                "A segment has a title of 1 to 100 bytes and filters that go together."
            }
            ApiError::TooManySegments => "The site has 50 segments already. Remove one.",
            ApiError::PageInvalid => "Name a page of the site: https://, and its domain or one of its hosts.",
            ApiError::AnnotationInvalid => {
                "A day such as 2026-11-30, and one line of at most 200 characters."
            }
            ApiError::TooManyAnnotations => "The site has 500 annotations already. Remove one.",
            ApiError::QueryInvalid(message) | ApiError::FiltersConflict(message) => message,
            ApiError::StoreUnavailable => "ClickHouse does not answer. Counting goes on; try again soon.",
            ApiError::Busy => "Too many requests at once. Try again soon.",
            ApiError::Internal => "Something failed. The server's log says what.",
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = Json(json!({"error": {"code": self.code(), "message": self.message()}}));
        let mut response = (self.status(), body).into_response();
        if let ApiError::TooManyAttempts { retry_after_seconds }
        | ApiError::TooManyRequests { retry_after_seconds } = self
        {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(retry_after_seconds));
        }
        response
    }
}

impl From<ControlError> for ApiError {
    fn from(error: ControlError) -> ApiError {
        tracing::error!(error = chain(&error), "a step in control.db failed");
        ApiError::Internal
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> ApiError {
        let retry_helps = error.retry_helps();
        if retry_helps {
            tracing::warn!(error = chain(&error), "a report has to wait");
        } else {
            tracing::error!(error = chain(&error), "a report failed");
        }
        if retry_helps { ApiError::StoreUnavailable } else { ApiError::Internal }
    }
}

/// The error and its causes in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
