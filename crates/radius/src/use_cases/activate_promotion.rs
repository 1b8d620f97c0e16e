//! A whole promotion, or some of it, is given access or loses it, in one transaction and many rows at a time.

use std::collections::HashSet;

use kernel::{
    Origin, StoreError,
    audit::AuditRecord,
    id::ids::{PromotionId, UserId},
};
use serde_json::json;

use super::{
    Radius,
    directory::{CannotEnable, Ready, Time},
};
use crate::{ports::RadiusTx, subscriber::Subscriber};

/// What became of an activation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Activated {
    /// So many may sign in now that could not before, or whose access was over.
    pub enabled: usize,
    /// So many could already; nothing was changed for them.
    pub unchanged: usize,
    /// Who cannot be activated, and why. If they are more than half, nobody was.
    pub failures: Vec<Failure>,
}

/// Somebody who cannot be activated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The name to sign in with, or the account's id if nothing else is known.
    pub username: String,
    /// Why.
    pub reason: CannotEnable,
}

/// Why a promotion cannot be activated or deactivated.
#[derive(Debug, thiserror::Error)]
pub enum ActivatePromotionError {
    /// There is no such promotion.
    #[error("no such promotion")]
    NotFound,
    /// It has no access profile.
    #[error("the promotion has no access profile")]
    NoProfile,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Which accounts may be enabled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    /// Those that are active.
    Active,
    /// Each that is named, by somebody who knows what they do.
    Any,
}

/// Those who are to be enabled, sorted by what can be done.
#[derive(Default)]
pub(super) struct Sorted {
    pub(super) ready: Vec<Ready>,
    pub(super) unchanged: usize,
    pub(super) failures: Vec<Failure>,
}

impl Radius {
    /// Gives access to everybody of a promotion, or to these of its accounts. Who cannot be given it is found first; if
    /// they are more than half, nothing is written. Done twice, the second time changes nothing.
    ///
    /// # Errors
    /// [`ActivatePromotionError`].
    pub async fn activate_promotion(
        &self,
        id: PromotionId,
        only: Option<&[UserId]>,
        origin: &Origin,
    ) -> Result<Activated, ActivatePromotionError> {
        let mut tx = self.store.begin().await?;
        let promotion = tx.lock_promotion(id).await?.ok_or(ActivatePromotionError::NotFound)?;
        if promotion.access_profile_id.is_none() {
            return Err(ActivatePromotionError::NoProfile);
        }
        let members = tx.lock_members(id, only).await?;
        let strangers = strangers(only.unwrap_or_default(), &members);
        let Sorted { ready, unchanged, mut failures } = self.sort(&mut *tx, members, Which::Active).await?;
        failures.extend(strangers);
        let (enabled, failed) = (ready.len(), failures.len());
        if failed * 2 > enabled + unchanged + failed {
            return Ok(Activated { enabled: 0, unchanged, failures });
        }
        if enabled > 0 {
            self.put_in(&mut *tx, ready, origin).await?;
            let details = json!({ "enabled": enabled, "unchanged": unchanged, "failed": failed });
            self.audit_promotion(&mut *tx, id, "activate", details, origin).await?;
            tx.commit().await?;
        }
        Ok(Activated { enabled, unchanged, failures })
    }

    /// Takes the access of everybody of a promotion away, or of these of its accounts. Says of how many.
    ///
    /// # Errors
    /// [`ActivatePromotionError`].
    pub async fn deactivate_promotion(
        &self,
        id: PromotionId,
        only: Option<&[UserId]>,
        origin: &Origin,
    ) -> Result<usize, ActivatePromotionError> {
        let mut tx = self.store.begin().await?;
        tx.lock_promotion(id).await?.ok_or(ActivatePromotionError::NotFound)?;
        let mut members = tx.lock_members(id, only).await?;
        members.retain(|member| member.enabled);
        if members.is_empty() {
            return Ok(0);
        }
        self.take_out(&mut *tx, &members, origin).await?;
        let details = json!({ "disabled": members.len() });
        self.audit_promotion(&mut *tx, id, "deactivate", details, origin).await?;
        tx.commit().await?;
        Ok(members.len())
    }

    /// Sorts held subscribers by what can be done for them.
    pub(super) async fn sort(
        &self,
        tx: &mut dyn RadiusTx,
        subscribers: Vec<Subscriber>,
        which: Which,
    ) -> Result<Sorted, StoreError> {
        let now = self.ambient.now();
        let runs = |one: &Subscriber| one.enabled && one.expires_at.is_none_or(|end| end > now);
        let (running, mut wanted): (Vec<_>, Vec<_>) = subscribers.into_iter().partition(runs);
        wanted.iter_mut().for_each(|one| one.granted_profile_id = None);
        let mut sorted = Sorted { unchanged: running.len(), ..Sorted::default() };
        let grounds = self.grounds(tx, &wanted).await?;
        let used = self.used_before(tx, &wanted, &grounds, Time::Renew).await?;
        let names: Vec<_> = wanted.iter().map(|one| one.username.as_str()).collect();
        let taken = tx.enabled_with_names(&names).await?;
        let mut given = HashSet::new();
        for one in &wanted {
            let used = used.get(&one.id).copied().unwrap_or_default();
            let found = if which == Which::Active && !one.account_active {
                Err(CannotEnable::Inactive)
            } else if taken.get(&one.username).is_some_and(|id| *id != one.id) || !given.insert(&one.username)
            {
                Err(CannotEnable::NameTaken)
            } else {
                self.ready(one, &grounds, used, Time::Renew)
            };
            match found {
                Ok(ready) => sorted.ready.push(ready),
                Err(reason) => sorted.failures.push(Failure { username: one.username.clone(), reason }),
            }
        }
        Ok(sorted)
    }

    pub(super) async fn audit_promotion(
        &self,
        tx: &mut dyn RadiusTx,
        id: PromotionId,
        action: &'static str,
        details: serde_json::Value,
        origin: &Origin,
    ) -> Result<(), StoreError> {
        let resource = format!("promotion:{id}");
        let record = AuditRecord::success(&self.ambient, origin, "activation", action, resource);
        tx.audit(record.with(details)).await
    }
}

/// The accounts that were asked for and do not belong to the promotion.
fn strangers(asked: &[UserId], members: &[Subscriber]) -> Vec<Failure> {
    let there: HashSet<_> = members.iter().filter_map(|member| member.contact.user_id).collect();
    asked
        .iter()
        .filter(|user| !there.contains(user))
        .map(|user| Failure { username: user.to_string(), reason: CannotEnable::NotThere })
        .collect()
}
