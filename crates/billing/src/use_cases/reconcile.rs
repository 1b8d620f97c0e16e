//! Reconciliation: what callbacks alone do not keep true.

use chrono::Duration;
use kernel::{
    Id, Origin, StoreError,
    events::alert::{AlertRaised, Severity},
};

use super::Billing;
use crate::jobs::{CheckPayment, ProcessCallback};

impl Billing {
    /// Plans a look at up to `limit` open payments whose time for one has come, as jobs of their own: a payment
    /// that always fails holds up no other. Looks again at callbacks that named no payment. Says how many
    /// payments will be looked at.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn reconcile(&self, limit: u64) -> Result<u64, StoreError> {
        let origin = Origin::system("reconciliation");
        let mut tx = self.store.begin().await?;
        let due = tx.lock_due_checks(self.ambient.now(), limit).await?;
        for payment in &due {
            // Planned before it is looked at: if looking fails, the next look is still later than this one.
            tx.plan_check(payment.id, self.later(payment), payment.checks + 1).await?;
            self.enqueue(tx.as_mut(), &origin, &CheckPayment { payment_id: payment.id }).await?;
        }
        tx.commit().await?;
        self.look_at_unmatched(&origin, limit).await?;
        Ok(due.len() as u64)
    }

    async fn look_at_unmatched(&self, origin: &Origin, limit: u64) -> Result<(), StoreError> {
        let mut tx = self.store.begin().await?;
        let before = self.ambient.now() - Duration::minutes(self.settings.unmatched_alert_minutes);
        let overdue = tx.alert_unmatched(before, limit).await?;
        if overdue.is_empty() {
            return Ok(());
        }
        for callback_id in &overdue {
            self.enqueue(tx.as_mut(), origin, &ProcessCallback { callback_id: *callback_id }).await?;
        }
        let message = format!("{} callbacks name no payment that we know", overdue.len());
        tracing::error!(alert = "callback_unmatched", "{message}");
        let alert = AlertRaised {
            subject_id: Id::generate(&self.ambient),
            code: "callback_unmatched".to_owned(),
            severity: Severity::High,
            message,
            order_id: None,
        };
        self.tell(tx.as_mut(), origin, &alert).await?;
        tx.commit().await
    }
}
