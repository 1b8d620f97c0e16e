//! Staff switch a hotspot user off and on again, or take it back. The row says so at once; its router follows by a
//! job.

use kernel::{
    Event, EventPayload, Origin, StoreError,
    audit::AuditRecord,
    events::hotspot::{HotspotUserFailed, HotspotUserResumed, HotspotUserRevoked, HotspotUserSuspended},
    id::ids::HotspotUserId,
};
use serde_json::{Value, json};

use super::Hotspot;
use crate::{
    hotspot_user::{HotspotUser, HotspotUserStatus, Transition},
    ports::HotspotTx,
};

/// What staff want of a hotspot user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeUser {
    /// The hotspot user.
    pub hotspot_user_id: HotspotUserId,
    /// Why, for the audit log.
    pub reason: Option<String>,
}

/// Why a hotspot user was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeUserError {
    /// There is no such hotspot user.
    #[error("no such hotspot user")]
    NotFound,
    /// It does not stand where this can be done.
    #[error("the hotspot user is {0}")]
    WrongState(HotspotUserStatus),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Hotspot {
    /// Switches an active hotspot user off: it cannot sign in, and its open sessions end. Its time runs on. One
    /// that is off already is left as it is.
    ///
    /// # Errors
    /// [`ChangeUserError`]; nothing was changed then.
    pub async fn suspend_user(&self, command: ChangeUser, origin: &Origin) -> Result<(), ChangeUserError> {
        let (hotspot_user_id, step) = (command.hotspot_user_id, Transition::Suspend);
        let mut tx = self.store.begin().await?;
        let Some(user) = self.take_step(&mut *tx, hotspot_user_id, &step).await? else {
            return Ok(());
        };
        let fact = HotspotUserSuspended { hotspot_user_id, order_id: user.order_id };
        self.tell_change(&mut *tx, &user, &fact, origin).await?;
        self.audit_user(&mut *tx, &user, "suspend", json!({ "reason": command.reason }), origin).await?;
        Ok(tx.commit().await?)
    }

    /// Switches a suspended hotspot user on again, for what is left of its time. An active one is left as it is.
    ///
    /// # Errors
    /// [`ChangeUserError`]; nothing was changed then.
    pub async fn resume_user(&self, command: ChangeUser, origin: &Origin) -> Result<(), ChangeUserError> {
        let (hotspot_user_id, step) = (command.hotspot_user_id, Transition::Resume);
        let mut tx = self.store.begin().await?;
        let Some(user) = self.take_step(&mut *tx, hotspot_user_id, &step).await? else {
            return Ok(());
        };
        let fact = HotspotUserResumed { hotspot_user_id, order_id: user.order_id };
        self.tell_change(&mut *tx, &user, &fact, origin).await?;
        self.audit_user(&mut *tx, &user, "resume", json!({ "reason": command.reason }), origin).await?;
        Ok(tx.commit().await?)
    }

    /// Takes a hotspot user back for good, wherever it stands before its end: it goes from its router, and its
    /// sessions end. Of one that was still on its way, whoever waits for it is told that it failed. One that was
    /// taken back already is left as it is.
    ///
    /// # Errors
    /// [`ChangeUserError`]; nothing was changed then.
    pub async fn revoke_user(&self, command: ChangeUser, origin: &Origin) -> Result<(), ChangeUserError> {
        let (hotspot_user_id, step) = (command.hotspot_user_id, Transition::Revoke);
        let mut tx = self.store.begin().await?;
        let Some(user) = self.take_step(&mut *tx, hotspot_user_id, &step).await? else {
            return Ok(());
        };
        let order_id = user.order_id;
        if user.status == HotspotUserStatus::Pending && !user.is_grace() {
            let (unit_id, reason) = (user.unit_id, "taken back by staff".to_owned());
            let failed = HotspotUserFailed { hotspot_user_id, order_id, unit_id, reason };
            tx.append(Event::new(&self.ambient, origin, &failed)?).await?;
        }
        self.tell_revoked(&mut *tx, &user, command.reason.as_deref(), origin).await?;
        Ok(tx.commit().await?)
    }

    /// Tells that a user was taken back, has its router follow, and writes down why.
    pub(crate) async fn tell_revoked(
        &self,
        tx: &mut dyn HotspotTx,
        user: &HotspotUser,
        reason: Option<&str>,
        origin: &Origin,
    ) -> Result<(), StoreError> {
        let fact = HotspotUserRevoked { hotspot_user_id: user.id, order_id: user.order_id };
        self.tell_change(tx, user, &fact, origin).await?;
        self.audit_user(tx, user, "revoke", json!({ "reason": reason }), origin).await
    }

    /// Takes a step and gives the user as it was before it; `None` if it stands where the step leads already.
    async fn take_step(
        &self,
        tx: &mut dyn HotspotTx,
        id: HotspotUserId,
        step: &Transition,
    ) -> Result<Option<HotspotUser>, ChangeUserError> {
        let user = tx.lock_user(id).await?.ok_or(ChangeUserError::NotFound)?;
        if user.status == step.to() {
            return Ok(None);
        }
        if !tx.transition(id, step).await? {
            return Err(ChangeUserError::WrongState(user.status));
        }
        Ok(Some(user))
    }

    /// Tells what was done to a user, and has its router follow.
    pub(crate) async fn tell_change<F: EventPayload>(
        &self,
        tx: &mut dyn HotspotTx,
        user: &HotspotUser,
        fact: &F,
        origin: &Origin,
    ) -> Result<(), StoreError> {
        tx.append(Event::new(&self.ambient, origin, fact)?).await?;
        self.send_to_converge(tx, user.id, user.router_id, origin).await
    }

    pub(crate) async fn audit_user(
        &self,
        tx: &mut dyn HotspotTx,
        user: &HotspotUser,
        action: &'static str,
        about: Value,
        origin: &Origin,
    ) -> Result<(), StoreError> {
        let resource = format!("hotspot_user:{}", user.id);
        let record = AuditRecord::success(&self.ambient, origin, "hotspot_user", action, resource);
        tx.audit(record.with(about)).await
    }
}
