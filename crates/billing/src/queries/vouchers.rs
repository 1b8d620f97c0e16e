//! Lists and details of vouchers, for staff.

use kernel::{Page, PageRequest, StoreError, id::ids::VoucherBatchId};

use crate::{
    use_cases::Billing,
    voucher::{Voucher, VoucherBatch, VoucherStatus},
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
    pub async fn batches(&self, page: PageRequest) -> Result<Page<BatchView>, StoreError> {
        self.reads.batches(page).await
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
