//! Which account may do what with which site. An administrator of the server owns every
//! site; everybody else has one role on each site they were invited to, or none.

use rusqlite::{
    Connection, OptionalExtension,
    types::{FromSql, FromSqlError, FromSqlResult, ValueRef},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Control, ControlError,
    sites::{self, Site},
    users::User,
};

/// In rising order: each may all that the ones before it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Sees the figures.
    Viewer,
    /// Changes what is counted and where it goes.
    Editor,
    /// Shares the site, invites others, exports and removes it.
    Owner,
}

impl Role {
    pub fn name(self) -> &'static str {
        match self {
            Role::Viewer => "viewer",
            Role::Editor => "editor",
            Role::Owner => "owner",
        }
    }

    pub fn named(name: &str) -> Option<Role> {
        [Role::Viewer, Role::Editor, Role::Owner].into_iter().find(|role| role.name() == name)
    }
}

impl FromSql for Role {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Role> {
        Role::named(value.as_str()?).ok_or(FromSqlError::InvalidType)
    }
}

impl Control {
    /// The site and the account's role on it; `None` when there is no such site, or none for them.
    pub(crate) async fn site_for(
        &self,
        user: &User,
        site_id: u32,
    ) -> Result<Option<(Site, Role)>, ControlError> {
        let user = user.clone();
        self.read("look a role up", move |connection| {
            let Some(site) = sites::by_id(connection, site_id)? else { return Ok(None) };
            Ok(role(connection, &user, site_id)?.map(|role| (site, role)))
        })
        .await
    }

    /// Every site the account has a role on.
    pub(crate) async fn sites_for(&self, user: &User) -> Result<Vec<(Site, Role)>, ControlError> {
        let user = user.clone();
        self.read("list the sites", move |connection| {
            let mut found = Vec::new();
            for site in sites::all(connection)? {
                if let Some(role) = role(connection, &user, site.id)? {
                    found.push((site, role));
                }
            }
            Ok(found)
        })
        .await
    }
}

pub(super) fn role(connection: &Connection, user: &User, site_id: u32) -> rusqlite::Result<Option<Role>> {
    if user.is_admin {
        return Ok(Some(Role::Owner));
    }
    connection
        .query_row(
            "SELECT role FROM members WHERE site_id = ?1 AND user_id = ?2",
            rusqlite::params![site_id, user.id],
            |row| row.get(0),
        )
        .optional()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_higher_role_may_all_that_a_lower_one_may() {
        assert!(Role::Owner > Role::Editor && Role::Editor > Role::Viewer);
    }

    #[test]
    fn roles_are_read_as_they_are_written() {
        for role in [Role::Viewer, Role::Editor, Role::Owner] {
            assert_eq!(Role::named(role.name()), Some(role));
        }
        assert_eq!(Role::named("admin"), None);
    }
}
