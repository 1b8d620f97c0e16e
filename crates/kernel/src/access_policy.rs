//! What a set of credentials may do on the network.

use serde::{Deserialize, Serialize};

/// The limits that a router or RADIUS server enforces on one set of credentials. `None` means without limit.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AccessPolicy {
    /// Upload rate in kilobits per second, from the customer's point of view.
    pub upload_kbps: Option<u32>,
    /// Download rate in kilobits per second, from the customer's point of view.
    pub download_kbps: Option<u32>,
    /// Bytes in both directions together, over the whole validity.
    pub data_cap_bytes: Option<u64>,
    /// Longest single session, in seconds.
    pub session_timeout_seconds: Option<u32>,
    /// A session without traffic ends after this many seconds.
    pub idle_timeout_seconds: Option<u32>,
    /// How many devices may use the credentials at once.
    pub simultaneous_use: Option<u16>,
}
