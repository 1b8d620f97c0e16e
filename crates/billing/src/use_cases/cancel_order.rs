//! Cancelling an unpaid order.

use kernel::{Origin, StoreError, audit::AuditRecord, events::billing::OrderCancelled, id::ids::OrderId};

use super::Billing;
use crate::{order::OrderStatus, queries::Scope};

/// Why an order was not cancelled.
#[derive(Debug, thiserror::Error)]
pub enum CancelOrderError {
    /// The caller has no such order.
    #[error("there is no such order")]
    NotFound,
    /// The order is paid, or has ended.
    #[error("the order is {}", .0.as_str())]
    NotPending(OrderStatus),
    /// A payment for it may still bring money.
    #[error("a payment is under way")]
    PaymentUnderWay,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Billing {
    /// Cancels a pending order that the scope shows. Cancelling a cancelled order changes nothing.
    ///
    /// # Errors
    /// [`CancelOrderError`].
    pub async fn cancel_order(
        &self,
        origin: &Origin,
        scope: Scope,
        order: OrderId,
    ) -> Result<(), CancelOrderError> {
        let mut tx = self.store.begin().await?;
        let found = tx.lock_order(order).await?.filter(|order| scope.shows_order(order));
        match found.ok_or(CancelOrderError::NotFound)?.status {
            OrderStatus::Pending => {}
            OrderStatus::Cancelled => return Ok(()),
            other => return Err(CancelOrderError::NotPending(other)),
        }
        if tx.has_live_payment(order).await? {
            return Err(CancelOrderError::PaymentUnderWay);
        }
        tx.move_order(order, OrderStatus::Pending, OrderStatus::Cancelled, self.ambient.now()).await?;
        self.tell(tx.as_mut(), origin, &OrderCancelled { order_id: order }).await?;
        let record = AuditRecord::success(&self.ambient, origin, "order", "cancel", format!("order:{order}"));
        tx.audit(record).await?;
        Ok(tx.commit().await?)
    }
}
