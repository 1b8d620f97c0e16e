//! Where refunds are kept, and how they are listed.

use async_trait::async_trait;
use kernel::{
    Page, PageRequest, StoreError, Timestamp,
    id::ids::{OrderId, PaymentId, RefundId},
};

use crate::{
    ledger::Line,
    queries::refunds::{RefundFilter, RefundMoveView},
    refund::{Refund, RefundMove},
};

/// Refunds, and what they go back from.
#[async_trait]
pub trait RefundRows: Send {
    /// Adds a refund and reserves its amount on its locked payment; false when there is less left of that.
    async fn insert_refund(&mut self, refund: &Refund) -> Result<bool, StoreError>;
    /// A refund, without a lock.
    async fn find_refund(&mut self, id: RefundId) -> Result<Option<Refund>, StoreError>;
    /// The refund with our reference, of a payment through this gateway, and that payment.
    async fn refund_by_reference(
        &mut self,
        gateway: &str,
        reference: &str,
    ) -> Result<Option<(RefundId, PaymentId)>, StoreError>;
    /// Whether some of what was paid for an order is on its way back, or meant to be.
    async fn has_refund_under_way(&mut self, order: OrderId) -> Result<bool, StoreError>;
    /// The refunds of a locked payment, oldest first.
    async fn refunds_of(&mut self, payment: PaymentId) -> Result<Vec<Refund>, StoreError>;
    /// Moves a refund on and keeps the move; false when it does not have the status it is moved from. Where it comes to
    /// nothing, its amount is released.
    async fn move_refund(&mut self, change: &RefundMove) -> Result<bool, StoreError>;
    /// When a refund came to where it stands; none if it stands where it began.
    async fn refund_moved_at(&mut self, id: RefundId) -> Result<Option<Timestamp>, StoreError>;
    /// Writes down the gateway's reference of a refund that has none.
    async fn learn_refund_ref(&mut self, id: RefundId, provider_ref: &str) -> Result<(), StoreError>;
    /// The lines of the posting that a payment's capture was.
    async fn capture_of(&mut self, payment: PaymentId) -> Result<Vec<Line>, StoreError>;
    /// The lines of the posting that a refund's approval was; none before it.
    async fn approval_of(&mut self, refund: RefundId) -> Result<Vec<Line>, StoreError>;
}

/// Lists and details of refunds, straight from the database.
#[async_trait]
pub trait RefundReads: Send + Sync {
    /// Refunds, latest first.
    async fn refunds(&self, filter: &RefundFilter, page: PageRequest) -> Result<Page<Refund>, StoreError>;
    /// One refund.
    async fn refund(&self, id: RefundId) -> Result<Option<Refund>, StoreError>;
    /// The moves of a refund, oldest first.
    async fn refund_moves(&self, id: RefundId) -> Result<Vec<RefundMoveView>, StoreError>;
}
