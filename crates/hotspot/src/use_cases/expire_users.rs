//! Ends the hotspot users whose time is over. Their routers are told by jobs of their own.

use kernel::{
    Event, Origin, StoreError, Timestamp, audit::AuditRecord, events::hotspot::HotspotUserExpired,
    id::ids::HotspotUserId,
};

use super::Hotspot;
use crate::hotspot_user::Transition;

/// What a run has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Expired {
    /// How many hotspot users have ended.
    pub ended: u64,
    /// Whether there may be more, since as many were looked at as were allowed.
    pub more: bool,
}

impl Hotspot {
    /// Ends at most `limit` hotspot users whose time is over, the longest overdue first, each in a transaction
    /// of its own. Several processes may do it at once: each user ends once.
    ///
    /// # Errors
    /// [`StoreError`]; those that were ended before it stay ended.
    pub async fn expire_users(&self, limit: u64, origin: &Origin) -> Result<Expired, StoreError> {
        let now = self.ambient.now();
        let overdue = self.reads.overdue_users(now, limit).await?;
        let mut run = Expired { ended: 0, more: overdue.len() as u64 >= limit };
        for id in overdue {
            run.ended += u64::from(self.expire_user(id, now, origin).await?);
        }
        if run.ended > 0 {
            tracing::info!(ended = run.ended, "hotspot users expired");
        }
        Ok(run)
    }

    async fn expire_user(
        &self,
        id: HotspotUserId,
        now: Timestamp,
        origin: &Origin,
    ) -> Result<bool, StoreError> {
        let mut tx = self.store.begin().await?;
        let Some(user) = tx.lock_user(id).await? else {
            return Ok(false);
        };
        if !tx.transition(id, &Transition::Expire { at: now }).await? {
            return Ok(false);
        }
        let expired = HotspotUserExpired { hotspot_user_id: id, order_id: user.order_id };
        tx.append(Event::new(&self.ambient, origin, &expired)?).await?;
        self.send_to_converge(&mut *tx, id, user.router_id, origin).await?;
        let resource = format!("hotspot_user:{id}");
        let record = AuditRecord::success(&self.ambient, origin, "hotspot_user", "expire", resource);
        tx.audit(record).await?;
        tx.commit().await?;
        Ok(true)
    }
}
