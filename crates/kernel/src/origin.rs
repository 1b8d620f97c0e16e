//! Who caused something, and in which request.

use std::{fmt, net::IpAddr};

use serde::{Deserialize, Serialize};

use crate::id::ids::UserId;

/// Who did a thing, as audit records and state changes keep it: `user:<id>`, `system:<part>` or `anonymous`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Actor {
    /// A person with an account.
    User(UserId),
    /// A part of the service itself: a job, a schedule, the command line.
    System(&'static str),
    /// A caller who has not signed in.
    Anonymous,
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(id) => write!(f, "user:{id}"),
            Self::System(part) => write!(f, "system:{part}"),
            Self::Anonymous => f.write_str("anonymous"),
        }
    }
}

/// The name of one request, carried into every log line, event, job and outgoing call that it causes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RequestId(String);

impl RequestId {
    /// Accepts a caller's own id of 8 to 64 letters, digits, `-`, `_` and `.`; anything else is refused, since
    /// the text goes into logs.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        ((8..=64).contains(&text.len()) && text.bytes().all(plain)).then(|| Self(text.to_owned()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a command came from. Every command carries one; it ends up in events, jobs and audit records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Who asked.
    pub actor: Actor,
    /// The request that asked, when there was one.
    pub request_id: Option<RequestId>,
    /// The network address that asked, when there was one.
    pub ip: Option<IpAddr>,
}

impl Origin {
    /// A command that a part of the service gives by itself.
    #[must_use]
    pub const fn system(part: &'static str) -> Self {
        Self { actor: Actor::System(part), request_id: None, ip: None }
    }

    /// The same, within the request that caused it.
    #[must_use]
    pub fn within(mut self, request_id: Option<RequestId>) -> Self {
        self.request_id = request_id;
        self
    }
}
