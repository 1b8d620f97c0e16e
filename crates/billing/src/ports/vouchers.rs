//! Where vouchers are kept, and how they are listed.

use async_trait::async_trait;
use kernel::{
    Page, PageRequest, StoreError, Timestamp,
    id::ids::{OrderId, VoucherBatchId, VoucherId},
};

use crate::{
    queries::vouchers::{BatchFilter, BatchView, VoucherFilter},
    voucher::{Voucher, VoucherBatch},
};

/// Vouchers and their batches.
#[async_trait]
pub trait VoucherRows: Send {
    /// Adds a batch.
    async fn insert_batch(&mut self, batch: &VoucherBatch) -> Result<(), StoreError>;
    /// Adds vouchers of a batch, as many as there are.
    async fn insert_vouchers(&mut self, vouchers: &[Voucher]) -> Result<(), StoreError>;
    /// A batch, locked until the end: none of its vouchers is redeemed meanwhile.
    async fn lock_batch(&mut self, id: VoucherBatchId) -> Result<Option<VoucherBatch>, StoreError>;
    /// Writes back the status of a locked batch and how often it was printed.
    async fn update_batch(&mut self, batch: &VoucherBatch) -> Result<(), StoreError>;
    /// The voucher that bears one of these marks, held until the end, with its batch, which nobody changes until then.
    async fn hold_voucher(&mut self, marks: &[String])
    -> Result<Option<(Voucher, VoucherBatch)>, StoreError>;
    /// Redeems a voucher for an order; false when it is not to be redeemed any more, or its batch not now.
    async fn redeem_voucher(
        &mut self,
        id: VoucherId,
        order: OrderId,
        at: Timestamp,
    ) -> Result<bool, StoreError>;
    /// All vouchers of a batch that were neither redeemed nor revoked, by number.
    async fn issued_vouchers(&mut self, batch: VoucherBatchId) -> Result<Vec<Voucher>, StoreError>;
    /// Revokes a voucher; false when it is not to be redeemed any more.
    async fn revoke_voucher(&mut self, id: VoucherId) -> Result<bool, StoreError>;
}

/// Lists and details of vouchers, straight from the database.
#[async_trait]
pub trait VoucherReads: Send + Sync {
    /// Batches, latest first.
    async fn batches(&self, filter: &BatchFilter, page: PageRequest) -> Result<Page<BatchView>, StoreError>;
    /// One batch.
    async fn batch(&self, id: VoucherBatchId) -> Result<Option<BatchView>, StoreError>;
    /// Vouchers of a batch by number.
    async fn vouchers(&self, filter: &VoucherFilter, page: PageRequest) -> Result<Page<Voucher>, StoreError>;
    /// One voucher.
    async fn voucher(&self, id: VoucherId) -> Result<Option<Voucher>, StoreError>;
}
