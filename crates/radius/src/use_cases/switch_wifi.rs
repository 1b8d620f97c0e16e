//! The Wi-Fi of one account is switched on and off, whatever its promotion does; and it gets a profile of its own.

use std::collections::BTreeSet;

use kernel::{
    Origin, StoreError,
    audit::AuditRecord,
    id::ids::{AccessProfileId, UserId},
};
use serde_json::json;

use super::{
    Radius,
    activate_promotion::{Sorted, Which},
    directory::CannotEnable,
    manage_profiles::NewChange,
};
use crate::{ports::RadiusTx, profile_change::ChangeKind, subscriber::Subscriber};

/// Why the Wi-Fi of an account cannot be switched, or its profile not changed.
#[derive(Debug, thiserror::Error)]
pub enum SwitchWifiError {
    /// There is no such account, or it is not known here yet.
    #[error("no such user")]
    NotFound,
    /// There is no such profile, or it cannot be given to anybody.
    #[error("no such access profile")]
    NoProfile,
    /// It cannot be enabled.
    #[error(transparent)]
    CannotEnable(#[from] CannotEnable),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Radius {
    /// Has an account be able to sign in. Who is able stays so.
    ///
    /// # Errors
    /// [`SwitchWifiError`].
    pub async fn enable_wifi(&self, user: UserId, origin: &Origin) -> Result<Subscriber, SwitchWifiError> {
        let mut tx = self.store.begin().await?;
        let subscriber = lock(&mut *tx, user).await?;
        if self.enable_one(&mut *tx, subscriber, origin).await?? {
            self.audit_wifi(&mut *tx, user, "enable", serde_json::Value::Null, origin).await?;
        }
        let enabled = lock(&mut *tx, user).await?;
        tx.commit().await?;
        Ok(enabled)
    }

    /// Has an account not be able to sign in any more. Who was not stays so.
    ///
    /// # Errors
    /// [`SwitchWifiError`].
    pub async fn disable_wifi(&self, user: UserId, origin: &Origin) -> Result<Subscriber, SwitchWifiError> {
        let mut tx = self.store.begin().await?;
        let subscriber = lock(&mut *tx, user).await?;
        if subscriber.enabled {
            self.take_out(&mut *tx, std::slice::from_ref(&subscriber), origin).await?;
            self.audit_wifi(&mut *tx, user, "disable", serde_json::Value::Null, origin).await?;
        }
        let disabled = lock(&mut *tx, user).await?;
        tx.commit().await?;
        Ok(disabled)
    }

    /// Gives an account a profile of its own, before that of its promotion, or takes it away. If it is enabled, the
    /// profile holds at once.
    ///
    /// # Errors
    /// [`SwitchWifiError`].
    pub async fn assign_profile(
        &self,
        user: UserId,
        profile: Option<AccessProfileId>,
        reason: String,
        origin: &Origin,
    ) -> Result<Subscriber, SwitchWifiError> {
        let mut tx = self.store.begin().await?;
        if let Some(id) = profile {
            let found = tx.share_profile(id).await?;
            found.filter(|profile| profile.active).ok_or(SwitchWifiError::NoProfile)?;
        }
        let before = lock(&mut *tx, user).await?;
        if before.own_profile_id != profile {
            let after = Subscriber { own_profile_id: profile, granted_profile_id: None, ..before.clone() };
            tx.update_subscriber(&after).await?;
            self.have_quotas_checked(&mut *tx, &BTreeSet::from([after.id])).await?;
            self.follow_online(&mut *tx, &[after], origin).await?;
            let change = NewChange {
                kind: ChangeKind::Subscriber,
                subject: before.username.clone(),
                profiles: (before.own_profile_id, profile),
                terms: (None, None),
                reason: Some(reason),
            };
            self.write_history(&mut *tx, change, origin).await?;
            let details = json!({ "old": before.own_profile_id, "new": profile });
            self.audit_wifi(&mut *tx, user, "assign_profile", details, origin).await?;
        }
        let assigned = lock(&mut *tx, user).await?;
        tx.commit().await?;
        Ok(assigned)
    }

    /// Enables one held subscriber; false, and no change, if it was.
    pub(super) async fn enable_one(
        &self,
        tx: &mut dyn RadiusTx,
        subscriber: Subscriber,
        origin: &Origin,
    ) -> Result<Result<bool, CannotEnable>, StoreError> {
        let Sorted { ready, failures, .. } = self.sort(tx, vec![subscriber], Which::Any).await?;
        if let Some(failure) = failures.first() {
            return Ok(Err(failure.reason));
        }
        let changed = !ready.is_empty();
        self.put_in(tx, ready, origin).await?;
        Ok(Ok(changed))
    }

    async fn audit_wifi(
        &self,
        tx: &mut dyn RadiusTx,
        user: UserId,
        action: &'static str,
        details: serde_json::Value,
        origin: &Origin,
    ) -> Result<(), StoreError> {
        let record =
            AuditRecord::success(&self.ambient, origin, "activation", action, format!("user:{user}"));
        tx.audit(record.with(details)).await
    }
}

/// The held copy of an account that is there and has been heard of.
async fn lock(tx: &mut dyn RadiusTx, user: UserId) -> Result<Subscriber, SwitchWifiError> {
    let found = tx.lock_account(user).await?;
    found.filter(|one| one.archived_at.is_none() && one.heard.account > 0).ok_or(SwitchWifiError::NotFound)
}
