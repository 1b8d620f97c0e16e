//! Staff have the RADIUS server beside the portal read its configuration anew.

use kernel::{JobSpec as _, NewJob, Origin, StoreError, audit::AuditRecord};

use super::Radius;
use crate::jobs::ReloadServer;

impl Radius {
    /// Has a worker reload the server, unless that is on its way already.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn reload_server(&self, origin: &Origin) -> Result<(), StoreError> {
        let mut tx = self.store.begin().await?;
        let job = NewJob::new(&self.ambient, &ReloadServer {}, origin.request_id.clone())?;
        tx.enqueue(job.unique(ReloadServer::KIND)).await?;
        let resource = "radius:server".to_owned();
        tx.audit(AuditRecord::success(&self.ambient, origin, "radius", "reload", resource)).await?;
        tx.commit().await
    }
}
