//! Finds out who has signed in, so that a validity that waits for its first use begins.

use kernel::{Origin, StoreError, audit::AuditRecord};

use super::Hotspot;
use crate::{hotspot_user::HotspotUser, ports::RouterSession, router::Router};

/// How many sessions are looked up in one query.
const BATCH: usize = 500;

impl Hotspot {
    /// Begins the validity of those who are signed in on a router and whose validity waits for that, each in a
    /// transaction of its own; gives how many these were. The way leads from sessions to users, since credentials
    /// may lie unused for as long as they like, in any number. Several processes may do it at once: each validity
    /// begins once.
    ///
    /// # Errors
    /// [`StoreError`]; validities that began before it stay begun.
    pub(crate) async fn note_signed_in(
        &self,
        router: &Router,
        sessions: &[RouterSession],
        origin: &Origin,
    ) -> Result<u64, StoreError> {
        let mut noted = 0;
        for sessions in sessions.chunks(BATCH) {
            let names: Vec<_> = sessions.iter().map(|session| session.username.as_str()).collect();
            for user in self.reads.users_awaiting_first_use(router.id, &names).await? {
                noted += u64::from(self.begin_validity(&user, origin).await?);
            }
        }
        if noted > 0 {
            tracing::info!(router = %router.name, noted, "hotspot users were used for the first time");
        }
        Ok(noted)
    }

    async fn begin_validity(&self, user: &HotspotUser, origin: &Origin) -> Result<bool, StoreError> {
        let mut tx = self.store.begin().await?;
        // Staff may have given it more time since it was read.
        let Some(user) = tx.lock_user(user.id).await? else {
            return Ok(false);
        };
        let now = self.ambient.now();
        let Some(end) = user.end_from_first_use(now) else {
            return Ok(false);
        };
        if !tx.begin_validity(user.id, now, end).await? {
            return Ok(false);
        }
        let resource = format!("hotspot_user:{}", user.id);
        let record = AuditRecord::success(&self.ambient, origin, "hotspot_user", "begin", resource);
        tx.audit(record).await?;
        tx.commit().await?;
        Ok(true)
    }
}
