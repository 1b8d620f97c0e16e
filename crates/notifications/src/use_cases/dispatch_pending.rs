//! The safety net under the jobs: a delivery that nothing has touched for a while gets its job again.

use kernel::StoreError;

use super::Notifications;

impl Notifications {
    /// Puts the jobs of at most `limit` deliveries that are due for a look back in the queue: those whose job
    /// was lost, died or was deleted. A job that still waits or runs is not doubled. Says how many deliveries
    /// were looked at.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn dispatch_pending(&self, limit: u32) -> Result<u32, StoreError> {
        let mut tx = self.store.begin().await?;
        let now = self.ambient.now();
        let overdue = tx.overdue_deliveries(now, limit).await?;
        let mut looked_at = 0;
        for delivery in overdue {
            let Some(notification) = tx.notification(delivery.notification_id).await? else {
                return Err(StoreError::corrupt("a delivery without its notification"));
            };
            // Moving the next look makes room in the next batch for those that wait behind it.
            if tx.change_delivery(&delivery, &delivery.checked(now)).await? {
                tx.enqueue(self.sending_job(delivery.id, notification.priority, None)?).await?;
                looked_at += 1;
            }
        }
        tx.commit().await?;
        if looked_at > 0 {
            tracing::warn!(looked_at, "deliveries rested for long: their jobs are in the queue again");
        }
        Ok(looked_at)
    }
}
