//! A user's own inbox.

use kernel::{
    Page, PageRequest, StoreError,
    id::ids::{NotificationId, UserId},
};

use crate::{notification::Notification, use_cases::Notifications};

impl Notifications {
    /// One page of a user's inbox, the newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn inbox(
        &self,
        user: UserId,
        unread_only: bool,
        page: PageRequest,
    ) -> Result<Page<Notification>, StoreError> {
        self.reads.inbox(user, unread_only, page).await
    }

    /// One entry of a user's inbox; `None` also for an entry of somebody else's.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn inbox_entry(
        &self,
        user: UserId,
        id: NotificationId,
    ) -> Result<Option<Notification>, StoreError> {
        self.reads.inbox_entry(user, id).await
    }

    /// How many entries of a user's inbox are unread.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn unread_count(&self, user: UserId) -> Result<u64, StoreError> {
        self.reads.unread_count(user).await
    }
}
