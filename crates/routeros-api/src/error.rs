//! Why there is no connection, and why a command did not end well. What matters most about a command is whether
//! it may have been done: [`CommandError::may_have_been_done`].

use crate::reply::Trap;

/// A step on the way to a connection that commands can be sent on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The name is looked up and TCP connects.
    Connect,
    /// The TLS handshake.
    Tls,
    /// The login.
    Login,
}

impl Step {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Connect => "connecting",
            Self::Tls => "the TLS handshake",
            Self::Login => "the login",
        }
    }
}

/// Why there is no connection. No command was sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// Nobody listens there, or the name is unknown.
    #[error("cannot connect: {0}")]
    Unreachable(String),
    /// A step took longer than it may.
    #[error("{} took too long", .0.as_str())]
    TimedOut(Step),
    /// The TLS handshake failed, or the certificate is not acceptable.
    #[error("TLS failed: {0}")]
    Tls(String),
    /// The router does not accept the name and password; in its own words.
    #[error("the login is refused: {0}")]
    LoginRefused(String),
    /// The connection ended during the login.
    #[error("the connection ended during the login: {0}")]
    Ended(ConnectionEnd),
}

/// How a connection ended.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConnectionEnd {
    /// The router closed it without a word.
    #[error("the router closed the connection")]
    Closed,
    /// The router closed it and said why (`!fatal`).
    #[error("the router closed the connection: {0}")]
    Fatal(String),
    /// The network failed.
    #[error("the connection failed: {0}")]
    Failed(String),
    /// What came was no RouterOS API, or over the limits.
    #[error("the router said what cannot be understood: {0}")]
    Protocol(String),
    /// The router neither ended a cancelled command in time nor took what was written.
    #[error("the router does not answer any more")]
    Stalled,
    /// This side closed it.
    #[error("the connection is closed")]
    Dropped,
}

/// Why a command did not end well.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// It was not sent: nothing was done, and it may be tried again.
    #[error("the command was not sent: {0}")]
    NotSent(NotSent),
    /// It was sent, and the connection ended before its end came: it may have been done.
    #[error("the answer is lost: {0}")]
    Lost(ConnectionEnd),
    /// It was sent, and its end did not come in time: it may have been done, or may yet be.
    #[error("the router did not answer in time")]
    TimedOut,
    /// The answer has more rows or bytes than is put up with.
    #[error("the answer is over the limits")]
    TooLarge,
    /// The router refuses it (`!trap`).
    #[error("the router refuses: {trap}")]
    Refused {
        /// The first refusal.
        trap: Trap,
        /// Further ones, if it gave several.
        others: Vec<Trap>,
    },
}

/// Why a command was not sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotSent {
    /// The connection had ended before.
    #[error(transparent)]
    Ended(ConnectionEnd),
    /// Too many commands are waiting already.
    #[error("too many commands are waiting")]
    Busy,
    /// Its turn did not come in time.
    #[error("its turn did not come in time")]
    TimedOut,
}

impl CommandError {
    /// Whether the router may have done what it was asked although this is an error.
    #[must_use]
    pub const fn may_have_been_done(&self) -> bool {
        match self {
            Self::Lost(_) | Self::TimedOut | Self::TooLarge => true,
            Self::NotSent(_) | Self::Refused { .. } => false,
        }
    }
}
