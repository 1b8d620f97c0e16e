//! Writing down that accounts left the portal in a file.

use kernel::{Origin, StoreError, audit::AuditRecord};
use serde_json::json;

use super::Identity;

impl Identity {
    /// Writes down who took which columns of how many accounts.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn note_export(
        &self,
        format: &str,
        columns: &[&str],
        rows: usize,
        origin: &Origin,
    ) -> Result<(), StoreError> {
        let record = AuditRecord::success(&self.ambient, origin, "export", "export", "users:all".into());
        let mut tx = self.store.begin().await?;
        tx.audit(record.with(json!({ "format": format, "columns": columns, "rows": rows }))).await?;
        tx.commit().await
    }
}
