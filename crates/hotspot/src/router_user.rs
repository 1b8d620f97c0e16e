//! Users on a router that the portal did not make. They are written down so that staff can say whose they are, and
//! never touched: neither changed nor removed.

use std::fmt;

use kernel::{
    Timestamp,
    id::ids::{RouterId, UnknownRouterUserId, UserId},
};

/// A user on a router that carries no marker of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownRouterUser {
    /// Names it.
    pub id: UnknownRouterUserId,
    /// The router that has it.
    pub router_id: RouterId,
    /// Its name there.
    pub username: String,
    /// Its comment there.
    pub comment: String,
    /// What staff have decided.
    pub status: UnknownStatus,
    /// The account that it was adopted for.
    pub user_id: Option<UserId>,
    /// When the portal first found it.
    pub first_seen_at: Timestamp,
    /// When the portal last found it.
    pub last_seen_at: Timestamp,
}

/// What staff have decided about a user that the portal did not make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnknownStatus {
    /// Nothing yet.
    New,
    /// It belongs to an account: its sessions are shown there.
    Adopted,
    /// It is none of ours.
    Ignored,
}

impl UnknownStatus {
    /// Every status.
    pub const ALL: [Self; 3] = [Self::New, Self::Adopted, Self::Ignored];

    /// The status as it is stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Adopted => "adopted",
            Self::Ignored => "ignored",
        }
    }

    /// Reads a stored status.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

impl fmt::Display for UnknownStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
