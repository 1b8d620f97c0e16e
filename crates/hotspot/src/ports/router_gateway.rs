//! The router as hotspot wants it. The words are MikroTik's: hotspot users, active sessions, the walled garden
//! (blocked domains), address lists (blocked addresses), IP bindings (blocked devices).

use std::{collections::BTreeSet, fmt, net::IpAddr, sync::Arc, time::Duration};

use async_trait::async_trait;
use kernel::{AccessPolicy, Timestamp, events::Contact};

use crate::{
    block::BlockTarget,
    credentials::WifiPassword,
    hotspot_user::Marker,
    router::{Router, RouterMode},
};

/// Finds the way to a router.
pub trait RouterGateways: Send + Sync {
    /// The gateway of one router. Nothing is sent before it is used.
    fn gateway(&self, router: &Router) -> Arc<dyn RouterGateway>;

    /// Whether there is a way to routers of this mode: a portal in production has none to fakes.
    fn reaches(&self, mode: RouterMode) -> bool;

    /// How this process has found a router up to now. Nothing is sent; of a router that was not called yet
    /// there is nothing but good to say.
    fn health(&self, router: &Router) -> RouterHealth;
}

/// How a process has found a router in its calls.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RouterHealth {
    /// When it answered last, be it with a refusal.
    pub last_seen_at: Option<Timestamp>,
    /// What went wrong last, and when: no connection, no answer in time, or our login refused.
    pub last_error: Option<(Timestamp, String)>,
    /// How many calls in a row have gone wrong so; none after one that was answered.
    pub failures: u32,
    /// Whether calls are let through to it.
    pub breaker: BreakerState,
}

impl RouterHealth {
    /// The health after a call at this moment that ended so. A refusal is an answer: the router is well.
    #[must_use]
    pub fn after(self, at: Timestamp, error: Option<&RouterError>) -> Self {
        match error.filter(|error| error.may_pass()) {
            None => Self { last_seen_at: Some(at), failures: 0, ..self },
            Some(error) => Self {
                last_error: Some((at, error.to_string())),
                failures: self.failures.saturating_add(1),
                ..self
            },
        }
    }

    /// The one of two that knows of the later call, with the breaker of `here`, the calling process.
    #[must_use]
    pub fn or_later(self, here: Self) -> Self {
        let last_call =
            |health: &Self| health.last_seen_at.max(health.last_error.as_ref().map(|(at, _)| *at));
        let breaker = if here == Self::default() { self.breaker } else { here.breaker };
        if last_call(&here) > last_call(&self) {
            Self {
                last_seen_at: here.last_seen_at.or(self.last_seen_at),
                last_error: here.last_error.or(self.last_error),
                ..here
            }
        } else {
            Self { breaker, ..self }
        }
    }
}

/// Whether calls are let through to a router.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BreakerState {
    /// They are.
    #[default]
    Closed,
    /// They are not: it has failed too often, and gets a pause.
    Open,
    /// One is, to see whether it has come back.
    HalfOpen,
}

impl BreakerState {
    /// The state as it is stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half_open",
        }
    }

    /// Reads a stored state.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Closed, Self::Open, Self::HalfOpen].into_iter().find(|state| state.as_str() == text)
    }
}

/// One router. Every call answers within a bounded time, a few seconds; none repeats by itself what is not
/// safe to repeat.
#[async_trait]
pub trait RouterGateway: Send + Sync {
    /// Adds a user. [`RouterError::AlreadyExists`] if the router has one of this name, whoever made it.
    async fn create_user(&self, user: &WantedUser) -> Result<(), RouterError>;

    /// Sets everything about a user of this name but whether it is switched off. [`RouterError::NoSuchUser`] if
    /// there is none.
    async fn update_user(&self, user: &WantedUser) -> Result<(), RouterError>;

    /// The user of a name, whoever made it.
    async fn find_user(&self, name: &str) -> Result<Option<SeenUser>, RouterError>;

    /// Removes a user; its sessions stay until they are disconnected. Nothing happens if there is none.
    async fn remove_user(&self, name: &str) -> Result<(), RouterError>;

    /// Switches a user off: it cannot sign in. [`RouterError::NoSuchUser`] if there is none.
    async fn suspend_user(&self, name: &str) -> Result<(), RouterError>;

    /// Switches a user on again. [`RouterError::NoSuchUser`] if there is none.
    async fn resume_user(&self, name: &str) -> Result<(), RouterError>;

    /// All users, in no particular order.
    async fn list_users(&self) -> Result<Vec<SeenUser>, RouterError>;

    /// The sessions that are open now, of one user or of all.
    async fn list_active_sessions(&self, username: Option<&str>) -> Result<Vec<RouterSession>, RouterError>;

    /// Ends a session; false if it is not open any more.
    async fn disconnect(&self, session_id: &str) -> Result<bool, RouterError>;

    /// Limits the open sessions of a user from now on, until they end; false if it has none.
    async fn set_rate_limit(&self, username: &str, limit: RateLimit) -> Result<bool, RouterError>;

    /// How busy each interface is.
    async fn interface_load(&self) -> Result<Vec<InterfaceLoad>, RouterError>;

    /// How long the router takes to answer.
    async fn ping(&self) -> Result<Duration, RouterError>;

    /// What the router calls itself, and its version.
    async fn identity(&self) -> Result<RouterIdentity, RouterError>;

    /// Blocks a domain for everybody. Nothing happens if it is blocked already.
    async fn block_domain(&self, domain: &str) -> Result<(), RouterError>;

    /// Lifts the block of a domain, if there is one.
    async fn unblock_domain(&self, domain: &str) -> Result<(), RouterError>;

    /// Blocks an address for everybody. Nothing happens if it is blocked already.
    async fn block_address(&self, address: IpAddr) -> Result<(), RouterError>;

    /// Lifts the block of an address, if there is one.
    async fn unblock_address(&self, address: IpAddr) -> Result<(), RouterError>;

    /// Keeps a device from signing in, whoever uses it (RouterOS: an IP binding of the type `blocked`). `mac` is
    /// upper-case hexadecimal with colons. Nothing happens if it is blocked already.
    async fn block_device(&self, mac: &str) -> Result<(), RouterError>;

    /// Lifts the block of a device, if there is one.
    async fn unblock_device(&self, mac: &str) -> Result<(), RouterError>;

    /// Everything that this portal has blocked there. What others have blocked by hand is not in it: the adapter
    /// marks its own entries, and lists and lifts those alone.
    async fn list_blocks(&self) -> Result<BTreeSet<BlockTarget>, RouterError>;
}

/// A user as it is to be on a router. The end of its validity is not in it: a router's uptime limit counts time
/// online, so that the portal itself removes whom has had their time.
#[derive(Debug, Clone, PartialEq)]
pub struct WantedUser {
    /// The name to sign in with.
    pub name: String,
    /// The password to sign in with.
    pub password: WifiPassword,
    /// What makes it known as ours.
    pub marker: Marker,
    /// Whose it is: for what finds out by itself that somebody is to be told something. A router does not.
    pub contact: Contact,
    /// Rates, timeouts, simultaneous use and the cap of bytes.
    pub policy: AccessPolicy,
}

/// A user as a router tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenUser {
    /// Its name.
    pub name: String,
    /// Its comment: a [`Marker`] if it is ours, perhaps with somebody's note beside it, else whatever somebody
    /// wrote.
    pub comment: String,
    /// Whether it is switched off.
    pub disabled: bool,
    /// What the router lets it do, read back from its profile and its own limits, so that a change made by hand
    /// shows. What the adapter has set must read back as it was set; what it cannot read, it gives as no limit.
    pub policy: AccessPolicy,
}

impl SeenUser {
    /// Whether this is the user that carries our marker.
    #[must_use]
    pub fn is_ours(&self, marker: &Marker) -> bool {
        Marker::within(&self.comment).as_ref() == Some(marker)
    }
}

/// An open session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouterSession {
    /// The router's own name for it.
    pub id: String,
    /// Who signed in.
    pub username: String,
    /// The device, as upper-case hexadecimal with colons.
    pub mac: String,
    /// The device's address.
    pub address: IpAddr,
    /// How long it has been open, in seconds.
    pub uptime_seconds: u64,
    /// Bytes from the customer's device.
    pub uploaded_bytes: u64,
    /// Bytes to the customer's device.
    pub downloaded_bytes: u64,
}

/// Rates from the customer's point of view, in kilobits per second. `None` means without limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// From the customer's device.
    pub upload_kbps: Option<u32>,
    /// To the customer's device.
    pub download_kbps: Option<u32>,
}

/// How busy an interface is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InterfaceLoad {
    /// Its name on the router.
    pub interface: String,
    /// How many sessions go through it.
    pub connected_users: u32,
    /// Bits per second that it receives.
    pub receive_bps: u64,
    /// Bits per second that it transmits.
    pub transmit_bps: u64,
}

/// What a router calls itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouterIdentity {
    /// `/system/identity`.
    pub name: String,
    /// The version of its software.
    pub version: String,
}

/// Why a router did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RouterError {
    /// No connection: nothing was done.
    #[error("the router cannot be reached: {0}")]
    Unreachable(String),
    /// The request was sent and no answer came: whether it was done is unknown.
    #[error("the router did not answer in time")]
    Timeout,
    /// It does not let us in: nothing was done.
    #[error("the router refuses our login: {0}")]
    LoginRefused(String),
    /// It has a user of this name.
    #[error("the router already has a user of this name")]
    AlreadyExists,
    /// It has no user of this name.
    #[error("the router has no user of this name")]
    NoSuchUser,
    /// It has no room for another user.
    #[error("the router is full: {0}")]
    Full(String),
    /// It understood the request and refuses it (RouterOS: `!trap`).
    #[error("the router refuses: {0}")]
    Refused(String),
}

impl RouterError {
    /// Whether time, or an operator at the router, may heal it without a change of the request: the work
    /// waits and is not given up.
    #[must_use]
    pub const fn may_pass(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::Timeout | Self::LoginRefused(_))
    }
}

// By hand, so that a gateway may stand in a struct that prints itself.
impl fmt::Debug for dyn RouterGateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RouterGateway")
    }
}
