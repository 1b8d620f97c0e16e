//! A router that hotspot users live on.

use std::fmt;

use kernel::{
    Timestamp,
    id::ids::{RouterId, SiteId},
};

/// A router with a hotspot, and how to reach it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Router {
    /// Names it.
    pub id: RouterId,
    /// Its name for people; no other router has it.
    pub name: String,
    /// Where it stands.
    pub site_id: SiteId,
    /// Whether new hotspot users of its site go onto it. One router per site at most.
    pub is_default: bool,
    /// How it is reached.
    pub access: RouterAccess,
    /// When it was first written down.
    pub created_at: Timestamp,
}

/// How a router is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouterAccess {
    /// A real one or the fake.
    pub mode: RouterMode,
    /// A host name or an address.
    pub host: String,
    /// The port of its API: 8728 in the clear, 8729 with TLS by default.
    pub port: u16,
    /// The account to sign in with.
    pub username: String,
    /// Whether the connection is encrypted.
    pub tls: bool,
}

/// Whether a router is real.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RouterMode {
    /// Reached by the RouterOS API.
    Api,
    /// The fake in this process's journal.
    Fake,
}

impl RouterMode {
    /// The mode as it is stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Fake => "fake",
        }
    }

    /// Reads a stored mode.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Api, Self::Fake].into_iter().find(|mode| mode.as_str() == text)
    }
}

impl fmt::Display for RouterMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
