//! Staff make, change and delete access profiles. A change reaches those who have the profile by a job.

use kernel::{Id, NewJob, Origin, StoreError, audit::AuditRecord, id::ids::AccessProfileId};
use serde_json::json;

use super::Radius;
use crate::{
    access_profile::{AccessProfile, TermFault, Terms},
    jobs::ApplyProfile,
    policy::compile,
    ports::RadiusTx,
    profile_change::{ChangeKind, ProfileChange},
    queries::profiles::Holders,
};

/// Why a profile cannot be made, changed or deleted.
#[derive(Debug, thiserror::Error)]
pub enum ManageProfileError {
    /// There is no such profile.
    #[error("no such access profile")]
    NotFound,
    /// Another one has its name.
    #[error("another access profile has this name")]
    NameTaken,
    /// The terms do not fit together.
    #[error("the terms do not fit: {0:?}")]
    Faults(Vec<TermFault>),
    /// Somebody has it.
    #[error("{} promotions and {} users have it", .0.promotions, .0.subscribers)]
    Held(Holders),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// An entry for the history.
pub(super) struct NewChange {
    pub(super) kind: ChangeKind,
    pub(super) subject: String,
    /// Before and after.
    pub(super) profiles: (Option<AccessProfileId>, Option<AccessProfileId>),
    /// Before and after.
    pub(super) terms: (Option<Terms>, Option<Terms>),
    pub(super) reason: Option<String>,
}

impl Radius {
    /// Makes an access profile.
    ///
    /// # Errors
    /// [`ManageProfileError`].
    pub async fn create_profile(
        &self,
        terms: Terms,
        origin: &Origin,
    ) -> Result<AccessProfile, ManageProfileError> {
        let (id, now) = (Id::generate(&self.ambient), self.ambient.now());
        let profile = AccessProfile::new(id, terms, now).map_err(ManageProfileError::Faults)?;
        let mut tx = self.store.begin().await?;
        if !tx.insert_profile(&profile).await? {
            return Err(ManageProfileError::NameTaken);
        }
        tx.write_groups(&compile::groups(&profile, self.settings.tables.vendor)).await?;
        let change = NewChange {
            kind: ChangeKind::Created,
            subject: profile.name.clone(),
            profiles: (None, Some(id)),
            terms: (None, Some(profile.terms())),
            reason: None,
        };
        self.write_history(&mut *tx, change, origin).await?;
        self.audit_profile(&mut *tx, &profile, "create", origin).await?;
        tx.commit().await?;
        Ok(profile)
    }

    /// Changes an access profile. What is enforced reaches those who have it a moment later.
    ///
    /// # Errors
    /// [`ManageProfileError`].
    pub async fn change_profile(
        &self,
        id: AccessProfileId,
        terms: Terms,
        reason: Option<String>,
        origin: &Origin,
    ) -> Result<AccessProfile, ManageProfileError> {
        let mut tx = self.store.begin().await?;
        let before = tx.lock_profile(id).await?.ok_or(ManageProfileError::NotFound)?;
        let mut after = before.clone();
        if !after.change(terms).map_err(ManageProfileError::Faults)? {
            return Ok(after);
        }
        if !tx.update_profile(&after).await? {
            return Err(ManageProfileError::NameTaken);
        }
        if after.version != before.version {
            tx.write_groups(&compile::groups(&after, self.settings.tables.vendor)).await?;
            let spec = ApplyProfile { profile_id: id, behind: None };
            tx.enqueue(NewJob::new(&self.ambient, &spec, origin.request_id.clone())?).await?;
        }
        let change = NewChange {
            kind: ChangeKind::Changed,
            subject: after.name.clone(),
            profiles: (Some(id), Some(id)),
            terms: (Some(before.terms()), Some(after.terms())),
            reason,
        };
        self.write_history(&mut *tx, change, origin).await?;
        self.audit_profile(&mut *tx, &after, "change", origin).await?;
        tx.commit().await?;
        Ok(after)
    }

    /// Deletes an access profile that nobody has. Its history stays.
    ///
    /// # Errors
    /// [`ManageProfileError`].
    pub async fn delete_profile(
        &self,
        id: AccessProfileId,
        origin: &Origin,
    ) -> Result<(), ManageProfileError> {
        let mut tx = self.store.begin().await?;
        let profile = tx.lock_profile(id).await?.ok_or(ManageProfileError::NotFound)?;
        let holders = tx.profile_holders(id).await?;
        if !holders.is_empty() {
            return Err(ManageProfileError::Held(holders));
        }
        tx.delete_profile(id).await?;
        let change = NewChange {
            kind: ChangeKind::Deleted,
            subject: profile.name.clone(),
            profiles: (Some(id), None),
            terms: (Some(profile.terms()), None),
            reason: None,
        };
        self.write_history(&mut *tx, change, origin).await?;
        self.audit_profile(&mut *tx, &profile, "delete", origin).await?;
        Ok(tx.commit().await?)
    }

    pub(super) async fn write_history(
        &self,
        tx: &mut dyn RadiusTx,
        change: NewChange,
        origin: &Origin,
    ) -> Result<(), StoreError> {
        let NewChange { kind, subject, profiles, terms, reason } = change;
        tx.insert_profile_change(&ProfileChange {
            id: Id::generate(&self.ambient),
            kind,
            subject,
            old_profile_id: profiles.0,
            new_profile_id: profiles.1,
            before: terms.0,
            after: terms.1,
            actor: origin.actor.to_string(),
            reason,
            at: self.ambient.now(),
        })
        .await
    }

    async fn audit_profile(
        &self,
        tx: &mut dyn RadiusTx,
        profile: &AccessProfile,
        action: &'static str,
        origin: &Origin,
    ) -> Result<(), StoreError> {
        let resource = format!("access_profile:{}", profile.id);
        let record = AuditRecord::success(&self.ambient, origin, "settings", action, resource);
        tx.audit(record.with(json!({ "name": profile.name, "version": profile.version }))).await
    }
}
