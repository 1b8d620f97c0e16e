//! Putting a task away, once a person has seen to it.

use kernel::{Origin, StoreError, audit::AuditRecord, id::ids::TaskId};

use super::Billing;

/// Why a task was not put away.
#[derive(Debug, thiserror::Error)]
pub enum CloseTaskError {
    /// There is no such task, or it is closed.
    #[error("there is no such open task")]
    NotFound,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Billing {
    /// Closes an open task. `note` says what was done about it, for the audit log.
    ///
    /// # Errors
    /// [`CloseTaskError`].
    pub async fn close_task(&self, origin: &Origin, id: TaskId, note: &str) -> Result<(), CloseTaskError> {
        let mut tx = self.store.begin().await?;
        if !tx.close_task(id, self.ambient.now()).await? {
            return Err(CloseTaskError::NotFound);
        }
        let record = AuditRecord::success(&self.ambient, origin, "task", "close", format!("task:{id}"));
        tx.audit(record.with(serde_json::json!({ "note": note }))).await?;
        Ok(tx.commit().await?)
    }
}
