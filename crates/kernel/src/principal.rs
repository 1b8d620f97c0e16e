//! The signed-in caller.

use std::{fmt, str::FromStr};

use crate::{
    id::ids::{SessionId, UserId},
    locale::Locale,
    permission::{Permission, Permissions},
};

/// The role of a user. What a role may do is a set of permissions kept as data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Runs the portal.
    Admin,
    /// Sells access for the operator.
    Agent,
    /// Buys and uses access.
    User,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 3] = [Self::Admin, Self::Agent, Self::User];

    /// The role as it is stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Agent => "agent",
            Self::User => "user",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text names no role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a role: expected admin, agent or user")]
pub struct NotARole;

impl FromStr for Role {
    type Err = NotARole;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|role| role.as_str() == text).ok_or(NotARole)
    }
}

/// A signed-in caller: who it is, and what they may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// The user.
    pub user_id: UserId,
    /// The login session that the call came with.
    pub session_id: SessionId,
    /// The user's role.
    pub role: Role,
    /// The permissions of that role.
    pub permissions: Permissions,
    /// The language the user reads.
    pub locale: Locale,
}

impl Principal {
    /// Whether the caller has a permission.
    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        self.permissions.allow(permission)
    }
}
