//! Staff end an open session, or limit it while it is open. What they want is written down here; a job tells the
//! router, and the session shows when that is done.

use kernel::{NewJob, Origin, StoreError, audit::AuditRecord, id::ids::HotspotSessionId};
use serde_json::json;

use super::Hotspot;
use crate::{
    jobs::{EndSession, LimitSession},
    ports::RateLimit,
    session::LiveLimit,
};

/// Why a session cannot be ended or limited.
#[derive(Debug, thiserror::Error)]
pub enum CommandSessionError {
    /// There is no such session.
    #[error("no such session")]
    NotFound,
    /// It is over.
    #[error("the session is over")]
    Over,
    /// It is one by RADIUS, which has the limits of what was sold.
    #[error("a session by RADIUS takes no other limit")]
    ByRadius,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Hotspot {
    /// Has an open session ended. The credentials stay good: who has them can sign in again.
    ///
    /// # Errors
    /// [`CommandSessionError`].
    pub async fn terminate_session(
        &self,
        id: HotspotSessionId,
        origin: &Origin,
    ) -> Result<(), CommandSessionError> {
        let mut tx = self.store.begin().await?;
        let session = tx.lock_session(id).await?.ok_or(CommandSessionError::NotFound)?;
        if !tx.ask_for_termination(id, self.ambient.now()).await? {
            return Err(CommandSessionError::Over);
        }
        let job = NewJob::new(&self.ambient, &EndSession { session_id: id }, origin.request_id.clone())?;
        tx.enqueue(job).await?;
        let resource = format!("session:{id}");
        let record = AuditRecord::success(&self.ambient, origin, "session", "terminate", resource);
        tx.audit(record.with(json!({ "username": session.username, "mac": session.mac }))).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Has an open session limited until it ends. A router limits all open sessions of a name alike.
    ///
    /// # Errors
    /// [`CommandSessionError`].
    pub async fn limit_session(
        &self,
        id: HotspotSessionId,
        rates: RateLimit,
        origin: &Origin,
    ) -> Result<(), CommandSessionError> {
        let mut tx = self.store.begin().await?;
        let session = tx.lock_session(id).await?.ok_or(CommandSessionError::NotFound)?;
        let router = self.reads.find_router(session.router_id).await?;
        if router.is_some_and(|router| !router.access.mode.is_router()) {
            return Err(CommandSessionError::ByRadius);
        }
        if !tx.note_limit(id, LiveLimit { rates, set_at: None }).await? {
            return Err(CommandSessionError::Over);
        }
        let job = NewJob::new(&self.ambient, &LimitSession { session_id: id }, origin.request_id.clone())?;
        tx.enqueue(job).await?;
        let resource = format!("session:{id}");
        let record = AuditRecord::success(&self.ambient, origin, "session", "limit", resource);
        tx.audit(record.with(json!({
            "username": session.username,
            "upload_kbps": rates.upload_kbps,
            "download_kbps": rates.download_kbps,
        })))
        .await?;
        tx.commit().await?;
        Ok(())
    }
}
