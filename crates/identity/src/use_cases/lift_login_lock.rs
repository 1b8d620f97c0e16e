//! Letting somebody try again at once.

use kernel::{Id, Origin, StoreError, audit::AuditRecord};
use serde_json::json;

use super::Identity;
use crate::login_lock::LoginLock;

/// Why a lock could not be lifted.
#[derive(Debug, thiserror::Error)]
pub enum LiftLoginLockError {
    /// There is no such lock, or it was lifted before.
    #[error("there is no such login lock")]
    NotFound,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Identity {
    /// Lifts a lock and forgets the failures that led to it, so that the next lock is a first one.
    ///
    /// # Errors
    /// [`LiftLoginLockError`].
    pub async fn lift_login_lock(
        &self,
        lock: Id<LoginLock>,
        origin: &Origin,
    ) -> Result<(), LiftLoginLockError> {
        let mut tx = self.store.begin().await?;
        let key = tx.lift_lock(lock).await?.ok_or(LiftLoginLockError::NotFound)?;
        let resource = format!("login-lock:{lock}");
        let kind = key.as_str().split(':').next().unwrap_or_default();
        let record = AuditRecord::success(&self.ambient, origin, "settings", "lift_login_lock", resource);
        tx.audit(record.with(json!({ "of": kind }))).await?;
        tx.commit().await?;
        Ok(())
    }
}
