//! Who has a role on a site, and who is invited to one. An invitation is a link that is shown
//! once and good for a week, for one address; it makes an account, or adds a role to one.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, params};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use super::{
    Control, ControlError,
    audit::{self, Action, Entry},
    email::Email,
    roles::Role,
    sessions,
    sites::Site,
    take_out,
    users::{self, User},
};
use crate::token::{Token, TokenHash};

/// People and invitations of one site, at most: a list is still a list.
pub const PEOPLE_MAX: u32 = 200;

/// How long an invitation is good.
pub const INVITATION_LIFE: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Somebody with a role on the site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Member {
    pub user_id: i64,
    pub email: String,
    pub role: Role,
    /// Owns every site; cannot be changed here.
    pub is_admin: bool,
    /// Asks for a code beside the password.
    pub two_step: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Invitation {
    pub id: i64,
    pub email: String,
    pub role: Role,
    /// Seconds since 1970.
    pub expires_at: i64,
}

/// An invitation as its bearer sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Invited {
    pub(crate) email: Email,
    pub(crate) domain: String,
    pub(crate) role: Role,
    pub(crate) has_account: bool,
    site_id: u32,
}

/// What became of an attempt to invite.
pub(crate) enum Inviting {
    Made(Invitation, Token),
    /// They have a role on the site already.
    IsMember,
    TooMany,
}

/// What became of an attempt to accept.
pub(crate) enum Accepting {
    /// With a session, where the account is new.
    Done(Option<Token>),
    /// Ended, used, or never made.
    Gone,
    /// There is an account of that address: sign in with it first.
    SignInFirst,
}

impl Control {
    pub(crate) async fn people(&self, site_id: u32) -> Result<(Vec<Member>, Vec<Invitation>), ControlError> {
        let now = self.now();
        self.read("list the people", move |connection| {
            let members = connection
                .prepare(
                    "SELECT users.id, email, coalesce(role, 'owner'), is_admin, totp IS NOT NULL FROM users \
                     LEFT JOIN members ON user_id = users.id AND site_id = ?1 \
                     WHERE is_admin OR role IS NOT NULL ORDER BY email",
                )?
                .query_map([site_id], |row| {
                    let is_admin = row.get(3)?;
                    let role = if is_admin { Role::Owner } else { row.get(2)? };
                    Ok(Member {
                        user_id: row.get(0)?,
                        email: row.get(1)?,
                        role,
                        is_admin,
                        two_step: row.get(4)?,
                    })
                })?
                .collect::<rusqlite::Result<_>>()?;
            let invitations = connection
                .prepare(
                    "SELECT id, email, role, expires_at FROM invitations \
                     WHERE site_id = ?1 AND expires_at > ?2 ORDER BY email",
                )?
                .query_map(params![site_id, now], |row| {
                    Ok(Invitation {
                        id: row.get(0)?,
                        email: row.get(1)?,
                        role: row.get(2)?,
                        expires_at: row.get(3)?,
                    })
                })?
                .collect::<rusqlite::Result<_>>()?;
            Ok((members, invitations))
        })
        .await
    }

    /// Invites an address; a new invitation ends the one before.
    pub(crate) async fn invite(
        &self,
        site: Site,
        email: Email,
        role: Role,
        actor: User,
    ) -> Result<Inviting, ControlError> {
        let now = self.now();
        let expires_at = now + i64::try_from(INVITATION_LIFE.as_secs()).expect("a week is a few seconds");
        self.write("invite somebody", move |transaction| {
            transaction.execute("DELETE FROM invitations WHERE expires_at <= ?1", [now])?;
            let is_member: bool = transaction.query_row(
                "SELECT EXISTS (SELECT 1 FROM users LEFT JOIN members ON user_id = users.id AND site_id = ?1 \
                 WHERE email = ?2 AND (is_admin OR role IS NOT NULL))",
                params![site.id, email.as_str()],
                |row| row.get(0),
            )?;
            if is_member {
                return Ok(Inviting::IsMember);
            }
            let count: u32 = transaction.query_row(
                "SELECT (SELECT count(*) FROM members WHERE site_id = ?1) \
                 + (SELECT count(*) FROM invitations WHERE site_id = ?1)",
                [site.id],
                |row| row.get(0),
            )?;
            if count >= PEOPLE_MAX {
                return Ok(Inviting::TooMany);
            }
            let token = Token::random();
            transaction.execute(
                "INSERT OR REPLACE INTO invitations (token_hash, site_id, email, role, created_at, expires_at) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![token.hash(), site.id, email.as_str(), role.name(), now, expires_at],
            )?;
            let id = transaction.last_insert_rowid();
            note(transaction, &actor, Action::Invited, &site.domain, email.as_str(), Some(role), now)?;
            let made = Invitation { id, email: email.as_str().to_owned(), role, expires_at };
            Ok(Inviting::Made(made, token))
        })
        .await
    }

    pub(crate) async fn end_invitation(
        &self,
        site: Site,
        id: i64,
        actor: User,
    ) -> Result<bool, ControlError> {
        let now = self.now();
        self.write("end an invitation", move |transaction| {
            let Some(email) = take_out(transaction, "invitations", "email", site.id, id)? else {
                return Ok(false);
            };
            note(transaction, &actor, Action::InvitationEnded, &site.domain, &email, None, now)?;
            Ok(true)
        })
        .await
    }

    pub(crate) async fn invitation(&self, token: TokenHash) -> Result<Option<Invited>, ControlError> {
        let now = self.now();
        self.read("look an invitation up", move |connection| invited(connection, &token, now)).await
    }

    /// Accepts an invitation: as `user`, who is signed in, or with a password for a new account.
    pub(crate) async fn accept(
        &self,
        token: TokenHash,
        user: Option<User>,
        password_hash: Option<String>,
    ) -> Result<Accepting, ControlError> {
        let now = self.now();
        self.write("accept an invitation", move |transaction| {
            let Some(invited) = invited(transaction, &token, now)? else { return Ok(Accepting::Gone) };
            let (user, session) =
                match (user.filter(|user| user.email == invited.email.as_str()), password_hash) {
                    (Some(user), _) => (user, None),
                    (None, Some(hash)) if !invited.has_account => {
                        let user = users::insert(transaction, &invited.email, &hash, false, now)?;
                        let session = sessions::begin(transaction, &user, now)?;
                        (user, Some(session))
                    }
                    (None, _) => return Ok(Accepting::SignInFirst),
                };
            transaction.execute("DELETE FROM invitations WHERE token_hash = ?1", [token])?;
            transaction.execute(
                "INSERT OR REPLACE INTO members (site_id, user_id, role) VALUES (?1, ?2, ?3)",
                params![invited.site_id, user.id, invited.role.name()],
            )?;
            note(transaction, &user, Action::Joined, &invited.domain, &user.email, Some(invited.role), now)?;
            Ok(Accepting::Done(session))
        })
        .await
    }

    /// Gives a member another role, or none at all. False when they are no member.
    pub(crate) async fn set_role(
        &self,
        site: Site,
        user_id: i64,
        role: Option<Role>,
        actor: User,
    ) -> Result<bool, ControlError> {
        let now = self.now();
        self.write("change a role", move |transaction| {
            let email: Option<String> = transaction
                .query_row(
                    "SELECT email FROM members JOIN users ON users.id = user_id WHERE site_id = ?1 AND user_id = ?2",
                    params![site.id, user_id],
                    |row| row.get(0),
                )
                .optional()?;
            let Some(email) = email else { return Ok(false) };
            match role {
                Some(role) => transaction.execute(
                    "UPDATE members SET role = ?3 WHERE site_id = ?1 AND user_id = ?2",
                    params![site.id, user_id, role.name()],
                )?,
                None => transaction.execute(
                    "DELETE FROM members WHERE site_id = ?1 AND user_id = ?2",
                    params![site.id, user_id],
                )?,
            };
            let action = if role.is_some() { Action::RoleChanged } else { Action::MemberRemoved };
            note(transaction, &actor, action, &site.domain, &email, role, now)?;
            Ok(true)
        })
        .await
    }
}

fn invited(connection: &Connection, token: &TokenHash, now: i64) -> rusqlite::Result<Option<Invited>> {
    let found: Option<(String, String, Role, u32, bool)> = connection
        .query_row(
            "SELECT invitations.email, domain, role, site_id, EXISTS (SELECT 1 FROM users WHERE users.email = invitations.email) \
             FROM invitations JOIN sites ON sites.id = site_id WHERE token_hash = ?1 AND expires_at > ?2",
            params![token, now],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)),
        )
        .optional()?;
    Ok(found.map(|(email, domain, role, site_id, has_account)| {
        let email = Email::parse(&email).expect("it was an address when it was invited");
        Invited { email, domain, role, has_account, site_id }
    }))
}

fn note(
    connection: &Connection,
    actor: &User,
    action: Action,
    subject: &str,
    email: &str,
    role: Option<Role>,
    now: i64,
) -> rusqlite::Result<()> {
    let detail = json!({"email": email, "role": role});
    audit::append(connection, &Entry { at: now, actor: &actor.email, action, subject, detail })
}
