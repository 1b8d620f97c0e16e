//! The RADIUS servers that run, each with what it has counted.

use std::collections::BTreeMap;

use async_trait::async_trait;
use kernel::{StoreError, Timestamp};
use uuid::Uuid;

/// A RADIUS server of the portal's own, as it was when it last said something of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerState {
    /// Names this run of it.
    pub id: Uuid,
    /// Where it answers logins.
    pub auth_address: String,
    /// Where it takes accounting.
    pub acct_address: String,
    /// When it began.
    pub started_at: Timestamp,
    /// When it said so.
    pub seen_at: Timestamp,
    /// What it has counted since, by name.
    pub counts: BTreeMap<String, u64>,
}

/// The RADIUS servers that run.
#[async_trait]
pub trait ServerRows: Send + Sync {
    /// Writes down how a server is.
    async fn note_server(&self, state: &ServerState) -> Result<(), StoreError>;

    /// Those that have said something since a moment, the latest first.
    async fn servers_seen_since(&self, since: Timestamp) -> Result<Vec<ServerState>, StoreError>;
}
