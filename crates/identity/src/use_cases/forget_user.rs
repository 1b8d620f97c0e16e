//! Forgetting who had an account.

use kernel::{StoreError, id::ids::UserId};

use super::Identity;

impl Identity {
    /// Takes whoever had an account out of what was told of it; false, and no change, while a consumer has not heard all of
    /// it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn forget_user(&self, user: UserId) -> Result<bool, StoreError> {
        let mut tx = self.store.begin().await?;
        let forgotten = tx.forget_in_events(user.as_uuid()).await?;
        tx.commit().await?;
        Ok(forgotten)
    }
}
