//! The authentication log and what goes on, as they were last committed.

use async_trait::async_trait;
use kernel::{StoreError, Timestamp};

use crate::auth_log::{AuthEntry, AuthFilter, Rates};

/// The authentication log and what goes on.
#[async_trait]
pub trait AuthLogReads: Send + Sync {
    /// At most `limit` lines that stand before a place in the log, or from its end; the latest first.
    async fn auth_entries_before(
        &self,
        filter: &AuthFilter,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<AuthEntry>, StoreError>;

    /// At most `limit` lines behind a place in the log, whatever they say, in its order.
    async fn auth_entries_behind(&self, place: i64, limit: u32) -> Result<Vec<AuthEntry>, StoreError>;

    /// The last place in the log; 0 while it is empty.
    async fn end_of_auth_log(&self) -> Result<i64, StoreError>;

    /// Forgets the lines that are older than a moment, and servers that have not been seen since. Says how many lines.
    async fn prune_auth_log(&self, before: Timestamp) -> Result<u64, StoreError>;

    /// What goes on: logins in each of so many minutes up to now, open sessions, and what goes through.
    async fn rates(&self, now: Timestamp, minutes: u16) -> Result<Rates, StoreError>;
}
