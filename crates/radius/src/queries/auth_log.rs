//! How logins were answered, and what goes on.

use chrono::TimeDelta;
use kernel::{StoreError, Timestamp};

use crate::{
    auth_log::{AuthEntry, AuthFilter, Rates},
    ports::ServerState,
    use_cases::Radius,
};

impl Radius {
    /// At most `limit` lines of the authentication log that stand before a place, or from its end; the latest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn auth_log(
        &self,
        filter: &AuthFilter,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<AuthEntry>, StoreError> {
        self.reads.auth_entries_before(filter, before, limit).await
    }

    /// At most `limit` lines behind a place, in their order.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn auth_log_behind(&self, place: i64, limit: u32) -> Result<Vec<AuthEntry>, StoreError> {
        self.reads.auth_entries_behind(place, limit).await
    }

    /// The last place in the log; 0 while it is empty.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn end_of_auth_log(&self) -> Result<i64, StoreError> {
        self.reads.end_of_auth_log().await
    }

    /// Forgets the lines that are older than a moment. Says how many there were.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn prune_auth_log(&self, before: Timestamp) -> Result<u64, StoreError> {
        self.reads.prune_auth_log(before).await
    }

    /// What goes on, with logins of so many minutes up to now.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn rates(&self, minutes: u16) -> Result<Rates, StoreError> {
        self.reads.rates(self.ambient.now(), minutes).await
    }

    /// The portal's own RADIUS servers that ran in the last 24 hours, the latest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn servers(&self) -> Result<Vec<ServerState>, StoreError> {
        self.reads.servers_seen_since(self.ambient.now() - TimeDelta::hours(24)).await
    }
}
