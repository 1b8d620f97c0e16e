//! Ending one's sessions.

use kernel::{Origin, Principal, StoreError, audit::AuditRecord};
use serde_json::json;

use super::Identity;

impl Identity {
    /// Ends the caller's session: none of its tokens is accepted from now on. Ending it twice is no error.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn log_out(&self, caller: &Principal, origin: &Origin) -> Result<(), StoreError> {
        let mut tx = self.store.begin().await?;
        if tx.revoke_session(caller.session_id, self.ambient.now()).await? {
            let resource = format!("session:{}", caller.session_id);
            tx.audit(AuditRecord::success(&self.ambient, origin, "logout", "logout", resource)).await?;
        }
        tx.commit().await
    }

    /// Ends every session of the caller, this one too, and says how many there were.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn log_out_everywhere(&self, caller: &Principal, origin: &Origin) -> Result<u64, StoreError> {
        let mut tx = self.store.begin().await?;
        let ended = tx.revoke_sessions_of(caller.user_id, self.ambient.now()).await?;
        let resource = format!("user:{}", caller.user_id);
        let record = AuditRecord::success(&self.ambient, origin, "logout", "logout_all", resource);
        tx.audit(record.with(json!({ "sessions": ended }))).await?;
        tx.commit().await?;
        Ok(ended)
    }
}
