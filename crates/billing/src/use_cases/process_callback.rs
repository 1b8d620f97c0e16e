//! Finding out what a kept callback means.

use kernel::{
    Id, Origin, StoreError,
    events::alert::{AlertRaised, Severity},
    id::ids::{CallbackId, PaymentId, RefundId},
};

use super::Billing;
use crate::{
    callback::{CallbackStatus, FORGOTTEN, StoredCallback},
    jobs::CheckRefund,
    ports::{BillingTx, gateway::GatewayReport},
};

impl Billing {
    /// Applies a kept callback to the payments it names. What names no known payment is kept as unmatched, and
    /// looked at again when a payment learns its reference.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn process_callback(&self, origin: &Origin, id: CallbackId) -> Result<(), StoreError> {
        let Some(callback) = self.reads.callback(id).await? else {
            return Ok(());
        };
        if callback.body == FORGOTTEN {
            return Ok(());
        }
        let Some(gateway) = self.gateways.named(&callback.gateway) else {
            return self.keep_unread(origin, &callback, "its gateway is not set up any more").await;
        };
        match gateway.parse_callback(&callback.body) {
            Err(unreadable) => self.keep_unread(origin, &callback, &unreadable.to_string()).await,
            Ok(reports) => {
                for report in reports {
                    if !self.process_report(origin, &callback, &report).await? {
                        // The payment may have learnt this reference just before it was noted that none has it.
                        // Whoever learns it from now on finds the note.
                        self.process_report(origin, &callback, &report).await?;
                    }
                }
                Ok(())
            }
        }
    }

    /// Notes that an authentic callback cannot be read: a person has to, and is told once.
    async fn keep_unread(
        &self,
        origin: &Origin,
        callback: &StoredCallback,
        note: &str,
    ) -> Result<(), StoreError> {
        if callback.status == CallbackStatus::Unreadable {
            return Ok(());
        }
        let mut tx = self.store.begin().await?;
        tx.update_callback(callback.id, CallbackStatus::Unreadable, Some(note), (None, None)).await?;
        let message = format!("callback {} of gateway {} cannot be read", callback.id, callback.gateway);
        tracing::error!(callback = %callback.id, alert = "callback_unreadable", note, "{message}");
        let alert = AlertRaised {
            subject_id: Id::from_uuid(callback.id.as_uuid()),
            code: "callback_unreadable".to_owned(),
            severity: Severity::High,
            message,
            order_id: None,
        };
        self.tell(tx.as_mut(), origin, &alert).await?;
        tx.commit().await
    }

    /// Applies one report; false when it names no payment that we know.
    async fn process_report(
        &self,
        origin: &Origin,
        callback: &StoredCallback,
        report: &GatewayReport,
    ) -> Result<bool, StoreError> {
        let references = (report.reference.as_deref(), report.provider_ref.as_deref());
        let mut tx = self.store.begin().await?;
        let payment = self.find_payment(tx.as_mut(), &callback.gateway, report).await?;
        let (status, note) = match payment {
            None => match self.find_refund(tx.as_mut(), &callback.gateway, report).await? {
                None => (CallbackStatus::Unmatched, Some("no_such_payment")),
                // What is said of refunds is a hint to ask.
                Some((refund_id, of_payment)) => {
                    self.enqueue(tx.as_mut(), origin, &CheckRefund { refund_id }).await?;
                    self.forget_again(tx.as_mut(), origin, of_payment).await?;
                    (CallbackStatus::Applied, Some("refund_asked_about"))
                }
            },
            Some(payment) => match self.apply_report(tx.as_mut(), origin, payment, report).await? {
                None => (CallbackStatus::Applied, None),
                Some(why) => (CallbackStatus::Ignored, Some(why)),
            },
        };
        tx.update_callback(callback.id, status, note, references).await?;
        if let Some(payment) = payment {
            self.forget_again(tx.as_mut(), origin, payment).await?;
        }
        tx.commit().await?;
        Ok(status != CallbackStatus::Unmatched)
    }

    async fn find_refund(
        &self,
        tx: &mut dyn BillingTx,
        gateway: &str,
        report: &GatewayReport,
    ) -> Result<Option<(RefundId, PaymentId)>, StoreError> {
        match &report.reference {
            Some(reference) => tx.refund_by_reference(gateway, reference).await,
            None => Ok(None),
        }
    }

    /// Our own reference counts before the gateway's: gateways have been seen to use theirs again.
    async fn find_payment(
        &self,
        tx: &mut dyn BillingTx,
        gateway: &str,
        report: &GatewayReport,
    ) -> Result<Option<PaymentId>, StoreError> {
        if let Some(reference) = &report.reference
            && let Some(found) = tx.by_reference(gateway, reference).await?
        {
            return Ok(Some(found));
        }
        match &report.provider_ref {
            Some(provider_ref) => tx.by_provider_ref(gateway, provider_ref).await,
            None => Ok(None),
        }
    }
}
