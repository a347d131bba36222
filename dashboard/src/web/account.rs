//! `/api/v1/account`: one's own password, second step and sessions. What weakens the account
//! asks for the password again, since a session may be somebody else's hand on the keyboard.

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    body::JsonBody,
    error::ApiError,
    named, qr,
    session::{self, SignedIn},
};
use crate::{
    app::Dashboard,
    control::{
        email::Email,
        password::{PASSWORD_BYTES_MAX, Passwords},
        sessions::SessionLine,
        totp::TotpSecret,
        two_step::Taken,
        users::User,
    },
};

#[derive(Serialize, JsonSchema)]
pub(super) struct Account {
    email: String,
    is_admin: bool,
    two_step: bool,
    recovery_codes_left: u32,
}

/// No `Debug`, as with everything here that holds a password or a code.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewPassword {
    password: String,
    new: String,
}

/// A secret to be put into an application; nothing is changed yet.
#[derive(Serialize, JsonSchema)]
pub(super) struct Offer {
    secret: String,
    /// `otpauth://…`
    address: String,
    qr: qr::Picture,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Proof {
    password: String,
    secret: String,
    /// What the application shows now.
    code: String,
}

/// Shown this once.
#[derive(Serialize, JsonSchema)]
pub(super) struct RecoveryCodes {
    recovery_codes: Vec<String>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PasswordAndCode {
    password: String,
    code: String,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Sessions {
    sessions: Vec<SessionLine>,
}

pub(super) async fn show(
    SignedIn(user): SignedIn,
    State(dashboard): State<Dashboard>,
) -> Result<Json<Account>, ApiError> {
    let (two_step, recovery_codes_left) = dashboard.control.two_step(&user).await?;
    Ok(Json(Account { email: user.email, is_admin: user.is_admin, two_step, recovery_codes_left }))
}

/// Every other session ends with the old password.
pub(super) async fn change_password(
    SignedIn(user): SignedIn,
    State(dashboard): State<Dashboard>,
    headers: HeaderMap,
    JsonBody(asked): JsonBody<NewPassword>,
) -> Result<StatusCode, ApiError> {
    if !Passwords::is_acceptable(&asked.new) {
        return Err(ApiError::PasswordUnfit);
    }
    check(&dashboard, &user, asked.password).await?;
    let hash = dashboard.passwords.hash(asked.new).await?;
    let current = session::presented(&dashboard, &headers);
    dashboard.control.change_password(user, hash, current).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn offer_two_step(SignedIn(user): SignedIn) -> Result<Json<Offer>, ApiError> {
    let secret = TotpSecret::random();
    let address = secret.address(&user.email);
    Ok(Json(Offer { secret: secret.base32(), qr: qr::Picture::of(&address), address }))
}

pub(super) async fn begin_two_step(
    SignedIn(user): SignedIn,
    State(dashboard): State<Dashboard>,
    JsonBody(proof): JsonBody<Proof>,
) -> Result<Json<RecoveryCodes>, ApiError> {
    check(&dashboard, &user, proof.password).await?;
    let (is_on, _) = dashboard.control.two_step(&user).await?;
    if is_on {
        return Err(ApiError::TwoStepIsOn);
    }
    let secret = TotpSecret::from_base32(&proof.secret).ok_or(ApiError::CodeWrong)?;
    let step = secret.step_of(&proof.code, dashboard.control.now(), None).ok_or(ApiError::CodeWrong)?;
    let recovery_codes = dashboard.control.begin_two_step(user, &secret, step, &dashboard.secret).await?;
    Ok(Json(RecoveryCodes { recovery_codes }))
}

pub(super) async fn end_two_step(
    SignedIn(user): SignedIn,
    State(dashboard): State<Dashboard>,
    JsonBody(asked): JsonBody<PasswordAndCode>,
) -> Result<StatusCode, ApiError> {
    check(&dashboard, &user, asked.password).await?;
    dashboard.throttle.attempt_code(&user.email).map_err(ApiError::attempts)?;
    match dashboard.control.take_code(&user, &asked.code, &dashboard.secret).await? {
        Taken::Wrong => Err(ApiError::CodeWrong),
        Taken::NotAsked => Ok(StatusCode::NO_CONTENT),
        Taken::ByClock | Taken::ByRecovery => {
            dashboard.throttle.forgive_code(&user.email);
            dashboard.control.end_two_step(user).await?;
            Ok(StatusCode::NO_CONTENT)
        }
    }
}

pub(super) async fn sessions(
    SignedIn(user): SignedIn,
    State(dashboard): State<Dashboard>,
    headers: HeaderMap,
) -> Result<Json<Sessions>, ApiError> {
    let current = session::presented(&dashboard, &headers);
    Ok(Json(Sessions { sessions: dashboard.control.sessions_of(&user, current).await? }))
}

pub(super) async fn end_session(
    SignedIn(user): SignedIn,
    State(dashboard): State<Dashboard>,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    named::done(dashboard.control.revoke_session(user, id).await?)
}

/// The password again; counted with the attempts to sign in.
async fn check(dashboard: &Dashboard, user: &User, password: String) -> Result<(), ApiError> {
    let email = Email::parse(&user.email).ok_or(ApiError::WrongCredentials)?;
    dashboard.throttle.attempt(email.as_str()).map_err(ApiError::attempts)?;
    if password.len() > PASSWORD_BYTES_MAX {
        return Err(ApiError::PasswordWrong);
    }
    let account = dashboard.control.account(email.clone()).await?;
    let kept = account.map(|account| account.password_hash);
    if !dashboard.passwords.verify(password, kept).await? {
        return Err(ApiError::PasswordWrong);
    }
    dashboard.throttle.forgive(email.as_str());
    Ok(())
}
