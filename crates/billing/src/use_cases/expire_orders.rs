//! Ending orders that were not paid in time.

use kernel::{Origin, StoreError, events::billing::OrderExpired};

use super::Billing;
use crate::order::OrderStatus;

impl Billing {
    /// Ends up to `limit` unpaid orders whose time is over and that no payment may still pay. Says how many.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn expire_orders(&self, limit: u64) -> Result<u64, StoreError> {
        let origin = Origin::system("order_expiry");
        let mut expired = 0;
        let mut tx = self.store.begin().await?;
        let due = tx.orders_to_expire(self.ambient.now(), limit).await?;
        drop(tx);
        // One transaction each: an order that is being paid right now must not hold up the others.
        for order in due {
            // A binding of its own, gone with its round: SQLite's one writer would wait for itself.
            let mut tx = self.store.begin().await?;
            let now = self.ambient.now();
            let still_due = tx
                .lock_order(order)
                .await?
                .is_some_and(|order| order.status == OrderStatus::Pending && order.expires_at <= now);
            if !still_due || tx.has_live_payment(order).await? {
                continue;
            }
            tx.move_order(order, OrderStatus::Pending, OrderStatus::Expired, now).await?;
            self.tell(tx.as_mut(), &origin, &OrderExpired { order_id: order }).await?;
            tx.commit().await?;
            expired += 1;
        }
        Ok(expired)
    }
}
