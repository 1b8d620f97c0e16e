//! A reader says that they have read an entry of their inbox. That is their own matter: it leaves no line in
//! the audit log.

use kernel::{
    StoreError,
    id::ids::{NotificationId, UserId},
};

use super::Notifications;
use crate::notification::Notification;

/// Which entry has been read by whom.
#[derive(Debug, Clone, Copy)]
pub struct MarkRead {
    /// The reader.
    pub user_id: UserId,
    /// The entry.
    pub notification_id: NotificationId,
}

/// Why it could not be marked.
#[derive(Debug, thiserror::Error)]
pub enum MarkReadError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The reader's inbox has no such entry, though another's may.
    #[error("there is no such notification in the inbox")]
    NotFound,
}

impl Notifications {
    /// Marks an entry as read and gives it back. An entry that has been read before keeps its first moment.
    ///
    /// # Errors
    /// [`MarkReadError`].
    pub async fn mark_read(&self, command: MarkRead) -> Result<Notification, MarkReadError> {
        let MarkRead { user_id, notification_id } = command;
        let mut tx = self.store.begin().await?;
        tx.mark_read(user_id, notification_id, self.ambient.now()).await?;
        tx.commit().await?;
        let entry = self.reads.inbox_entry(user_id, notification_id).await?;
        entry.ok_or(MarkReadError::NotFound)
    }
}
