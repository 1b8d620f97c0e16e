//! Giving the roles their first permissions.

use kernel::{Origin, Permission, Role, StoreError, audit::AuditRecord};
use serde_json::json;

use super::Identity;
use crate::roles::granted_at_first;

impl Identity {
    /// Grants each permission that the database has not heard of to the roles that have it at first, and says
    /// which were new. Run at every start: a permission that came with a new version reaches its roles, and what
    /// an operator changed since stays changed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn ensure_roles(&self, origin: &Origin) -> Result<Vec<Permission>, StoreError> {
        let mut tx = self.store.begin().await?;
        let mut introduced = Vec::new();
        for permission in Permission::ALL.iter().copied() {
            if !tx.introduce_permission(permission).await? {
                continue;
            }
            for role in Role::ALL {
                if granted_at_first(role, permission) {
                    tx.grant(role, permission).await?;
                }
            }
            introduced.push(permission);
        }
        if introduced.is_empty() {
            return Ok(introduced);
        }
        let names: Vec<_> = introduced.iter().map(|permission| permission.as_str()).collect();
        let record = AuditRecord::success(&self.ambient, origin, "settings", "grant", "roles:all".into());
        tx.audit(record.with(json!({ "permissions": names }))).await?;
        tx.commit().await?;
        Ok(introduced)
    }
}
