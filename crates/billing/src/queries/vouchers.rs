//! Lists and details of vouchers, for staff and for the agents who sell them.

use kernel::{
    Page, PageRequest, StoreError, Timestamp,
    id::ids::{PackageId, SiteId, UserId, VoucherBatchId},
};

use crate::{
    use_cases::Billing,
    voucher::{BatchStatus, Voucher, VoucherBatch, VoucherStatus},
};

/// A batch, and what has become of its vouchers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchView {
    /// The batch.
    pub batch: VoucherBatch,
    /// How many were redeemed.
    pub redeemed: u32,
    /// How many were revoked one by one.
    pub revoked: u32,
}

/// Which batches. An empty filter finds all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BatchFilter {
    /// With this status.
    pub status: Option<BatchStatus>,
    /// Of this package.
    pub package_id: Option<PackageId>,
    /// For this site.
    pub site_id: Option<SiteId>,
    /// Taken by this agent.
    pub agent_id: Option<UserId>,
    /// Made at this moment or later.
    pub from: Option<Timestamp>,
    /// Made before this moment.
    pub to: Option<Timestamp>,
}

/// Which vouchers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VoucherFilter {
    /// Of this batch.
    pub batch_id: VoucherBatchId,
    /// With this status of their own.
    pub status: Option<VoucherStatus>,
}

impl Billing {
    /// Batches of vouchers, latest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn batches(
        &self,
        filter: &BatchFilter,
        page: PageRequest,
    ) -> Result<Page<BatchView>, StoreError> {
        self.reads.batches(filter, page).await
    }

    /// One batch of vouchers.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn batch(&self, id: VoucherBatchId) -> Result<Option<BatchView>, StoreError> {
        self.reads.batch(id).await
    }

    /// Vouchers of a batch by number, without their codes.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn vouchers(
        &self,
        filter: &VoucherFilter,
        page: PageRequest,
    ) -> Result<Page<Voucher>, StoreError> {
        self.reads.vouchers(filter, page).await
    }
}
