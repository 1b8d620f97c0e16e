//! Staff decide about users on routers that the portal did not make. Nothing is changed on the router in any case.
//!
//! Adopting one says whose it is: its sessions, past and to come, and its devices are shown to that account. It
//! gets no credentials, password, validity or order of ours, and is not removed when anything ends.

use kernel::{
    Origin, StoreError,
    audit::AuditRecord,
    id::ids::{UnknownRouterUserId, UserId},
};
use serde_json::json;

use super::Hotspot;
use crate::router_user::UnknownStatus;

/// What staff decide about a user that the portal did not make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RouterUserDecision {
    /// It belongs to this account.
    Adopt(UserId),
    /// It is none of ours.
    Ignore,
}

/// Why nothing was decided.
#[derive(Debug, thiserror::Error)]
pub enum DecideRouterUserError {
    /// There is no such user.
    #[error("no such user")]
    NotFound,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Hotspot {
    /// Decides about a user that the portal did not make, or decides anew. Whether the account exists is for the
    /// caller to know.
    ///
    /// # Errors
    /// [`DecideRouterUserError`].
    pub async fn decide_router_user(
        &self,
        id: UnknownRouterUserId,
        decision: RouterUserDecision,
        origin: &Origin,
    ) -> Result<(), DecideRouterUserError> {
        let mut tx = self.store.begin().await?;
        let found = tx.lock_unknown_user(id).await?.ok_or(DecideRouterUserError::NotFound)?;
        let (status, account, action) = match decision {
            RouterUserDecision::Adopt(account) => (UnknownStatus::Adopted, Some(account), "adopt"),
            RouterUserDecision::Ignore => (UnknownStatus::Ignored, None, "ignore"),
        };
        tx.decide_unknown_user(id, status, account).await?;
        if let Some(account) = account {
            tx.give_sessions(found.router_id, &found.username, account).await?;
        }
        let resource = format!("router_user:{id}");
        let record = AuditRecord::success(&self.ambient, origin, "router_user", action, resource);
        let account = account.map(|id| id.to_string());
        tx.audit(record.with(json!({ "username": found.username, "user_id": account }))).await?;
        tx.commit().await?;
        Ok(())
    }
}
