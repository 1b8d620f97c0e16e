//! Staff give a hotspot user more time. A router does not know when a user ends, so that it hears of nothing,
//! unless the user had ended already and comes back.

use chrono::TimeDelta;
use kernel::{
    Event, Origin, StoreError, Timestamp, events::hotspot::HotspotUserExtended, id::ids::HotspotUserId,
};
use serde_json::json;

use super::Hotspot;
use crate::{
    hotspot_user::{HotspotUser, HotspotUserStatus, Transition},
    ports::HotspotTx,
};

/// How much time, for whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtendUser {
    /// The hotspot user.
    pub hotspot_user_id: HotspotUserId,
    /// How much time.
    pub by: Extension,
    /// Why, for the audit log.
    pub reason: Option<String>,
}

/// How much time is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extension {
    /// So many minutes more, counted from its end, or from now when that is past. Doing it twice gives twice.
    Minutes(u32),
    /// Until this moment. Doing it twice changes nothing more.
    Until(Timestamp),
}

/// Why a hotspot user was not given more time.
#[derive(Debug, thiserror::Error)]
pub enum ExtendUserError {
    /// There is no such hotspot user.
    #[error("no such hotspot user")]
    NotFound,
    /// It failed or was taken back.
    #[error("the hotspot user is {0}")]
    WrongState(HotspotUserStatus),
    /// Its validity has not begun, so that it has no end to be set.
    #[error("its validity has not begun")]
    NotBegun,
    /// The new end is not after the present moment and the present end, or beyond what can be counted.
    #[error("the new end is not later")]
    NotLater,
    /// It had ended, its router is out of use, and its site has no other that takes users.
    #[error("its router takes nobody any more")]
    NoRouter,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The longest validity: five years, in minutes.
const MAX_VALIDITY_MINUTES: u32 = 5 * 366 * 24 * 60;

/// What more time makes of a user.
enum Extended {
    /// Its validity, which has not begun, is longer.
    Longer(u32),
    /// It ends later.
    Later(Timestamp),
}

impl Hotspot {
    /// Gives a hotspot user more time. One whose validity waits for its beginning gets a longer validity. One
    /// that has expired comes back with the credentials that it had, active at once and on its way to its
    /// router, or to the default of its site when its own takes nobody any more.
    ///
    /// # Errors
    /// [`ExtendUserError`]; nothing was changed then.
    pub async fn extend_user(&self, command: ExtendUser, origin: &Origin) -> Result<(), ExtendUserError> {
        let mut tx = self.store.begin().await?;
        let user = tx.lock_user(command.hotspot_user_id).await?.ok_or(ExtendUserError::NotFound)?;
        if !tx.withdrawn_units(&[user.unit_id]).await?.is_empty() {
            // Its price went back, though its time was over already.
            return Err(ExtendUserError::WrongState(HotspotUserStatus::Revoked));
        }
        if user.expires_at.map(Extension::Until) == Some(command.by) && !user.status.is_over() {
            return Ok(());
        }
        let (expires_at, validity_minutes) = match self.extended(&user, command.by)? {
            Extended::Longer(minutes) => (user.expires_at, minutes),
            Extended::Later(end) => (Some(end), user.validity_minutes),
        };
        match (user.status, expires_at) {
            (HotspotUserStatus::Expired, Some(end)) => self.revive(&mut *tx, &user, end, origin).await?,
            _ => tx.set_validity(user.id, validity_minutes, expires_at).await?,
        }
        let (hotspot_user_id, order_id) = (user.id, user.order_id);
        let fact = HotspotUserExtended { hotspot_user_id, order_id, expires_at, validity_minutes };
        tx.append(Event::new(&self.ambient, origin, &fact)?).await?;
        let about = json!({
            "reason": command.reason,
            "from": user.expires_at,
            "to": expires_at,
            "validity_minutes": validity_minutes,
        });
        self.audit_user(&mut *tx, &user, "extend", about, origin).await?;
        Ok(tx.commit().await?)
    }

    fn extended(&self, user: &HotspotUser, by: Extension) -> Result<Extended, ExtendUserError> {
        match user.status {
            HotspotUserStatus::Failed | HotspotUserStatus::Revoked => {
                return Err(ExtendUserError::WrongState(user.status));
            }
            HotspotUserStatus::Pending
            | HotspotUserStatus::Active
            | HotspotUserStatus::Suspended
            | HotspotUserStatus::Expired => {}
        }
        let now = self.ambient.now();
        match (user.expires_at, by) {
            (None, Extension::Minutes(minutes)) => {
                let longer = user.validity_minutes.checked_add(minutes);
                let longer = longer.filter(|minutes| *minutes <= MAX_VALIDITY_MINUTES);
                longer.map(Extended::Longer).ok_or(ExtendUserError::NotLater)
            }
            (None, Extension::Until(_)) => Err(ExtendUserError::NotBegun),
            (Some(end), by) => {
                let present = end.max(now);
                let later = match by {
                    Extension::Minutes(minutes) => {
                        present.checked_add_signed(TimeDelta::minutes(i64::from(minutes)))
                    }
                    Extension::Until(moment) => Some(moment),
                };
                let latest = TimeDelta::minutes(i64::from(MAX_VALIDITY_MINUTES));
                let later = later.filter(|later| *later > present && *later - now <= latest);
                later.map(Extended::Later).ok_or(ExtendUserError::NotLater)
            }
        }
    }

    async fn revive(
        &self,
        tx: &mut dyn HotspotTx,
        user: &HotspotUser,
        expires_at: Timestamp,
        origin: &Origin,
    ) -> Result<(), ExtendUserError> {
        let router = match tx.router_taking_users(user.router_id).await? {
            Some(router) => router,
            None => {
                let other = tx.default_router(user.site_id).await?.ok_or(ExtendUserError::NoRouter)?;
                tx.move_user(user.id, user.router_id, &other).await?;
                other
            }
        };
        if !tx.transition(user.id, &Transition::Revive { expires_at }).await? {
            return Err(ExtendUserError::WrongState(user.status));
        }
        Ok(self.send_to_converge(tx, user.id, router.id, origin).await?)
    }
}
