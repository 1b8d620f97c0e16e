//! Clearing away what no longer matters.

use chrono::Duration;
use kernel::StoreError;

use super::Identity;
use crate::{login_lock::FailureHistory, registration_count::RegistrationHistory};

/// How long an expired token is kept: longer than any transaction that may still be using it.
const KEPT_AFTER_EXPIRY: Duration = Duration::hours(1);

impl Identity {
    /// Removes expired tokens, the sessions that nothing can continue, and login failures and registrations that no
    /// longer count. Says how many rows went.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn prune_tokens(&self) -> Result<u64, StoreError> {
        let now = self.ambient.now();
        let mut tx = self.store.begin().await?;
        let tokens = tx.prune_tokens(now - KEPT_AFTER_EXPIRY).await?;
        let failures = tx.prune_failures(now - FailureHistory::MEMORY).await?;
        let registrations = tx.prune_registrations(now - RegistrationHistory::WINDOW).await?;
        tx.commit().await?;
        Ok(tokens + failures + registrations)
    }
}
