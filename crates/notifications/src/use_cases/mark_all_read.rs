//! A reader says that they have read their whole inbox.

use kernel::{StoreError, id::ids::UserId};

use super::Notifications;

impl Notifications {
    /// Marks every unread entry of a user's inbox as read. Says how many there were.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn mark_all_read(&self, user: UserId) -> Result<u64, StoreError> {
        let mut tx = self.store.begin().await?;
        let marked = tx.mark_all_read(user, self.ambient.now()).await?;
        tx.commit().await?;
        Ok(marked)
    }
}
