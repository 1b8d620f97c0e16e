//! What is enforced on those who have it: rates, quotas, timeouts, simultaneous use.

use kernel::{Timestamp, id::ids::AccessProfileId};

/// What is enforced on those who have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessProfile {
    /// Names it.
    pub id: AccessProfileId,
    /// Counts its changes, from 1. The RADIUS group of a version is never changed, only left for the next one's.
    pub version: u32,
    /// A unique name for people.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// What is enforced.
    pub limits: Limits,
    /// How many days access lasts from its activation: 7 to 365.
    pub validity_days: u16,
    /// Whether it can be given to anybody.
    pub active: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What is enforced. `None` means without limit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Limits {
    /// Upload rate in kilobits per second, from the customer's point of view.
    pub upload_kbps: Option<u32>,
    /// Download rate in kilobits per second, from the customer's point of view.
    pub download_kbps: Option<u32>,
    /// Bytes in both directions together.
    pub quota: Quota,
    /// Longest single session, in seconds.
    pub session_timeout_seconds: Option<u32>,
    /// A session without traffic ends after this many seconds.
    pub idle_timeout_seconds: Option<u32>,
    /// How many devices may use the credentials at once.
    pub simultaneous_use: Option<u16>,
    /// What happens when a quota is used up.
    pub exhaustion: Exhaustion,
}

/// How many bytes, in both directions together, may be used in each period of the calendar. Where several are set,
/// day ≤ week ≤ month ≤ total.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Quota {
    /// From local midnight on.
    pub day: Option<u64>,
    /// From local Monday midnight on.
    pub week: Option<u64>,
    /// From the 1st, local midnight, on.
    pub month: Option<u64>,
    /// From the activation on.
    pub total: Option<u64>,
}

/// What happens when a quota is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Exhaustion {
    /// Sessions end, and logins are refused until the period is over.
    #[default]
    Block,
    /// The rate falls until the period is over.
    Throttle {
        /// Upload rate in kilobits per second.
        upload_kbps: u32,
        /// Download rate in kilobits per second.
        download_kbps: u32,
    },
}
