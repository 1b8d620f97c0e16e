//! What lets guests be online while a payment waits.

use async_trait::async_trait;
use kernel::{
    StoreError,
    id::ids::{OrderId, PaymentId},
};

use crate::hotspot_user::HotspotUser;

/// Graces, within a transaction.
#[async_trait]
pub trait GraceRows: Send {
    /// The grace of an order, held against other transactions until this one ends. Until then nobody else gets an answer
    /// for the same order, whether it has one or not.
    async fn lock_grace(&mut self, order: OrderId) -> Result<Option<HotspotUser>, StoreError>;

    /// Whether it has been told how a payment of an order has ended.
    async fn payment_is_over(&mut self, order: OrderId, payment: PaymentId) -> Result<bool, StoreError>;
}

/// Graces as they were last committed.
#[async_trait]
pub trait GraceReads: Send + Sync {
    /// The grace of an order.
    async fn grace_of(&self, order: OrderId) -> Result<Option<HotspotUser>, StoreError>;
}
