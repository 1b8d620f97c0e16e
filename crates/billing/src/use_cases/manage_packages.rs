//! Creating, changing and retiring packages. Orders keep what they were sold, whatever happens here.

use kernel::{Id, IdempotencyKey, Origin, StoreError, audit::AuditRecord, id::ids::PackageId};

use super::{Billing, KeyReused, claimed};
use crate::package::{Offer, OfferProblem, Package, PackageStatus};

/// Why a package was not created or changed.
#[derive(Debug, thiserror::Error)]
pub enum ManagePackageError {
    /// There is no such package.
    #[error("there is no such package")]
    NotFound,
    /// The offer breaks one of its rules.
    #[error(transparent)]
    Offer(#[from] OfferProblem),
    /// Another package has this name.
    #[error("another package has this name")]
    NameTaken,
    /// The idempotency key was used for another package.
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Billing {
    /// Puts a new package on sale.
    ///
    /// # Errors
    /// [`ManagePackageError`].
    pub async fn create_package(
        &self,
        origin: &Origin,
        offer: Offer,
        idempotency: Option<IdempotencyKey>,
    ) -> Result<PackageId, ManagePackageError> {
        offer.check()?;
        let id = Id::generate(&self.ambient);
        let mut tx = self.store.begin().await?;
        if let Some(earlier) = claimed::<_, ManagePackageError>(tx.as_mut(), idempotency.as_ref(), id).await?
        {
            return Ok(earlier);
        }
        let now = self.ambient.now();
        let package = Package { id, offer, status: PackageStatus::Active, created_at: now, updated_at: now };
        if !tx.insert_package(&package).await? {
            return Err(ManagePackageError::NameTaken);
        }
        let record =
            AuditRecord::success(&self.ambient, origin, "settings", "create", format!("package:{id}"));
        tx.audit(record).await?;
        tx.commit().await?;
        self.on_sale.forget();
        Ok(id)
    }

    /// Changes a package's offer, and whether it is on sale.
    ///
    /// # Errors
    /// [`ManagePackageError`].
    pub async fn update_package(
        &self,
        origin: &Origin,
        id: PackageId,
        offer: Offer,
        status: PackageStatus,
    ) -> Result<(), ManagePackageError> {
        offer.check()?;
        let mut tx = self.store.begin().await?;
        let mut package = tx.lock_package(id).await?.ok_or(ManagePackageError::NotFound)?;
        (package.offer, package.status, package.updated_at) = (offer, status, self.ambient.now());
        if !tx.update_package(&package).await? {
            return Err(ManagePackageError::NameTaken);
        }
        let record =
            AuditRecord::success(&self.ambient, origin, "settings", "update", format!("package:{id}"));
        tx.audit(record).await?;
        tx.commit().await?;
        self.on_sale.forget();
        Ok(())
    }

    /// Takes a package off sale for good. It stays in the record, as orders name it.
    ///
    /// # Errors
    /// [`ManagePackageError`].
    pub async fn retire_package(&self, origin: &Origin, id: PackageId) -> Result<(), ManagePackageError> {
        let mut tx = self.store.begin().await?;
        let mut package = tx.lock_package(id).await?.ok_or(ManagePackageError::NotFound)?;
        (package.status, package.updated_at) = (PackageStatus::Retired, self.ambient.now());
        tx.update_package(&package).await?;
        let record =
            AuditRecord::success(&self.ambient, origin, "settings", "retire", format!("package:{id}"));
        tx.audit(record).await?;
        tx.commit().await?;
        self.on_sale.forget();
        Ok(())
    }
}
