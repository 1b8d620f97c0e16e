//! What can be asked of identity.

use kernel::{Page, PageRequest, StoreError, events::Contact, id::ids::UserId};

use crate::{
    audit_log::{AuditCursor, AuditFilter, AuditPage},
    login_lock::LoginLock,
    use_cases::Identity,
    user::User,
};

impl Identity {
    /// An account by its id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn user(&self, id: UserId) -> Result<Option<User>, StoreError> {
        self.reads.user(id).await
    }

    /// How to reach a user at present, for whoever keeps it with an order.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find_contact(&self, id: UserId) -> Result<Option<Contact>, StoreError> {
        Ok(self.reads.user(id).await?.map(|user| user.contact()))
    }

    /// The logins and addresses that are locked at present.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn login_locks(&self, page: PageRequest) -> Result<Page<LoginLock>, StoreError> {
        self.reads.login_locks(self.ambient.now(), page).await
    }

    /// Lines of the audit log, newest first, at most `limit` of them (1 to 100).
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn audit_log(
        &self,
        filter: &AuditFilter,
        after: Option<AuditCursor>,
        limit: u32,
    ) -> Result<AuditPage, StoreError> {
        let limit = limit.clamp(1, PageRequest::MAX_PER_PAGE);
        // One more than is wanted tells whether there are older ones.
        let mut entries = self.reads.audit_entries(filter, after, limit + 1).await?;
        let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = entries.len() > wanted;
        entries.truncate(wanted);
        let next = entries.last().filter(|_| more).map(AuditCursor::after);
        Ok(AuditPage { entries, next })
    }
}
