//! Adding sites, so that routers have somewhere to stand.

use kernel::{Id, Origin, StoreError, audit::AuditRecord, id::ids::SiteId};

use super::Billing;
use crate::site::Site;

/// Why a site was not added.
#[derive(Debug, thiserror::Error)]
pub enum AddSiteError {
    /// Another site has this code.
    #[error("another site has this code")]
    CodeTaken,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Billing {
    /// Adds a site. `code` is short and unique, such as `main`; `name` is for people.
    ///
    /// # Errors
    /// [`AddSiteError`]; nothing was changed then.
    pub async fn add_site(
        &self,
        origin: &Origin,
        code: String,
        name: String,
    ) -> Result<SiteId, AddSiteError> {
        let id = Id::generate(&self.ambient);
        let mut tx = self.store.begin().await?;
        if !tx.ensure_site(&Site { id, code, name }).await? {
            return Err(AddSiteError::CodeTaken);
        }
        let record = AuditRecord::success(&self.ambient, origin, "settings", "create", format!("site:{id}"));
        tx.audit(record).await?;
        tx.commit().await?;
        Ok(id)
    }
}
