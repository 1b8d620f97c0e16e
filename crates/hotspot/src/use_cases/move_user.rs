//! Staff move a hotspot user to another router. Each router is told by a job of its own, so that one that is away
//! does not keep the other waiting.

use kernel::{
    Event, Origin, StoreError,
    events::hotspot::{HotspotUserMoved, ProvisioningStarted},
    id::ids::{HotspotUserId, RouterId},
};
use serde_json::json;

use super::Hotspot;
use crate::{
    hotspot_user::{HotspotUser, HotspotUserStatus, Transition},
    ports::HotspotTx,
};

/// Who is to go where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MoveUser {
    /// The hotspot user.
    pub hotspot_user_id: HotspotUserId,
    /// The router that it goes to.
    pub router_id: RouterId,
    /// Why, for the audit log.
    pub reason: Option<String>,
}

/// Why a hotspot user was not moved.
#[derive(Debug, thiserror::Error)]
pub enum MoveUserError {
    /// There is no such hotspot user.
    #[error("no such hotspot user")]
    NotFound,
    /// It is over.
    #[error("the hotspot user is {0}")]
    WrongState(HotspotUserStatus),
    /// There is no such router, or it takes nobody.
    #[error("no such router takes users")]
    NoSuchRouter,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Hotspot {
    /// Moves a hotspot user to another router, with the credentials and the time that it has. One that its
    /// router refused is tried on the new one. One that is there already is left as it is.
    ///
    /// # Errors
    /// [`MoveUserError`]; nothing was changed then.
    pub async fn move_user(&self, command: MoveUser, origin: &Origin) -> Result<(), MoveUserError> {
        let mut tx = self.store.begin().await?;
        let user = tx.lock_user(command.hotspot_user_id).await?.ok_or(MoveUserError::NotFound)?;
        if user.status.is_over() {
            return Err(MoveUserError::WrongState(user.status));
        }
        if user.router_id == command.router_id {
            return Ok(());
        }
        let router = tx.router_taking_users(command.router_id).await?.ok_or(MoveUserError::NoSuchRouter)?;
        tx.move_user(user.id, user.router_id, &router).await?;
        self.send_to_both(&mut *tx, &user, router.id, origin).await?;
        let fact = HotspotUserMoved {
            hotspot_user_id: user.id,
            order_id: user.order_id,
            from_router_id: user.router_id,
            to_router_id: router.id,
        };
        tx.append(Event::new(&self.ambient, origin, &fact)?).await?;
        let about = json!({ "reason": command.reason, "from": user.router_id, "to": router.id });
        self.audit_user(&mut *tx, &user, "move", about, origin).await?;
        Ok(tx.commit().await?)
    }

    async fn send_to_both(
        &self,
        tx: &mut dyn HotspotTx,
        user: &HotspotUser,
        to: RouterId,
        origin: &Origin,
    ) -> Result<(), StoreError> {
        self.send_to_converge(tx, user.id, user.router_id, origin).await?;
        match user.status {
            HotspotUserStatus::Pending => self.send_to_router(tx, user.id, origin).await,
            HotspotUserStatus::Failed => {
                tx.transition(user.id, &Transition::Retry).await?;
                let started = ProvisioningStarted { order_id: user.order_id, units: vec![user.unit_id] };
                tx.append(Event::new(&self.ambient, origin, &started)?).await?;
                self.send_to_router(tx, user.id, origin).await
            }
            HotspotUserStatus::Active
            | HotspotUserStatus::Suspended
            | HotspotUserStatus::Expired
            | HotspotUserStatus::Revoked => self.send_to_converge(tx, user.id, to, origin).await,
        }
    }
}
