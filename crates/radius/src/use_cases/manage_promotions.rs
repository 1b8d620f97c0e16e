//! Staff make, change and delete promotions.

use kernel::{
    Id, NewJob, Origin, StoreError,
    audit::AuditRecord,
    id::ids::{AccessProfileId, PromotionId},
};
use serde_json::json;

use super::{Radius, manage_profiles::NewChange};
use crate::{jobs::ApplyPromotion, ports::RadiusTx, profile_change::ChangeKind, promotion::Promotion};

/// What an operator decides about a promotion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PromotionTerms {
    /// A unique name, of 1 to 60 characters.
    pub name: String,
    /// What its members get.
    pub access_profile_id: Option<AccessProfileId>,
    /// Whether people can choose it.
    pub active: bool,
}

/// Why a promotion cannot be made, changed or deleted.
#[derive(Debug, thiserror::Error)]
pub enum ManagePromotionError {
    /// There is no such promotion.
    #[error("no such promotion")]
    NotFound,
    /// The name is empty or too long.
    #[error("the name must have 1 to 60 characters")]
    BadName,
    /// Another one has its name.
    #[error("another promotion has this name")]
    NameTaken,
    /// There is no such profile, or it cannot be given to anybody.
    #[error("no such access profile")]
    NoProfile,
    /// People belong to it.
    #[error("{0} users belong to it")]
    NotEmpty(u64),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Radius {
    /// Makes a promotion.
    ///
    /// # Errors
    /// [`ManagePromotionError`].
    pub async fn create_promotion(
        &self,
        terms: PromotionTerms,
        origin: &Origin,
    ) -> Result<PromotionId, ManagePromotionError> {
        let promotion = Promotion {
            id: Id::generate(&self.ambient),
            name: Promotion::name(&terms.name).ok_or(ManagePromotionError::BadName)?,
            access_profile_id: terms.access_profile_id,
            active: terms.active,
            created_at: self.ambient.now(),
        };
        let mut tx = self.store.begin().await?;
        may_be_given(&mut *tx, promotion.access_profile_id).await?;
        if !tx.insert_promotion(&promotion).await? {
            return Err(ManagePromotionError::NameTaken);
        }
        self.note_profile(&mut *tx, &promotion, None, origin).await?;
        self.audit_terms(&mut *tx, &promotion, "create", origin).await?;
        tx.commit().await?;
        Ok(promotion.id)
    }

    /// Changes a promotion. Who is enabled in it keeps the profile that they were enabled with, unless the promotion is
    /// to be reactivated: then they get the one that it has now, a moment later.
    ///
    /// # Errors
    /// [`ManagePromotionError`].
    pub async fn change_promotion(
        &self,
        id: PromotionId,
        terms: PromotionTerms,
        reactivate: bool,
        origin: &Origin,
    ) -> Result<(), ManagePromotionError> {
        let name = Promotion::name(&terms.name).ok_or(ManagePromotionError::BadName)?;
        let mut tx = self.store.begin().await?;
        let before = tx.lock_promotion(id).await?.ok_or(ManagePromotionError::NotFound)?;
        let after = Promotion {
            name,
            access_profile_id: terms.access_profile_id,
            active: terms.active,
            ..before.clone()
        };
        if after.access_profile_id != before.access_profile_id {
            may_be_given(&mut *tx, after.access_profile_id).await?;
            self.note_profile(&mut *tx, &after, before.access_profile_id, origin).await?;
        }
        if after != before {
            if !tx.update_promotion(&after).await? {
                return Err(ManagePromotionError::NameTaken);
            }
            self.audit_terms(&mut *tx, &after, "change", origin).await?;
        }
        if reactivate {
            let spec = ApplyPromotion { promotion_id: id, behind: None };
            tx.enqueue(NewJob::new(&self.ambient, &spec, origin.request_id.clone())?).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Deletes a promotion that nobody belongs to.
    ///
    /// # Errors
    /// [`ManagePromotionError`].
    pub async fn delete_promotion(
        &self,
        id: PromotionId,
        origin: &Origin,
    ) -> Result<(), ManagePromotionError> {
        let mut tx = self.store.begin().await?;
        let promotion = tx.lock_promotion(id).await?.ok_or(ManagePromotionError::NotFound)?;
        match tx.count_members(id).await? {
            0 => {}
            members => return Err(ManagePromotionError::NotEmpty(members)),
        }
        tx.delete_promotion(id).await?;
        self.audit_terms(&mut *tx, &promotion, "delete", origin).await?;
        Ok(tx.commit().await?)
    }

    async fn note_profile(
        &self,
        tx: &mut dyn RadiusTx,
        promotion: &Promotion,
        before: Option<AccessProfileId>,
        origin: &Origin,
    ) -> Result<(), StoreError> {
        if promotion.access_profile_id == before {
            return Ok(());
        }
        let change = NewChange {
            kind: ChangeKind::Promotion,
            subject: promotion.name.clone(),
            profiles: (before, promotion.access_profile_id),
            terms: (None, None),
            reason: None,
        };
        self.write_history(tx, change, origin).await
    }

    async fn audit_terms(
        &self,
        tx: &mut dyn RadiusTx,
        promotion: &Promotion,
        action: &'static str,
        origin: &Origin,
    ) -> Result<(), StoreError> {
        let resource = format!("promotion:{}", promotion.id);
        let record = AuditRecord::success(&self.ambient, origin, "settings", action, resource);
        let Promotion { name, access_profile_id, active, .. } = promotion;
        tx.audit(record.with(json!({ "name": name, "profile": access_profile_id, "active": active }))).await
    }
}

/// Whether a profile is there and can be given. It stays so until the transaction ends.
async fn may_be_given(
    tx: &mut dyn RadiusTx,
    id: Option<AccessProfileId>,
) -> Result<(), ManagePromotionError> {
    let Some(id) = id else { return Ok(()) };
    let profile = tx.share_profile(id).await?;
    profile.filter(|profile| profile.active).map(drop).ok_or(ManagePromotionError::NoProfile)
}
