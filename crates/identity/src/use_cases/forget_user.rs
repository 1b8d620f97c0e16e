//! Forgetting who had an account.

use kernel::{Progress, StoreError, id::ids::UserId};

use super::Identity;

impl Identity {
    /// Takes whoever had an account out of what was told of it, once every consumer has heard all of it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn forget_user(&self, user: UserId) -> Result<Progress, StoreError> {
        let mut tx = self.store.begin().await?;
        if !tx.forget_in_events(user.as_uuid()).await? {
            return Ok(Progress::waits("not everybody has heard of the account"));
        }
        tx.commit().await?;
        Ok(Progress::Done)
    }
}
