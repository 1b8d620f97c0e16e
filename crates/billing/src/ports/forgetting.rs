//! Forgetting whose orders were.

use async_trait::async_trait;
use kernel::{
    Msisdn, StoreError, Timestamp,
    id::ids::{OrderId, UserId},
};

/// Whose orders were, within a transaction.
#[async_trait]
pub trait ForgettingRows: Send {
    /// The orders that an account has placed.
    async fn orders_of(&mut self, user: UserId) -> Result<Vec<OrderId>, StoreError>;
    /// The orders that guests have placed with a number, or had it asked to pay.
    async fn guest_orders_of(&mut self, phone: &Msisdn) -> Result<Vec<OrderId>, StoreError>;
    /// Notes that it is to be forgotten whose an order was, as soon as that may be.
    async fn begin_forgetting(&mut self, order: OrderId, at: Timestamp) -> Result<(), StoreError>;
    /// Whether that is so, or has been done.
    async fn is_being_forgotten(&mut self, order: OrderId) -> Result<bool, StoreError>;
    /// Whether it was forgotten whose an order was.
    async fn is_forgotten(&mut self, order: OrderId) -> Result<bool, StoreError>;
    /// Forgets whose a locked order was: how to reach them, and where they were, in the order and its payments, in what
    /// gateways have sent and said about these and their refunds, and in statements. The account's id stays, as its credit
    /// stands under it.
    async fn forget_person(&mut self, order: OrderId, at: Timestamp) -> Result<(), StoreError>;
}
